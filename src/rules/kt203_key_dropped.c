#include "rules/cause.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	return blame_cut(m, r, CUT_ALL_BUT_ONE, REMEDY_DROPPED,
			 "with all of its environment but this one name", ret);
}

const struct rule rule_kt203 = {"KT203", "key-dropped", 320, explains};
