#include "rules/rule.h"

#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/value_source.h"
#include "model/process_name.h"

/* False for the tree of another owner who is a stranger: such a tree says
 * nothing about `r`. */
static bool concerns(const struct reading *r, const struct reading *other)
{
	unsigned owner = other->image->root->owner;

	return (!owner || owner == r->image->root->owner) &&
	       model_is_evidence(other->image, r->image);
}

static bool is_refused_reader(const struct model *m, const struct reading *r)
{
	return m->n_requests && find_refusal(r);
}

/* True for the first reader of the variable's value; of readers with a refused
 * request, for the first of those. */
static bool is_first(const struct model *m, const struct reading *r)
{
	enum { MOST = 256 };
	const struct variable *v = r->variable;
	bool is_refused = is_refused_reader(m, r), is_before = true;

	for (size_t i = 0; i < v->n_readings && i < MOST; i++) {
		const struct reading *o = v->readings[i];

		is_before &= o != r;
		if (o == r || o->outcome != READ_FOUND || !concerns(r, o))
			continue;
		if (is_before && !is_refused)
			return false;
		if (is_before != !is_refused && is_refused_reader(m, o))
			return false;
	}
	return true;
}

/* Fires once for a variable and owner, when the run has one value of it. The
 * diagnosis keeps this finding in an exonerated run only. */
static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	if (r->outcome != READ_FOUND || model_is_malformed(r->value) ||
	    !is_first(m, r) || model_reads_folded(m, r->name) ||
	    trace_lost(m->trace, r->image->root->owner) ||
	    has_other_value(m, r))
		return false;
	ret->severity = NOTE;
	ret->confidence = CERTAIN;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	f->summary = arena_print(
		m->arena, "%.*s reached %.*s unchanged from %.*s",
		STR_FMT(r->name),
		STR_FMT(f->victim ? place_of_victim(m->arena, f)
				  : process_in_sentence(m->arena, r->image)),
		STR_FMT(value_source_in_words(m, r)));
	f->fix = STR("look beyond the environment: is the key itself valid, "
		     "and is it sent where it belongs?");
}

const struct rule rule_kt901 = {"KT901",   "environment-exonerated",
				LOSS_NONE, RANK_ACQUITS,
				explains,  describe};
