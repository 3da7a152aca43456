#include "recorder/http/header.h"

#include "recorder/http/credential.h"
#include "recorder/http/start_line.h"
#include "recorder/lib/str.h"
#include "recorder/secrets/classify_text.h"

static uint64_t number_of(const char *s)
{
	uint64_t n = 0;

	for (; is_digit(*s) && n < UINT64_C(1) << 56; s++)
		n = n * 10 + (uint64_t)(*s - '0');
	return n;
}

static void read_body_header(struct http_head *h, const char *name, size_t n,
			     const char *value, size_t length)
{
	if (lower(*name) != 'c' && lower(*name) != 't')
		return;
	if (is_one_of("content-length", name, n)) {
		h->length = number_of(value);
		h->has_length = true;
	} else if (is_one_of("transfer-encoding", name, n)) {
		h->is_chunked = str_mentions(value, length, "chunked");
	} else if (is_one_of("content-type", name, n)) {
		h->is_json = str_mentions(value, length, "json");
	} else if (is_one_of("content-encoding", name, n)) {
		h->is_encoded = !is_one_of("identity", value, length);
	}
}

/* An absolute target names the host that counts. */
static void read_request_header(struct http_head *h, const char *name, size_t n,
				char *value, size_t length)
{
	if (!is_one_of("host", name, n))
		http_credential(h, name, n, value, length);
	else if (!h->host[0])
		http_set_host(h, value, length);
}

static void read_response_header(struct http_head *h, const char *name,
				 size_t n, const char *value, size_t length)
{
	if (lower(*name) == 'w' && !h->scheme &&
	    is_one_of("www-authenticate", name, n))
		h->scheme = http_scheme(value, length_to(value, length, " ,"));
}

static bool is_name(const char *s, size_t n)
{
	return n && is_alphanumeric(s, n, "-_.");
}

/* Blanks before a value are no part of the value. Blanks behind are: a client
 * that sends a key with a blank sends the blank. */
void http_header(struct http_head *h, char *line, size_t n)
{
	size_t name = length_to(line, n, ":"), from = name + 1;

	if (name >= n || !is_name(line, name))
		return;
	while (from < n && (line[from] == ' ' || line[from] == '\t'))
		from++;
	read_body_header(h, line, name, line + from, n - from);
	if (h->is_response)
		read_response_header(h, line, name, line + from, n - from);
	else
		read_request_header(h, line, name, line + from, n - from);
}
