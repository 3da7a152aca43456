#include "rules/rule.h"

#include "diagnosis/evidence/value_shape.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	return explain_by_shape(r, KT_IS_QUOTED | KT_IS_OPEN_QUOTE,
				KT_IS_JSON | KT_IS_PEM_CUT, ret);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (r->value->is & KT_IS_QUOTED)
		describe_shape(m, r, f, "has quotes as a part of it",
			       "take the quotes out of the file: what reads "
			       "it does not remove them");
	else
		describe_shape(m, r, f, "has a quote at one end",
			       "look at the line of the file: the other quote "
			       "is missing, or stands in another line");
}

const struct rule rule_kt603 = {"KT603", "quoted", LOSS_MALFORMED,
				50,	 explains, describe};
