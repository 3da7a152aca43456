#include "rules/rule.h"

#include "diagnosis/evidence/value_shape.h"

/* The shapes CR and LF are recorded at any position. A `bare` fingerprint shows
 * that characters at an end were cut off. */
static bool is_at_end(const struct value *v)
{
	return (v->is & KT_IS_BLANK) || v->bare.len;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	if (explain_by_shape(r, KT_IS_ESCAPED_LF, 0, ret))
		return true;
	return r->value &&
	       (is_at_end(r->value) || (r->value->is & KT_IS_INNER_LF)) &&
	       explain_by_shape(r, KT_IS_BLANK | KT_IS_CR | KT_IS_LF,
				KT_IS_JSON | KT_IS_PEM | KT_IS_EMPTY, ret);
}

static void describe_carriage_return(const struct model *m,
				     const struct reading *r, struct finding *f)
{
	say_value(m, r, f, STR("ends in a carriage return"));
	f->fix = fix_value(m, r,
			   arena_print(m->arena,
				       "save the file of the value with Unix "
				       "line ends: sed -i 's/\\r$//' %.*s",
				       STR_FMT(file_of_value(m->arena, r, f))));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (r->value->is & KT_IS_ESCAPED_LF)
		describe_shape(m, r, f,
			       "is a key in PEM with \\n in place of its line "
			       "ends",
			       "put real line ends in, or let the program "
			       "replace them: value.replace(/\\n/g, '\n')");
	else if (!is_at_end(r->value))
		describe_shape(m, r, f, "has a line end inside",
			       "write the value in one line: base64 -w 0, and "
			       "no copy of a wrapped terminal line");
	else if (r->value->is & KT_IS_CR)
		describe_carriage_return(m, r, f);
	else if (r->value->is & KT_IS_LF)
		describe_shape(
			m, r, f, "ends in a line feed",
			"write the secret without a line end: printf %s, "
			"or echo -n, instead of echo");
	else
		describe_shape(m, r, f, "begins or ends with a blank",
			       "remove the blanks around the value");
}

const struct rule rule_kt602 = {"KT602", "stray-whitespace", LOSS_MALFORMED,
				40,	 explains,	     describe};
