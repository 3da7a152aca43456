#include "diagnosis/evidence/requests/reader_requests.h"

#include "catalogue/catalogue.h"
#include "catalogue/env_libraries.h"
#include "catalogue/hosts.h"
#include "diagnosis/evidence/requests/default_credential.h"
#include "diagnosis/evidence/requests/tenants.h"
#include "model/place.h"
#include "trace/site.h"

enum { MOST_LOOKS = 4096 };

/* --- the name of a request --------------------------------------------------
 */

/* The request carries a value of another name. */
static bool carries_other_name(const struct request *q, const struct reading *r)
{
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].name.len && !str_eq(list->at[i].name, r->name))
			return true;
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (!str_eq(o->name, r->name) && o->outcome == READ_FOUND &&
		    request_carries(q, o->value))
			return true;
	return false;
}

/* A default in the place of a key, such as "unset", is shorter than any key. */
static bool is_like_key(const struct value *value)
{
	enum { SHORTEST = 8 };

	return value->len >= SHORTEST && !model_is_malformed(value);
}

/* "Bearer undefined": the program put the missing value into the header. */
static bool carries_no_key(const struct request *q)
{
	const struct sent_credentials *list = &q->event->credentials;

	for (size_t i = 0; i < list->n; i++)
		if (is_like_key(&list->at[i].value) &&
		    request_has_credential(q))
			return false;
	return true;
}

bool carries_word_for_nothing(const struct request *q)
{
	return request_has_credential(q) && carries_no_key(q);
}

static bool is_asked(const struct reading *r)
{
	return r->outcome != READ_NONE && role_of(r->name) != ROLE_SETTING;
}

/* Of several names of a provider, found by an image, requests are judged by the
 * name most needed by a client. */
static bool is_main_name(const struct reading *r)
{
	enum role role = role_of(r->name);

	for (const struct reading *o = r->image->readings; o; o = o->next) {
		if (str_eq(o->name, r->name) || o->outcome != READ_FOUND ||
		    !are_of_one_provider(o->name, r->name) || !is_asked(o))
			continue;
		if (r->outcome != READ_FOUND || role_of(o->name) < role ||
		    (role_of(o->name) == role &&
		     find_credential(o->name) < find_credential(r->name)))
			return false;
	}
	return role != ROLE_SETTING;
}

static bool is_missing(const struct reading *r)
{
	return !r->value || (r->value->is & KT_IS_EMPTY);
}

/* A parser of arguments asks for the names of all options. */
static bool is_name_of_option(const struct reading *r)
{
	if (r->outcome != READ_MISSED || role_of(r->name) != ROLE_NONE)
		return false;
	for (const struct call_site *s = r->call_sites; s; s = s->next)
		if (reader_of(site_file(s->first->site)) != READER_PARSER)
			return false;
	return r->call_sites;
}

static bool may_be_key(const struct reading *r)
{
	return is_asked(r) && !is_name_of_option(r) &&
	       (role_of(r->name) == ROLE_KEY || role_of(r->name) == ROLE_NONE);
}

/* No line of the program is on the way to the reads: a library looks for a name
 * that only the library knows. */
static bool is_setting_of_library(const struct reading *r)
{
	if (role_of(r->name) != ROLE_NONE)
		return false;
	for (const struct call_site *s = r->call_sites; s; s = s->next)
		if (!event_has_source_line(s->first) ||
		    own_line_of(s->first).len)
			return false;
	return r->call_sites;
}

/* The request may as well be about the other name. */
static bool is_rival(const struct reading *o, const struct reading *r)
{
	if (str_eq(o->name, r->name) || !may_be_key(o))
		return false;
	if (is_setting_of_library(r))
		return true;
	return is_missing(o) == is_missing(r) && !is_setting_of_library(o);
}

/* The image found no other key; or, of a miss, missed no other. */
static bool is_only_key(const struct reading *r)
{
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (is_rival(o, r))
			return false;
	return may_be_key(r);
}

static bool is_ever_sent(const struct reading *r)
{
	for (size_t i = 0; i < r->image->n_requests && i < MOST_LOOKS; i++)
		if (request_carries(&r->image->requests[i], r->value))
			return true;
	return false;
}

/* Names in no row are of many kinds: a secret for signatures, a password of a
 * database. */
static bool may_be_sent(struct str name)
{
	static const char *const words[] = {"API_KEY", "APIKEY", "TOKEN"};

	if (role_of(name) == ROLE_KEY)
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (memmem(name.at, name.len, words[i], strlen(words[i])))
			return true;
	return false;
}

bool misses_another_key(const struct reading *r)
{
	for (const struct reading *o = r->image->readings; o; o = o->next)
		if (!str_eq(o->name, r->name) && may_be_key(o) &&
		    is_missing(o) && !is_setting_of_library(o))
			return true;
	return false;
}

/* Nothing is known of the host: a gateway, a server of the user's own. */
static bool is_meant_for_unknown_host(const struct request *q,
				      const struct reading *r)
{
	if (is_sent_by_client(q, r->name) || has_gateway(r) ||
	    find_redirect(q, r))
		return true;
	if (!is_only_key(r))
		return false;
	if (is_missing(r))
		return carries_word_for_nothing(q) ||
		       is_loopback(q->event->host);
	return may_be_sent(r->name) && !misses_another_key(r) &&
	       !is_ever_sent(r) && !find_unseen_requests(r);
}

/* A miss is no cause where the request has another key. */
static bool may_lack(const struct request *q, const struct reading *r)
{
	return !is_missing(r) || carries_no_key(q);
}

/* A text far too short for a key was refused, in a program that asked. */
static bool is_refused_word(const struct request *q, const struct reading *r)
{
	return is_refused(q) && r->event && r->event->kind == KT_READ &&
	       !may_carry_real_key(q, r->name);
}

/* A request for a missing key to a host of no known provider. */
static bool is_sent_for(const struct request *q, const struct reading *r)
{
	if (is_sent_by_client(q, r->name))
		return true;
	return is_only_key(r) && may_be_sent(r->name) && is_for_models(q) &&
	       (role_of(r->name) == ROLE_NONE || has_gateway(r) ||
		is_refused_word(q, r));
}

/* A text of the code itself in the place of the missing key: "not-needed". */
static bool carries_default(const struct request *q, const struct reading *r)
{
	if (!may_be_key(r) || !carries_unknown(q, r))
		return false;
	if (provider_of_host(q->event->host) &&
	    (is_right_host(q->event->host, r) || role_of(r->name) != ROLE_NONE))
		return is_right_host(q->event->host, r);
	return is_sent_for(q, r);
}

static bool is_accepted_with_value(const struct request *q,
				   const struct reading *r)
{
	return !q->event->incoming && request_is_accepted(q) &&
	       request_carries(q, r->value);
}

static bool was_taken(const struct reading *r)
{
	for (size_t i = 0; i < r->image->n_requests && i < MOST_LOOKS; i++)
		if (is_accepted_with_value(&r->image->requests[i], r))
			return true;
	return false;
}

/* A credential of the code itself, as for a health check, which says nothing of
 * a found key. */
static bool is_beside_key(const struct request *q, const struct reading *r)
{
	if (is_missing(r) || !carries_unknown(q, r))
		return false;
	return was_taken(r) ||
	       !(is_sent_by_client(q, r->name) || find_redirect(q, r) ||
		 is_right_host(q->event->host, r) || is_for_models(q) ||
		 str_eq(q->event->credentials.at[0].scheme, STR("Basic")));
}

static bool concerns(const struct request *q, const struct reading *r)
{
	const struct event *e = q->event;

	if (e->incoming || (r->event && e->t < r->event->t))
		return false;
	if (carriage_of(q, r) == CARRIES_VALUE || is_signed_with(q, r) ||
	    (is_asked(r) && !is_missing(r) && carries_reference(q, r->name)))
		return true;
	if (carries_other_name(q, r) || !is_main_name(r) || is_beside_key(q, r))
		return false;
	if (!may_lack(q, r))
		return carries_default(q, r);
	if (provider_of_host(e->host))
		return is_right_host(e->host, r);
	return is_meant_for_unknown_host(q, r);
}

/* --- the requests of a reader ----------------------------------------------
 */

typedef bool fitting(const struct request *, const struct reading *);

static const struct request *find_in(const struct image *image,
				     const struct reading *r, fitting *fits,
				     unsigned depth)
{
	const struct request *found = NULL;

	for (size_t i = image->n_requests; i > 0 && !found; i--)
		if (fits(&image->requests[i - 1], r))
			found = &image->requests[i - 1];
	for (const struct image *c = image->first_child; c && depth && !found;
	     c = c->next_sibling)
		if (model_is_fork_or_thread(c) && !model_reading(c, r->name))
			found = find_in(c, r, fits, depth - 1);
	return found;
}

const struct request *find_request(const struct reading *r, fitting *fits)
{
	return find_in(r->image, r, fits, 64);
}

/* An answered challenge: the same host accepted a later request with a
 * credential; or the same request. */
static bool is_made_good(const struct request *q)
{
	return q->host_accepts_later ||
	       (q->path_accepts_later && !request_has_credential(q));
}

/* Only by keys of other names, as of a second client. */
static bool is_made_good_by_others(const struct request *q,
				   const struct reading *r)
{
	const struct image *image = q->image;
	const struct request *end = image->requests + image->n_requests;
	size_t looks = MOST_LOOKS;

	if (!is_missing(r) || !request_has_credential(q))
		return false;
	for (const struct request *later = q + 1; later < end && looks--;
	     later++)
		if (request_is_accepted(later) && is_same_host(later, q) &&
		    request_has_credential(later) && !later->event->incoming &&
		    !carries_other_name(later, r))
			return false;
	return true;
}

/* The host took the key in another request of the image. */
static bool host_takes_key(const struct request *q, const struct reading *r)
{
	const struct image *image = q->image;

	for (size_t i = 0; i < image->n_requests && i < MOST_LOOKS; i++)
		if (is_accepted_with_value(&image->requests[i], r) &&
		    is_same_host(&image->requests[i], q))
			return true;
	return false;
}

/* The host takes the key, and refuses a right. */
static bool is_about_a_right(const struct request *q, const struct reading *r)
{
	return q->response->status == 403 && request_carries(q, r->value) &&
	       host_takes_key(q, r);
}

static bool path_took_key(const struct request *q, const struct reading *r)
{
	for (size_t i = 0; i < q->image->n_requests && i < MOST_LOOKS; i++) {
		const struct request *o = &q->image->requests[i];

		if (is_accepted_with_value(o, r) && is_same_host(o, q) &&
		    str_eq(o->event->path, q->event->path))
			return true;
	}
	return false;
}

/* Own code asks whether the host is up, without a credential: a refusal says
 * yes. The key goes to other paths, and the program works. */
static bool is_health_check(const struct request *q, const struct reading *r)
{
	return !is_missing(r) && !request_has_credential(q) &&
	       !is_sent_by_client(q, r->name) && !find_redirect(q, r) &&
	       !model_failed(q->image) && host_takes_key(q, r) &&
	       !path_took_key(q, r);
}

static bool is_refusal(const struct request *q, const struct reading *r)
{
	return is_refused(q) && concerns(q, r) &&
	       (!is_made_good(q) || is_made_good_by_others(q, r) ||
		is_refused_as_tenant(q, r)) &&
	       !is_about_a_right(q, r) && !is_health_check(q, r);
}

const struct request *find_refusal(const struct reading *r)
{
	return find_request(r, is_refusal);
}

bool is_refused_without_key(const struct request *q, struct str name)
{
	return !q->event->incoming && is_refused(q) && !is_made_good(q) &&
	       carries_no_key(q) &&
	       (is_sent_by_client(q, name) ||
		is_host_of(q->event->host, provider_of_name(name)));
}

const struct request *find_accepted(const struct reading *r)
{
	return find_request(r, is_accepted_with_value);
}

static bool is_accepted_default(const struct request *q,
				const struct reading *r)
{
	return !q->event->incoming && request_is_accepted(q) && r->event &&
	       q->event->t > r->event->t && is_main_name(r) &&
	       carries_default(q, r);
}

const struct request *find_accepted_instead(const struct reading *r)
{
	if (!is_missing(r) || !r->event || find_refusal(r))
		return NULL;
	return find_request(r, is_accepted_default);
}

static bool is_sent_with_value(const struct request *q, const struct reading *r)
{
	return !q->event->incoming && request_carries(q, r->value);
}

uint64_t last_use(const struct reading *r)
{
	const struct request *sent = find_request(r, is_sent_with_value);
	uint64_t read = r->found_by ? r->found_by->t : 0;

	return sent && sent->event->t > read ? sent->event->t : read;
}

static const struct event *unseen_requests_below(const struct image *image,
						 unsigned depth)
{
	const struct event *found = image->unseen_requests;

	for (const struct image *c = image->first_child; c && depth && !found;
	     c = c->next_sibling)
		found = unseen_requests_below(c, depth - 1);
	return found;
}

const struct event *find_unseen_requests(const struct reading *r)
{
	return unseen_requests_below(r->image, 64);
}

bool was_accepted(const struct reading *r)
{
	return find_accepted(r) && !find_refusal(r);
}

bool is_value_accepted(const struct reading *r)
{
	const struct variable *v = r->variable;
	bool accepted = false;

	for (size_t i = 0; v && i < v->n_readings && i < MOST_LOOKS; i++) {
		const struct reading *o = v->readings[i];

		if (!model_found_value(o) || !r->value ||
		    !str_eq(o->value->fp, r->value->fp) ||
		    !model_is_evidence(o->image, r->image))
			continue;
		if (find_refusal(o))
			return false;
		accepted |= find_accepted(o) != NULL;
	}
	return accepted;
}
