#include "rules/rule.h"

#include "diagnosis/evidence/env_diff.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	return explain_by_env_diff(r, ENV_DIFF_ONE, ret);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	describe_env_diff(m, r, f, REMEDY_DROPPED,
			  "the whole environment was passed, except this name");
}

const struct rule rule_kt203 = {"KT203", "key-dropped", LOSS_SEEN,
				320,	 explains,	describe};
