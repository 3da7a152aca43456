#include "diagnosis/evidence/culprit.h"
#include "rules/rule.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	return blame_cut(r, CUT_TO_SOME, ret);
}

static void tell(const struct model *m, const struct reading *r,
		 struct finding *f)
{
	tell_cut(m, r, f, REMEDY_FILTERED,
		 "with a part of its environment, without it");
}

const struct rule rule_kt202 = {"KT202", "env-filtered", 340, explains, tell};
