#include "diagnosis/evidence/culprit.h"
#include "rules/rule.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	return blame_cut(r, CUT_TO_NOTHING, ret);
}

static void tell(const struct model *m, const struct reading *r,
		 struct finding *f)
{
	tell_cut(m, r, f, REMEDY_REPLACED,
		 "with a new environment, without it and nearly all else");
}

const struct rule rule_kt201 = {"KT201", "env-replaced", 330, explains, tell};
