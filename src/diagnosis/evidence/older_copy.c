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
