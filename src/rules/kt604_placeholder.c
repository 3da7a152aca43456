#include "rules/rule.h"

#include "diagnosis/evidence/value_shape.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	return explain_by_shape(r, KT_IS_PLACEHOLDER | KT_IS_UNEXPANDED, 0,
				ret);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (r->value->is & KT_IS_UNEXPANDED)
		describe_shape(m, r, f, "is a reference that nobody expanded",
			       "use a loader that expands references, or write "
			       "the value itself");
	else
		describe_shape(m, r, f, "still has the value of an example",
			       "put the real value where the example's stands");
}

const struct rule rule_kt604 = {"KT604", "placeholder", LOSS_MALFORMED,
				30,	 explains,	describe};
