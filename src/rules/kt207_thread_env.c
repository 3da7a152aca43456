#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/late_set.h"
#include "diagnosis/evidence/sentence.h"
#include "model/place.h"
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

static bool is_made_by_library(const struct finding *f)
{
	return f->culprit_event && place_library(f->culprit_event->site).len;
}

/* The words of a pool's row about `env` do not apply. */
static void describe_late(const struct model *m, const struct reading *r,
			  struct finding *f)
{
	struct str own = own_line_of(r->late_set.set);
	struct str by = place_in_words(m->arena, r->late_set.setter, own);

	describe_late_set(m, r, f, STR("makes a worker thread"));
	if (own.len && is_made_by_library(f))
		set_own_fix(m, f,
			    "make the pool behind %.*s: a thread copies the "
			    "environment when it is made; or share the "
			    "environment: `env: SHARE_ENV` of "
			    "node:worker_threads",
			    STR_FMT(by));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (is_late(r)) {
		describe_late(m, r, f);
		return;
	}
	say_culprit(m, r, f, "makes a worker thread without %.*s",
		    STR_FMT(names_of(m->arena, f)));
	f->detail = STR("the thread was given an environment of its own");
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_THREAD, r->name);
}

const struct rule rule_kt207 = {"KT207", "thread-env", LOSS_SEEN,
				230,	 explains,     describe};
