#include "rules/rule.h"

#include "diagnosis/evidence/value_shape.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	return explain_by_shape(r, KT_IS_LITERAL, 0, ret);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	describe_shape(
		m, r, f, "is a word that stands for no value",
		"set it only where there is a value: assigning undefined, "
		"null or None stores that word");
}

const struct rule rule_kt607 = {"KT607", "literal-undefined", 20, explains,
				describe};
