#include "rules/rule.h"

#include "catalogue/catalogue.h"
#include "catalogue/hosts.h"
#include "diagnosis/evidence/forwarding.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/reader_requests.h"
#include "diagnosis/evidence/sentence.h"

/* The value has no flaw, and the run has no other for the name. */
static bool is_right_value(const struct model *m, const struct reading *r,
			   const struct request *q)
{
	return !model_is_malformed(r->value) && !has_other_value(m, r) &&
	       (!is_foreign_form(r->name, r->value->from) ||
		is_host_of(q->event->host, r->value->from));
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct request *q;
	struct passage way;

	if (!m->n_requests || r->outcome != READ_FOUND)
		return false;
	q = find_refusal(r);
	if (!q || carriage_of(q, r) != CARRIES_VALUE ||
	    !is_right_value(m, r, q))
		return false;
	if (provider_of_host(q->event->host) && !has_gateway(r) &&
	    !is_right_host(q->event->host, r))
		return false;
	way = follow_request(m, q, r->value);
	if (way.stripper || way.rewriter)
		return false;
	ret->request = q;
	ret->severity = NOTE;
	ret->confidence = CERTAIN;
	return true;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct str host = last_host_in_words(m, f->request, r->value);
	struct str answer = answer_in_words(m->arena, f->request);

	f->summary = arena_print(
		m->arena, "%.*s was sent by %.*s to %.*s and refused (%.*s)",
		STR_FMT(r->name), STR_FMT(place_of_victim(m->arena, f)),
		STR_FMT(host), STR_FMT(answer));
	f->detail = arena_print(m->arena,
				"the key that the run held was sent to %.*s "
				"and refused (%.*s): not the environment",
				STR_FMT(host), STR_FMT(answer));
	f->fix = STR("ask the provider about the key itself: is it revoked or "
		     "expired, and may its account do what was asked for?");
}

const struct rule rule_kt803 = {"KT803",      "refused-upstream", LOSS_NONE,
				RANK_REFUSED, explains,		  describe};
