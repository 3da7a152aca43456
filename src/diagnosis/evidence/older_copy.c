#include "diagnosis/evidence/older_copy.h"

#include "model/place.h"

/* A library copies for names of its own. */
static bool is_own_copy(const struct event *e)
{
	return e->kind == KT_COPY && event_has_source_line(e) &&
	       str_eq(own_line_of(e), e->site);
}

static const struct event *last_own_copy(const struct image *image, uint64_t t)
{
	for (size_t i = image->n_events; i-- && i >= image->first_copy;)
		if (image->events[i]->t < t && is_own_copy(image->events[i]))
			return image->events[i];
	return NULL;
}

/* The last set before the launch, where the value that was read stood there
 * before. */
static const struct event *find_set_after(const struct finding *f,
					  const struct reading *r)
{
	const struct event *set =
		model_last_change(f->culprit, r->name, f->culprit_event->t);
	const struct value *before = NULL;

	if (!set || set->kind != KT_SET || !set->t || !own_line_of(set).len ||
	    model_held(f->culprit, r->name, set->t - 1, &before) != PRESENT)
		return NULL;
	return str_eq(before->fp, r->value->fp) &&
			       !str_eq(set->value.fp, r->value->fp)
		       ? set
		       : NULL;
}

struct older_copy find_older_passed(const struct finding *f,
				    const struct reading *r)
{
	struct older_copy found = {NULL, NULL};
	const struct value *held = NULL;

	if (!f->culprit_event || !r->value ||
	    (f->culprit_event->kind != KT_EXEC &&
	     f->culprit_event->kind != KT_SPAWN))
		return found;
	found.set = find_set_after(f, r);
	if (!found.set)
		return found;
	found.copy = last_own_copy(f->culprit, found.set->t);
	if (found.copy &&
	    (model_held(f->culprit, r->name, found.copy->t, &held) != PRESENT ||
	     !str_eq(held->fp, r->value->fp)))
		found.copy = NULL;
	return found;
}

struct older_copy find_older_copy(const struct finding *f,
				  const struct reading *r)
{
	const struct older_copy none = {NULL, NULL};
	const struct image *image = f->culprit;
	const struct value *before;
	struct older_copy found;

	if (!f->culprit_event)
		return none;
	found.copy = last_own_copy(image, f->culprit_event->t);
	found.set = model_last_change(image, r->name, f->culprit_event->t);
	if (!found.copy || !found.set || found.set->kind != KT_SET ||
	    found.set->t < found.copy->t || !own_line_of(found.set).len ||
	    model_held(image, r->name, found.copy->t, &before) != ABSENT)
		return none;
	return found;
}
