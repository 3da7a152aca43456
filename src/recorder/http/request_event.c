#include "recorder/http/request_event.h"

#include "recorder/http/socket_name.h"
#include "recorder/lib/clock.h"
#include "recorder/lib/str.h"
#include "recorder/process/redact/redact.h"
#include "recorder/secrets/classify_text.h"
#include "recorder/state/process_globals.h"
#include "recorder/trace/event_caller.h"
#include "recorder/trace/event_line.h"
#include "recorder/trace/json_text.h"
#include "shared/key_prefix.h"

static struct http_told *told;

void request_event_start(struct http_told *t)
{
	told = t;
}

/* ---- numbers ------------------------------------------------------------- */

/* Of the last told request with this tag; 0: forgotten. */
static uint64_t number_of(uint64_t tag)
{
	size_t at = (tag ^ tag >> 32) % HTTP_TOLD;

	return atomic_load(&told->at[at].tag) == tag
		       ? atomic_load(&told->at[at].number)
		       : 0;
}

static uint64_t next_number(uint64_t tag)
{
	size_t at = (tag ^ tag >> 32) % HTTP_TOLD;
	uint64_t number = 1 + atomic_fetch_add(&told->last, 1);

	atomic_store(&told->at[at].tag, 0);
	atomic_store(&told->at[at].number, number);
	atomic_store(&told->at[at].tag, tag);
	return number;
}

/* ---- the variable with the value ----------------------------------------- */

static bool is_equal(const struct fingerprint *a, const struct fingerprint *b)
{
	return bytes_equal((const char *)a->fp, (const char *)b->fp,
			   sizeof a->fp);
}

/* The variable that has the value now, else one that had it at birth. NULL: no
 * watched variable. */
static const struct watched_value *find_holder(const struct fingerprint *p,
					       bool *ret_now)
{
	const struct watched_value *before = NULL;

	for (const struct watched_value *v = NULL;
	     (v = watched_value_next(v));) {
		*ret_now = v->is_current && is_equal(&v->current, p);
		if (*ret_now)
			return v;
		if (v->is_inherited && is_equal(&v->inherited, p))
			before = v;
	}
	return before;
}

static void put_holder(struct event_line *l, const struct fingerprint *p)
{
	bool is_now;
	const struct watched_value *v = find_holder(p, &is_now);

	if (!p->length || !v)
		return;
	event_name(l, "name", v->name, v->length);
	event_text(l, "held", is_now ? "now" : "before");
}

/* ---- the line ------------------------------------------------------------ */

/* A host's name is public, except where the form says otherwise. */
static bool is_secret_host(const char *host, size_t n)
{
	return !is_alphanumeric(host, n, ".-_[]:") || holds_key(host, n) ||
	       (looks_random(host, n, IN_TEXT) && watched_value_is_in(host, n));
}

/* Part of a name, between dots. Some services have a long random part. */
static bool is_random_label(const char *s, size_t n)
{
	enum { SHORTEST = 24 };

	return n >= SHORTEST && looks_random(s, n, IN_TEXT);
}

static void put_small(struct event_line *l, const char *s, size_t n)
{
	char small[HTTP_HOST];

	for (size_t i = 0; i < n; i++)
		small[i] = lower(s[i]);
	event_part(l, small, n);
}

static void put_labels(struct event_line *l, const char *s, size_t n)
{
	size_t label;

	for (;; s += label + 1, n -= label + 1) {
		label = length_to(s, n, ".");
		if (is_random_label(s, label))
			event_part(l, "*", 1);
		else
			put_small(l, s, label);
		if (label >= n)
			return;
		event_part(l, ".", 1);
	}
}

static void put_host(struct event_line *l, const struct http_head *h)
{
	size_t n = str_length(h->host);

	event_string(l, "host");
	if (is_secret_host(h->host, n))
		event_part(l, "***", 3);
	else
		put_labels(l, h->host, n);
	event_item_end(l);
}

static void put_path(struct event_line *l, const struct http_head *h)
{
	event_string(l, "path");
	redact_known_part(l, h->path);
	event_item_end(l);
}

static void put_credential(struct event_line *l,
			   const struct http_credential *c)
{
	uint16_t before = l->length;

	if (l->at[l->length - 1] != '[')
		put_char(l, ',');
	put_char(l, '{');
	event_text(l, "header", c->header);
	if (c->scheme)
		event_text(l, "scheme", c->scheme);
	event_fingerprint(l, "value", &c->print);
	put_holder(l, &c->print);
	put_char(l, '}');
	keep_field(l, before);
}

static void put_credentials(struct event_line *l, const struct http_head *h)
{
	if (!h->credential_count)
		return;
	event_array(l, "credentials");
	for (uint8_t i = 0; i < h->credential_count; i++)
		put_credential(l, &h->credentials[i]);
	event_array_end(l);
}

static void put_end(struct event_line *l, const char *key, int fd,
		    enum socket_end end)
{
	char name[SOCKET_NAME_BYTES];

	if (fd >= 0 && socket_name(fd, end, name))
		event_text(l, key, name);
}

/* A crawler asks for a new path each time: half of the room is for such
 * requests. A refused request is told as long as any other event is. */
static enum lane lane_of(uint64_t number, uint64_t count)
{
	enum { MANY = 1024 };

	return count > 1 || number > MANY ? REPEATED : ORDINARY;
}

static uint32_t port_of(const struct http_head *h, bool is_tls)
{
	return h->port ? h->port : is_tls ? 443 : 80;
}

static __attribute__((noinline)) void
put_place(struct event_line *l, const struct http_place *p, uint64_t count)
{
	source_pos_put(l, &p->pos);
	if (count > 1)
		return;
	if (p->find_callers)
		source_pos_put_callers_by(l, &p->pos, p->find_callers);
	else if (p->callers)
		source_pos_put_callers(l, &p->pos, p->callers);
}

__attribute__((noinline)) void
record_counted_request(const struct http_sent_request *r,
		       const struct http_place *place)
{
	bool is_tls = r->call->is_tls || r->head->is_tls;
	struct event_line l;

	event_begin(&l, KT_REQUEST, now());
	l.lane = lane_of(r->asked.number, r->count);
	event_text(&l, "fn", r->call->fn);
	event_number(&l, "number", r->asked.number);
	event_text(&l, "method", r->head->method);
	put_host(&l, r->head);
	event_number(&l, "port", port_of(r->head, is_tls));
	if (is_tls)
		event_bool(&l, "tls", true);
	put_path(&l, r->head);
	if (r->is_incoming)
		event_bool(&l, "incoming", true);
	put_end(&l, "local", r->fd, SOCKET_OWN);
	put_end(&l, "peer", r->fd, SOCKET_PEER);
	put_credentials(&l, r->head);
	event_times(&l, r->count);
	l.has_no_stack |= place->pos.line;
	if (r->call->caller)
		event_caller(&l, r->call->caller);
	put_place(&l, place, r->count);
	event_end(&l);
}

/* ---- counting ------------------------------------------------------------ */

uint64_t http_head_tag(const struct http_head *h)
{
	uint64_t tag = hash_bytes(KT_REQUEST, h->method, str_length(h->method));

	tag = hash_bytes(tag, h->host, str_length(h->host));
	tag = hash_bytes(tag + h->port, h->path, str_length(h->path));
	for (uint8_t i = 0; i < h->credential_count; i++) {
		const struct http_credential *c = &h->credentials[i];

		tag = hash_bytes(tag + c->print.tag, c->header,
				 str_length(c->header));
	}
	return tag | 1;
}

static uint64_t tag_of(const struct http_sent_request *r,
		       const struct source_pos *pos)
{
	uint64_t tag = hash_word(http_head_tag(r->head),
				 r->call->is_tls * 2 + r->is_incoming);

	tag = hash_word(tag, (uintptr_t)r->call->caller);
	return (pos && pos->line ? tag + source_pos_hash(pos) : tag) | 1;
}

void count_request(struct http_sent_request *r, const struct source_pos *pos)
{
	struct http_asked *asked = &r->asked;

	asked->tag = tag_of(r, pos);
	r->count = dedup_add(&globals->life.dedup, asked->tag);
	asked->number = number_of(asked->tag);
	if (!asked->number)
		asked->number = next_number(asked->tag);
	else if (!dedup_is_told(r->count, DEDUP_READS))
		r->count = 0;
}

void record_request(struct http_sent_request *r)
{
	struct http_place place;

	source_pos_set(&place.pos, NULL, 0, NULL);
	place.find_callers = NULL;
	place.callers = NULL;
	if (r->call->find_place && !r->is_incoming)
		r->call->find_place(r->head, &place);
	count_request(r, &place.pos);
	if (r->count)
		record_counted_request(r, &place);
}

void record_response(const struct http_asked *asked,
		     const struct http_answer *answer)
{
	uint64_t tag = hash_word(asked->tag, answer->status);
	struct event_line l;
	uint64_t count;

	tag = hash_word(tag, (uintptr_t)answer->code);
	count = count_event(hash_word(tag, (uintptr_t)answer->scheme),
			    DEDUP_READS);
	if (!count)
		return;
	event_begin(&l, KT_RESPONSE, now());
	l.lane = lane_of(answer->status < 400 ? asked->number : 0, count);
	event_number(&l, "request", asked->number);
	event_number(&l, "status", answer->status);
	if (answer->scheme)
		event_text(&l, "scheme", answer->scheme);
	if (answer->code)
		event_text(&l, "code", answer->code);
	event_times(&l, count);
	event_end(&l);
}
