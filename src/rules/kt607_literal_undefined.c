#include "rules/rule.h"

#include "diagnosis/evidence/similar_names.h"
#include "diagnosis/evidence/value_shape.h"

/* `true` is an ordinary value, but of no well-known credential. */
static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	uint32_t shapes = KT_IS_LITERAL;

	(void)m;
	if (credential_family(r->name))
		shapes |= KT_IS_BOOLEAN;
	return explain_by_shape(r, shapes, 0, ret);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	describe_shape(m, r, f, "is a word that stands for no value",
		       "set it only where there is a value: assigning "
		       "undefined, null or None stores that word");
}

const struct rule rule_kt607 = {
	"KT607", "literal-undefined", LOSS_MALFORMED, 20, explains, describe};
