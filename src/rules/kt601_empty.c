#include "rules/rule.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/names/mapped_name.h"
#include "diagnosis/evidence/origin.h"
#include "diagnosis/evidence/value_shape.h"

/* A value was there, and the empty value took its place. */
static bool had_value_before(const struct reading *r)
{
	struct origin from = find_origin(r);

	return from.before && !(from.before->is & KT_IS_EMPTY);
}

/* An empty value turns off what a client can do without. */
static bool may_be_meant(enum role role)
{
	return role == ROLE_OPTIONAL || role == ROLE_SETTING;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	if (r->outcome != READ_FOUND ||
	    !explain_by_shape(r, KT_IS_EMPTY, 0, ret))
		return false;
	ret->is_note_unless_given = may_be_meant(role_of(r->name));
	if (had_value_before(r))
		ret->loss = LOSS_SEEN;
	else if (find_holder_beside(m, r))
		ret->loss = LOSS_ELSEWHERE;
	if (ret->loss != LOSS_SEEN)
		set_mapping_culprit(m, r, ret);
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (!had_value_before(r) && describe_mapping(m, r, f))
		return;
	describe_shape(m, r, f, "is empty",
		       "give it a value, or do not set it at all; in CI, look "
		       "whether this job may see the secret");
}

const struct rule rule_kt601 = {"KT601", "empty",  LOSS_NOWHERE,
				10,	 explains, describe};
