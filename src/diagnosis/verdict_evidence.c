#include "diagnosis/verdict_evidence.h"

#include "runtimes/runtime.h"

/* --- values -----------------------------------------------------------------
 */

/* True when every image from the root on was observed, or when each unobserved
 * image passed on the value given to the image. */
static bool is_clear(const struct reading *r)
{
	const struct value *given = NULL;

	if (r->image->observed_from_root)
		return true;
	for (const struct image *i = r->image; i; i = i->parent)
		if (!i->observed &&
		    (model_inherited(i, r->name, &given) != PRESENT ||
		     !str_eq(given->fp, r->value->fp)))
			return false;
	return true;
}

/* A value that cannot be trusted to be right: another provider's, or without
 * the form that the name's provider gives its keys. */
static bool is_spoilt(const struct reading *r, const struct ask *ask)
{
	const char *form = form_of(r->name);

	if (model_is_malformed(r->value) ||
	    is_foreign_form(r->name, r->value->from))
		return true;
	return ask->end != WELL && form && !has_base_url(r) &&
	       !str_eq(r->value->from, str_of(form));
}

/* --- readings ---------------------------------------------------------------
 */

static void note_found(struct verdict_evidence *s, const struct reading *r,
		       const struct ask *ask)
{
	if (!s->found)
		s->found = r;
	if (!s->found_needed && ask->need == NEEDED)
		s->found_needed = r;
	if (!s->unclear && !is_clear(r))
		s->unclear = r;
	if (!s->spoilt && ask->need > OPTIONAL && is_spoilt(r, ask))
		s->spoilt = r;
	if (!s->changed && ask->need > OPTIONAL && ask->end != WELL &&
	    r->variable->fingerprints.n > 1)
		s->changed = r;
	if (!s->failed_reader && ask->need > OPTIONAL &&
	    (model_failed(r->image) || r->image->child_failed))
		s->failed_reader = r;
}

static void note_missed(struct verdict_evidence *s, const struct reading *r,
			const struct ask *ask)
{
	if (!s->asked && !ask->relieved)
		s->asked = r;
	if (!s->missed && !ask->relieved && ask->need == NEEDED)
		s->missed = r;
}

static void note_loss(struct verdict_evidence *s, const struct reading *r)
{
	if (!r->loss || r->later_found)
		return;
	if (!s->unseen && r->loss->kind == LOST_UNSEEN)
		s->unseen = r;
	if (r->outcome != READ_NONE || !model_failed(r->image))
		return;
	if (!s->hidden && runtime_hides_reads(r->image))
		s->hidden = r;
	if (!s->maybe_hidden && runtime_may_hide_reads(r->image))
		s->maybe_hidden = r;
}

static void note_reading(const struct evaluation *e, struct verdict_evidence *s,
			 const struct reading *r)
{
	struct ask ask;

	note_loss(s, r);
	if (r->outcome == READ_NONE)
		return;
	s->any_reader = true;
	ask = strongest_ask(e, r);
	if (is_nothing(r))
		note_missed(s, r, &ask);
	else
		note_found(s, r, &ask);
	if (!s->failed && ask.need == NEEDED &&
	    (ask.end == FAILED || ask.end == FAILED_BY_IT ||
	     ask.end == FAILED_OTHERWISE))
		s->failed = r->image;
}

/* --- images -----------------------------------------------------------------
 */

static bool starts_unseen(const struct image *image)
{
	return model_bypasses_libc(image) &&
	       (image->first_child || model_failed(image));
}

/* True for a program started with the recorder, when neither the program nor
 * its children recorded an event. */
static bool is_silent(const struct image *image)
{
	return !image->observed && image->hop == HOP_EXEC &&
	       !image->first_child && image->gap == GAP_NO_TRACE;
}

static void note_image(struct verdict_evidence *s, const struct image *image)
{
	if (!s->failed && image->root == image && model_failed(image))
		s->failed = image;
	if (!s->launcher && starts_unseen(image))
		s->launcher = image;
	if (!s->silent && is_silent(image))
		s->silent = image;
	if (image->observed)
		return;
	s->gap = s->gap ? s->gap : image;
	if (model_failed(image) && !s->failed_gap)
		s->failed_gap = image;
}

struct verdict_evidence find_verdict_evidence(const struct evaluation *e)
{
	const struct model *m = e->model;
	struct verdict_evidence s = {
		.lost_events = m->trace->lost > 0,
		.folded = model_reads_folded(
			m, e->named->n == 1 ? e->named->at[0] : STR(""))};

	for (size_t i = 0; i < m->n_readings; i++)
		if (!e->named->n || is_listed(e->named, m->readings[i].name))
			note_reading(e, &s, &m->readings[i]);
	for (size_t i = 0; i < m->n_images; i++)
		note_image(&s, m->images[i]);
	return s;
}
