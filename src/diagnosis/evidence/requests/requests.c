#include "diagnosis/evidence/requests/requests.h"

#include "catalogue/catalogue.h"
#include "catalogue/hosts.h"
#include "diagnosis/evidence/culprit.h"
#include "model/place.h"
#include "trace/caller.h"

/* --- the answer ----------------------------------------------------------- */

/* Words of an answer for a limit, a model or a place, not for the credential.
 */
static bool is_other_refusal(struct str code)
{
	return str_is_listed(code, "insufficient_quota billing_not_active "
				   "rate_limit_exceeded rate_limit_error "
				   "overloaded_error model_not_found "
				   "not_found_error "
				   "unsupported_country_region_territory");
}

/* Google and AWS answer 400 to an unknown key. */
static bool is_word_for_bad_key(struct str code)
{
	return str_is_listed(code, "API_KEY_INVALID API_KEY_EXPIRED "
				   "api_key_expired invalid_api_key "
				   "authentication_error InvalidClientTokenId "
				   "UnrecognizedClientException "
				   "InvalidSignatureException ExpiredToken "
				   "ExpiredTokenException");
}

bool is_refused(const struct request *q)
{
	const struct event *answer = q->response;

	if (!answer)
		return false;
	if (answer->status == 400)
		return is_word_for_bad_key(q->code);
	return (answer->status == 401 || answer->status == 403) &&
	       !is_other_refusal(q->code);
}

bool is_same_host(const struct request *a, const struct request *b)
{
	return a->event->port == b->event->port &&
	       str_eq(a->event->host, b->event->host);
}

/* --- the credential ------------------------------------------------------- */

enum carriage carriage_of(const struct request *q, const struct reading *r)
{
	if (request_carries(q, r->value))
		return CARRIES_VALUE;
	return request_has_credential(q) ? CARRIES_OTHER : CARRIES_NOTHING;
}

bool is_signed_with(const struct request *q, const struct reading *r)
{
	const struct str scheme = STR("AWS4-");
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].scheme.len > scheme.len &&
		    !memcmp(list->at[i].scheme.at, scheme.at, scheme.len) &&
		    are_of_one_provider(list->at[i].name, r->name) &&
		    role_of(r->name) <= ROLE_ALTERNATIVE)
			return true;
	return false;
}

/* --- the way of a request ------------------------------------------------- */

bool is_sent_by_client(const struct request *q, struct str name)
{
	const struct event *e = q->event;

	for (size_t i = 0; i < count_frames(e); i++)
		if (is_client_of(place_library(nth_frame(e, i).site), name))
			return true;
	return false;
}

const struct event *place_of_request(const struct request *q,
				     const struct event *read)
{
	if (!read || own_line_of(q->event).len)
		return q->event;
	if (own_line_of(read).len)
		return read;
	return !event_has_source_line(q->event) && event_has_source_line(read)
		       ? read
		       : q->event;
}

void set_sender(struct finding *f, const struct request *q,
		const struct reading *r)
{
	set_culprit(f, q->image, place_of_request(q, r->event), q->image);
	f->operation = q->event->fn;
	f->request = q;
}

bool has_base_url(const struct reading *r)
{
	const struct credential *row = find_credential(r->name);
	const struct event *birth = r->image->birth;

	for (size_t i = 0; row && birth && i < birth->env.n; i++)
		if (is_base_url_of(birth->env.at[i].name, row->provider))
			return true;
	return false;
}

bool has_gateway(const struct reading *r)
{
	const struct credential *row = find_credential(r->name);

	if (has_base_url(r))
		return true;
	for (const struct reading *o = r->image->readings; row && o;
	     o = o->next)
		if (o->outcome == READ_FOUND && o->value &&
		    !(o->value->is & KT_IS_EMPTY) &&
		    is_base_url_of(o->name, row->provider))
			return true;
	return false;
}

struct str provider_of_name(struct str name)
{
	const struct credential *row = find_credential(name);

	return row ? str_of(row->provider) : (struct str){NULL, 0};
}

bool is_right_host(struct str host, const struct reading *r)
{
	return is_host_of(host, provider_of_name(r->name)) ||
	       (r->value && r->value->from.len &&
		is_host_of(host, r->value->from));
}

bool is_loopback(struct str host)
{
	return str_is_listed(host, "localhost ::1 [::1]") ||
	       (host.len > 4 && !memcmp(host.at, "127.", 4));
}

const struct request *find_redirect(const struct request *q,
				    const struct reading *r)
{
	const struct request *before = q;
	size_t looks = 256;

	while (before > q->image->requests && looks--) {
		before--;
		if (before->event->thread != q->event->thread)
			continue;
		if (before->response && before->response->status >= 300 &&
		    before->response->status < 400 &&
		    request_carries(before, r->value))
			return before;
		return NULL;
	}
	return NULL;
}
