#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/late_set.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

/* An ancestor of the reader set the variable after it had started the way to
 * the reader. KT207 is for threads. */
static bool explain_late(const struct reading *r, struct finding *ret)
{
	if (!r->late_set.set || r->late_set.started->hop == HOP_THREAD)
		return false;
	set_late_culprit(r, ret);
	ret->loss = LOSS_ELSEWHERE;
	ret->confidence = LIKELY;
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

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	if (!r->later_set)
		return r->loss && r->loss->kind == LOST_NEVER_HELD &&
		       explain_late(r, ret);
	set_culprit(ret, r->image, r->later_set, r->image);
	ret->confidence = CERTAIN;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (!r->later_set) {
		describe_late_set(m, r, f, what_started(m->arena, r));
		return;
	}
	f->summary =
		arena_print(m->arena, "%.*s asked for %.*s before it set it",
			    STR_FMT(process_in_sentence(m->arena, r->image)),
			    STR_FMT(r->name));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_EARLY, r->name);
}

const struct rule rule_kt401 = {"KT401", "read-before-set", LOSS_SEEN,
				400,	 explains,	    describe};
