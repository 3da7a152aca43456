#include "command_sites/shell/shell_assigned.h"

#include <ctype.h>

#include "command_sites/shell/shell_grammar.h"

void add_assigned(struct command_list *t, struct written_assignment at,
		  struct str name)
{
	at.name = name;
	at.n_before = t->n;
	*ARRAY_ADD(t->arena, t->assigned, t->n_assigned, t->assigned_room) = at;
}

static struct str without(struct str s, const char *begin, const char *end)
{
	size_t n = strlen(begin), m = strlen(end);

	if (s.len < n + m || memcmp(s.at, begin, n) ||
	    memcmp(s.at + s.len - m, end, m))
		return s;
	return (struct str){s.at + n, s.len - n - m};
}

bool assigns_nothing(struct arena *a, struct str word)
{
	struct str name = assigned_name(a, word);
	struct str value = {word.at + name.len, word.len - name.len}, inside;

	value = without(value, "=", "");
	value = without(without(value, "\"", "\""), "'", "'");
	inside = without(value, "${", "}");
	inside = without(without(inside, "", ":-"), "", "-");
	return !value.len ||
	       (*value.at == '$' && str_eq(without(inside, "$", ""), name));
}

/* Letters of options of `read` with a word behind. */
static bool takes_word(struct str option)
{
	return memchr("adinNptu", option.at[option.len - 1], 8);
}

static void add_names_of_read(struct command_list *t,
			      struct written_assignment at, struct str words)
{
	struct str word;

	for (size_t i = 1; (word = nth_word(words, i)).len; i++) {
		bool is_option = *word.at == '-' && word.len > 1;

		if (is_option)
			i += takes_word(word);
		else
			add_assigned(
				t, at,
				arena_print(t->arena, "%.*s", STR_FMT(word)));
	}
}

/* NAME of "${NAME:=value}" and ${NAME=value}; len 0: another word, or a default
 * of nothing, which a script under `set -u` has. */
static struct str name_with_default(struct arena *a, struct str word)
{
	const char *at = arena_print(a, "%.*s", STR_FMT(word)).at, *end;

	at += *at == '"';
	if (strncmp(at, "${", 2))
		return (struct str){NULL, 0};
	at += 2;
	for (end = at; isalnum((unsigned char)*end) || *end == '_';)
		end++;
	word = (struct str){at, (size_t)(end - at)};
	end += *end == ':';
	return *end == '=' && end[1] != '}' ? word : (struct str){NULL, 0};
}

void add_assigned_by_command(struct command_list *t,
			     struct written_assignment at, struct str words,
			     struct str argument)
{
	struct str first = nth_word(words, 0), name = {NULL, 0};

	if (str_eq(first, STR("read")))
		add_names_of_read(t, at, words);
	else if (str_eq(first, STR("printf")) &&
		 str_eq(nth_word(words, 1), STR("-v")))
		name = nth_word(words, 2);
	else if (str_eq(first, STR(":")))
		name = name_with_default(t->arena, argument);
	if (name.len)
		add_assigned(t, at,
			     arena_print(t->arena, "%.*s", STR_FMT(name)));
}
