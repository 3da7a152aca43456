#include "recorder/http/http.h"

#include "recorder/http/connections.h"
#include "recorder/http/message_begin.h"
#include "recorder/http/socket_name.h"
#include "recorder/http/unseen_requests.h"
#include "recorder/lib/str.h"
#include "recorder/lib/syscall.h"
#include "recorder/recorder.h"

static struct http_state *state; /* NULL: off */

void http_start(void)
{
	struct http_state *s = sys_memory(sizeof *s);

	if (!s)
		return;
	SYS(madvise, s, sizeof *s, MADV_DONTDUMP);
	if (SYS(madvise, s, sizeof *s, MADV_WIPEONFORK)) {
		SYS(munmap, s, sizeof *s);
		return;
	}
	connections_start(s);
	request_event_start(&s->told);
	sent_prints_start(&s->prints);
	state = s;
}

bool http_is_on(void)
{
	return state;
}

/* ---- answers ------------------------------------------------------------- */

static void tell_answer(struct http_connection *c)
{
	if (!c->is_pending)
		return;
	c->is_pending = false;
	c->answer.code = error_code_found(&c->search);
	record_response(&c->answered, &c->answer);
}

static void take_asked(struct http_connection *c, bool *ret_head_only)
{
	c->answered = c->asked[0];
	*ret_head_only = c->is_head_only[0];
	c->asked_count--;
	for (uint8_t i = 0; i < c->asked_count; i++) {
		c->asked[i] = c->asked[i + 1];
		c->is_head_only[i] = c->is_head_only[i + 1];
	}
}

static uint64_t body_of_answer(const struct http_head *h, bool is_head_only)
{
	if (h->status == 101)
		return HTTP_ENDLESS;
	if (is_head_only || h->status == 204 || h->status == 304)
		return 0;
	return h->has_length && !h->is_chunked ? h->length : HTTP_ENDLESS;
}

static void on_response(struct http_connection *c, const struct http_head *h)
{
	bool is_head_only, is_interim = h->status < 200 && h->status != 101;

	c->body[HTTP_RECEIVED] = 0;
	if (!c->asked_count || is_interim)
		return;
	tell_answer(c);
	take_asked(c, &is_head_only);
	c->answer = (struct http_answer){h->status, h->scheme, NULL};
	c->is_pending = true;
	c->body[HTTP_RECEIVED] = body_of_answer(h, is_head_only);
	error_code_begin(&c->search);
	if (h->status < 400 || !h->is_json || h->is_encoded)
		c->search.left = 0;
}

/* ---- requests ------------------------------------------------------------ */

/* More requests without an answer than there are places: no answer can be told
 * from another, so none is recorded. */
static void add_asked(struct http_connection *c, struct http_asked asked,
		      bool is_head_only)
{
	if (c->asked_count == HTTP_PIPELINE) {
		c->asked_count = 0;
		return;
	}
	c->asked[c->asked_count] = asked;
	c->is_head_only[c->asked_count++] = is_head_only;
}

static void on_request(struct http_connection *c, enum http_direction d,
		       const struct http_channel *channel,
		       const struct http_head *h)
{
	struct http_sent_request request = {.head = h,
					    .call = &channel->call,
					    .fd = channel->fd,
					    .is_incoming = d == HTTP_RECEIVED};

	record_request(&request);
	c->body[d] = h->is_chunked ? HTTP_ENDLESS : h->length;
	if (!request.is_incoming)
		add_asked(c, request.asked, str_equal(h->method, "HEAD"));
}

/* ---- the bytes ----------------------------------------------------------- */

static bool is_wanted(const struct http_connection *c, enum http_direction d,
		      const char *bytes, size_t n)
{
	enum http_begin begin = http_may_begin(bytes, n);

	if (d == HTTP_SENT || !c || !c->asked_count)
		return begin == HTTP_REQUEST;
	return begin == HTTP_RESPONSE || (begin && n == 1);
}

/* Returns the bytes that were used. */
static size_t read_head(struct http_connection *c, enum http_direction d,
			const struct http_channel *channel, const char *bytes,
			size_t n)
{
	const struct http_head *h = &c->reader[d]->head;
	size_t used;
	enum http_progress progress = http_read(c->reader[d], bytes, n, &used);

	if (progress == HTTP_MORE)
		return used;
	if (progress == HTTP_DONE && h->is_response && d == HTTP_RECEIVED)
		on_response(c, h);
	else if (progress == HTTP_DONE && !h->is_response)
		on_request(c, d, channel, h);
	connection_end_head(c, d);
	return progress == HTTP_DONE ? used : n;
}

static size_t read_body(struct http_connection *c, enum http_direction d,
			const char *bytes, size_t n)
{
	if (c->body[d] < n)
		n = (size_t)c->body[d];
	if (d == HTTP_RECEIVED && c->search.left)
		c->is_pending |= error_code_read(&c->search, bytes, n);
	if (c->body[d] != HTTP_ENDLESS)
		c->body[d] -= n;
	return n;
}

/* The first line is whole, and of a message. */
static bool is_message(const char *bytes, size_t n)
{
	size_t line = 0;

	while (line < n && line < HTTP_LINE && bytes[line] != '\n')
		line++;
	if (line == n || line < 12 || line == HTTP_LINE)
		return false;
	line -= bytes[line - 1] == '\r';
	return bytes_equal(bytes, "HTTP/1.", 7) ||
	       (line > 9 && bytes_equal(bytes + line - 9, " HTTP/1.", 8));
}

/* A body's end may be unknown, and a descriptor or an address be that of
 * another connection by now: the bytes of a call that begin like a message are
 * a message. */
static void meet_message(struct http_connection *c, enum http_direction d,
			 const char *bytes, size_t n)
{
	if (!c->body[d] || !is_wanted(c, d, bytes, n))
		return;
	if (c->body[d] == HTTP_ENDLESS || is_message(bytes, n))
		c->body[d] = 0;
}

static void follow(struct http_connection *c, enum http_direction d,
		   const struct http_channel *channel, const char *bytes,
		   size_t n)
{
	size_t used;

	if (!c->reader[d])
		meet_message(c, d, bytes, n);
	for (; n; bytes += used, n -= used) {
		if (c->reader[d])
			used = read_head(c, d, channel, bytes, n);
		else if (c->body[d])
			used = read_body(c, d, bytes, n);
		else if (is_wanted(c, d, bytes, n) &&
			 connection_read_head(c, d))
			used = 0;
		else
			break;
	}
	tell_answer(c);
}

static struct http_connection *open(const struct http_channel *channel,
				    enum http_direction d, const char *bytes,
				    size_t n)
{
	if (connection_is_known(channel->key))
		return connection_enter(channel->key);
	if (!is_wanted(NULL, d, bytes, n) ||
	    (channel->fd >= 0 && !is_connected_socket(channel->fd)))
		return NULL;
	return connection_add(channel->key);
}

static void on_bytes(const struct http_channel *channel, enum http_direction d,
		     const char *bytes, size_t n)
{
	struct http_connection *c;

	if (may_begin_unseen(bytes, n) &&
	    record_unseen(channel, d == HTTP_RECEIVED, bytes, n))
		return;
	c = open(channel, d, bytes, n);
	if (!c)
		return;
	follow(c, d, channel, bytes, n);
	connection_leave(c);
}

/* Most calls are on files, or on connections of other protocols. */
static bool concerns(const struct http_channel *channel, enum http_direction d,
		     const char *bytes, size_t n)
{
	return n && state && !thread.inside && !thread.vforked &&
	       (connection_is_known(channel->key) ||
		is_wanted(NULL, d, bytes, n) || may_begin_unseen(bytes, n));
}

static void meet(const struct http_channel *channel, enum http_direction d,
		 const char *bytes, size_t n)
{
	int error;

	if (!concerns(channel, d, bytes, n))
		return;
	error = host_errno();
	if (recorder_enter()) {
		on_bytes(channel, d, bytes, n);
		recorder_leave();
	}
	host_set_errno(error);
}

void http_sent(const struct http_channel *channel, const char *bytes, size_t n)
{
	meet(channel, HTTP_SENT, bytes, n);
}

void http_received(const struct http_channel *channel, const char *bytes,
		   size_t n)
{
	meet(channel, HTTP_RECEIVED, bytes, n);
}
