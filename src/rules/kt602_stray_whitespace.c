#include "rules/cause.h"

/* CR and LF are told wherever they stand; that something could be cut off says
 * that they stand at an end. */
static bool is_stray(const struct reading *r)
{
	if (is_shaped(r, KT_IS_JSON | KT_IS_PEM | KT_IS_EMPTY))
		return false;
	return is_shaped(r, KT_IS_BLANK) ||
	       (is_shaped(r, KT_IS_CR | KT_IS_LF) && r->value->bare.len);
}

static const char *what(const struct reading *r)
{
	if (is_shaped(r, KT_IS_CR))
		return "ends in a carriage return";
	if (is_shaped(r, KT_IS_LF))
		return "ends in a line feed";
	return "begins or ends with a blank";
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const char *fix = "remove the blank around the value";

	if (!is_stray(r))
		return false;
	if (is_shaped(r, KT_IS_CR))
		fix = "save the env file with Unix line ends: sed -i "
		      "'s/\\r$//' .env";
	else if (is_shaped(r, KT_IS_LF))
		fix = "write the secret without a line end: printf %s, or "
		      "echo -n, instead of echo";
	return blame_shape(m, r, what(r), str_of(fix), ret);
}

const struct rule rule_kt602 = {"KT602", "stray-whitespace", 40, explains};
