#include "diagnosis/evidence/culprit.h"
#include "rules/rule.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	return blame_cut(r, CUT_ALL_BUT_ONE, ret);
}

static void tell(const struct model *m, const struct reading *r,
		 struct finding *f)
{
	tell_cut(m, r, f, REMEDY_DROPPED,
		 "with all of its environment but this one name");
}

const struct rule rule_kt203 = {"KT203", "key-dropped", 320, explains, tell};
