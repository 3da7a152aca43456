#include "rules/cause.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	return is_shaped(r, KT_IS_EMPTY) &&
	       blame_shape(m, r, "is set, but to nothing",
			   arena_print(m->arena,
				       "give %.*s a value, or do not set it at "
				       "all; in CI, look whether the secret "
				       "may be seen by this job",
				       STR_FMT(r->name)),
			   ret);
}

const struct rule rule_kt601 = {"KT601", "empty", 10, explains};
