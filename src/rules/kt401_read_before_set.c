#include "rules/cause.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	if (r->outcome != READ_MISSED || !r->later_set)
		return false;
	blame(ret, r->image, r->later_set, r->image);
	ret->summary =
		arena_print(m->arena, "%.*s asked for %.*s before it set it",
			    STR_FMT(who(m->arena, r->image)), STR_FMT(r->name));
	advise(m, ret, REMEDY_EARLY, r->name);
	ret->severity = r->later_found ? WARNING : FAULT;
	ret->least = WARNING;
	ret->existed = true;
	ret->confidence = CERTAIN;
	return true;
}

const struct rule rule_kt401 = {"KT401", "read-before-set", 400, explains};
