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

/* The events of `from` that `image` sent or had the answer to. */
static void take_requests(struct build *b, struct image *image,
			  const struct image *from,
			  const struct thread_senders *s)
{
	const struct image *sender = image == from ? NULL : image;
	size_t room = 0;

	for (size_t k = 0; k < from->n_events; k++) {
		const struct event *e = from->events[k];

		if (e->kind != KT_REQUEST && e->kind != KT_RESPONSE)
			continue;
		if (sender_of_thread(s, e) != sender)
			continue;
		if (e->kind == KT_REQUEST)
			add_request(b, image, e, &room);
		else
			add_response(image, e);
	}
	if (image->n_requests)
		note_later(b, image);
}

void build_requests(struct build *b)
{
	struct thread_senders s;

	for (size_t i = 0; i < b->model->n_images; i++) {
		struct image *image = b->model->images[i];

		if (image->n_requests)
			continue;
		find_thread_senders(image, &s);
		take_requests(b, image, image, &s);
		for (size_t k = 0; k < s.n; k++)
			if (s.at[k].worker)
				take_requests(b, s.at[k].worker, image, &s);
	}
}
