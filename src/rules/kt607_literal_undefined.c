#include "rules/rule.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/names/mapped_name.h"
#include "diagnosis/evidence/value_shape.h"

static bool is_credential(enum role role)
{
	return role == ROLE_KEY || role == ROLE_ALTERNATIVE;
}

/* Under a name in no row any such word may be an ordinary value; `true` may be
 * that of a setting, too. */
static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	enum role role = role_of(r->name);
	uint32_t shapes = KT_IS_LITERAL;

	if (is_credential(role))
		shapes |= KT_IS_BOOLEAN;
	ret->is_none_unless_given = role == ROLE_NONE;
	if (!explain_by_shape(r, shapes, 0, ret))
		return false;
	set_mapping_culprit(m, r, ret);
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (describe_mapping(m, r, f))
		return;
	describe_shape(m, r, f, "is only a word like undefined or null",
		       "delete the assignment, or set it only where there is "
		       "a value: assigning undefined, null or None stores that "
		       "word");
}

const struct rule rule_kt607 = {
	"KT607", "literal-undefined", LOSS_MALFORMED, 20, explains, describe};
