#include "rules/cause.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	return is_shaped(r, KT_IS_LITERAL) &&
	       blame_shape(m, r, "is a word that stands for no value",
			   arena_print(m->arena,
				       "set %.*s only where there is a value: "
				       "assigning undefined, null or None "
				       "stores that word",
				       STR_FMT(r->name)),
			   ret);
}

const struct rule rule_kt607 = {"KT607", "literal-undefined", 20, explains};
