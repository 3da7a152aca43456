#include "trace/caller.h"

#include "trace/site.h"

static size_t skip_digits(struct str text, size_t at)
{
	while (at < text.len && text.at[at] >= '0' && text.at[at] <= '9')
		at++;
	return at;
}

static size_t skip_mark(struct str text, size_t at)
{
	const struct str mark = STR(COMPILED_MARK);

	return text.len - at >= mark.len &&
			       !memcmp(text.at + at, mark.at, mark.len)
		       ? at + mark.len
		       : at;
}

struct caller caller_of(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		size_t end = text.at[i] == ':' ? skip_digits(text, i + 1) : 0;
		size_t function;

		if (end <= i + 1 || (end < text.len && text.at[end] != ' '))
			continue;
		end = skip_mark(text, end);
		function = end + (end < text.len);
		return (struct caller){
			{text.at, end},
			{text.at + function, text.len - function}};
	}
	return (struct caller){text, {NULL, 0}};
}

size_t count_frames(const struct event *e)
{
	return event_has_source_line(e) ? 1 + e->callers.n : 0;
}

struct caller nth_frame(const struct event *e, size_t n)
{
	if (!n)
		return (struct caller){e->site, e->in};
	return caller_of(e->callers.at[n - 1]);
}
