#include "diagnosis/evidence/requests/forwarding.h"

#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/requests/requests.h"

static const uint64_t SECOND = 1000000000;

enum { MOST_HOPS = 8 };

/* --- the receiver --------------------------------------------------------- */

/* The time until which a request may be received or passed on. */
static uint64_t end_of_request(const struct request *q)
{
	return q->response ? q->response->t : q->event->t + 60 * SECOND;
}

static bool is_within(const struct request *inner, const struct request *outer)
{
	return inner->event->t >= outer->event->t &&
	       inner->event->t <= end_of_request(outer);
}

static bool has_ends(const struct event *e)
{
	return e->local.len && e->peer.len;
}

/* A request is recorded after the return of the call: the receiver may be a
 * little earlier. */
static bool may_be_received(const struct request *in, const struct request *q)
{
	return in->event->incoming && in->event->t + SECOND >= q->event->t &&
	       in->event->t <= end_of_request(q) &&
	       str_eq(in->event->method, q->event->method);
}

/* Both are the two ends of a connection. Where an end is not known, the same
 * request with the same value must have come in meanwhile. */
static bool is_other_end(const struct request *in, const struct request *q,
			 const struct value *value)
{
	const struct event *a = in->event, *b = q->event;

	if (!may_be_received(in, q))
		return false;
	if (has_ends(a) && has_ends(b))
		return str_eq(a->local, b->peer) && str_eq(a->peer, b->local);
	return str_eq(a->path, b->path) && request_carries(in, value);
}

static uint64_t time_between(const struct request *a, const struct request *b)
{
	uint64_t x = a->event->t, y = b->event->t;

	return x < y ? y - x : x - y;
}

/* The requests of a connection follow one another: the nearest in time is the
 * same request. */
static void find_nearest(const struct image *image, const struct request *q,
			 const struct value *value,
			 const struct request **nearest)
{
	for (size_t i = 0; i < image->n_requests; i++) {
		const struct request *in = &image->requests[i];

		if (is_other_end(in, q, value) &&
		    (!*nearest ||
		     time_between(in, q) < time_between(*nearest, q)))
			*nearest = in;
	}
}

static const struct request *find_receiver(const struct model *m,
					   const struct request *q,
					   const struct value *value)
{
	const struct request *nearest = NULL;

	for (size_t i = 0; i < m->n_images; i++) {
		const struct image *image = m->images[i];

		if (image != q->image && image->boot == q->image->boot &&
		    model_is_evidence(image, q->image) &&
		    are_comparable(image, q->image))
			find_nearest(image, q, value, &nearest);
	}
	return nearest;
}

/* --- the request passed on ------------------------------------------ */

static bool ends_alike(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;

	return n > 1 && !memcmp(a.at + a.len - n, b.at + b.len - n, n);
}

static bool is_alike(const struct request *out, const struct request *in)
{
	return ends_alike(out->event->path, in->event->path) &&
	       str_eq(out->event->method, in->event->method);
}

/* The request sent while `in` had no answer: with the value before the rest,
 * for a server answers several requests at a time; then with the same end of a
 * path; then the only request. A request that cannot be read may be the right
 * one. */
static const struct request *find_passed_on(const struct request *in,
					    const struct value *value)
{
	const struct image *image = in->image;
	const struct request *only = NULL, *alike = NULL;
	size_t n = 0;

	for (size_t i = 0; i < image->n_requests; i++) {
		const struct request *out = &image->requests[i];

		if (out->event->incoming || !is_within(out, in))
			continue;
		if (request_carries(out, value))
			return out;
		if (!alike && is_alike(out, in))
			alike = out;
		only = out;
		n++;
	}
	if (image->unseen_requests)
		return NULL;
	return alike ? alike : n == 1 ? only : NULL;
}

struct passage follow_request(const struct model *m, const struct request *q,
			      const struct value *value)
{
	struct passage way = {.last = q};

	for (int hops = 0; hops < MOST_HOPS; hops++) {
		const struct request *in = find_receiver(m, way.last, value);
		const struct request *out = NULL;

		if (in && !request_carries(in, value)) {
			way.stripper = way.last->image;
			way.last = in;
			return way;
		}
		if (in)
			out = find_passed_on(in, value);
		if (!out)
			return way;
		way.last = out;
		if (request_carries(out, value))
			continue;
		if (request_has_credential(out))
			way.rewriter = in->image;
		else
			way.stripper = in->image;
		return way;
	}
	return way;
}

struct str last_host_in_words(const struct model *m, const struct request *q,
			      const struct value *value)
{
	return host_in_words(m->arena, follow_request(m, q, value).last);
}
