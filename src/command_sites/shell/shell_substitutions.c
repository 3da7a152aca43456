#include "command_sites/shell/shell_substitutions.h"

enum { DEEPEST = 16, MOST_LINES = 16 };

/* Behind the end of a text in which a bracket or a quote is not closed. */
static size_t unclosed(struct str text)
{
	return text.len + 1;
}

static bool is_at(struct str text, size_t i, const char *wanted)
{
	size_t n = strlen(wanted);

	return i + n <= text.len && !memcmp(text.at + i, wanted, n);
}

static bool begins_substitution(struct str text, size_t i)
{
	return text.at[i] == '`' || is_at(text, i, "$(");
}

static size_t behind(struct str text, size_t i, char close, unsigned depth);

static size_t behind_single_quote(struct str text, size_t i)
{
	const char *end =
		i < text.len ? memchr(text.at + i, '\'', text.len - i) : NULL;

	return end ? (size_t)(end - text.at) + 1 : unclosed(text);
}

/* Behind a quote, a bracket or an expansion that begins here; else behind the
 * byte. */
static size_t behind_part(struct str text, size_t i, char close, unsigned depth)
{
	bool is_quoted = close == '"';

	if (text.at[i] == '\\')
		return i + 2;
	if (close == '`')
		return i + 1;
	if (is_at(text, i, "$("))
		return behind(text, i + 2, ')', depth + 1);
	if (is_at(text, i, "${"))
		return behind(text, i + 2, '}', depth + 1);
	if (text.at[i] == '`' || text.at[i] == '"')
		return behind(text, i + 1, text.at[i], depth + 1);
	if (text.at[i] == '\'' && !is_quoted)
		return behind_single_quote(text, i + 1);
	if (text.at[i] == '(' && close == ')')
		return behind(text, i + 1, ')', depth + 1);
	return i + 1;
}

/* From `i` on: behind the next `close`. */
static size_t behind(struct str text, size_t i, char close, unsigned depth)
{
	while (i < text.len && depth < DEEPEST) {
		if (text.at[i] == close)
			return i + 1;
		i = behind_part(text, i, close, depth);
	}
	return unclosed(text);
}

/* The next substitution from `*i` on, in double quotes or in none; `*i` is then
 * its end. text.len: none. unclosed(): the end is missing. */
static size_t next_substitution(struct str text, size_t *i, bool *quoted)
{
	while (*i < text.len) {
		size_t begin = *i;

		if (begins_substitution(text, begin)) {
			*i = behind_part(text, begin, 0, 0);
			return *i > text.len ? unclosed(text) : begin;
		}
		if (text.at[begin] == '"')
			*quoted = !*quoted;
		if (text.at[begin] == '\'' && !*quoted)
			*i = behind_single_quote(text, begin + 1);
		else
			*i += 1 + (text.at[begin] == '\\');
	}
	return text.len;
}

static bool is_open(struct str text)
{
	bool quoted = false;
	size_t i = 0, begin;

	do
		begin = next_substitution(text, &i, &quoted);
	while (begin < text.len);
	return begin > text.len;
}

bool next_whole_line(struct str *rest, struct str *ret_line)
{
	struct str behind_line, more, whole;

	if (!next_line(rest, ret_line))
		return false;
	behind_line = *rest;
	whole = *ret_line;
	if (trim(whole).len && *trim(whole).at == '#')
		return true;
	for (int n = 0; is_open(whole); n++) {
		if (n == MOST_LINES || !next_line(&behind_line, &more))
			return true;
		whole.len = (size_t)(more.at + more.len - whole.at);
	}
	if (whole.len > ret_line->len)
		*rest = behind_line;
	*ret_line = whole;
	return true;
}

struct str without_substitutions(struct arena *a, struct str line)
{
	char *to = TAKE(a, char, line.len + 1);
	bool quoted = false;
	size_t end = 0, begin;

	memcpy(to, line.at, line.len);
	while ((begin = next_substitution(line, &end, &quoted)) < line.len)
		memset(to + begin, 'x', end - begin);
	return (struct str){to, line.len};
}

size_t count_substitutions(struct str line)
{
	bool quoted = false;
	size_t end = 0, n = 0;

	while (next_substitution(line, &end, &quoted) < line.len)
		n++;
	return n;
}
