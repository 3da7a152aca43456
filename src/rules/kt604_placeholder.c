#include "rules/cause.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	if (is_shaped(r, KT_IS_UNEXPANDED))
		return blame_shape(m, r, "is a reference that nobody expanded",
				   STR("use a tool that expands references, "
				       "or write the value itself"),
				   ret);
	return is_shaped(r, KT_IS_PLACEHOLDER) &&
	       blame_shape(m, r, "still has the value of an example",
			   arena_print(m->arena,
				       "put the real value of %.*s where the "
				       "example's stands",
				       STR_FMT(r->name)),
			   ret);
}

const struct rule rule_kt604 = {"KT604", "placeholder", 30, explains};
