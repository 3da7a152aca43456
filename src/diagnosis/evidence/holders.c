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

static bool is_ancestor(const struct image *image, const struct image *of)
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
		    holds_value(image, r->name) &&
		    !is_ancestor(image, r->image))
			return image;
	}
	return NULL;
}
