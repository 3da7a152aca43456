#include "diagnosis/evidence/names/held_name.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/ancestors.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/origin.h"
#include "model/place.h"

/* An env file with the name from which the holder took the value. */
static struct loaded_file file_of_name(const struct model *m,
				       const struct held_name *name)
{
	return find_file_of_value(m, name->holder, name->held.name,
				  name->set->t, &name->held.value);
}

/* A launch shows that the value went on; the name stands in the file. */
void set_holder_as_culprit(const struct model *m, struct finding *f,
			   const struct held_name *name,
			   const struct reading *r)
{
	struct loaded_file file = {.by = NULL};

	set_culprit(f, name->set ? name->holder : name->holder->root, name->set,
		    name->next ? name->next : r->image);
	if (name->set && name->set->kind != KT_SET)
		file = file_of_name(m, name);
	if (file.by)
		f->culprit_site = site_of_file(m->arena, &file);
}

/* --- words ----------------------------------------------------------------
 */

static bool is_launch(const struct event *e)
{
	return e->kind == KT_EXEC || e->kind == KT_SPAWN;
}

static struct str line_in_file(const struct model *m,
			       const struct held_name *name)
{
	struct loaded_file file = file_of_name(m, name);

	return file.by ? line_of_file(m->arena, name->holder, &file)
		       : (struct str){NULL, 0};
}

/* The user's own line. A line of the runtime, which symbols tell, is none. */
static struct str own_line_of_act(const struct model *m,
				  const struct held_name *name)
{
	const struct event *e = name->set;
	struct str own = line_of_change(e, name->held.name);

	if (!own.len)
		own = e->command_site.len ? e->command_site : own_line_of(e);
	return own.len ? place_in_words(m->arena, name->holder, own) : own;
}

/* The line that started a tool: env NAME=value COMMAND. */
static struct str line_of_tool(const struct model *m,
			       const struct held_name *name)
{
	struct str line = line_of_start(name->holder);

	return line.len ? place_in_words(m->arena, name->holder, line) : line;
}

/* The line of a call that set the name; of another act, and where the runtime
 * itself set the name (node --env-file), the line of the env file. len 0:
 * neither is known. */
static struct str place_of_act(const struct model *m,
			       const struct held_name *name)
{
	struct str own, line;

	if (!name->set)
		return (struct str){NULL, 0};
	own = own_line_of_act(m, name);
	if (name->set->kind == KT_SET && own.len)
		return own;
	line = line_in_file(m, name);
	line = line.len ? line : own;
	return line.len ? line : line_of_tool(m, name);
}

static bool is_passed(const struct model *m, const struct held_name *name)
{
	return is_launch(name->set) && !line_in_file(m, name).len &&
	       !line_of_change(name->set, name->held.name).len;
}

/* A name with a blank in it is hard to see as one name. */
static struct str quoted_name(struct arena *a, struct str name)
{
	return memchr(name.at, ' ', name.len)
		       ? arena_print(a, "`%.*s`", STR_FMT(name))
		       : name;
}

struct str name_set_in_words(const struct model *m,
			     const struct held_name *name)
{
	struct str place = place_of_act(m, name);
	struct str held = quoted_name(m->arena, name->held.name);

	if (!place.len)
		return arena_print(m->arena, "what is set is %.*s",
				   STR_FMT(held));
	return arena_print(m->arena, "what %.*s %s is %.*s", STR_FMT(place),
			   is_passed(m, name) ? "passes" : "sets",
			   STR_FMT(held));
}

struct str place_to_set_in_words(const struct model *m,
				 const struct held_name *name)
{
	struct str place =
		name->set ? line_in_file(m, name) : (struct str){NULL, 0};

	if (!place.len)
		place = place_of_act(m, name);
	return place.len ? arena_print(m->arena, " at %.*s", STR_FMT(place))
			 : STR("");
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
			return (struct held_name){.held = birth->env.at[i],
						  .holder = image};
	for (size_t i = 0; i < image->n_events; i++) {
		const struct event *e = image->events[i];
		const struct named_value held = {.name = e->name,
						 .value = e->value};

		if (e->kind == KT_SET && !e->kept && !e->has_errno &&
		    e->t < t && is_held_instead(image, r, t, &held, fits))
			return (struct held_name){
				.held = held, .holder = image, .set = e};
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

static struct held_name find_set_above(struct held_name found)
{
	struct ancestor a = ancestor_itself(found.holder, UINT64_MAX);

	while (!found.set && (a = ancestor_above(a)).image)
		for (size_t i = a.image->n_events; i--;)
			if (is_set_of(a.image->events[i], &found.held, a.until))
				return (struct held_name){
					.held = found.held,
					.holder = a.image,
					.set = a.image->events[i]};
	return found;
}

/* The ancestor which set what the holder began with, or passed it to a program,
 * if one did. */
static struct held_name find_setter(struct held_name found)
{
	struct held_name set = find_set_above(found);
	struct origin from;

	if (set.set)
		return set;
	from = find_origin_of(found.holder, found.held.name, &found.held.value,
			      found.holder->born);
	if (!from.event || from.event->kind == KT_BIRTH)
		return found;
	return (struct held_name){.held = found.held,
				  .holder = from.image,
				  .set = from.event,
				  .next = from.next};
}

struct held_name find_held_name(const struct reading *r, fitting *fits)
{
	struct ancestor a =
		ancestor_itself(r->image, r->event ? r->event->t : UINT64_MAX);
	struct held_name found = {.holder = NULL};

	for (; a.image && !found.holder; a = ancestor_above(a))
		found = find_in(a.image, r, a.until, fits);
	return found.holder && !found.set ? find_setter(found) : found;
}
