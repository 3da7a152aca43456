#include "rules/rule.h"

#include "diagnosis/evidence/value_shape.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	return explain_by_shape(r, KT_IS_BOM | KT_IS_UNPRINTABLE,
				KT_IS_JSON | KT_IS_PEM | KT_IS_CR | KT_IS_LF,
				ret);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (r->value->is & KT_IS_BOM)
		describe_shape(m, r, f, "begins with a byte order mark",
			       "save the file as UTF-8 without a byte order "
			       "mark: sed -i '1s/^\\xef\\xbb\\xbf//' .env");
	else
		describe_shape(m, r, f, "has a character that no key has",
			       "copy the key once more, as plain text: "
			       "keytrail replay shows its length");
}

const struct rule rule_kt606 = {
	"KT606", "invisible-character", LOSS_MALFORMED, 35, explains, describe};
