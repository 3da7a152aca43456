#include "rules/cause.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	return blame_cut(m, r, CUT_TO_NOTHING, REMEDY_REPLACED,
			 "with a new environment, without it and nearly all "
			 "else",
			 ret);
}

const struct rule rule_kt201 = {"KT201", "env-replaced", 330, explains};
