#include "rules/rule.h"

#include "diagnosis/evidence/env_diff.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	return explain_by_env_diff(m, r, ENV_DIFF_ONE, ret);
}

const struct rule rule_kt203 = {"KT203", "key-dropped", LOSS_SEEN,
				320,	 explains,	describe_env_diff};
