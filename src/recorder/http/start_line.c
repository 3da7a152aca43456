#include "recorder/http/start_line.h"

#include "recorder/http/credential.h"
#include "recorder/http/message_begin.h"
#include "recorder/lib/str.h"
#include "recorder/secrets/classify_text.h"

/* ---- the path ------------------------------------------------------------ */

static bool is_plain(const char *s, size_t n)
{
	return is_alphanumeric(s, n, "-._~");
}

static bool has_letter(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_letter(s[i]))
			return true;
	return false;
}

/* v1, gpt-4o and chat are names; 1234, a UUID and bot12:AAH are ids. */
static bool is_id(const char *s, size_t n)
{
	enum { LONGEST_NAME = 48 };

	return n && (n > LONGEST_NAME || !is_plain(s, n) || !has_letter(s, n) ||
		     looks_random(s, n, IN_NAME));
}

static void append(char *to, size_t *at, size_t size, const char *s, size_t n)
{
	if (*at + n >= size)
		return;
	__builtin_memcpy(to + *at, s, n);
	*at += n;
	to[*at] = '\0';
}

void http_set_path(struct http_head *h, const char *s, size_t n)
{
	size_t at = 0, part;

	h->path[0] = '\0';
	n = length_to(s, n, "?#");
	while (n && *s == '/') {
		s++, n--;
		part = length_to(s, n, "/");
		append(h->path, &at, sizeof h->path, "/", 1);
		if (is_id(s, part))
			append(h->path, &at, sizeof h->path, "*", 1);
		else
			append(h->path, &at, sizeof h->path, s, part);
		s += part, n -= part;
	}
}

/* ---- the host ------------------------------------------------------------ */

static size_t behind_user(const char *s, size_t n)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++)
		if (s[i] == '@')
			from = i + 1;
	return from;
}

static uint32_t port_of(const char *s, size_t n)
{
	uint32_t port = 0;

	for (size_t i = 0; i < n && is_digit(s[i]) && port < 65536; i++)
		port = port * 10 + (uint32_t)(s[i] - '0');
	return port < 65536 ? port : 0;
}

void http_set_host(struct http_head *h, const char *s, size_t n)
{
	size_t from = behind_user(s, n), end;

	s += from, n -= from;
	end = n && *s == '[' ? length_to(s, n, "]") + 1 : length_to(s, n, ":");
	end = end < n ? end : n;
	h->port = end < n && s[end] == ':' ? port_of(s + end + 1, n - end - 1)
					   : h->port;
	end = end < sizeof h->host ? end : sizeof h->host - 1;
	__builtin_memcpy(h->host, s, end);
	h->host[end] = '\0';
}

/* ---- the line ------------------------------------------------------------ */

/* http://HOST/PATH: to a proxy. */
static size_t behind_host(struct http_head *h, const char *s, size_t n)
{
	size_t scheme = length_to(s, n, ":"), from = scheme + 3, end;

	if (n <= from || !bytes_equal(s + scheme, "://", 3))
		return 0;
	h->is_tls = scheme == 5 && bytes_equal(s, "https", 5);
	end = from + length_to(s + from, n - from, "/?#");
	http_set_host(h, s + from, end - from);
	return end;
}

static void read_target(struct http_head *h, char *s, size_t n)
{
	size_t from = 0, query;

	if (str_equal(h->method, "CONNECT")) {
		http_set_host(h, s, n);
		return;
	}
	if (n && *s != '/')
		from = behind_host(h, s, n);
	http_set_path(h, s + from, n - from);
	query = length_to(s, n, "?#");
	if (query < n && s[query] == '?')
		http_query(h, s + query + 1,
			   length_to(s + query + 1, n - query - 1, "#"));
}

static bool is_version(const char *s, size_t n)
{
	return n >= 8 && bytes_equal(s, "HTTP/1.", 7) && is_digit(s[7]);
}

static bool read_status(struct http_head *h, const char *s, size_t n)
{
	h->is_response = true;
	if (n < 12 || s[8] != ' ')
		return false;
	for (size_t i = 9; i < 12; i++) {
		if (!is_digit(s[i]))
			return false;
		h->status = h->status * 10 + (uint32_t)(s[i] - '0');
	}
	return (n == 12 || s[12] == ' ') && h->status >= 100 && h->status < 600;
}

/* Where the line was cut, its version is missing. */
bool http_start_line(struct http_head *h, char *line, size_t n, bool is_cut)
{
	size_t method, target;

	if (is_version(line, n))
		return read_status(h, line, n);
	method = length_to(line, n, " ");
	if (method >= n || method >= sizeof h->method ||
	    http_may_begin(line, n) != HTTP_REQUEST)
		return false;
	target = length_to(line + method + 1, n - method - 1, " ");
	if (!target || (!is_cut && (method + 1 + target == n ||
				    !is_version(line + method + target + 2,
						n - method - target - 2))))
		return false;
	__builtin_memcpy(h->method, line, method);
	h->method[method] = '\0';
	read_target(h, line + method + 1, target);
	return true;
}
