#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/late_set.h"
#include "diagnosis/evidence/sentence.h"
#include "model/place.h"
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
	if (program->hop == HOP_FORK)
		return STR("forks its child");
	return arena_print(a, "starts %.*s",
			   STR_FMT(process_in_short(a, program)));
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

/* The line of the program: of a loader, the one that called the loader. */
static void say_before(const struct model *m, struct finding *f)
{
	struct str by = STR("the process itself");

	if (place_has_line(f->culprit_site))
		by = place_in_words(m->arena, f->culprit, f->culprit_site);
	say_victim(m, f, "asks for %.*s before %.*s sets it",
		   STR_FMT(names_of(m->arena, f)), STR_FMT(by));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (!r->later_set) {
		describe_late_set(m, r, f, what_started(m->arena, r));
		return;
	}
	say_before(m, f);
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_EARLY, r->name);
}

const struct rule rule_kt401 = {"KT401", "read-before-set", LOSS_SEEN,
				400,	 explains,	    describe};
