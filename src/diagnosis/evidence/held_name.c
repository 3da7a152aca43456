#include "diagnosis/evidence/held_name.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/ancestors.h"
#include "diagnosis/evidence/culprit.h"

void set_holder_as_culprit(struct finding *f, const struct held_name *name,
			   const struct reading *r)
{
	set_culprit(f, name->set ? name->holder : name->holder->root, name->set,
		    r->image);
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

/* A chain of fallbacks asks for several names and needs only a single value. */
static bool is_found_after(const struct image *image, struct str name,
			   uint64_t t)
{
	for (const struct reading *r = image->readings; r; r = r->next) {
		if (r->outcome != READ_FOUND || !str_eq(r->name, name))
			continue;
		for (const struct call_site *s = r->call_sites; s; s = s->next)
			if (s->first->t >= t)
				return true;
	}
	return false;
}

typedef bool fitting(const struct reading *, const struct named_value *held);

static bool is_held_instead(const struct image *image, const struct reading *r,
			    uint64_t t, const struct named_value *held,
			    fitting *fits)
{
	uint64_t missed = r->event ? r->event->t : UINT64_MAX;
	const struct value *value;

	return fits(r, held) && !is_found_after(r->image, held->name, missed) &&
	       model_held(image, held->name, t, &value) == PRESENT;
}

static struct held_name find_in(const struct image *image,
				const struct reading *r, uint64_t t,
				fitting *fits)
{
	const struct event *birth = image->birth;

	for (size_t i = 0; birth && i < birth->env.n; i++)
		if (is_held_instead(image, r, t, &birth->env.at[i], fits))
			return (struct held_name){birth->env.at[i], image,
						  NULL};
	for (size_t i = 0; i < image->n_events; i++) {
		const struct event *e = image->events[i];
		const struct named_value held = {.name = e->name,
						 .value = e->value};

		if (e->kind == KT_SET && !e->kept && !e->has_errno &&
		    e->t < t && is_held_instead(image, r, t, &held, fits))
			return (struct held_name){held, image, e};
	}
	return (struct held_name){.holder = NULL};
}

struct held_name find_held_name(const struct reading *r, fitting *fits)
{
	struct ancestor a =
		ancestor_itself(r->image, r->event ? r->event->t : UINT64_MAX);
	struct held_name found = {.holder = NULL};

	for (; a.image && !found.holder; a = ancestor_above(a))
		found = find_in(a.image, r, a.until, fits);
	return found;
}
