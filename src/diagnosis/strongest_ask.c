/* Of all places which asked for a variable: the one that needs it most. */
#include "diagnosis/end.h"

#include "diagnosis/evidence/echo_of_set.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/origin.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/evidence/requests/setting_requests.h"
#include "diagnosis/evidence/unseen_hop.h"
#include "model/place.h"
#include "runtimes/runtime.h"

/* A host accepted another credential in the place of the missing key: from a
 * file of the program's own, a vault, or where any text will do. */
static bool was_accepted_without(const struct reading *r)
{
	return is_nothing(r) && !model_failed(r->image) &&
	       find_accepted_instead(r);
}

static bool has_failed_at_line(const struct image *image,
			       const struct event *event)
{
	return image->raise &&
	       str_eq(own_line_of(image->raise), own_line_of(event));
}

/* Python's client asks in the body of a module: in every program that imports
 * the client. A name that nobody held is nothing to such a program, unless the
 * name is the client's key, or the import failed. */
static bool is_asked_by_import(const struct reading *r,
			       const struct event *event, const struct asker *a)
{
	enum role role = role_of(r->name);

	return a->who == ITS_CLIENT && str_eq(a->function, STR("<module>")) &&
	       role != ROLE_KEY && role != ROLE_NONE && was_never_held(r) &&
	       !has_failed_at_line(r->image, event);
}

static struct ask ask_at(const struct evaluation *e, const struct reading *r,
			 const struct event *event,
			 const struct request *refusal)
{
	struct ask ask = {.event = event, .refusal = refusal};

	ask.asker = who_asks(r->image, event, r->name);
	ask.named_by_user = is_named_by_user(e, r);
	ask.asker.is_at_import =
		!ask.named_by_user && is_asked_by_import(r, event, &ask.asker);
	if (ask.asker.is_at_import) {
		ask.asker.who = OTHER_LIBRARY;
		ask.refusal = NULL;
	}
	ask.need = need_of(e, r, &ask.asker);
	if (ask.need > OPTIONAL && !ask.named_by_user && is_nothing(r) &&
	    is_router(r, event, &ask.asker))
		ask.need--;
	ask.relieved = is_nothing(r) &&
		       (ask.named_by_user
				? was_found_later(r, event)
				: is_relieved(e->model, r, event, &ask.asker) ||
					  was_accepted_without(r));
	ask.is_probe = is_nothing(r) && is_loaders_probe(r, event, &ask.asker);
	ask.is_echo =
		r->outcome == READ_FOUND && is_echo_of_set(r->image, event);
	ask.end = end_of(r, &ask);
	if (ask.asker.is_at_import && ask.end == FAILED_BY_IT)
		ask.end = FAILED_OTHERWISE;
	if (ask.end >= UNKNOWN)
		ask.consumer = failed_consumer(e->model, r, &ask);
	if (ask.consumer)
		ask.end = FAILED_BY_IT;
	return ask;
}

/* A read before the echo of a set, unrelieved before relieved, failed by it
 * before the rest, then the need, then own code before a library. */
static bool is_stronger(const struct ask *a, const struct ask *b)
{
	if (a->is_echo != b->is_echo)
		return b->is_echo;
	if (a->relieved != b->relieved)
		return b->relieved;
	if ((a->end == FAILED_BY_IT) != (b->end == FAILED_BY_IT))
		return a->end == FAILED_BY_IT;
	if (a->need != b->need)
		return a->need > b->need;
	return a->asker.who < b->asker.who;
}

static bool is_client_in_vain(const struct ask *ask)
{
	return ask->asker.who == ITS_CLIENT && !ask->relieved;
}

static struct ask unseen_ask(const struct evaluation *e,
			     const struct reading *r,
			     const struct request *refusal)
{
	struct ask ask = {.asker = {.who = OTHER_LIBRARY}, .refusal = refusal};

	ask.named_by_user = is_named_by_user(e, r);
	ask.need = need_of_unseen(e, r);
	ask.end = end_of(r, &ask);
	return ask;
}

/* Nobody held `r`, and a client does without `r` when the client has `o`. */
static bool is_refused_instead(const struct reading *o, const struct reading *r)
{
	enum role role = role_of(o->name);

	if (role == ROLE_NONE)
		return is_nothing(o) && find_refusal(o);
	if (role_of(r->name) == ROLE_OPTIONAL)
		return (role == ROLE_KEY || role == ROLE_ALTERNATIVE) &&
		       are_of_one_provider(o->name, r->name);
	return role == ROLE_KEY && is_nothing(o) &&
	       are_alternatives(o->name, r->name);
}

/* A program missed a key of the provider, which it may have handed on to this
 * one in a message. */
static bool is_key_missed(const struct model *m, struct str name)
{
	for (size_t i = 0; i < m->n_variables; i++)
		if (m->variables[i].missed &&
		    role_of(m->variables[i].name) == ROLE_KEY &&
		    are_of_one_provider(m->variables[i].name, name))
			return true;
	return false;
}

static bool is_refused_for_another(const struct model *m,
				   const struct reading *r)
{
	enum role role = role_of(r->name);

	if ((role != ROLE_OPTIONAL && role != ROLE_ALTERNATIVE) ||
	    !was_never_held(r))
		return false;
	if (role == ROLE_OPTIONAL && is_key_missed(m, r->name))
		return true;
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (o->outcome != READ_NONE && is_refused_instead(o, r))
			return true;
	return false;
}

static bool is_other_in_file(const struct reading *r,
			     const struct loaded_file *f)
{
	return is_other_value(&f->variable->value, r->value);
}

/* On the way stood another value, or an env file which was opened has one. */
static bool has_displaced(const struct model *m, const struct reading *r)
{
	const struct value *before;

	if (!model_found_value(r))
		return false;
	before = find_origin(r).before;
	return (before && is_other_value(before, r->value)) ||
	       find_loaded_file(m, r, is_other_in_file).by;
}

/* A setting that was lost on the way, or took the place of another, says where
 * the key goes: another host than was meant may have refused the key. */
static const struct request *refusal_elsewhere(const struct model *m,
					       const struct reading *r)
{
	bool is_lost = is_nothing(r) && is_held_upstream(r);

	if (role_of(r->name) != ROLE_SETTING ||
	    !(is_lost || has_displaced(m, r)))
		return NULL;
	return find_refusal_of_key(r);
}

/* A client that is given a credential never asks for a key, and does without a
 * name of role `optional`: what was refused is the credential. */
static bool is_for_other_credential(const struct request *q,
				    const struct reading *r)
{
	return role_of(r->name) == ROLE_OPTIONAL && was_never_held(r) &&
	       request_has_credential(q);
}

static const struct request *refusal_of(const struct model *m,
					const struct reading *r)
{
	const struct request *q;

	if (!m->n_requests || is_refused_for_another(m, r))
		return NULL;
	q = find_refusal(r);
	if (q && is_for_other_credential(q, r))
		q = NULL;
	return q ? q : refusal_elsewhere(m, r);
}

struct ask strongest_ask(const struct evaluation *e, const struct reading *r)
{
	const struct request *refusal = refusal_of(e->model, r);
	enum need client_need = OPTIONAL;
	struct ask best;
	size_t looks = 64;

	if (!r->event)
		return unseen_ask(e, r, refusal);
	best = ask_at(e, r, r->event, refusal);
	if (is_client_in_vain(&best))
		client_need = best.need;
	for (const struct call_site *s = r->call_sites; s && looks--;
	     s = s->next) {
		struct ask ask;

		if (s->first == r->event)
			continue;
		ask = ask_at(e, r, s->first, refusal);
		if (is_client_in_vain(&ask) && ask.need > client_need)
			client_need = ask.need;
		if (is_stronger(&ask, &best))
			best = ask;
	}
	best.client_asks = client_need && client_need >= best.need;
	return best;
}
