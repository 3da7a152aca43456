#include "rules/rule.h"

#include "diagnosis/evidence/env_diff.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	return explain_by_env_diff(m, r, ENV_DIFF_ALL, ret);
}

const struct rule rule_kt201 = {"KT201", "env-replaced", LOSS_SEEN,
				330,	 explains,	 describe_env_diff};
