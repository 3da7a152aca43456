#include "recorder/runtimes/node/node_http.h"

#include "recorder/http/error_code.h"
#include "recorder/http/http.h"
#include "recorder/lib/str.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/node/node_http_stack.h"

enum { READERS = 8, REQUESTS = 512, KNOWN_PLACES = 64 };

/* A request whose place is asked for next, on the same thread. */
struct pending {
	_Atomic uint64_t key; /* 0: free */
	struct http_reader reader;
	struct http_sent_request request;
};

/* A request without an answer, or with the beginning of a body. */
struct waiting {
	uint64_t key;
	struct http_asked asked;
	struct http_answer answer;
	struct error_code_search search;
};

/* Of a request without TLS: the hooks on sockets record the request, and find
 * the place by the head. */
struct known_place {
	_Atomic uint64_t tag; /* of the head; 0: free */
	struct source_pos pos;
	struct callers callers;
};

struct node_http {
	struct pending pending[READERS];
	struct waiting waiting[REQUESTS];
	struct known_place places[KNOWN_PLACES];
};
static struct node_http *state;

size_t node_http_bytes(void)
{
	return sizeof *state;
}

void node_http_begin(void *memory)
{
	state = memory;
}

/* ---- the adapter's words ------------------------------------------------- */

/* \1keytrail::::...KIND NUMBER:FLAGS\nTEXT */
struct message {
	char kind;
	uint64_t key; /* of the isolate and the number */
	bool is_tls, is_fetch, is_http2;
	char *text;
};

/* Longer than the names of a program, so that most reads end at their length.
 */
enum { RESERVED = 100 };
static const char reserved[] = "\1keytrail:";

static bool read_message(void *isolate, const struct v8_text *name,
			 struct message *ret)
{
	const char *at = name->bytes + RESERVED;
	uint64_t number = 0;

	ret->kind = *at;
	while (*at && is_digit(*++at))
		number = number * 10 + (uint64_t)(*at - '0');
	ret->key = hash_word((uintptr_t)isolate, number) | 1;
	ret->is_tls = ret->is_fetch = ret->is_http2 = false;
	for (; *at && *at != '\n'; at++) {
		ret->is_tls |= *at == 't';
		ret->is_fetch |= *at == 'f';
		ret->is_http2 |= *at == '2';
	}
	ret->text = (char *)(uintptr_t)at + (*at == '\n');
	return *at == '\n';
}

/* ---- requests ------------------------------------------------------------ */

static struct pending *take_pending(uint64_t key)
{
	for (size_t i = 0; i < READERS; i++) {
		uint64_t free = 0;

		if (atomic_compare_exchange_strong(&state->pending[i].key,
						   &free, key))
			return &state->pending[i];
	}
	return NULL;
}

static struct pending *find_pending(uint64_t key)
{
	for (size_t i = 0; i < READERS; i++)
		if (atomic_load(&state->pending[i].key) == key)
			return &state->pending[i];
	return NULL;
}

static void give_back(struct pending *p)
{
	atomic_store(&p->key, 0);
}

static bool read_head(struct pending *p, const char *text)
{
	size_t used;

	http_reader_begin(&p->reader);
	return http_read(&p->reader, text, str_length(text), &used) ==
	       HTTP_DONE;
}

static struct http_call call_of(const struct message *m)
{
	return (struct http_call){.fn = m->is_http2   ? "http2"
					: m->is_fetch ? "fetch"
						      : "http",
				  .is_tls = m->is_tls};
}

static struct waiting *waiting_of(uint64_t key)
{
	return &state->waiting[(key ^ key >> 32) % REQUESTS];
}

static void wait_for_answer(uint64_t key, const struct http_asked *asked)
{
	struct waiting *w = waiting_of(key);

	w->key = key;
	w->asked = *asked;
	w->search.left = 0;
}

static struct known_place *place_of(uint64_t tag)
{
	return &state->places[(tag ^ tag >> 32) % KNOWN_PLACES];
}

/* The hooks on sockets cannot read the head. */
static bool is_told_whole(const struct message *m)
{
	return m->is_tls || m->is_http2;
}

/* False: the place is known. */
static bool wants_place(const struct message *m, struct pending *p)
{
	uint64_t tag = http_head_tag(&p->reader.head);

	if (!is_told_whole(m))
		return atomic_load(&place_of(tag)->tag) != tag;
	count_request(&p->request, NULL);
	wait_for_answer(m->key, &p->request.asked);
	return p->request.count;
}

/* True: the adapter is to tell the place next. */
static bool on_request(const struct message *m)
{
	struct pending *p = take_pending(m->key);
	struct http_call call = call_of(m);
	bool wants;

	if (!p)
		return false;
	p->request = (struct http_sent_request){
		.head = &p->reader.head, .call = &call, .fd = -1};
	wants = read_head(p, m->text) && !p->reader.head.is_response &&
		wants_place(m, p);
	if (!wants)
		give_back(p);
	return wants;
}

static void keep_place(const struct http_head *h, const struct source_pos *pos,
		       const struct callers *callers)
{
	uint64_t tag = http_head_tag(h);
	struct known_place *k = place_of(tag);

	if (!atomic_exchange(&k->tag, 0) && k->pos.line)
		return; /* another thread writes */
	k->pos = *pos;
	k->callers = *callers;
	atomic_store(&k->tag, tag);
}

bool node_http_find_place(const struct http_head *h, struct http_place *ret)
{
	uint64_t tag = http_head_tag(h);
	struct known_place *k = state ? place_of(tag) : NULL;

	if (!k || atomic_load(&k->tag) != tag || !k->pos.line)
		return false;
	ret->pos = k->pos;
	ret->callers = &k->callers;
	return true;
}

static void on_place(const struct message *m)
{
	struct pending *p = find_pending(m->key);
	struct http_call call = call_of(m);
	struct http_place place = {.find_callers = NULL};
	struct callers callers;

	if (!p)
		return;
	node_http_stack(m->text, &place.pos, &callers);
	place.callers = &callers;
	p->request.call = &call;
	if (is_told_whole(m))
		record_counted_request(&p->request, &place);
	else
		keep_place(p->request.head, &place.pos, &callers);
	give_back(p);
}

/* ---- answers ------------------------------------------------------------- */

static void take_answer(struct waiting *w, const struct http_head *h)
{
	w->answer = (struct http_answer){h->status, h->scheme, NULL};
	record_response(&w->asked, &w->answer);
	error_code_begin(&w->search);
	if (h->status < 400 || !h->is_json || h->is_encoded)
		w->search.left = 0;
}

static void on_answer(const struct message *m)
{
	struct waiting *w = waiting_of(m->key);
	struct pending *p = take_pending(m->key);

	if (!p)
		return;
	if (w->key == m->key && read_head(p, m->text) &&
	    p->reader.head.is_response)
		take_answer(w, &p->reader.head);
	give_back(p);
}

static void on_body(const struct message *m)
{
	struct waiting *w = waiting_of(m->key);

	if (w->key != m->key || !w->search.left ||
	    !error_code_read(&w->search, m->text, str_length(m->text)))
		return;
	w->answer.code = error_code_found(&w->search);
	record_response(&w->asked, &w->answer);
}

/* ---- reads --------------------------------------------------------------- */

/* True: the answer is not `undefined`. */
static bool on_message(const struct message *m)
{
	switch (m->kind) {
	case 's':
		http_is_told_of(true, m->is_http2);
		return true;
	case 'q':
		return on_request(m);
	case 'p':
		on_place(m);
		break;
	case 'a':
		on_answer(m);
		break;
	case 'b':
		on_body(m);
		break;
	}
	return false;
}

static __attribute__((noinline)) bool take(void *isolate, local key,
					   result *ret)
{
	int error = host_errno();
	struct message m;
	struct v8_text name;
	bool is_ours;

	v8_text(isolate, key, &name);
	is_ours = name.bytes && str_begins(name.bytes, reserved);
	*ret = 0;
	if (is_ours && read_message(isolate, &name, &m) && recorder_enter()) {
		if (on_message(&m))
			*ret = (uintptr_t)key;
		recorder_leave();
	}
	v8_text_end(&name);
	host_set_errno(error);
	return is_ours;
}

bool node_http_takes(void *isolate, local key, result *ret)
{
	return state && v8_text_length(key) > RESERVED &&
	       take(isolate, key, ret);
}
