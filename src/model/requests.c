/* The requests of each image, and the answer to each. */
#include "model/build.h"

#include "base/array.h"

enum { MOST_OPEN = 1024 }; /* unanswered requests of an image */

static void add_request(struct build *b, struct image *image,
			const struct event *e, size_t *room)
{
	*ARRAY_ADD(b->arena, image->requests, image->n_requests, *room) =
		(struct request){.image = image, .event = e};
	b->model->n_requests++;
}

/* A body behind the head has a second event with the code, and
 * repeats of an equal answer may have none. */
static void put_response(struct request *q, const struct event *e)
{
	if (e->code.len || !q->response || q->response->status != e->status)
		q->code = e->code;
	q->response = e;
}

static void add_response(struct image *image, const struct event *e)
{
	size_t looks = MOST_OPEN;

	for (size_t i = image->n_requests; i > 0 && looks--; i--)
		if (image->requests[i - 1].event->number == e->request) {
			put_response(&image->requests[i - 1], e);
			return;
		}
}

bool request_is_accepted(const struct request *q)
{
	return q->response && q->response->status >= 200 &&
	       q->response->status < 300;
}

/* A credential for a proxy on the way is none for the host. */
bool request_has_credential(const struct request *q)
{
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++)
		if (!str_eq(list->at[i].header, STR("proxy-authorization")))
			return true;
	return false;
}

/* From the last request to the first. */
static void note_later(struct build *b, struct image *image)
{
	struct hashmap *hosts = hashmap_new(b->arena);
	struct hashmap *paths = hashmap_new(b->arena);

	for (size_t i = image->n_requests; i > 0; i--) {
		struct request *q = &image->requests[i - 1];
		const struct event *e = q->event;
		void **host = hashmap_slot(
			hosts, (const void *)(uintptr_t)e->port, e->host);
		void **path = hashmap_slot(paths, host, e->path);

		q->host_accepts_later = *host;
		q->path_accepts_later = *path;
		if (e->incoming || !request_is_accepted(q))
			continue;
		*path = q;
		if (request_has_credential(q))
			*host = q;
	}
}

void build_requests(struct build *b)
{
	for (size_t i = 0; i < b->model->n_images; i++) {
		struct image *image = b->model->images[i];
		size_t room = 0;

		for (size_t k = 0; k < image->n_events; k++) {
			const struct event *e = image->events[k];

			if (e->kind == KT_REQUEST)
				add_request(b, image, e, &room);
			if (e->kind == KT_RESPONSE)
				add_response(image, e);
		}
		if (image->n_requests)
			note_later(b, image);
	}
}

bool value_is(const struct value *a, const struct value *b)
{
	if (!a || !b || !a->fp.len || !b->fp.len)
		return false;
	return str_eq(a->fp, b->fp) ||
	       (a->bare.len && str_eq(a->bare, b->fp)) ||
	       (b->bare.len && str_eq(b->bare, a->fp));
}

const struct sent_credential *request_carries(const struct request *q,
					      const struct value *value)
{
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++)
		if (value_is(&list->at[i].value, value))
			return &list->at[i];
	return NULL;
}
