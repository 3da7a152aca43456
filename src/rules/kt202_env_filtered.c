#include "rules/rule.h"

#include "diagnosis/evidence/env_diff.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	return explain_by_env_diff(m, r, ENV_DIFF_SOME, ret);
}

const struct rule rule_kt202 = {"KT202", "env-filtered", LOSS_SEEN,
				340,	 explains,	 describe_env_diff};
