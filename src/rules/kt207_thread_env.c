#include "rules/cause.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct loss *l = r->loss;

	(void)m;
	if (!l || l->kind != LOST_THREAD)
		return false;
	blame(ret, l->image, l->event, l->beyond);
	ret->severity = FAULT;
	ret->existed = true;
	ret->confidence = CERTAIN;
	return true;
}

static void tell(const struct model *m, const struct reading *r,
		 struct finding *f)
{
	f->summary = arena_print(
		m->arena,
		"%.*s held %.*s and made a worker thread with an environment "
		"of its own, without it",
		STR_FMT(who(m->arena, f->culprit)), STR_FMT(r->name));
	f->fix = runtime_remedy(m->arena, f->culprit, REMEDY_THREAD, r->name);
}

const struct rule rule_kt207 = {"KT207", "thread-env", 230, explains, tell};
