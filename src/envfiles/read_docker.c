/* docker --env-file: all behind the first '=' is the value, quotes and blanks
 * included. A name with a blank makes docker refuse the file. */
#include "envfiles/env_syntax.h"

#include <string.h>

static void take_line(struct env_text *t, const char *from, const char *to)
{
	const char *sign = memchr(from, '=', (size_t)(to - from));
	struct str name;

	if (!sign)
		return; /* the name of a variable to pass on */
	name = (struct str){from, (size_t)(sign - from)};
	for (size_t i = 0; i < name.len; i++)
		t->is_refused |= is_space(name.at[i]);
	t->is_refused |= !name.len;
	assign(t, name, value_copy(t, sign + 1, to));
}

void read_docker(struct env_text *t, unsigned flags)
{
	const char *at, *end, *to;

	(void)flags;
	skip_byte_order_mark(t);
	for (at = t->at; at < t->end; at = end + 1) {
		end = line_end(t, at);
		to = end - (end > at && end[-1] == '\r');
		at = skip_spaces(at, to);
		if (at < to && *at != '#')
			take_line(t, at, to);
	}
}
