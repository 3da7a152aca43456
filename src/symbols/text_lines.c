#include "symbols/text_lines.h"

static size_t count_lines(struct str text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.len; i++)
		n += text.at[i] == '\n';
	return n;
}

/* A mark of the byte order is no text. */
static struct str without_mark(struct str text)
{
	const struct str mark = STR("\xef\xbb\xbf");

	if (str_has_prefix(text, mark))
		return (struct str){text.at + mark.len, text.len - mark.len};
	return text;
}

struct text_lines lines_of(struct arena *a, struct str text)
{
	struct text_lines lines = {.n = 0};

	text = without_mark(text);
	lines.at = TAKE(a, struct str, count_lines(text));
	while (text.len) {
		const char *end = memchr(text.at, '\n', text.len);
		size_t len = end ? (size_t)(end - text.at) : text.len;
		struct str *line = &lines.at[lines.n++];

		*line = (struct str){text.at, len};
		line->len -= len && line->at[len - 1] == '\r';
		text.at += len + (end != NULL);
		text.len -= len + (end != NULL);
	}
	return lines;
}

bool have_same_lines(const struct text_lines *a, const struct text_lines *b,
		     size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (i >= a->n || i >= b->n || !str_eq(a->at[i], b->at[i]))
			return false;
	return true;
}

/* --- spots ---------------------------------------------------------------- */

static bool is_of_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '_' || c == '$';
}

/* A character of four bytes of UTF-8 has two units of UTF-16. */
static size_t byte_of(struct str line, uint32_t column, bool *is_beyond)
{
	size_t at = 0, units = 0;

	while (at < line.len && units < column) {
		unsigned char c = (unsigned char)line.at[at++];

		units += c >= 0xf0 ? 2 : 1;
		while (at < line.len &&
		       ((unsigned char)line.at[at] & 0xc0) == 0x80)
			at++;
	}
	*is_beyond = units < column;
	return at;
}

struct text_spot spot_at(const struct text_lines *lines, uint32_t line,
			 uint32_t column)
{
	struct text_spot s = {.is_beyond = true};

	if (line >= lines->n)
		return s;
	s.line = lines->at[line];
	s.at = byte_of(s.line, column, &s.is_beyond);
	s.is_inside_word = s.at && s.at < s.line.len &&
			   is_of_word(s.line.at[s.at - 1]) &&
			   is_of_word(s.line.at[s.at]);
	return s;
}

struct str word_at(const struct text_spot *s)
{
	struct str rest = {s->line.at + s->at, s->line.len - s->at};
	size_t n = 0;

	while (rest.len && strchr(" \t", *rest.at))
		rest.at++, rest.len--;
	if (rest.len && strchr("\"'`.([{", *rest.at))
		rest.at++, rest.len--;
	while (n < rest.len && is_of_word(rest.at[n]))
		n++;
	return (struct str){rest.at, n};
}
