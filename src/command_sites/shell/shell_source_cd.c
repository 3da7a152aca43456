#include "command_sites/shell/shell_source_cd.h"

#include "command_sites/partial_text.h"
#include "command_sites/shell/shell_grammar.h"

/* Scripts go to the directory of $0, or read files that lie there, in these
 * words. */
static bool begins_at_script(struct str text, struct str *ret_rest)
{
	static const char *const forms[] = {"$(dirname $0)", "$(dirname -- $0)",
					    "`dirname $0`", "${0%/*}"};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		size_t n = strlen(forms[i]);

		if (text.len < n || memcmp(text.at, forms[i], n))
			continue;
		*ret_rest = from(text, n);
		return (!ret_rest->len || *ret_rest->at == '/') &&
		       is_plain_text(*ret_rest);
	}
	return false;
}

/* `word`: what is known of the argument. */
static struct list_step step_to(struct arena *a, struct str word,
				struct str argument)
{
	struct list_step step = {.kind = STEP_MOVE};
	struct str rest;

	if (word.len && !memchr(word.at, ANY, word.len)) {
		step.path = arena_print(a, "%.*s", STR_FMT(word));
	} else if (begins_at_script(without_quotes(a, argument), &rest)) {
		while (rest.len && *rest.at == '/')
			rest = from(rest, 1);
		step.path = arena_print(a, "%.*s", STR_FMT(rest));
		step.is_below_script = true;
	}
	return step;
}

/* A name without a slash is looked for along PATH. */
static void add_include(struct command_list *list, struct str word,
			struct str argument)
{
	struct list_step step = step_to(list->arena, word, argument);

	step.kind = STEP_INCLUDE;
	if (step.path.len &&
	    (step.is_below_script || memchr(step.path.at, '/', step.path.len)))
		add_step(list, step);
	else
		list->has_more = true;
}

static void add_move(struct command_list *list, struct str words,
		     struct str argument)
{
	bool has_options = str_is_listed(nth_word(words, 1), "-- -L");
	struct str word = nth_word(words, 1 + has_options);
	struct list_step step = {.kind = STEP_MOVE};

	if (word.len && *word.at != '-')
		step = step_to(list->arena, word, argument);
	add_step(list, step);
}

void add_steps(struct command_list *list, struct str words, struct str argument)
{
	struct str first = nth_word(words, 0);

	if (str_is_listed(first, ". source"))
		add_include(list, nth_word(words, 1), argument);
	else if (str_is_listed(first, "cd chdir"))
		add_move(list, words, argument);
	else if (str_is_listed(first, "pushd popd") ||
		 (first.len && memchr(first.at, ANY, first.len)))
		add_step(list, (struct list_step){.kind = STEP_MOVE});
}
