#include "recorder/trace/json_text.h"

#include "recorder/lib/str.h"
#include "shared/utf8.h"

/* Bytes kept free for closing a line, its arrays and lists, which keep_field
 * never removes: "","argc":...,"env":{},"lost":{}}\n */
enum { CLOSING = 128 };

void put(struct event_line *l, const char *s)
{
	uint16_t length = l->length; /* the bytes could be part of *l */

	while (*s && length < LINE_BYTES)
		l->at[length++] = *s++;
	l->length = length;
}

void put_number(struct event_line *l, uint64_t n)
{
	char digits[21];

	str_decimal(digits, n);
	put(l, digits);
}

static void put_unit(struct event_line *l, uint32_t unit)
{
	put(l, "\\u");
	for (int shift = 12; shift >= 0; shift -= 4)
		put_char(l, "0123456789abcdef"[unit >> shift & 15]);
}

/* A character beyond U+FFFF takes two units (RFC 8259, section 7). */
static void put_units(struct event_line *l, uint32_t c)
{
	if (c < 0x10000) {
		put_unit(l, c);
		return;
	}
	put_unit(l, 0xd800 + ((c - 0x10000) >> 10));
	put_unit(l, 0xdc00 + (c & 0x3ff));
}

/* Control characters of terminals are escaped too, for people print a trace. */
static void put_character(struct event_line *l, const char *s, size_t len,
			  uint32_t c)
{
	if (utf8_is_unsafe(c)) {
		put_units(l, c);
		return;
	}
	for (size_t i = 0; i < len; i++)
		put_char(l, s[i]);
}

/* A byte outside of UTF-8 becomes \u00XX, so that every line is JSON. */
void put_escaped(struct event_line *l, const char *s, size_t n)
{
	uint32_t wide;

	for (size_t i = 0, len; i < n; i += len) {
		unsigned char c = (unsigned char)s[i];

		len = 1;
		if (c >= 0x80 && (len = utf8_next(s + i, n - i, &wide))) {
			put_character(l, s + i, len, wide);
		} else if (c < ' ' || c >= 0x7f) {
			len = 1;
			put_unit(l, c);
		} else {
			if (c == '"' || c == '\\')
				put_char(l, '\\');
			put_char(l, (char)c);
		}
	}
}

void put_key(struct event_line *l, const char *key)
{
	if (l->at[l->length - 1] != '{')
		put_char(l, ',');
	put_char(l, '"');
	put(l, key);
	put(l, "\":");
}

bool keep_field(struct event_line *l, uint16_t length)
{
	if (l->length <= LINE_BYTES - CLOSING)
		return true;
	l->length = length;
	return false;
}
