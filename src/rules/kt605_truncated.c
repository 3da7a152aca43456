#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/origin.h"
#include "diagnosis/evidence/value_shape.h"

/* True when the event brought a beginning of the value that stood there. */
static bool is_cut_by(const struct event *e, struct str name)
{
	if (!e)
		return false;
	if (e->kind == KT_SET)
		return e->is_cut;
	for (size_t i = 0; i < e->cut.n; i++)
		if (str_eq(e->cut.at[i], name))
			return true;
	return false;
}

static bool explain_cut(const struct reading *r, struct finding *ret)
{
	struct origin from;

	if (r->outcome != READ_FOUND)
		return false;
	from = find_origin(r);
	if (!is_cut_by(from.event, r->name))
		return false;
	set_culprit(ret, from.image, from.event, from.next);
	ret->confidence = CERTAIN;
	return true;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	return explain_by_shape(r, KT_IS_PEM_CUT, 0, ret) ||
	       explain_cut(r, ret);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	if (r->value->is & KT_IS_PEM_CUT)
		describe_shape(
			m, r, f, "is a key in PEM whose end is missing",
			"quote the value where it is set, so that all of "
			"its lines belong to it; a file for docker "
			"--env-file has one line for each name: write it "
			"as base64");
	else
		describe_shape(m, r, f,
			       "is only the beginning of the value that was "
			       "there",
			       "quote the value where it is passed on: a shell "
			       "and a loader of env files stop at a blank, a # "
			       "or a $");
}

const struct rule rule_kt605 = {"KT605", "truncated", LOSS_MALFORMED,
				45,	 explains,    describe};
