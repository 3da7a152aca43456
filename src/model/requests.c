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
