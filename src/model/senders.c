/* A program seen to send the value of a variable has the value, though no read
 * was seen: a shell put the value on the command line of curl, a forked worker
 * has the value of the parent. The request stands for the read. */
#include "model/reading_collector.h"

/* --- values and names found by each image
 * ----------------------------------------------
 */

struct found {
	struct hashmap *readings; /* by image and name */
	struct hashmap *values;	  /* by image and fingerprint */
};

static struct found find_all_found(struct collector *c)
{
	struct found f = {hashmap_new(c->build->arena),
			  hashmap_new(c->build->arena)};

	for (struct reading_node *n = c->nodes; n; n = n->next) {
		struct reading *r = &n->reading;

		if (r->outcome != READ_FOUND)
			continue;
		*hashmap_slot(f.readings, r->image, r->name) = n;
		if (r->value && r->value->fp.len)
			*hashmap_slot(f.values, r->image, r->value->fp) = n;
	}
	return f;
}

static bool is_found(const struct found *f, const struct image *image,
		     const struct sent_credential *c)
{
	return hashmap_find(f->values, image, c->value.fp) ||
	       (c->value.bare.len &&
		hashmap_find(f->values, image, c->value.bare)) ||
	       (c->name.len && hashmap_find(f->readings, image, c->name));
}

/* --- the variable of a value
 * -----------------------------------------------------
 */

static bool has_value(const struct variable *v, const struct value *value)
{
	for (size_t i = 0; i < v->n_values; i++)
		if (!(v->values[i].value->is & KT_IS_EMPTY) &&
		    value_is(v->values[i].value, value))
			return true;
	return false;
}

/* The recorder knows the values of the process itself. Any other value of the
 * run is found here. */
static struct variable_node *
variable_of(struct collector *c, const struct sent_credential *credential)
{
	if (credential->name.len)
		return find_variable(c, credential->name);
	for (struct variable_node *v = c->variables; v; v = v->next)
		if (has_value(&v->variable, &credential->value))
			return v;
	return NULL;
}

/* A gateway passes on a received value. */
static bool is_forwarded(const struct request *q, const struct value *value)
{
	const struct image *image = q->image;

	for (const struct request *in = image->requests; in < q; in++)
		if (in->event->incoming && request_carries(in, value))
			return true;
	return false;
}

/* --- the readings ---------------------------------------------------------
 */

static void add_sender(struct collector *c, struct found *f,
		       struct image *image, const struct request *q,
		       const struct sent_credential *credential)
{
	struct variable_node *v;
	struct reading_node *node;
	struct call_site *site;

	if (!credential->value.fp.len || is_found(f, image, credential))
		return;
	v = variable_of(c, credential);
	if (!v || hashmap_find(f->readings, image, v->variable.name) ||
	    is_forwarded(q, &credential->value))
		return;
	v->was_found = true;
	node = add_reading(c, v, image, READ_FOUND);
	site = TAKE(c->build->arena, struct call_site, 1);
	*site = (struct call_site){.first = q->event, .n = 1};
	node->reading.event = node->reading.found_by = q->event;
	node->reading.value = &credential->value;
	node->reading.n = 1;
	node->reading.call_sites = node->call_sites = site;
	*hashmap_slot(f->readings, image, v->variable.name) = node;
	*hashmap_slot(f->values, image, credential->value.fp) = node;
}

void add_senders(struct collector *c)
{
	struct model *m = c->build->model;
	struct found f = find_all_found(c);

	for (size_t i = 0; i < m->n_images; i++) {
		struct image *image = m->images[i];

		for (size_t k = 0; k < image->n_requests; k++) {
			const struct request *q = &image->requests[k];
			const struct sent_credentials *list =
				&q->event->credentials;

			for (size_t n = 0; !q->event->incoming && n < list->n;
			     n++)
				add_sender(c, &f, image, q, &list->at[n]);
		}
	}
}
