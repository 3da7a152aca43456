#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/late_set.h"
#include "diagnosis/evidence/sentence.h"
#include "runtimes/runtime.h"

/* Did the process set the variable only after making the thread? */
static bool is_late(const struct reading *r)
{
	return r->late_set.set && r->late_set.started->hop == HOP_THREAD;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct loss *l = r->loss;

	(void)m;
	if (!l || (l->kind != LOST_THREAD && !is_late(r)))
		return false;
	if (is_late(r))
		set_late_culprit(r, ret);
	else
		set_culprit(ret, l->image, l->event, l->receiver);
	ret->confidence = CERTAIN;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (is_late(r)) {
		describe_late_set(m, r, f, STR("makes a worker thread"));
		return;
	}
	say_culprit(m, r, f, "makes a worker thread without %.*s",
		    STR_FMT(names_of(m->arena, f)));
	f->detail = STR("the thread was given an environment of its own");
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_THREAD, r->name);
}

const struct rule rule_kt207 = {"KT207", "thread-env", LOSS_SEEN,
				230,	 explains,     describe};
