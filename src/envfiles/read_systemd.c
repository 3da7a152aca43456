/* EnvironmentFile= of systemd: quotes around parts of a value, a backslash
 * before any character, comments only at the start of a line, no ${NAME}. */
#include "envfiles/env_syntax.h"

#include <string.h>

/* Where the quote closes, with its text added. */
static const char *add_quoted(struct env_text *t, const char *at)
{
	char quote = *at++;

	for (; at < t->end && *at != quote; at++) {
		if (quote == '"' && *at == '\\' && at + 1 < t->end) {
			if (*++at == '\n')
				continue;
			if (!strchr("\"\\`$", *at))
				value_add(t, "\\", 1);
		}
		value_add(t, at, 1);
	}
	return at;
}

/* Blanks at the end do not count: `pending` are those met so far. */
static const char *add_plain(struct env_text *t, const char *at)
{
	const char *blanks = at;

	for (; at < t->end && *at != '\n' && *at != '\r'; at++) {
		if (is_space(*at))
			continue;
		value_add(t, blanks, (size_t)(at - blanks));
		if (*at == '\\' && at + 1 < t->end && *++at == '\n') {
			blanks = at + 1;
			continue;
		}
		value_add(t, at, 1);
		blanks = at + 1;
	}
	return at;
}

static const char *take_value(struct env_text *t, struct str name,
			      const char *at)
{
	value_start(t);
	while (at < t->end && *at != '\n' && *at != '\r') {
		if (is_blank(*at))
			at++;
		else if (*at == '"' || *at == '\'')
			at = add_quoted(t, at) + 1;
		else
			at = add_plain(t, at);
	}
	assign(t, name, value_end(t));
	return at < t->end ? at : t->end;
}

void read_systemd(struct env_text *t, unsigned flags)
{
	const char *at = t->begin, *end, *sign;

	(void)flags;
	while ((sign = next_assignment(t, &at, "#;"))) {
		end = take_value(
			t, (struct str){at, (size_t)(trim_end(at, sign) - at)},
			sign + 1);
		at = line_end(t, end);
	}
}
