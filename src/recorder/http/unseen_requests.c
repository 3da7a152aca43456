#include "recorder/http/unseen_requests.h"

#include <link.h>

#include "recorder/http/socket_name.h"
#include "recorder/lib/clock.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"
#include "recorder/recorder.h"
#include "recorder/trace/event_line.h"

/* What each client of HTTP/2 sends first. */
static const char preface[] = "PRI * HTTP/2.0\r\n\r\n";

/* The record of TLS that holds a ClientHello. */
enum { HANDSHAKE = 0x16, CLIENT_HELLO = 1, HELLO_AT = 5, SHORTEST_HELLO = 60 };

static struct {
	bool tls, http2;
} told;

void http_is_told_of(bool tls, bool http2)
{
	told.tls = tls;
	told.http2 = http2;
}

static bool is_preface(const char *bytes, size_t n)
{
	size_t length = sizeof preface - 1;

	return n >= length && *bytes == *preface &&
	       bytes_equal(bytes, preface, length);
}

static bool is_hello(const char *bytes, size_t n)
{
	return n >= SHORTEST_HELLO && bytes[0] == HANDSHAKE && bytes[1] == 3 &&
	       bytes[HELLO_AT] == CLIENT_HELLO;
}

bool may_begin_unseen(const char *bytes, size_t n)
{
	return is_preface(bytes, n) || is_hello(bytes, n);
}

/* ---- the protocols that a ClientHello offers ----------------------------- */

struct offer {
	bool is_there, http1, http2;
};

static size_t number_at(const char *bytes)
{
	return (size_t)(uint8_t)bytes[0] << 8 | (uint8_t)bytes[1];
}

/* A list of names, each with the length before it. */
static void read_names(const char *at, const char *end, struct offer *ret)
{
	for (size_t n; at < end; at += n) {
		n = (uint8_t)*at++;
		if (n > (size_t)(end - at))
			return;
		ret->is_there = true;
		ret->http1 |= n == 8 && bytes_equal(at, "http/1.1", n);
		ret->http2 |= n == 2 && bytes_equal(at, "h2", n);
	}
}

/* The extension for protocols: its number 16, its length, and the length of
 * the list, which is 2 less. */
static struct offer read_offer(const char *bytes, size_t n)
{
	enum { MOST = 4096, HEAD = 6 };
	struct offer offer = {.is_there = false};

	n = n < MOST ? n : MOST;
	for (size_t i = HELLO_AT; i + HEAD < n; i++) {
		size_t list = number_at(bytes + i + 4);

		if (number_at(bytes + i) == 16 && list &&
		    number_at(bytes + i + 2) == list + 2 &&
		    list <= n - i - HEAD)
			read_names(bytes + i + HEAD, bytes + i + HEAD + list,
				   &offer);
	}
	return offer;
}

/* A library of TLS that the hooks on TLS reach. */
static bool has_hooked_library(void)
{
	for (const struct link_map *m = elf_maps(); m; m = m->l_next) {
		const char *name = m->l_name ? base_name(m->l_name) : "";

		if (str_begins(name, "libssl") || str_begins(name, "libgnutls"))
			return true;
	}
	return false;
}

static bool is_https_port(int fd)
{
	const char port[] = ":443";
	char peer[SOCKET_NAME_BYTES];
	size_t n;

	if (!socket_name(fd, SOCKET_PEER, peer))
		return false;
	n = str_length(peer);
	return n > sizeof port - 1 && str_equal(peer + n - 4, port);
}

/* NULL: no client of HTTP, or requests that are told all the same. */
static const char *protocol_of(int fd, const char *bytes, size_t n)
{
	struct offer offer = read_offer(bytes, n);

	if (!offer.is_there)
		offer.http1 = is_https_port(fd);
	if ((!offer.http1 && !offer.http2) || has_hooked_library())
		return NULL;
	if (!told.tls)
		return "tls";
	return offer.http1 || told.http2 ? NULL : "http2";
}

/* ---- the event ----------------------------------------------------------- */

static void record(const struct http_channel *c, const char *what,
		   bool is_incoming)
{
	char peer[SOCKET_NAME_BYTES];
	struct event_line l;
	uint64_t count = count_event(
		hash_word(hash_bytes(KT_UNSEEN, what, str_length(what)),
			  is_incoming),
		DEDUP_READS);

	if (!count)
		return;
	event_begin(&l, KT_UNSEEN, now());
	event_text(&l, "what", what);
	if (is_incoming)
		event_bool(&l, "incoming", true);
	if (c->fd >= 0 && socket_name(c->fd, SOCKET_PEER, peer))
		event_text(&l, "peer", peer);
	event_times(&l, count);
	event_end(&l);
}

bool record_unseen(const struct http_channel *c, bool is_incoming,
		   const char *bytes, size_t n)
{
	const char *what;

	if (c->fd >= 0 && !is_connected_socket(c->fd))
		return false;
	if (is_preface(bytes, n)) {
		if (!told.http2)
			record(c, "http2", is_incoming);
		return true;
	}
	what = is_incoming || c->fd < 0 ? NULL : protocol_of(c->fd, bytes, n);
	if (what)
		record(c, what, false);
	return false;
}
