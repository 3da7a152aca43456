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

/* The provider's usual name of a key; len 0: none is known. */
static struct str key_of(const char *provider)
{
	for (size_t i = 0; i < n_credentials; i++)
		if (credentials[i].role == ROLE_KEY &&
		    !strcmp(credentials[i].provider, provider))
			return credentials[i].name;
	return (struct str){NULL, 0};
}

/* "this key to api.anthropic.com" */
static struct str right_way(struct arena *a, const struct reading *r)
{
	struct str host = host_of_provider(owner_of_key(r));

	return host.len ? arena_print(a, "this key to %.*s", STR_FMT(host))
			: STR("this key to its own host");
}

static bool has_a_header_of(const char *provider)
{
	return str_is_listed(str_of(provider),
			     "openai openrouter groq mistral deepseek xai "
			     "together perplexity huggingface");
}

/* Of a command line, which names the header, too. */
static struct str fix_of_command(struct arena *a, const struct reading *r,
				 const char *provider)
{
	struct str name = key_of(provider);
	struct str header = STR("");

	if (name.len && has_a_header_of(provider))
		header = arena_print(a, " (`Authorization: Bearer $%.*s`)",
				     STR_FMT(name));
	return arena_print(
		a,
		"send %s its own key, in its own header%.*s, or send "
		"%.*s",
		provider, STR_FMT(header), STR_FMT(right_way(a, r)));
}

static struct str fix_of_client(struct arena *a, const struct reading *r,
				const char *provider)
{
	struct str name = key_of(provider), url = base_url_of(r);
	struct str fix = arena_print(
		a, "give the client of %s its own key%s%.*s%s, or send %.*s",
		provider, name.len ? " (" : "", STR_FMT(name),
		name.len ? ")" : "", STR_FMT(right_way(a, r)));

	if (!url.len)
		return fix;
	return arena_print(a,
			   "%.*s; where the host is a gateway on purpose, set "
			   "%.*s to its address",
			   STR_FMT(fix), STR_FMT(url));
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
				"%s has seen a key of %s: revoke that key and "
				"make a new one, unless %s was meant to see it",
				provider, owner_of_key(r), provider);
	f->fix = str_is_listed(f->culprit->program, "curl wget")
			 ? fix_of_command(a, r, provider)
			 : fix_of_client(a, r, provider);
}

const struct rule rule_kt504 = {
	"KT504", "sent-to-wrong-endpoint", LOSS_REQUEST, 4, explains, describe};
