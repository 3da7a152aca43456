#include "diagnosis/evidence/names/held_name.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/ancestors.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/loaded_file.h"
#include "model/place.h"

void set_holder_as_culprit(struct finding *f, const struct held_name *name,
			   const struct reading *r)
{
	set_culprit(f, name->set ? name->holder : name->holder->root, name->set,
		    r->image);
}

/* The user's own line, else the line of the env file from which the runtime
 * itself set the name (node --env-file). len 0: neither is known. A line of the
 * runtime, which symbols tell, is neither. */
static struct str place_of_set(const struct model *m, const struct finding *f)
{
	const struct event *set = f->culprit_event;
	struct str own =
		set->command_site.len ? set->command_site : own_line_of(set);
	struct loaded_file file;

	if (own.len)
		return place_in_words(m->arena, f->culprit, own);
	file = find_file_of_set(m, f->culprit, set, &set->value);
	return file.by ? line_of_file(m->arena, f->culprit, &file) : own;
}

struct str name_set_in_words(const struct model *m, const struct finding *f,
			     struct str name)
{
	struct str place = {NULL, 0};

	if (f->culprit_event && f->culprit_event->kind == KT_SET)
		place = place_of_set(m, f);
	if (!place.len)
		return arena_print(m->arena, "what is set is %.*s",
				   STR_FMT(name));
	return arena_print(m->arena, "what %.*s sets is %.*s", STR_FMT(place),
			   STR_FMT(name));
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

static bool is_set_of(const struct event *e, const struct named_value *held,
		      uint64_t until)
{
	return e->kind == KT_SET && !e->kept && !e->has_errno && e->t < until &&
	       str_eq(e->name, held->name) &&
	       str_eq(e->value.fp, held->value.fp);
}

/* The ancestor which set what the holder began with, if one did. */
static struct held_name find_setter(struct held_name found)
{
	struct ancestor a = ancestor_itself(found.holder, UINT64_MAX);

	while (!found.set && (a = ancestor_above(a)).image)
		for (size_t i = a.image->n_events; i--;)
			if (is_set_of(a.image->events[i], &found.held, a.until))
				return (struct held_name){found.held, a.image,
							  a.image->events[i]};
	return found;
}

struct held_name find_held_name(const struct reading *r, fitting *fits)
{
	struct ancestor a =
		ancestor_itself(r->image, r->event ? r->event->t : UINT64_MAX);
	struct held_name found = {.holder = NULL};

	for (; a.image && !found.holder; a = ancestor_above(a))
		found = find_in(a.image, r, a.until, fits);
	return found.holder ? find_setter(found) : found;
}
