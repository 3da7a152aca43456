#include "rules/rule.h"

#include "diagnosis/evidence/env_diff.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	return explain_by_env_diff(r, ENV_DIFF_SOME, ret);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	describe_env_diff(
		m, r, f, REMEDY_FILTERED,
		"a part of the environment was passed, without this name");
}

const struct rule rule_kt202 = {"KT202", "env-filtered", LOSS_SEEN,
				340,	 explains,	 describe};
