/* A file that a makefile includes: quotes are a part of the value, $$ is a $,
 * and $ with any other character stands for a variable: $KEY for $(K)EY. A
 * backslash at the end joins two lines by a blank. A value with a function of
 * make inside is not known here. */
#include "envfiles/env_syntax.h"

#include <string.h>

static bool is_join(const struct env_text *t, const char *at)
{
	return at + 1 < t->end && *at == '\\' && at[1] == '\n';
}

/* $(NAME) and ${NAME}. */
static const char *add_reference(struct env_text *t, const char *at)
{
	const char *from = at + 2, *to = from;
	char close = at[1] == '(' ? ')' : '}';

	while (to < t->end && is_name_char(*to))
		to++;
	if (to == t->end || *to != close || to == from) {
		t->is_unknown = true;
		return line_end(t, at);
	}
	value_add_text(
		t, value_of(t, (struct str){from, (size_t)(to - from)}, false));
	return to + 1;
}

static const char *add_dollar(struct env_text *t, const char *at)
{
	const char *value;

	if (at + 1 == t->end || strchr("$\n", at[1])) {
		value_add(t, "$", 1);
		return at + 1 + (at + 1 < t->end && at[1] == '$');
	}
	if (at[1] == '(' || at[1] == '{')
		return add_reference(t, at);
	t->is_unknown |= is_blank(at[1]);
	value = value_of(t, (struct str){at + 1, 1}, false);
	t->has_dropped |= !value || !*value;
	value_add_text(t, value);
	return at + 2;
}

static const char *add_join(struct env_text *t, const char *at)
{
	value_add(t, " ", 1);
	for (at += 2; at < t->end && is_blank(*at);)
		at++;
	return at;
}

static const char *add_piece(struct env_text *t, const char *at)
{
	const char *next = at;

	while (next < t->end && is_blank(*next))
		next++;
	if (is_join(t, next))
		return add_join(t, next);
	if (next > at) {
		value_add(t, at, (size_t)(next - at));
		return next;
	}
	if (*at == '$')
		return add_dollar(t, at);
	at += *at == '\\' && at + 1 < t->end && at[1] == '#';
	value_add(t, at, 1);
	return at + 1;
}

static bool ends_value(const struct env_text *t, const char *at)
{
	return at == t->end || *at == '\n' || *at == '#' ||
	       (*at == '\r' && at + 1 < t->end && at[1] == '\n');
}

static const char *take_value(struct env_text *t, struct str name,
			      const char *from)
{
	const char *at = from, *end;
	struct assignment *a;

	value_start(t);
	while (!ends_value(t, at))
		at = add_piece(t, at);
	a = assign(t, name, value_end(t));
	end = line_end(t, at);
	if (t->has_dropped)
		note_dropped(t, a, from, at);
	else if (at < end && *at == '#')
		note_whole(t, a, from, end, at > from && is_blank(at[-1]));
	return end;
}

/* NAME, export NAME, and NAME with the sign of another assignment: := ?= += */
static struct str name_before(const char *from, const char *sign)
{
	const char *end = sign;

	if (sign - from > 7 && !memcmp(from, "export", 6) && is_blank(from[6]))
		from = skip_spaces(from + 6, sign);
	while (end > from && strchr(":?+!", end[-1]))
		end--;
	end = trim_end(from, end);
	for (const char *at = from; at < end; at++)
		if (!is_name_char(*at))
			end = from;
	return (struct str){from, (size_t)(end - from)};
}

void read_make(struct env_text *t, unsigned flags)
{
	const char *at, *sign;

	(void)flags;
	skip_byte_order_mark(t);
	at = t->at;
	while ((sign = next_assignment(t, &at, "#"))) {
		struct str name = name_before(at, sign);
		const char *value = sign + 1;

		while (value < t->end && is_blank(*value))
			value++;
		at = name.len ? take_value(t, name, value) : line_end(t, value);
		if (name.len && strchr("?+!", sign[-1]))
			assign(t, name, (struct str){NULL, 0});
	}
}
