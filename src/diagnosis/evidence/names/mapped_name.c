#include "diagnosis/evidence/names/mapped_name.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/ancestors.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/daemon_client.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/origin.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/names/similar_names.h"
#include "model/place.h"

enum { MOST_LOOKS = 4096 };

static bool is_alike(struct str missing, struct str other)
{
	return role_of(other) == ROLE_NONE && (is_misspelling(missing, other) ||
					       is_substitute(missing, other));
}

static const struct reading *missed_by(const struct image *image,
				       const struct reading *r, uint64_t until)
{
	if (image == r->image || model_asked_for(image, r->name))
		return NULL;
	for (const struct reading *o = image->readings; o; o = o->next)
		if (o->outcome == READ_MISSED && o->event &&
		    o->event->t <= until && own_line_of(o->event).len &&
		    was_never_held(o) && is_alike(r->name, o->name))
			return o;
	return NULL;
}

static struct mapped_name missed_by_client(const struct model *m,
					   const struct image *started,
					   const struct reading *r)
{
	uint64_t t = model_hop_time(started);

	if (!started->parent || !is_service(started->parent))
		return (struct mapped_name){NULL, NULL};
	for (size_t i = 0; i < m->n_images && i < MOST_LOOKS; i++) {
		const struct image *client = m->images[i];
		const struct reading *o;

		if (!client->readings ||
		    !is_client_of_daemon(client, started->parent, t))
			continue;
		o = missed_by(client, r, t);
		if (o)
			return (struct mapped_name){client, o};
	}
	return (struct mapped_name){NULL, NULL};
}

/* --- the act that brought a value for nothing -----------------------------
 */

static bool asked_before(const struct image *image, struct str name, uint64_t t)
{
	for (const struct reading *o = image->readings; o; o = o->next)
		for (const struct call_site *s = o->call_sites;
		     s && str_eq(o->name, name); s = s->next)
			if (s->first->t < t)
				return true;
	return false;
}

/* The act stands on the line that asked for the other name, or a library acts,
 * as gunicorn does for `raw_env` of its settings. */
static bool may_take(const struct event *act, const struct reading *other)
{
	struct str own = own_line_of(act);

	return other->outcome == READ_MISSED && other->event &&
	       other->event->t <= act->t && own_line_of(other->event).len &&
	       (!own.len || str_eq(own, own_line_of(other->event)));
}

static struct mapped_name missed_for_act(const struct reading *r)
{
	struct mapped_name none = {NULL, NULL};
	struct origin from;

	if (!r->value)
		return none;
	from = find_origin(r);
	if (!from.event || !event_has_source_line(from.event) ||
	    asked_before(from.image, r->name, from.event->t))
		return none;
	for (const struct reading *o = from.image->readings; o; o = o->next)
		if (may_take(from.event, o) && was_never_held(o) &&
		    is_alike(r->name, o->name))
			return (struct mapped_name){from.image, o};
	return none;
}

bool has_mapped_act(const struct reading *r)
{
	return missed_for_act(r).missed;
}

/* --- a launcher's line ------------------------------------------------------
 */

/* A client that starts its daemon first may ask afterwards. */
struct mapped_name find_mapped_name(const struct model *m,
				    const struct reading *r)
{
	struct mapped_name act = missed_for_act(r);
	struct ancestor a = ancestor_itself(r->image, UINT64_MAX);
	const struct image *below = r->image;
	uint64_t service = 0; /* a daemon's start of the program */

	if (act.missed)
		return act;
	while ((a = ancestor_above(a)).image) {
		uint64_t until = a.until > service ? a.until : service;
		struct mapped_name found = {a.image,
					    missed_by(a.image, r, until)};

		if (!found.missed)
			found = missed_by_client(m, below, r);
		if (found.missed)
			return found;
		if (is_service(a.image))
			service = until;
		below = a.image;
	}
	return (struct mapped_name){NULL, NULL};
}

bool set_mapping_culprit(const struct model *m, const struct reading *r,
			 struct finding *ret)
{
	struct mapped_name found = find_mapped_name(m, r);

	if (!found.missed)
		return false;
	set_culprit(ret, found.launcher, found.missed->event, found.launcher);
	ret->culprit_site = own_line_of(found.missed->event);
	ret->confidence = LIKELY;
	return true;
}

bool describe_mapping(const struct model *m, const struct reading *r,
		      struct finding *f)
{
	struct mapped_name found = find_mapped_name(m, r);
	struct str other;

	if (!found.missed)
		return false;
	other = found.missed->name;
	say_culprit(m, r, f, "takes %.*s from %.*s, which was never set",
		    STR_FMT(r->name), STR_FMT(other));
	set_own_fix(m, f,
		    "set %.*s where this command is given, or write the name "
		    "there under which the key is set",
		    STR_FMT(other));
	return true;
}
