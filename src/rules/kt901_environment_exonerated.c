#include "rules/rule.h"

#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/loaded_file.h"
#include "diagnosis/evidence/origin.h"
#include "diagnosis/evidence/reader_requests.h"
#include "diagnosis/evidence/sentence.h"
#include "model/place.h"
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

/* "app.js:3", else the process. */
static struct str place_of(struct arena *a, const struct image *image,
			   const struct event *e)
{
	struct str site = e ? event_site(e) : (struct str){NULL, 0};

	return place_has_line(site) ? place_in_words(a, image, site)
				    : process_in_sentence(a, image);
}

/* The line of the file from which a loader took the value, else the place that
 * brought it in. */
static struct str where_from(const struct model *m, const struct reading *r)
{
	struct origin from = find_origin(r);
	struct loaded_file file = {.by = NULL};

	if (from.event && from.event->kind == KT_SET)
		file = find_file_of_set(m, from.image, from.event, r->value);
	return file.by ? line_of_file(m->arena, file.by, &file)
		       : place_of(m->arena, from.image, from.event);
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	f->summary = arena_print(
		m->arena, "%.*s reached %.*s unchanged from %.*s",
		STR_FMT(r->name),
		STR_FMT(f->victim ? place_of_victim(m->arena, f)
				  : process_in_sentence(m->arena, r->image)),
		STR_FMT(where_from(m, r)));
	f->fix = STR("look beyond the environment: is the key itself valid, "
		     "and is it sent where it belongs?");
}

const struct rule rule_kt901 = {"KT901",   "environment-exonerated",
				LOSS_NONE, RANK_ACQUITS,
				explains,  describe};
