#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct loss *l = r->loss;

	(void)m;
	if (!l || l->kind != LOST_CLEARED)
		return false;
	set_culprit(ret, l->image, l->event, l->receiver);
	ret->confidence = l->event->kind == KT_BIRTH ? LIKELY : CERTAIN;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	f->summary = arena_print(
		m->arena,
		"%.*s %s its environment before %.*s was read, and lost it",
		STR_FMT(process_in_sentence(m->arena, f->culprit)),
		r->loss->event->kind == KT_CLEAR ? "emptied" : "replaced",
		STR_FMT(r->name));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_CLEARED, r->name);
}

const struct rule rule_kt302 = {"KT302", "env-cleared", LOSS_SEEN,
				310,	 explains,	describe};
