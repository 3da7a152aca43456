#include "diagnosis/evidence/held_name.h"

#include "catalogue/catalogue.h"

/* A chain of fallbacks asks for several names and needs only a single value. */
static bool was_found(const struct image *image, struct str name)
{
	for (const struct reading *r = image->readings; r; r = r->next)
		if (r->outcome == READ_FOUND && str_eq(r->name, name))
			return true;
	return false;
}

bool found_alternative(const struct reading *r)
{
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (o->outcome == READ_FOUND &&
		    !(o->value && (o->value->is & KT_IS_EMPTY)) &&
		    are_alternatives(o->name, r->name))
			return true;
	return false;
}

static const struct named_value *
find_in(const struct image *image, const struct reading *r, uint64_t t,
	bool (*fits)(const struct reading *, const struct named_value *held))
{
	const struct event *birth = image->birth;
	const struct value *value;

	for (size_t i = 0; birth && i < birth->env.n; i++) {
		const struct named_value *held = &birth->env.at[i];

		if (fits(r, held) && !was_found(r->image, held->name) &&
		    model_held(image, held->name, t, &value) == PRESENT)
			return held;
	}
	return NULL;
}

struct held_name find_held_name(const struct reading *r,
				bool (*fits)(const struct reading *,
					     const struct named_value *held))
{
	const struct image *at = r->image;
	uint64_t t = r->event ? r->event->t : UINT64_MAX;
	size_t climbs = 64;

	for (; at && climbs--; at = at->parent) {
		const struct named_value *held = find_in(at, r, t, fits);

		if (held)
			return (struct held_name){held, at};
		t = model_hop_time(at);
	}
	return (struct held_name){NULL, NULL};
}
