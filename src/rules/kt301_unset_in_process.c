#include "rules/cause.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct loss *l = r->loss;

	if (!l || l->kind != LOST_UNSET)
		return false;
	blame(ret, l->image, l->event, l->beyond);
	ret->summary = arena_print(
		m->arena, "%.*s removed %.*s from its environment before %s",
		STR_FMT(who(m->arena, ret->culprit)), STR_FMT(r->name),
		l->beyond == l->image ? "it was read there"
				      : "it started the program that needs it");
	advise(m, ret, REMEDY_UNSET, r->name);
	ret->severity = FAULT;
	ret->existed = true;
	ret->confidence = CERTAIN;
	return true;
}

const struct rule rule_kt301 = {"KT301", "unset-in-process", 300, explains};
