#include "recorder/http/head.h"

#include "recorder/http/header.h"
#include "recorder/http/message_begin.h"
#include "recorder/http/start_line.h"
#include "recorder/lib/str.h"

void http_reader_begin(struct http_reader *r)
{
	__builtin_memset(&r->head, 0, sizeof r->head);
	r->has_start = r->is_cut = false;
	r->read = r->length = 0;
}

static void wipe_line(struct http_reader *r)
{
	__builtin_memset(r->line, 0, r->length + 1);
	r->length = 0;
	r->is_cut = false;
}

/* The line is whole, without the line feed. */
static enum http_progress end_line(struct http_reader *r)
{
	size_t n = r->length;
	enum http_progress progress = HTTP_MORE;

	if (n && r->line[n - 1] == '\r')
		n--;
	r->line[n] = '\0';
	if (r->has_start && !n && !r->is_cut)
		progress = HTTP_DONE;
	else if (!r->has_start)
		progress = http_start_line(&r->head, r->line, n, r->is_cut)
				   ? HTTP_MORE
				   : HTTP_REFUSED;
	else if (!r->is_cut)
		http_header(&r->head, r->line, n);
	r->has_start = true;
	wipe_line(r);
	return progress;
}

static size_t length_of_line(const char *bytes, size_t n)
{
	size_t i = 0;

	while (i < n && bytes[i] != '\n')
		i++;
	return i;
}

static void keep(struct http_reader *r, const char *bytes, size_t n)
{
	size_t room = HTTP_LINE - r->length;

	r->is_cut |= n > room;
	n = n < room ? n : room;
	__builtin_memcpy(r->line + r->length, bytes, n);
	r->length += (uint32_t)n;
}

/* A first line that cannot become one is refused at once: a stream of other
 * bytes may have no line feed. */
static bool is_refused(const struct http_reader *r)
{
	return r->read > HTTP_HEAD || (!r->has_start && r->length &&
				       !http_may_begin(r->line, r->length));
}

enum http_progress http_read(struct http_reader *r, const char *bytes, size_t n,
			     size_t *ret_used)
{
	enum http_progress progress = HTTP_MORE;
	size_t used = 0;

	while (used < n && progress == HTTP_MORE) {
		size_t line = length_of_line(bytes + used, n - used);
		bool is_whole = used + line < n;

		keep(r, bytes + used, line);
		used += line + is_whole;
		r->read += (uint32_t)(line + is_whole);
		if (is_refused(r))
			progress = HTTP_REFUSED;
		else if (is_whole)
			progress = end_line(r);
	}
	if (progress == HTTP_REFUSED)
		wipe_line(r);
	*ret_used = used;
	return progress;
}
