#include "rules/cause.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct loss *l = r->loss;
	bool called;

	if (!l || l->kind != LOST_CLEARED)
		return false;
	called = l->event->kind == KT_CLEAR;
	blame(ret, l->image, l->event, l->beyond);
	ret->summary = arena_print(
		m->arena, "%.*s %s before %.*s was read, and %.*s went with it",
		STR_FMT(who(m->arena, ret->culprit)),
		called ? "emptied its environment" : "replaced its environment",
		STR_FMT(r->name), STR_FMT(r->name));
	advise(m, ret, REMEDY_CLEARED, r->name);
	ret->severity = FAULT;
	ret->existed = true;
	ret->confidence = l->event->kind == KT_BIRTH ? LIKELY : CERTAIN;
	return true;
}

const struct rule rule_kt302 = {"KT302", "env-cleared", 310, explains};
