#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/names/similar_names.h"
#include "diagnosis/evidence/names/unexported_name.h"
#include "diagnosis/evidence/sentence.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"
#include "trace/caller.h"
#include "trace/site.h"

/* A shell's own variables are not in the environment before a launch: the lines
 * of the script tell of an export, and of an unset behind. */
static struct unexported_name find_in_script(const struct reading *r)
{
	return was_never_held(r) ? find_removed_name(r)
				 : (struct unexported_name){.shell = NULL};
}

/* A file which the shell read and exported, where no line of the script is
 * known to remove the name: an eval does, or a loop over names, or the
 * assignment stands in a branch that was not run. */
static struct loaded_file find_exported_file(const struct model *m,
					     const struct reading *r)
{
	struct loaded_file file = {.by = NULL};

	if (was_never_held(r))
		file = find_file_of_shell(m, r);
	if (file.by &&
	    (!file.variable->value.fp.len ||
	     !exporting_line_of(shell_of_tool(file.by), r->name).len))
		file.by = NULL;
	return file;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	struct unexported_name removed = find_in_script(r);
	struct loaded_file file = {.by = NULL};

	if (!removed.shell)
		file = find_exported_file(m, r);
	if (file.by) {
		set_opening_culprit(ret, shell_of_tool(file.by), file.open);
		ret->confidence = POSSIBLE;
		return true;
	}
	if (!removed.shell)
		return set_culprit_of_loss(ret, r, LOST_UNSET);
	set_opening_culprit(ret, removed.shell, NULL);
	ret->culprit_site = removed.variable->removed_at;
	ret->confidence = LIKELY;
	return true;
}

static void describe_script(const struct model *m, const struct reading *r,
			    struct finding *f,
			    const struct unexported_name *removed)
{
	const struct unexported *u = removed->variable;
	struct str file = u->read_at.len ? u->read_at : u->site;

	f->detail = arena_print(
		m->arena, "%.*s exports %.*s before",
		STR_FMT(place_in_words(m->arena, removed->shell, file)),
		STR_FMT(r->name));
	set_own_fix(m, f,
		    "remove `unset %.*s` or `export -n %.*s` there, or move "
		    "the line behind the start of the program",
		    STR_FMT(r->name), STR_FMT(r->name));
}

static void describe_file(const struct model *m, const struct reading *r,
			  struct finding *f, const struct loaded_file *file)
{
	struct str line = line_of_file(m->arena, file->by, file);

	say_culprit(m, r, f,
		    "reads %.*s, but that line was not reached, or a later "
		    "line removes %.*s",
		    STR_FMT(line), STR_FMT(r->name));
	set_own_fix(m, f,
		    "look whether %.*s is run: a condition, a function or a "
		    "`return` may stand before; if so, find what removes %.*s: "
		    "`unset` or `export -n`, in an eval, a loop over names or "
		    "a file",
		    STR_FMT(line), STR_FMT(r->name));
}

/* A forked child may have become another program on the way to the reader. */
static const struct image *started_program(const struct reading *r)
{
	const struct image *at = r->image;

	while (at->pid != r->loss->receiver->pid && at->parent)
		at = at->parent;
	return at;
}

static bool misses_misspelling(const struct reading *o, const struct reading *r)
{
	const struct value *value;

	return o->outcome == READ_MISSED && o->image->pid != r->image->pid &&
	       model_is_evidence(o->image, r->image) && o->event &&
	       own_line_of(o->event).len && is_misspelling(o->name, r->name) &&
	       model_inherited(o->image, r->name, &value) == PRESENT;
}

/* `env -u NAME` may be meant: the worker gets the key from a program which asks
 * for the key by another name. */
static void add_misspelling(const struct model *m, const struct reading *r,
			    struct finding *f)
{
	enum { MOST_LOOKS = 4096 };

	if (!str_eq(str_base(f->culprit->exe), STR("env")))
		return;
	for (size_t i = 0; i < m->n_readings && i < MOST_LOOKS; i++) {
		const struct reading *o = &m->readings[i];
		struct str line;

		if (!misses_misspelling(o, r))
			continue;
		line = place_in_words(m->arena, o->image,
				      own_line_of(o->event));
		set_own_fix(m, f,
			    "drop `-u %.*s`; or, if another program is to hand "
			    "the key on, mend that: %.*s asks for %.*s, and "
			    "%.*s is set",
			    STR_FMT(r->name), STR_FMT(line), STR_FMT(o->name),
			    STR_FMT(r->name));
		return;
	}
}

/* --- patch.dict(os.environ, ..., clear=True) --------------------------------
 */

/* The test which pytest called at the line that removes the name: between both
 * stands a decorator of the language's own. len 0: another removal. */
static struct str decorated_test(const struct reading *r)
{
	const struct event *unset = r->loss ? r->loss->event : NULL;
	struct str none = {NULL, 0}, line = none;

	if (!unset || !r->event || own_line_of(unset).len ||
	    r->loss->image != r->image ||
	    !str_has_suffix(site_file(unset->site), STR("/_pytest/python.py")))
		return none;
	line = own_line_of(r->event);
	for (size_t i = 1; line.len && i < count_frames(r->event); i++)
		if (str_eq(nth_frame(r->event, i).site, unset->site))
			return str_eq(nth_frame(r->event, i - 1).site, line)
				       ? nth_frame(r->event, i - 1).function
				       : none;
	return none;
}

static bool describe_decorator(const struct model *m, const struct reading *r,
			       struct finding *f)
{
	struct str test = decorated_test(r);

	if (!test.len || !has_line_of_victim(f))
		return false;
	say_victim(m, f, "misses %.*s, which a decorator of %.*s removes",
		   STR_FMT(names_of(m->arena, f)), STR_FMT(test));
	f->culprit_site = f->victim_site;
	set_own_fix(m, f,
		    "take `clear=True` out of `@patch.dict(os.environ, ...)` "
		    "above %.*s, or add `\"%.*s\": os.environ[\"%.*s\"]` to "
		    "the values there",
		    STR_FMT(test), STR_FMT(r->name), STR_FMT(r->name));
	return true;
}

/* setUp() of a test may start such a patch. */
static bool is_line_of_test(const struct finding *f)
{
	struct str base = str_base(site_file(f->culprit_site));

	return has_line_of_culprit(f) && str_has_suffix(base, STR(".py")) &&
	       (str_has_prefix(base, STR("test_")) ||
		str_has_suffix(base, STR("_test.py")));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct unexported_name removed = find_in_script(r);
	struct loaded_file file = find_exported_file(m, r);

	if (!removed.shell && file.by) {
		describe_file(m, r, f, &file);
		return;
	}
	if (!removed.shell && describe_decorator(m, r, f))
		return;
	say_culprit(m, r, f, "removes %.*s from the environment",
		    STR_FMT(names_of(m->arena, f)));
	if (removed.shell) {
		describe_script(m, r, f, &removed);
		return;
	}
	if (r->loss->receiver != r->loss->image)
		f->detail = arena_print(
			m->arena, "before it starts %.*s, which needs it",
			STR_FMT(started_in_words(m->arena, f,
						 started_program(r))));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_UNSET, r->name);
	if (is_line_of_test(f))
		f->fix = arena_print(m->arena,
				     "%.*s; where the line is "
				     "`patch.dict(os.environ, ..., "
				     "clear=True)`, take `clear=True` out",
				     STR_FMT(f->fix));
	add_misspelling(m, r, f);
}

const struct rule rule_kt301 = {"KT301", "unset-in-process", LOSS_SEEN,
				300,	 explains,	     describe};
