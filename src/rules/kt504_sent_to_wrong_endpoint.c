#include "rules/rule.h"

#include "catalogue/catalogue.h"
#include "catalogue/hosts.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/evidence/sentence.h"

static bool has_provider(const struct reading *r)
{
	return find_credential(r->name) || r->value->from.len;
}

/* Keys of many providers begin like OpenAI's, and many tokens are JWTs. */
static bool has_sure_form(const struct reading *r)
{
	return r->value->from.len &&
	       !str_is_listed(r->value->from, "openai jwt");
}

static bool accepts_value(const struct request *q, const struct reading *r)
{
	for (size_t i = 0; i < q->image->n_requests && i < 4096; i++) {
		const struct request *other = &q->image->requests[i];

		if (str_eq(other->event->host, q->event->host) &&
		    request_is_accepted(other) &&
		    request_carries(other, r->value))
			return true;
	}
	return false;
}

/* The host is another provider's, and did not take the key. An answer that says
 * nothing of the key, or none, proves nothing unless the key is surely another
 * provider's. */
static bool is_astray(const struct request *q, const struct reading *r)
{
	return !q->event->incoming && request_carries(q, r->value) &&
	       provider_of_host(q->event->host) &&
	       !is_right_host(q->event->host, r) &&
	       (is_refused(q) || has_sure_form(r)) && !accepts_value(q, r);
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct request *q;

	if (!m->n_requests || r->outcome != READ_FOUND || !has_provider(r) ||
	    model_is_malformed(r->value) || has_gateway(r))
		return false;
	q = find_request(r, is_astray);
	if (!q)
		return false;
	set_sender(ret, q, r);
	ret->confidence = is_refused(q) ? CERTAIN : LIKELY;
	return true;
}

static const char *owner_of_key(const struct reading *r)
{
	const struct credential *row = find_credential(r->name);

	return row ? row->provider : "another provider";
}

/* The variable that says where the keys of the owner go, of several the usual;
 * len 0: none is known. */
static struct str base_url_of(const struct reading *r)
{
	const struct credential *row = find_credential(r->name);
	struct str found = {NULL, 0};

	for (size_t i = 0; row && i < n_credentials; i++) {
		struct str name = credentials[i].name;

		if (!is_base_url_of(name, row->provider))
			continue;
		if (str_has_suffix(name, STR("_BASE_URL")))
			return name;
		found = name;
	}
	return found;
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct arena *a = m->arena;
	struct str host = host_in_words(a, f->request);
	const char *provider = provider_of_host(f->request->event->host);
	struct str answer = answer_in_words(a, f->request);

	say_actor(m, f, "sends %.*s to %.*s, a host of %s%s%.*s%s",
		  STR_FMT(r->name), STR_FMT(host), provider,
		  answer.len ? " (" : "", STR_FMT(answer),
		  answer.len ? ")" : "");
	f->detail = arena_print(a,
				"the key was seen by %s: it belongs to %s, and "
				"should be replaced if the host kept it",
				provider, owner_of_key(r));
	f->fix = arena_print(a,
			     "give the client of %s its own key, or send this "
			     "key to its own host",
			     provider);
	if (base_url_of(r).len)
		f->fix = arena_print(a,
				     "%.*s; where the host is a gateway on "
				     "purpose, set %.*s to its address",
				     STR_FMT(f->fix), STR_FMT(base_url_of(r)));
}

const struct rule rule_kt504 = {
	"KT504", "sent-to-wrong-endpoint", LOSS_REQUEST, 4, explains, describe};
