#include "rules/rule.h"

#include "diagnosis/evidence/similar_names.h"
#include "diagnosis/evidence/value_shape.h"

/* A reference under a name that is in no row may be resolved by the program
 * itself. */
static bool is_unresolved(const struct reading *r)
{
	return r->value && (r->value->is & KT_IS_REFERENCE) &&
	       credential_family(r->name);
}

/* Where the provider's keys have a known form, nothing else is a key. */
static bool is_more_than_a_key(const struct reading *r)
{
	return r->value &&
	       (r->value->is &
		(KT_IS_ASSIGNMENT | KT_IS_HEADER | KT_IS_JSON)) &&
	       has_known_form(r->name);
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	uint32_t shapes = KT_IS_PLACEHOLDER | KT_IS_UNEXPANDED;

	(void)m;
	if (is_unresolved(r))
		shapes |= KT_IS_REFERENCE;
	if (is_more_than_a_key(r))
		shapes |= KT_IS_ASSIGNMENT | KT_IS_HEADER | KT_IS_JSON;
	return explain_by_shape(r, shapes, 0, ret);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (r->value->is & KT_IS_UNEXPANDED)
		describe_shape(m, r, f, "is a reference that nobody expanded",
			       "use a loader that expands references, or write "
			       "the value itself");
	else if (r->value->is & KT_IS_REFERENCE)
		describe_shape(m, r, f,
			       "is a reference to a secret that nobody "
			       "resolved",
			       "start the program through the tool that "
			       "resolves it (op run, dotenvx run, vals exec), "
			       "or write the value itself");
	else if (!(r->value->is & KT_IS_PLACEHOLDER))
		describe_shape(m, r, f, "holds more than the key",
			       "write the key alone: no NAME= or export, no "
			       "Bearer, no JSON around it");
	else
		describe_shape(m, r, f, "still has the value of an example",
			       "put the real value where the example's stands");
}

const struct rule rule_kt604 = {"KT604", "placeholder", LOSS_MALFORMED,
				30,	 explains,	describe};
