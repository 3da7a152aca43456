#include "rules/rule.h"

#include "diagnosis/evidence/late_set.h"
#include "model/process_name.h"

/* Were all images before the reader observed? */
static enum confidence confidence(const struct reading *r)
{
	if (model_holders(r->variable, r->image) ||
	    !r->image->observed_from_root)
		return POSSIBLE;
	return r->image->root->is_command ? CERTAIN : LIKELY;
}

/* An ancestor of the reader set the variable after starting the way to the
 * reader. */
static bool explain_late(const struct reading *r, struct finding *ret)
{
	if (r->late_set.started->hop == HOP_THREAD)
		return false; /* KT207 */
	set_late_culprit(r, ret);
	ret->severity = FAULT;
	ret->held_nearby = true;
	ret->confidence = LIKELY;
	return true;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct loss *l = r->loss;

	(void)m;
	if (!l || l->kind != LOST_NEVER_HELD || r->later_set)
		return false;
	if (r->late_set.set)
		return explain_late(r, ret);
	ret->culprit = l->image;
	ret->severity = FAULT;
	ret->confidence = confidence(r);
	return true;
}

/* The program, also where the way began with a fork. */
static struct str what_started(struct arena *a, const struct reading *r)
{
	const struct image *program = r->late_set.started;

	for (const struct image *at = r->image; at != r->late_set.started;
	     at = at->parent)
		if (at->pid == r->late_set.started->pid)
			program = at;
	return arena_print(a, "started %.*s",
			   STR_FMT(process_in_sentence(a, program)));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct str root = process_in_sentence(m->arena, f->culprit);

	if (r->late_set.set) {
		describe_late_set(m, r, f, what_started(m->arena, r));
		return;
	}
	f->summary = arena_print(
		m->arena,
		"%.*s asked for %.*s, and no process back to %.*s held it%s",
		STR_FMT(process_in_sentence(m->arena, r->image)),
		STR_FMT(r->name), STR_FMT(root),
		model_holders(r->variable, r->image)
			? "; another branch of the run did"
			: "");
	f->fix = arena_print(m->arena,
			     "set %.*s where %.*s is started, and export it",
			     STR_FMT(r->name), STR_FMT(root));
}

const struct rule rule_kt101 = {"KT101", "never-present", 900, explains,
				describe};
