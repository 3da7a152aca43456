/* python-dotenv, by its parser: a quoted value decodes escapes and may have
 * many lines; another value ends at the line's end, or at spaces and '#'. Then
 * ${NAME} and ${NAME:-default} are replaced, in any value. A line that is no
 * assignment is passed over. */
#include "envfiles/env_syntax.h"

#include <string.h>

static bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

static char *skip_blanks(const struct env_text *t, char *at)
{
	while (at < t->end && is_space(*at) && !is_line_end(*at))
		at++;
	return at;
}

static char *rest_of_line(const struct env_text *t, char *at)
{
	while (at < t->end && !is_line_end(*at))
		at++;
	return at;
}

static char *skip_line_end(const struct env_text *t, char *at)
{
	at += at < t->end && *at == '\r';
	return at + (at < t->end && *at == '\n');
}

static char unescaped(char c)
{
	static const char names[] = "abfnrtv", codes[] = "\a\b\f\n\r\t\v";
	const char *at = c ? strchr(names, c) : NULL;

	return at ? codes[at - names] : c;
}

static bool is_escape(char quote, char c)
{
	return c == '\\' || c == '\'' ||
	       (quote == '"' && c && strchr("\"abfnrtv", c));
}

/* A backslash passes over the next character. Null: no closing quote. */
static char *find_close(const struct env_text *t, char *quote)
{
	for (char *at = quote + 1; at < t->end; at++)
		if (*at == '\\')
			at++;
		else if (*at == *quote)
			return at;
	return NULL;
}

static struct str read_quoted(struct env_text *t, const char *open,
			      const char *close)
{
	value_start(t);
	for (const char *at = open + 1; at < close; at++) {
		char c = *at;

		if (c == '\\' && at + 1 < close && is_escape(*open, at[1]))
			c = unescaped(*++at);
		value_add(t, &c, 1);
	}
	return value_end(t);
}

/* Where spaces and '#' begin, or the end. */
static const char *find_comment(const char *from, const char *to)
{
	const char *behind;

	for (const char *at = from; at < to; at = behind) {
		behind = skip_spaces(at, to);
		if (behind > at && behind < to && *behind == '#')
			return at;
		behind += behind == at;
	}
	return to;
}

/* ---- ${NAME:-default} ---------------------------------------------------- */

static const char *add_variable(struct env_text *t, const char *at,
				const char *end)
{
	const char *close = find_brace(at, end), *colon, *value;
	struct str name;

	if (!close)
		return NULL;
	colon = memchr(at, ':', (size_t)(close - at));
	if (colon && (close - colon < 2 || colon[1] != '-'))
		return NULL;
	name = (struct str){at, (size_t)((colon ? colon : close) - at)};
	value = value_of(t, name, true);
	if (!value && colon)
		value_add(t, colon + 2, (size_t)(close - colon - 2));
	else
		value_add_text(t, value);
	return close;
}

static struct str expand(struct env_text *t, struct str raw)
{
	const char *end = raw.at + raw.len, *close;

	if (!raw.at || !memmem(raw.at, raw.len, "${", 2))
		return raw;
	value_start(t);
	for (const char *at = raw.at; at < end; at++) {
		close = end - at > 1 && at[0] == '$' && at[1] == '{'
				? add_variable(t, at + 2, end)
				: NULL;
		if (close)
			at = close;
		else
			value_add(t, at, 1);
	}
	return value_end(t);
}

/* ---- a line -------------------------------------------------------------- */

/* An earlier assignment of the name stands. */
static void note_unclosed(struct env_text *t, struct str name)
{
	if (hashmap_find(t->names, NULL, name))
		return;
	assign(t, name, (struct str){NULL, 0});
	t->list[t->n - 1]->is_unclosed = true;
}

/* Leaves `at` at the end of the value. Null: an error. */
static char *take_value(struct env_text *t, struct str name, char *from)
{
	char *end = rest_of_line(t, from), *close;
	const char *cut;
	struct assignment *a;
	bool is_one_line;

	if (from < t->end && (*from == '"' || *from == '\'')) {
		close = find_close(t, from);
		if (!close) {
			note_unclosed(t, name);
			return NULL;
		}
		is_one_line = close < end;
		end = skip_blanks(t, close + 1);
		t->at = end;
		if (end < t->end && !is_line_end(*end) && *end != '#') {
			if (!is_one_line)
				note_unclosed(t, name);
			return NULL;
		}
		assign(t, name, expand(t, read_quoted(t, from, close)));
		return end;
	}
	cut = find_comment(from - is_space(from[-1]), end);
	a = assign(
		t, name,
		expand(t, value_copy(t, from < cut ? from : cut,
				     trim_end(from < cut ? from : cut, cut))));
	note_whole(t, a, from, end, cut < end);
	return end;
}

/* False at '#', at a quote that is not closed, and at no name. */
static bool take_name(const struct env_text *t, char **at, struct str *ret)
{
	char *from = *at, *to = from, *close;

	if (from < t->end && *from == '\'') {
		close = memchr(from + 1, '\'', (size_t)(t->end - from - 1));
		if (!close || close == from + 1)
			return false;
		*ret = (struct str){from + 1, (size_t)(close - from - 1)};
		*at = close + 1;
		return true;
	}
	while (to < t->end && *to != '=' && *to != '#' && !is_space(*to))
		to++;
	*ret = (struct str){from, (size_t)(to - from)};
	*at = to;
	return to > from;
}

static bool take_line(struct env_text *t)
{
	struct str name;
	char *at = t->at;

	if (t->end - at > 7 && !memcmp(at, "export", 6) &&
	    skip_blanks(t, at + 6) > at + 6)
		at = skip_blanks(t, at + 6);
	if (!take_name(t, &at, &name))
		return false;
	at = skip_blanks(t, at);
	if (at == t->end || *at != '=')
		return false;
	at = take_value(t, name, skip_blanks(t, at + 1));
	if (at)
		t->at = at;
	return at;
}

void read_python_dotenv(struct env_text *t, unsigned flags)
{
	(void)flags;
	skip_byte_order_mark(t);
	for (;;) {
		t->at = (char *)(uintptr_t)skip_spaces(t->at, t->end);
		if (t->at == t->end)
			return;
		take_line(t);
		t->at = skip_line_end(t, rest_of_line(t, t->at));
	}
}
