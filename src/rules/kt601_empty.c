#include "rules/rule.h"

#include "diagnosis/evidence/value_shape.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	return explain_by_shape(r, KT_IS_EMPTY, 0, ret);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	describe_shape(m, r, f, "is set, but to nothing",
		       "give it a value, or do not set it at all; in CI, look "
		       "whether this job may see the secret");
}

const struct rule rule_kt601 = {"KT601", "empty", 10, explains, describe};
