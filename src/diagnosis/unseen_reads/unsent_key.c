/* A compiled client such as curl asks for no name: the shell puts the key on
 * the command line. Nor does a client in a language, to which the program gives
 * a credential. Where a process holds a key, and a request to the provider was
 * refused without, or to any host with the text `$NAME` in the place of the
 * key, a reading is made on behalf of the client. */
#include "diagnosis/evaluation.h"

#include "catalogue/hosts.h"
#include "diagnosis/evidence/requests/default_credential.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "runtimes/runtime.h"

/* A client in a language asks for a key unless it is given one; for settings
 * and optional names it asks in any case. */
static bool is_asked(const struct reading *r)
{
	enum role role = role_of(r->name);

	if (runtime_interprets(r->image) && role == ROLE_SETTING)
		return false;
	return r->outcome == READ_FOUND ||
	       (r->outcome == READ_MISSED &&
		(role <= ROLE_ALTERNATIVE || !runtime_interprets(r->image)));
}

static bool is_read(const struct image *image, struct str name)
{
	for (const struct reading *r = image->readings; r; r = r->next)
		if (is_asked(r) && are_of_one_provider(r->name, name))
			return true;
	return false;
}

static bool is_unread(const struct request *q, const struct variable *v,
		      const struct value **ret)
{
	return model_held(q->image, v->name, q->event->t, ret) == PRESENT &&
	       !is_read(q->image, v->name);
}

static bool is_key_of_host(const struct request *q, struct str name)
{
	const struct credential *row = find_credential(name);

	if (!row || row->role > ROLE_ALTERNATIVE)
		return false;
	return is_host_of(q->event->host, str_of(row->provider)) ||
	       (runtime_interprets(q->image) && is_sent_by_client(q, name));
}

/* The best known key of the host's provider, held by the image and unread. */
static struct variable *find_key_of_host(const struct model *m,
					 const struct request *q,
					 const struct value **ret)
{
	struct variable *found = NULL;
	const struct value *value;

	for (size_t i = 0; i < m->n_variables; i++) {
		struct variable *v = &m->variables[i];

		if (!is_key_of_host(q, v->name) || !is_unread(q, v, &value) ||
		    (found &&
		     find_credential(found->name) < find_credential(v->name)))
			continue;
		found = v;
		*ret = value;
	}
	return found;
}

/* The only key held by the image and unread whose text `$NAME` may be on the
 * request, of a host of no known provider. */
static struct variable *find_key_of_text(const struct model *m,
					 const struct request *q,
					 const struct value **ret)
{
	struct variable *found = NULL;
	const struct value *value;

	for (size_t i = 0; i < m->n_variables; i++) {
		struct variable *v = &m->variables[i];

		if (!carries_reference(q, v->name) ||
		    role_of(v->name) == ROLE_SETTING ||
		    !is_unread(q, v, &value))
			continue;
		if (found)
			return NULL;
		found = v;
		*ret = value;
	}
	return found;
}

static bool was_asked_for(const struct image *image, struct str name)
{
	for (const struct reading *r = image->readings; r; r = r->next)
		if (is_asked(r) && role_of(r->name) != ROLE_SETTING &&
		    are_of_one_provider(r->name, name))
			return true;
	return false;
}

/* A word such as None, in the place of a key for the base URL that is set. */
static bool is_key_of_word(const struct request *q, const struct variable *v,
			   const struct reading *held)
{
	return role_of(v->name) == ROLE_KEY && has_gateway(held) &&
	       is_for_models(q) && !was_asked_for(q->image, v->name) &&
	       !misses_another_key(held);
}

/* The only such key, where a program in a language has a copy of the
 * environment, and looks there for another name. */
static struct variable *find_key_of_word(struct arena *a, const struct model *m,
					 struct image *image,
					 const struct request *q,
					 const struct value **ret)
{
	const struct value *value;
	struct variable *found = NULL;

	if (!find_hiding_copy(image) || !request_has_credential(q) ||
	    !(q->event->credentials.at[0].value.is & KT_IS_LITERAL))
		return NULL;
	for (size_t i = 0; i < m->n_variables; i++) {
		struct variable *v = &m->variables[i];

		if (model_held(image, v->name, q->event->t, &value) !=
			    PRESENT ||
		    !is_key_of_word(q, v, make_reading(a, image, v)))
			continue;
		if (found)
			return NULL;
		found = v;
		*ret = value;
	}
	return found;
}

static struct variable *find_held_key(struct arena *a, const struct model *m,
				      struct image *image,
				      const struct request *q,
				      const struct value **ret)
{
	struct variable *found = find_key_of_host(m, q, ret);

	if (found || provider_of_host(q->event->host))
		return found;
	found = find_key_of_text(m, q, ret);
	return found ? found : find_key_of_word(a, m, image, q, ret);
}

static const struct reading *
new_reading(struct arena *a, const struct request *q, struct image *image,
	    struct variable *v, const struct value *value)
{
	struct reading *r = make_reading(a, image, v);

	r->outcome = READ_FOUND;
	r->event = r->found_by = q->event;
	r->value = value;
	r->n = 1;
	return r;
}

/* The first request of the image refused for want of a held key. */
static const struct reading *find_unsent(struct arena *a, const struct model *m,
					 struct image *image)
{
	for (size_t i = 0; i < image->n_requests; i++) {
		const struct request *q = &image->requests[i];
		const struct value *value = NULL;
		const struct reading *r;
		struct variable *v;

		if (q->event->incoming || !is_refused(q) ||
		    q->response->status != 401 ||
		    (runtime_interprets(image) && !request_has_credential(q)))
			continue;
		v = find_held_key(a, m, image, q, &value);
		r = v ? new_reading(a, q, image, v, value) : NULL;
		if (r && find_refusal(r) &&
		    (!runtime_interprets(image) || carries_unknown(q, r)))
			return r;
	}
	return NULL;
}

void evaluate_unsent_keys(struct evaluation *e)
{
	for (size_t i = 0; i < e->model->n_images; i++) {
		struct image *image = e->model->images[i];
		const struct reading *r = NULL;

		if (image->n_requests)
			r = find_unsent(e->arena, e->model, image);
		if (r)
			evaluate_reading(e, r);
	}
}
