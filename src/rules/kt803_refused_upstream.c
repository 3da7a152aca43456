#include "rules/rule.h"

#include "catalogue/catalogue.h"
#include "catalogue/hosts.h"
#include "diagnosis/evidence/answered_setting.h"
#include "diagnosis/evidence/requests/forwarding.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/requests/reader_requests.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/names/unread_name.h"
#include "diagnosis/evidence/value_source.h"

/* The value has no flaw, and the run has no other for the name. */
static bool is_right_value(const struct model *m, const struct reading *r,
			   const struct request *q)
{
	return !model_is_malformed(r->value) &&
	       !(r->value->is & KT_IS_KEY_AND_MORE) && !has_other_value(m, r) &&
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

/* A value that a file or a program of the run gave may be the wrong one. */
static struct str what_is_next(const struct model *m, const struct reading *r,
			       const char *usual)
{
	struct str unread = unread_name_in_words(m, r->name);
	struct str setting = answered_setting(m->arena, r);

	if (setting.len)
		return arena_print(m->arena, "the answer speaks of %.*s",
				   STR_FMT(setting));
	return unread.len ? unread : str_of(usual);
}

static void describe_source(const struct model *m, const struct reading *r,
			    struct finding *f, struct str refusal)
{
	struct str source = value_source_in_words(m, r);

	f->detail = arena_print(
		m->arena, "%.*s, as %.*s gave it, %.*s: %.*s", STR_FMT(r->name),
		STR_FMT(source), STR_FMT(refusal),
		STR_FMT(what_is_next(m, r, "is that value the right one?")));
	f->fix = arena_print(m->arena,
			     "look at the value that %.*s gives; if it is the "
			     "right one, ask the provider about the key: is it "
			     "revoked or expired?",
			     STR_FMT(source));
}

/* Another key of the same process, or a name of the program's own: the name
 * tells which key is meant. */
static struct str key_in_words(const struct reading *r)
{
	if (role_of(r->name) == ROLE_NONE)
		return r->name;
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (o->outcome == READ_FOUND && !str_eq(o->name, r->name) &&
		    role_of(o->name) != ROLE_SETTING && o->value &&
		    !str_eq(o->value->fp, r->value->fp))
			return r->name;
	return STR("the key of this run");
}

/* The key stood in the header alone, for a host that may expect `Bearer KEY`.
 */
static bool is_without_scheme(const struct request *q, const struct reading *r)
{
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->at[i].header, STR("authorization")) &&
		    !list->at[i].scheme.len &&
		    value_is(&list->at[i].value, r->value))
			return true;
	return false;
}

static void describe_bare_header(const struct model *m, const struct reading *r,
				 struct finding *f, struct str refusal)
{
	f->detail = arena_print(m->arena,
				"%.*s %.*s: not the environment, but a header "
				"without `Bearer`",
				STR_FMT(key_in_words(r)), STR_FMT(refusal));
	f->fix = arena_print(m->arena,
			     "send `Authorization: Bearer KEY`, unless the "
			     "host takes %.*s alone in the header",
			     STR_FMT(r->name));
}

static void describe_root_value(const struct model *m, const struct reading *r,
				struct finding *f, struct str refusal)
{
	f->detail =
		arena_print(m->arena, "%.*s %.*s: %.*s",
			    STR_FMT(key_in_words(r)), STR_FMT(refusal),
			    STR_FMT(what_is_next(m, r, "not the environment")));
	f->fix = STR("ask the provider about the key itself: is it revoked or "
		     "expired, and may its account do what was asked for?");
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct str host = last_host_in_words(m, f->request, r->value);
	struct str answer = answer_in_words(m->arena, f->request);
	struct str refusal =
		arena_print(m->arena, "was sent to %.*s and refused (%.*s)",
			    STR_FMT(host), STR_FMT(answer));

	f->summary = arena_print(
		m->arena, "%.*s was sent by %.*s to %.*s and refused (%.*s)",
		STR_FMT(r->name), STR_FMT(place_of_victim(m->arena, f)),
		STR_FMT(host), STR_FMT(answer));
	if (was_set_within_run(r))
		describe_source(m, r, f, refusal);
	else if (is_without_scheme(f->request, r) &&
		 !answered_setting(m->arena, r).len)
		describe_bare_header(m, r, f, refusal);
	else
		describe_root_value(m, r, f, refusal);
}

const struct rule rule_kt803 = {"KT803",      "refused-upstream", LOSS_NONE,
				RANK_REFUSED, explains,		  describe};
