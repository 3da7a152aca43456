#include "rules/rule.h"

#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/requests/forwarding.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/evidence/sentence.h"

static bool is_sent_and_refused(const struct request *q,
				const struct reading *r)
{
	return !q->event->incoming && is_refused(q) &&
	       request_carries(q, r->value) && !q->path_accepts_later;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct request *q;
	struct passage way;

	if (!m->n_requests || r->outcome != READ_FOUND ||
	    model_is_malformed(r->value))
		return false;
	q = find_request(r, is_sent_and_refused);
	if (!q)
		return false;
	way = follow_request(m, q, r->value);
	if (!way.stripper)
		return false;
	ret->request = q;
	set_culprit(ret, way.stripper, way.last->event, way.stripper);
	ret->confidence = CERTAIN;
	return true;
}

/* What carries the key: "query:key" is a parameter. */
static struct str carrier_in_words(struct arena *a, struct str carrier)
{
	const struct str query = STR("query:");
	struct str name = carrier;

	if (is_header(carrier))
		return arena_print(a, "%.*s header of what it receives",
				   STR_FMT(header_in_words(a, carrier)));
	if (name.len > query.len && !memcmp(name.at, query.at, query.len))
		name = (struct str){name.at + query.len, name.len - query.len};
	return arena_print(a, "query with its parameter %.*s", STR_FMT(name));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct arena *a = m->arena;
	struct str host = last_host_in_words(m, f->request, r->value);

	f->summary = arena_print(
		a,
		"%.*s drops %.*s from the request of %.*s before it passes the "
		"request on to %.*s; the answer is %.*s",
		STR_FMT(place_of_culprit(a, f)), STR_FMT(r->name),
		STR_FMT(place_of_victim(a, f)), STR_FMT(host),
		STR_FMT(answer_in_words(a, f->request)));
	f->fix = arena_print(
		a, "have it pass on the %.*s",
		STR_FMT(carrier_in_words(
			a, request_carries(f->request, r->value)->header)));
}

const struct rule rule_kt802 = {
	"KT802", "stripped-in-transit", LOSS_REQUEST, 8, explains, describe};
