#include "rules/rule.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/requests/default_credential.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/evidence/sentence.h"
#include "runtimes/runtime.h"

/* --- the evidence --------------------------------------------------------- */

/* A credential that the environment had nothing to do with, for certain: the
 * password of a .netrc, an earlier value, a key with the form of the name's. */
static bool is_other_key(const struct request *q, const struct reading *r)
{
	const struct sent_credentials *list = &q->event->credentials;
	const char *form = form_of(r->name);

	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i].scheme, STR("Basic")) ||
		    str_eq(list->at[i].held, STR("before")) ||
		    model_is_malformed(&list->at[i].value) ||
		    (form && str_eq(list->at[i].value.from, str_of(form))))
			return true;
	return false;
}

static bool is_text(const struct request *q)
{
	return model_is_malformed(&q->event->credentials.at[0].value);
}

/* "${OPENAI_API_KEY}" itself. */
static bool is_reference(const struct request *q)
{
	return request_has_credential(q) &&
	       q->event->credentials.at[0].value.is & KT_IS_UNEXPANDED;
}

/* A client in a language which never asked was given its credential: by a
 * program with keys of its own, as of tenants. */
static bool may_be_given(const struct request *q, const struct reading *r)
{
	return r->event->kind == KT_REQUEST && runtime_interprets(r->image) &&
	       !is_text(q);
}

/* A token given to the program for the key is no other key. */
static bool is_meant_to_carry(const struct request *q, const struct reading *r,
			      struct finding *ret)
{
	bool is_certain = is_right_host(q->event->host, r) ||
			  is_sent_by_client(q, r->name) ||
			  find_redirect(q, r) || carries_reference(q, r->name);

	bool is_likely = has_gateway(r) || is_loopback(q->event->host);

	ret->confidence = is_certain ? CERTAIN : is_likely ? LIKELY : POSSIBLE;
	if (carriage_of(q, r) == CARRIES_OTHER) {
		ret->confidence = is_certain || is_likely ? LIKELY : POSSIBLE;
		if (!is_other_key(q, r) || may_be_given(q, r))
			ret->severity = WARNING;
	}
	if (ret->confidence == POSSIBLE)
		ret->severity = WARNING;
	return true;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	const struct request *q;

	if (!m->n_requests || r->outcome != READ_FOUND ||
	    model_is_malformed(r->value))
		return false;
	q = find_refusal(r);
	if (!q || carriage_of(q, r) == CARRIES_VALUE || is_signed_with(q, r))
		return false;
	if (carriage_of(q, r) == CARRIES_OTHER && find_accepted(r))
		return false;
	set_sender(ret, q, r);
	return is_meant_to_carry(q, r, ret);
}

/* --- the words ------------------------------------------------------------ */

static struct str what_is_on_it(struct arena *a, const struct request *q,
				const struct reading *r)
{
	const struct sent_credential *c = q->event->credentials.at;
	const struct request *redirect = find_redirect(q, r);

	if (redirect)
		return arena_print(a,
				   "the request follows a redirect from %.*s "
				   "(%lld): clients drop the credential on the "
				   "way to another host; ask that host itself",
				   STR_FMT(redirect->event->host),
				   (long long)redirect->response->status);
	if (!request_has_credential(q) || carries_reference(q, r->name))
		return (struct str){NULL, 0};
	if (str_eq(c->held, STR("before")))
		return arena_print(a, "its %.*s has an earlier value of %.*s",
				   STR_FMT(c->header), STR_FMT(r->name));
	if (is_reference(q))
		return arena_print(a,
				   "its %.*s has a reference such as ${%.*s} "
				   "which nobody expanded, in the place of the "
				   "key",
				   STR_FMT(c->header), STR_FMT(r->name));
	if (c->value.is & KT_IS_LITERAL)
		return arena_print(
			a,
			"its %.*s has a word for a missing value "
			"(None, null, undefined) in the place of the "
			"key",
			STR_FMT(c->header));
	return arena_print(a,
			   "its %.*s has another credential%s%.*s: of the code "
			   "itself, a default of the client, or a .netrc",
			   STR_FMT(c->header), c->scheme.len ? ", " : "",
			   STR_FMT(c->scheme));
}

static struct str act_in_words(struct arena *a, const struct request *q,
			       const struct reading *r)
{
	struct str host = host_in_words(a, q), name = r->name;

	if (carries_reference(q, name))
		return arena_print(a,
				   "sends a reference that nobody expanded, in "
				   "the place of %.*s, to %.*s",
				   STR_FMT(name), STR_FMT(host));
	return arena_print(a, "sends a request to %.*s %s %.*s", STR_FMT(host),
			   request_has_credential(q)
				   ? "with another credential than"
				   : "without",
			   STR_FMT(name));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct arena *a = m->arena;
	const struct request *q = f->request;

	say_actor(m, f, "%.*s, and is refused (%.*s)",
		  STR_FMT(act_in_words(a, q, r)),
		  STR_FMT(answer_in_words(a, q)));
	f->detail = what_is_on_it(a, q, r);
	if (is_reference(q) && runtime_interprets(f->victim))
		set_own_fix(m, f,
			    "let the program expand the reference where its "
			    "configuration has it, or pass the value of %.*s "
			    "to the client in the code",
			    STR_FMT(r->name));
	else if (carries_reference(q, r->name))
		f->fix = arena_print(a,
				     "put the value of %.*s into the header: "
				     "nothing expands a name in single quotes, "
				     "in JSON or in another file",
				     STR_FMT(r->name));
	else if (q->event->credentials.n &&
		 (q->event->credentials.at[0].value.is & KT_IS_LITERAL))
		set_own_fix(m, f,
			    "let the program look for %.*s: what the program "
			    "puts into the header has no value, as where the "
			    "configuration asks for another name or prefix",
			    STR_FMT(r->name));
	else if (request_has_credential(q))
		f->fix = arena_print(a,
				     "pass %.*s to the client by name, or take "
				     "away what wins over it",
				     STR_FMT(r->name));
	else
		f->fix = runtime_remedy(a, f->culprit, REMEDY_UNSENT, r->name);
}

const struct rule rule_kt801 = {"KT801", "not-sent", LOSS_REQUEST,
				6,	 explains,   describe};
