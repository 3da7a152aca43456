#include "rules/rule.h"

#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/thread_set.h"
#include "runtimes/runtime.h"

static bool sets(const struct image *image, struct str name)
{
	for (size_t i = 0; i < image->n_events; i++)
		if (image->events[i]->kind == KT_SET &&
		    str_eq(image->events[i]->name, name))
			return true;
	return false;
}

/* uv run --env-file: the tool gives the name to the program that it starts, and
 * asked only whether the name was free. */
static bool is_passed_on(const struct reading *r, const struct loaded_file *f)
{
	const struct value *value;

	for (const struct image *c = f->by->first_child; c && r->image == f->by;
	     c = c->next_sibling)
		if (c->born > f->open->t && !model_is_fork_or_thread(c) &&
		    model_inherited(c, r->name, &value) == PRESENT)
			return true;
	return false;
}

/* The program read the file, and kept the value to itself. A shell's own
 * variables are KT104. */
static bool is_kept_to_itself(const struct reading *r,
			      const struct loaded_file *f)
{
	return !is_shell(f->by) && !is_passed_on(r, f) &&
	       !sets(f->by, r->name) && !is_load_for_library(f->open) &&
	       !model_changes_folded(f->by, r->name);
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	struct loaded_file f;
	const struct event *set;

	if (!was_never_held(r) || find_thread_set(r, &set))
		return false;
	f = find_loaded_file(m, r, is_kept_to_itself);
	if (!f.by)
		return false;
	set_opening_culprit(ret, f.by, f.open);
	ret->confidence = LIKELY;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct loaded_file file = find_loaded_file(m, r, is_kept_to_itself);

	say_culprit(m, r, f, "reads %.*s, and does not set %.*s",
		    STR_FMT(line_of_file(m->arena, file.by, &file)),
		    STR_FMT(r->name));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_PARSED, r->name);
}

const struct rule rule_kt106 = {
	"KT106", "parsed-not-exported", LOSS_SEEN, 860, explains, describe};
