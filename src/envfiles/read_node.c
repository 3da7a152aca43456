/* node --env-file and process.loadEnvFile, by Node's own parser: a value in
 * quotes ends at the next such quote, whatever stands before; another value
 * ends at '#' or at the line's end. */
#include "envfiles/env_syntax.h"

#include <string.h>

static void remove_returns(struct env_text *t)
{
	char *to = t->begin;

	for (const char *at = t->begin; at < t->end; at++)
		if (*at != '\r')
			*to++ = *at;
	*to = '\0';
	t->end = to;
}

static struct str trimmed(const char *from, const char *to)
{
	from = skip_spaces(from, to);
	return (struct str){from, (size_t)(trim_end(from, to) - from)};
}

static struct str name_of(const char *from, const char *to)
{
	struct str name = trimmed(from, to);

	if (name.len > 7 && !memcmp(name.at, "export ", 7))
		name = trimmed(name.at + 7, name.at + name.len);
	return name;
}

/* Only "\n" is an escape, and only in double quotes. */
static struct str read_quoted(struct env_text *t, const char *open,
			      const char *close)
{
	value_start(t);
	for (const char *at = open + 1; at < close; at++)
		if (*open == '"' && *at == '\\' && at + 1 < close &&
		    at[1] == 'n') {
			value_add(t, "\n", 1);
			at++;
		} else {
			value_add(t, at, 1);
		}
	return value_end(t);
}

static const char *take_plain(struct env_text *t, struct str name,
			      const char *from, bool has_quote)
{
	const char *end = line_end(t, from), *cut = NULL;
	struct assignment *a;

	if (!has_quote)
		cut = memchr(from, '#', (size_t)(end - from));
	a = assign(t, name,
		   value_copy(t, from, trim_end(from, cut ? cut : end)));
	if (cut)
		note_whole(t, a, from, end, cut > from && is_blank(cut[-1]));
	return end;
}

static const char *take_value(struct env_text *t, struct str name,
			      const char *from)
{
	const char *close;

	if (from == t->end || *from == '\n') {
		assign(t, name, value_copy(t, from, from));
		return from;
	}
	from = skip_spaces(from, t->end);
	if (from == t->end || !strchr("\"'`", *from))
		return take_plain(t, name, from, false);
	close = memchr(from + 1, *from, (size_t)(t->end - from - 1));
	if (!close)
		return take_plain(t, name, from, true);
	assign(t, name, read_quoted(t, from, close));
	return line_end(t, close + 1);
}

void read_node(struct env_text *t, unsigned flags)
{
	const char *at = t->begin, *sign;

	(void)flags;
	remove_returns(t);
	while ((sign = next_assignment(t, &at, "#"))) {
		struct str name = name_of(at, sign);

		at = name.len ? take_value(t, name, sign + 1) : line_end(t, at);
	}
}
