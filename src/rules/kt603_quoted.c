#include "rules/cause.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	if (!is_shaped(r, KT_IS_QUOTED) || is_shaped(r, KT_IS_JSON))
		return false;
	return blame_shape(m, r, "has quotes as a part of its value",
			   STR("take the quotes out of the file: docker "
			       "--env-file, make and systemd's env files do "
			       "not all remove them"),
			   ret);
}

const struct rule rule_kt603 = {"KT603", "quoted", 50, explains};
