#include "base/out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "shared/utf8.h"

#define BUFFER 65536

struct out out_to(struct arena *arena, int fd)
{
	return (struct out){.arena = arena,
			    .fd = fd,
			    .at = TAKE(arena, char, BUFFER),
			    .room = BUFFER,
			    .width = 80};
}

struct out out_to_memory(struct arena *arena)
{
	return (struct out){.arena = arena, .fd = -1, .width = 80};
}

static void write_all(struct out *o, const char *at, size_t len)
{
	while (len && !o->error) {
		ssize_t n = write(o->fd, at, len);

		if (n < 0 && errno != EINTR)
			o->error = errno;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
}

static void flush(struct out *o)
{
	write_all(o, o->at, o->used);
	o->used = 0;
}

static void grow(struct out *o, size_t more)
{
	const char *old = o->at;

	o->room = (o->used + more) * 2;
	o->at = TAKE(o->arena, char, o->room);
	if (o->used)
		memcpy(o->at, old, o->used);
}

void out_str(struct out *o, struct str s)
{
	if (s.len > o->room - o->used && o->fd < 0)
		grow(o, s.len);
	if (s.len > o->room - o->used)
		flush(o);
	if (s.len > o->room) {
		write_all(o, s.at, s.len);
		return;
	}
	if (s.len)
		memcpy(o->at + o->used, s.at, s.len);
	o->used += s.len;
}

void out_print(struct out *o, const char *format, ...)
{
	char text[1024];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (len >= (int)sizeof text)
		len = sizeof text - 1;
	if (len > 0)
		out_str(o, (struct str){text, (size_t)len});
}

/* --- JSON ----------------------------------------------------------------- */

/* A character beyond U+FFFF takes two units (RFC 8259, section 7). */
static void json_escape_units(struct out *o, uint32_t c)
{
	if (c < 0x10000)
		out_print(o, "\\u%04x", (unsigned)c);
	else
		out_print(o, "\\u%04x\\u%04x",
			  0xd800 + (unsigned)((c - 0x10000) >> 10),
			  0xdc00 + (unsigned)(c & 0x3ff));
}

static void json_escape(struct out *o, uint32_t c)
{
	static const char plain[] = "\"\\\n\t", letters[] = "\"\\nt";
	const char *at = c && c < 0x80 ? strchr(plain, (int)c) : NULL;

	if (at)
		out_print(o, "\\%c", letters[at - plain]);
	else
		json_escape_units(o, c);
}

static bool needs_escape(uint32_t c)
{
	return c == '"' || c == '\\' || utf8_is_unsafe(c);
}

/* Cuts one character off *s. len 0: a byte of no character. */
static struct str next_character(struct str *s, uint32_t *ret)
{
	size_t n = utf8_next(s->at, s->len, ret);
	struct str c = {s->at, n};

	n = n ? n : 1;
	*s = (struct str){s->at + n, s->len - n};
	return c;
}

void out_json(struct out *o, struct str s)
{
	uint32_t c = 0;

	out_str(o, STR("\""));
	while (s.len) {
		struct str character = next_character(&s, &c);

		if (!character.len)
			out_str(o, STR("\\ufffd"));
		else if (needs_escape(c))
			json_escape(o, c);
		else
			out_str(o, character);
	}
	out_str(o, STR("\""));
}

void out_json_line(struct out *o, struct str line)
{
	uint32_t c = 0;

	while (line.len) {
		struct str character = next_character(&line, &c);

		if (!character.len)
			out_str(o, STR("\\ufffd"));
		else if (c == '\t')
			out_str(o, STR(" "));
		else if (utf8_is_unsafe(c))
			json_escape_units(o, c);
		else
			out_str(o, character);
	}
}

/* --- for people ----------------------------------------------------------- */

/* Cuts one character off *s. Returns '?' for a character which must not be
 * shown. */
static struct str next_shown(struct str *s)
{
	uint32_t c = 0;
	struct str character = next_character(s, &c);

	return !character.len || utf8_is_unsafe(c) ? STR("?") : character;
}

unsigned out_columns(struct str s)
{
	unsigned n = 0;

	for (; s.len; n++)
		next_shown(&s);
	return n;
}

size_t out_bytes(struct str s, unsigned columns)
{
	size_t all = s.len;

	while (s.len && columns--)
		next_shown(&s);
	return all - s.len;
}

void out_clean(struct out *o, struct str s)
{
	while (s.len) {
		out_str(o, next_shown(&s));
		o->column++;
	}
}

void out_pad(struct out *o, unsigned column)
{
	while (o->column < column)
		out_clean(o, STR(" "));
}

void out_line(struct out *o)
{
	out_str(o, STR("\n"));
	o->column = 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t';
}

static struct str next_word(struct str *s)
{
	struct str word;
	size_t n = 0;

	while (s->len && is_blank(*s->at))
		*s = (struct str){s->at + 1, s->len - 1};
	while (n < s->len && !is_blank(s->at[n]))
		n++;
	word = (struct str){s->at, n};
	*s = (struct str){s->at + n, s->len - n};
	return word;
}

static void write_word(struct out *o, unsigned indent, struct str word)
{
	while (word.len) {
		if (o->column >= o->width && o->width > indent) {
			out_line(o);
			out_pad(o, indent);
		}
		out_str(o, next_shown(&word));
		o->column++;
	}
}

void out_wrap(struct out *o, unsigned indent, struct str s)
{
	bool first = true;

	for (;;) {
		struct str word = next_word(&s);

		if (!word.len)
			return;
		if (!first && o->column + 1 + out_columns(word) > o->width) {
			out_line(o);
			out_pad(o, indent);
		} else if (!first) {
			out_clean(o, STR(" "));
		}
		write_word(o, indent, word);
		first = false;
	}
}

void out_style(struct out *o, enum style style)
{
	static const char *const codes[] = {
		[PLAIN] = "0",	[STRONG] = "1", [FAINT] = "2",
		[RED] = "1;31", [GREEN] = "32", [YELLOW] = "33",
	};

	if (o->colour)
		out_print(o, "\033[%sm", codes[style]);
}

/* --- the end -------------------------------------------------------------- */

int out_end(struct out *o)
{
	if (o->fd >= 0)
		flush(o);
	return o->error;
}

struct str out_memory(const struct out *o)
{
	return (struct str){o->at, o->used};
}
