#include "rules/rule.h"

#include "diagnosis/evidence/env_diff.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	return explain_by_env_diff(r, ENV_DIFF_ALL, ret);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	describe_env_diff(
		m, r, f, REMEDY_REPLACED,
		"a new environment was passed, with almost nothing of the old");
}

const struct rule rule_kt201 = {"KT201", "env-replaced", LOSS_SEEN,
				330,	 explains,	 describe};
