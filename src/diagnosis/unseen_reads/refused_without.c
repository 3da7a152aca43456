/* A shell puts a key on the command line of a compiled client:
 * `curl -H "Authorization: Bearer $KEY"`. Where the key was lost on the way to
 * the shell, and a host refused the client, a reading is made on behalf of the
 * client. */
#include "diagnosis/evaluation.h"

#include "catalogue/hosts.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "runtimes/runtime.h"

/* --- which key ------------------------------------------------------------
 */

static bool is_key(struct str name)
{
	return role_of(name) <= ROLE_ALTERNATIVE || role_of(name) == ROLE_NONE;
}

static bool has_read(const struct image *image, struct str name)
{
	for (const struct reading *r = image->readings; r; r = r->next)
		if (r->outcome != READ_NONE &&
		    (str_eq(r->name, name) ||
		     are_of_one_provider(r->name, name)))
			return true;
	return false;
}

static bool carries_value_of(const struct request *q, const struct variable *v)
{
	for (size_t i = 0; i < v->n_values; i++)
		if (request_carries(q, v->values[i].value))
			return true;
	return false;
}

/* The same host took a value of the variable from a program of the run. */
static bool is_taken_there(const struct model *m, const struct request *q,
			   const struct variable *v)
{
	for (size_t i = 0; i < m->n_images; i++)
		for (size_t k = 0; k < m->images[i]->n_requests; k++) {
			const struct request *o = &m->images[i]->requests[k];

			if (request_is_accepted(o) && !o->event->incoming &&
			    is_same_host(o, q) && carries_value_of(o, v))
				return true;
		}
	return false;
}

static bool was_taken_away(const struct reading *r)
{
	return r->loss && is_held_upstream(r) &&
	       (r->loss->kind == LOST_AT_HANDOVER ||
		r->loss->kind == LOST_UNSET || r->loss->kind == LOST_CLEARED);
}

static struct reading *read_in_vain(struct arena *a, const struct request *q,
				    struct image *image, struct variable *v)
{
	struct reading *r = make_reading(a, image, v);

	r->outcome = READ_MISSED;
	r->event = q->event;
	r->n = 1;
	r->loss = model_explain_miss(a, r);
	return r;
}

/* --- the request ----------------------------------------------------------
 */

enum fit { NOT_MEANT, MAY_BE_MEANT, MEANT };

static enum fit fit_of(const struct model *m, const struct request *q,
		       const struct variable *v)
{
	struct str provider = provider_of_name(v->name);

	if (is_taken_there(m, q, v) ||
	    (provider.len && is_host_of(q->event->host, provider)))
		return MEANT;
	return !provider_of_host(q->event->host) && carries_word_for_nothing(q)
		       ? MAY_BE_MEANT
		       : NOT_MEANT;
}

/* Of several keys that may be meant for a host of no known provider, none. */
static const struct reading *find_lost_key(struct arena *a,
					   const struct model *m,
					   const struct request *q,
					   struct image *image)
{
	const struct reading *best = NULL;
	size_t n = 0;

	for (size_t i = 0; i < m->n_variables; i++) {
		struct variable *v = &m->variables[i];
		enum fit fit = v->holders && is_key(v->name) &&
					       !has_read(image, v->name)
				       ? fit_of(m, q, v)
				       : NOT_MEANT;
		const struct reading *r =
			fit ? read_in_vain(a, q, image, v) : NULL;

		if (!r || !was_taken_away(r) || !find_refusal(r))
			continue;
		if (fit == MEANT)
			return r;
		best = r;
		n++;
	}
	return n == 1 ? best : NULL;
}

static const struct reading *
find_refused(struct arena *a, const struct model *m, struct image *image)
{
	for (size_t i = 0; i < image->n_requests; i++) {
		const struct request *q = &image->requests[i];
		const struct reading *r = NULL;

		if (!q->event->incoming && is_refused(q) &&
		    q->response->status == 401)
			r = find_lost_key(a, m, q, image);
		if (r)
			return r;
	}
	return NULL;
}

void evaluate_refused_without(struct evaluation *e)
{
	for (size_t i = 0; i < e->model->n_images; i++) {
		struct image *image = e->model->images[i];
		const struct reading *r = NULL;

		if (image->n_requests && !runtime_interprets(image))
			r = find_refused(e->arena, e->model, image);
		if (r)
			evaluate_reading(e, r);
	}
}
