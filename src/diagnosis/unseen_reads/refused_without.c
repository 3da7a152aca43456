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

/* What the search for a lost key knows. */
struct search {
	struct arena *arena;
	const struct model *model;
	struct hashmap *taken; /* by variable and host */
	size_t n;	       /* readings made */
};

static struct str host_key(struct arena *a, const struct request *q)
{
	return arena_print(a, "%.*s:%llu", STR_FMT(q->event->host),
			   (unsigned long long)q->event->port);
}

/* A host took a value of the variable from a program of the run. */
static void note_taken(struct search *s, struct request *q)
{
	for (size_t i = 0; i < s->model->n_variables; i++) {
		const struct variable *v = &s->model->variables[i];

		if (carries_value_of(q, v))
			*hashmap_slot(s->taken, v, host_key(s->arena, q)) = q;
	}
}

static void note_all_taken(struct search *s)
{
	for (size_t i = 0; i < s->model->n_images; i++)
		for (size_t k = 0; k < s->model->images[i]->n_requests; k++) {
			struct request *q = &s->model->images[i]->requests[k];

			if (request_is_accepted(q) && !q->event->incoming &&
			    request_has_credential(q))
				note_taken(s, q);
		}
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

static enum fit fit_of(const struct search *s, const struct request *q,
		       const struct variable *v)
{
	struct str provider = provider_of_name(v->name);

	if (hashmap_find(s->taken, v, host_key(s->arena, q)) ||
	    (provider.len && is_host_of(q->event->host, provider)))
		return MEANT;
	return !provider_of_host(q->event->host) && carries_word_for_nothing(q)
		       ? MAY_BE_MEANT
		       : NOT_MEANT;
}

/* Of several keys that may be meant for a host of no known provider, none. */
static const struct reading *
find_lost_key(struct search *s, const struct request *q, struct image *image)
{
	const struct reading *best = NULL;
	size_t n = 0;

	for (size_t i = 0; i < s->model->n_variables; i++) {
		struct variable *v = &s->model->variables[i];
		enum fit fit = v->holders && is_key(v->name) &&
					       !has_read(image, v->name)
				       ? fit_of(s, q, v)
				       : NOT_MEANT;
		const struct reading *r =
			fit ? read_in_vain(s->arena, q, image, v) : NULL;

		s->n += r != NULL;
		if (!r || !was_taken_away(r) || !find_refusal(r))
			continue;
		if (fit == MEANT)
			return r;
		best = r;
		n++;
	}
	return n == 1 ? best : NULL;
}

static const struct reading *find_refused(struct search *s, struct image *image)
{
	enum { MOST_REQUESTS = 64, MOST_READINGS = 8192 };
	const struct reading *r = NULL;

	for (size_t i = 0; i < image->n_requests && i < MOST_REQUESTS &&
			   s->n < MOST_READINGS && !r;
	     i++) {
		const struct request *q = &image->requests[i];

		if (!q->event->incoming && is_refused(q) &&
		    q->response->status == 401)
			r = find_lost_key(s, q, image);
	}
	return r;
}

void evaluate_refused_without(struct evaluation *e)
{
	struct search s = {.arena = e->arena, .model = e->model};

	if (!e->model->n_requests)
		return;
	s.taken = hashmap_new(e->arena);
	note_all_taken(&s);
	for (size_t i = 0; i < e->model->n_images; i++) {
		struct image *image = e->model->images[i];
		const struct reading *r = NULL;

		if (image->n_requests && !runtime_interprets(image))
			r = find_refused(&s, image);
		if (r)
			evaluate_reading(e, r);
	}
}
