#include "diagnosis/evidence/requests/default_credential.h"

#include "catalogue/catalogue.h"
#include "diagnosis/evidence/names/similar_names.h"
#include "diagnosis/evidence/requests/requests.h"

static bool is_value_of(const struct value *value, const struct variable *v)
{
	for (size_t i = 0; v && i < v->n_values; i++)
		if (value_is(value, v->values[i].value))
			return true;
	return false;
}

bool carries_unknown(const struct request *q, const struct reading *r)
{
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++) {
		if (list->at[i].name.len ||
		    is_value_of(&list->at[i].value, r->variable))
			return false;
		for (const struct reading *o = r->image->readings; o;
		     o = o->next)
			if (is_value_of(&list->at[i].value, o->variable))
				return false;
	}
	return request_has_credential(q);
}

bool carries_reference(const struct request *q, struct str name)
{
	enum { DOLLAR = 1, DOLLAR_AND_BRACES = 3, TWO_BRACES = 4 };
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++) {
		const struct value *value = &list->at[i].value;

		if ((value->is & KT_IS_UNEXPANDED) &&
		    (value->len == name.len + DOLLAR ||
		     value->len == name.len + DOLLAR_AND_BRACES ||
		     value->len == name.len + TWO_BRACES))
			return true;
	}
	return false;
}

static bool ends_path(struct str path, struct str end)
{
	const char *query = path.len ? memchr(path.at, '?', path.len) : NULL;
	size_t len = query ? (size_t)(query - path.at) : path.len;

	return len >= end.len &&
	       !memcmp(path.at + len - end.len, end.at, end.len);
}

bool is_for_models(const struct request *q)
{
	static const struct str ends[] = {
		STR("/chat/completions"), STR("/completions"),
		STR("/responses"),	  STR("/embeddings"),
		STR("/v1/messages"),	  STR("/v1/models")};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (ends_path(q->event->path, ends[i]))
			return true;
	return is_sent_by_client(q, STR("OPENAI_API_KEY")) ||
	       is_sent_by_client(q, STR("ANTHROPIC_API_KEY"));
}

bool may_carry_real_key(const struct request *q, struct str name)
{
	enum { SHORTEST_KEY = 24, TOKEN = 64 };
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++) {
		const struct value *value = &list->at[i].value;

		if (value->len >= TOKEN ||
		    (value->len >= SHORTEST_KEY &&
		     (value->from.len || !has_known_form(name))))
			return true;
	}
	return false;
}
