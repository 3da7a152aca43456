#include "rules/cause.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	return blame_cut(m, r, CUT_TO_SOME, REMEDY_FILTERED,
			 "with a part of its environment, without it", ret);
}

const struct rule rule_kt202 = {"KT202", "env-filtered", 340, explains};
