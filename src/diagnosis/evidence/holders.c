#include "diagnosis/evidence/holders.h"

enum { MOST_LOOKS = 4096 };

static bool is_value(const struct value *v)
{
	return v && !(v->is & KT_IS_EMPTY);
}

bool holds_value(const struct image *image, struct str name)
{
	const struct value *value = NULL;

	if (model_inherited(image, name, &value) == PRESENT && is_value(value))
		return true;
	for (const struct reading *r = image->readings; r; r = r->next)
		if (r->outcome == READ_FOUND && str_eq(r->name, name) &&
		    is_value(r->value))
			return true;
	return false;
}

bool was_never_held(const struct reading *r)
{
	return r->outcome == READ_MISSED && !r->later_set && !r->late_set.set &&
	       r->loss->kind == LOST_NEVER_HELD;
}

bool is_ancestor(const struct image *image, const struct image *of)
{
	while (of && of != image)
		of = of->parent;
	return of;
}

const struct image *find_holder_elsewhere(const struct model *m,
					  const struct reading *r)
{
	for (size_t i = 0; i < m->n_images && i < MOST_LOOKS; i++) {
		const struct image *image = m->images[i];

		if (image->root != r->image->root &&
		    image->owner == r->image->owner &&
		    model_is_evidence(image, r->image) &&
		    holds_value(image, r->name))
			return image;
	}
	return NULL;
}

const struct image *find_holder_beside(const struct model *m,
				       const struct reading *r)
{
	for (size_t i = 0; i < m->n_images && i < MOST_LOOKS; i++) {
		const struct image *image = m->images[i];

		if (image->owner == r->image->owner &&
		    model_is_evidence(image, r->image) &&
		    holds_value(image, r->name) &&
		    !is_ancestor(image, r->image))
			return image;
	}
	return NULL;
}

bool is_held_by_any(const struct reading *r)
{
	const uint32_t no_value = KT_IS_EMPTY | KT_IS_LITERAL |
				  KT_IS_UNEXPANDED | KT_IS_PLACEHOLDER;
	const struct variable *v = r->variable;

	if (!model_holders(v, r->image))
		return false;
	for (size_t i = 0; i < v->n_values; i++)
		if (!(v->values[i].value->is & no_value))
			return true;
	return !v->n_values;
}

/* --- other values ----------------------------------------------------------
 */

bool are_comparable(const struct image *a, const struct image *b)
{
	return a->birth && b->birth && str_eq(a->birth->key, b->birth->key);
}

bool is_other_value(const struct value *v, const struct value *found)
{
	return is_value(v) && !str_eq(v->fp, found->fp) &&
	       !(v->bare.len && str_eq(v->bare, found->fp)) &&
	       !(found->bare.len && str_eq(found->bare, v->fp));
}

static bool had_other_value(const struct image *image, const struct reading *r)
{
	const struct value *value = NULL;

	if (model_inherited(image, r->name, &value) == PRESENT &&
	    is_other_value(value, r->value))
		return true;
	for (size_t i = 0; i < image->n_events; i++) {
		const struct event *e = image->events[i];

		if ((e->kind == KT_SET || e->kind == KT_READ) &&
		    str_eq(e->name, r->name) && e->value.fp.len &&
		    is_other_value(&e->value, r->value))
			return true;
	}
	return false;
}

bool has_other_value(const struct model *m, const struct reading *r)
{
	if (r->variable->fingerprints.n < 2)
		return false;
	for (size_t i = 0; i < m->n_images; i++)
		if (m->images[i]->owner == r->image->owner &&
		    model_is_evidence(m->images[i], r->image) &&
		    are_comparable(m->images[i], r->image) &&
		    had_other_value(m->images[i], r))
			return true;
	return false;
}
