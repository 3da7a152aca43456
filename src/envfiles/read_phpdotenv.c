/* vlucas/phpdotenv 5: a value without quotes ends at a blank or '#', and only a
 * comment may follow. ${NAME} is replaced, except in single quotes. A line that
 * breaks the rules makes phpdotenv refuse the file. */
#include "envfiles/env_syntax.h"

#include <string.h>

/* False for a name that the environment and the file lack, too: the text stays
 * as written. */
static bool add_variable(struct env_text *t, const char *at, const char *end,
			 const char **ret_close)
{
	const char *close = find_brace(at, end), *value = NULL;

	if (close)
		value = value_of(t,
				 (struct str){at + 2, (size_t)(close - at - 2)},
				 true);
	if (!value)
		return false;
	value_add_text(t, value);
	*ret_close = close;
	return true;
}

static bool begins_variable(const char *at, const char *end)
{
	return end - at > 3 && at[0] == '$' && at[1] == '{';
}

static void add_escape(struct env_text *t, char c)
{
	static const char names[] = "nrtfv\"\\$", codes[] = "\n\r\t\f\v\"\\$";
	const char *at = strchr(names, c);

	if (c && at)
		value_add(t, codes + (at - names), 1);
	else
		t->is_refused = true;
}

/* Behind the closing quote; null: none. Only double quotes close on another
 * line. */
static const char *add_quoted(struct env_text *t, const char *at)
{
	char quote = *at++;
	const char *end = quote == '"' ? t->end : line_end(t, at);

	for (; at < end && *at != quote; at++) {
		if (quote == '"' && begins_variable(at, end) &&
		    add_variable(t, at, end, &at))
			continue;
		if (quote == '"' && *at == '\\' && at + 1 < end)
			add_escape(t, *++at);
		else
			value_add(t, at, 1);
	}
	return at < end ? at + 1 : NULL;
}

static const char *add_plain(struct env_text *t, const char *at,
			     const char *end)
{
	for (; at < end && *at != '#' && !is_space(*at); at++)
		if (!begins_variable(at, end) || !add_variable(t, at, end, &at))
			value_add(t, at, 1);
	return at;
}

static const char *take_value(struct env_text *t, struct str name,
			      const char *from)
{
	const char *end = line_end(t, from), *at, *rest;
	bool has_quote;
	struct assignment *a;

	for (at = from; at < end && is_space(*at); at++)
		;
	has_quote = at < end && (*at == '"' || *at == '\'');
	value_start(t);
	at = has_quote ? add_quoted(t, at) : add_plain(t, at, end);
	if (!at) {
		t->is_refused = true;
		return t->end;
	}
	a = assign(t, name, value_end(t));
	end = line_end(t, at);
	rest = skip_spaces(at, end);
	t->is_refused |= rest < end && *rest != '#';
	if (!has_quote && rest < end)
		note_whole(t, a, from, end, rest > at);
	return end;
}

static struct str name_of(const char *from, const char *to)
{
	to = trim_end(from, to);
	if (to - from > 7 && !memcmp(from, "export", 6) && is_space(from[6]))
		from = skip_spaces(from + 6, to);
	if (to - from > 1 && (*from == '"' || *from == '\'') && to[-1] == *from)
		from++, to--;
	return (struct str){from, (size_t)(to - from)};
}

static bool is_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!is_name_char(name.at[i]) && name.at[i] != '.')
			return false;
	return name.len;
}

void read_phpdotenv(struct env_text *t, unsigned flags)
{
	const char *at, *sign;

	(void)flags;
	normalize_line_ends(t);
	skip_byte_order_mark(t);
	at = t->at;
	while ((sign = next_assignment(t, &at, "#"))) {
		struct str name = name_of(at, sign);

		t->is_refused |= !is_name(name);
		at = take_value(t, name, sign + 1);
	}
}
