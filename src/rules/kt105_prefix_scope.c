#include "rules/rule.h"

#include "diagnosis/evidence/arguments.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/names/unexported_name.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"
#include "trace/site.h"

enum { MOST_CLIMBS = 64, MOST_LOOKS = 256, MOST_DEPTH = 8 };

static bool is_env(const struct image *image)
{
	return runtime_of(image)->id == RUNTIME_ENV;
}

/* True when one of the first words of the command is in the list. */
static bool is_script(const struct image *image, const char *names)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 0; i < args->n && i < 3; i++)
		if (str_is_listed(str_base(args->at[i]), names))
			return true;
	return false;
}

/* A program that starts several commands, each with an environment of its own
 * where its line says so. */
static bool is_runner(const struct image *image)
{
	return runtime_of(image)->runs_tasks ||
	       is_script(image,
			 "concurrently npm-run-all run-p run-s nx lerna wireit "
			 "foreman honcho overmind just task nf");
}

/* Programs between a line and its command. */
static bool passes_on(const struct image *image)
{
	return image->hop == HOP_FORK || is_shell(image) || is_env(image) ||
	       is_runner(image) ||
	       is_script(image, "cross-env cross-env-shell dotenv env-cmd npx");
}

/* The first program, from `image` down, that was started with the name. */
static const struct image *command_with(const struct image *image,
					struct str name, size_t depth)
{
	const struct value *value = NULL;
	const struct image *found = NULL;

	if (image->hop != HOP_FORK && !is_env(image) &&
	    model_inherited(image, name, &value) == PRESENT &&
	    !(value->is & KT_IS_EMPTY))
		return image;
	if (!depth || !passes_on(image))
		return NULL;
	for (const struct image *c = image->first_child; c && !found;
	     c = c->next_sibling)
		found = command_with(c, name, depth - 1);
	return found;
}

/* A command which got the name from the starter, or from its own line. Of a
 * shell, one which was started before `later`, which did not. */
static const struct image *find_command_with(const struct image *starter,
					     const struct image *later,
					     struct str name)
{
	const struct value *value;
	size_t looks = MOST_LOOKS;

	for (const struct image *c = starter->first_child; c && looks--;
	     c = c->next_sibling) {
		const struct image *command;

		if (c == later || c->hop == HOP_EXEC)
			continue;
		if (is_shell(starter) &&
		    model_hop_time(c) >= model_hop_time(later))
			return NULL;
		if (model_held(starter, name, model_hop_time(c), &value) ==
		    PRESENT)
			continue;
		command = command_with(c, name, MOST_DEPTH);
		if (command)
			return command;
	}
	return NULL;
}

/* `env -u NAME`, `unset NAME` or `NAME= command`, on the command's own line. */
static bool is_taken_away(const struct image *image, struct str name)
{
	return (is_env(image) || is_shell(image)) &&
	       arguments_mention(image, name);
}

/* The nearest shell or runner above the reader that started such a command,
 * which is *ret_command. */
static const struct image *find_starter(const struct reading *r,
					const struct image **ret_command)
{
	size_t climbs = MOST_CLIMBS;

	for (const struct image *at = r->image; at->parent && climbs--;
	     at = at->parent) {
		const struct image *starter = at->parent;

		if (at != r->image && is_taken_away(at, r->name) &&
		    at->hop != HOP_FORK)
			return NULL;
		*ret_command = (is_shell(starter) || is_runner(starter)) &&
					       starter->observed
				       ? find_command_with(starter, at, r->name)
				       : NULL;
		if (*ret_command)
			return starter;
	}
	return NULL;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct image *starter, *command;
	struct str line;

	(void)m;
	if (r->outcome != READ_MISSED || r->later_set ||
	    r->loss->kind != LOST_NEVER_HELD || find_removed_name(r).shell)
		return false;
	starter = find_starter(r, &command);
	if (!starter)
		return false;
	set_culprit(ret, starter, NULL, r->image);
	line = line_of_launch(command);
	if (line.len)
		ret->culprit_site = line;
	/* An unset in a shell looks the same. */
	ret->confidence = is_shell(starter) ? POSSIBLE : LIKELY;
	return true;
}

/* --- words ------------------------------------------------------------------
 */

static bool came_through(const struct image *command,
			 const struct image *starter, const char *tool)
{
	for (; command && command != starter; command = command->parent)
		if (is_script(command, tool))
			return true;
	return false;
}

static bool is_in_json(const struct finding *f)
{
	return str_eq(str_base(site_file(f->culprit_site)),
		      STR("package.json"));
}

static const char *text_of_fix(const struct finding *f,
			       const struct image *starter,
			       const struct image *command)
{
	if (!is_shell(starter))
		return "set @ for all of its commands: `export @=...` where it "
		       "is started; or give it to each command";
	if (came_through(command, starter, "cross-env cross-env-shell"))
		return is_in_json(f)
			       ? "`cross-env-shell @=... \\\"A && B\\\"` in "
				 "place "
				 "of `cross-env @=... A && B`, or `cross-env "
				 "@=...` before each command"
			       : "`cross-env-shell @=... \"A && B\"` in place "
				 "of `cross-env @=... A && B`, or `cross-env "
				 "@=...` before each command";
	if (runtime_shell_text(starter).len || is_in_json(f))
		return "write `export @=... &&` before the commands: "
		       "`@=... command` is for that command alone";
	/* The trace does not tell whether the script unset the name. */
	return "write `export @=...` on a line above, for `@=... command` is "
	       "for that command alone, and unset it nowhere before the reader "
	       "runs";
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	const struct image *starter, *command = r->image;

	starter = find_starter(r, &command);
	say_culprit(m, r, f, "gives %.*s to %s alone, %.*s", STR_FMT(r->name),
		    is_shell(starter) ? "an earlier command"
				      : "one of its commands",
		    STR_FMT(process_in_short(m->arena, command)));
	f->detail =
		arena_print(m->arena, "%.*s belongs to %s command",
			    STR_FMT(process_in_sentence(m->arena, r->image)),
			    is_shell(starter) ? "a later" : "another");
	f->fix = with_name(m->arena, text_of_fix(f, starter, command), r->name);
}

const struct rule rule_kt105 = {"KT105", "prefix-scope", LOSS_ELSEWHERE,
				850,	 explains,	 describe};
