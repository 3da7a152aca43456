#include "shared/json_stream.h"

#include "shared/text.h"

/* --- bytes ---------------------------------------------------------------- */

static const int8_t digits[128] = {
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, -1, -1, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1,
	-1, 0,	1,  2,	3,  4,	5,  6,	7,  8,	9,  10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, -1,
	-1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,
};

int base64_digit(int c)
{
	return c >= 0 && c < 128 ? digits[c] : -1;
}

/* Four digits become three bytes. False: another character is among them. */
static inline bool undo_four(char *to, const char *from)
{
	int32_t bits = 0, all = 0;

	for (size_t i = 0; i < 4; i++) {
		int32_t digit = digits[(uint8_t)from[i] & 127];

		all |= digit | (from[i] & 128);
		bits = bits << 6 | (digit & 63);
	}
	to[0] = (char)(bits >> 16);
	to[1] = (char)(bits >> 8);
	to[2] = (char)bits;
	return all >= 0 && all < 128;
}

/* In place. Ends at the first character that is no digit: padding, or an
 * error. */
static uint16_t undo_base64(char *piece, size_t length)
{
	uint16_t to = 0;
	size_t at = 0;
	uint32_t bits = 0, have = 0;

	for (; at + 4 <= length; at += 4, to += 3) {
		char bytes[3];

		if (!undo_four(bytes, piece + at))
			break;
		__builtin_memcpy(piece + to, bytes, sizeof bytes);
	}
	for (; at < length && base64_digit((uint8_t)piece[at]) >= 0; at++) {
		bits = bits << 6 | (uint32_t)base64_digit((uint8_t)piece[at]);
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		piece[to++] = (char)(bits >> have);
	}
	return to;
}

/* In place. An escape that the piece cuts is left: *ret_rest bytes are to be
 * read again. */
static uint16_t undo_percent(char *piece, size_t length, size_t *ret_rest)
{
	uint16_t to = 0;
	uint8_t byte;

	*ret_rest = 0;
	for (size_t i = 0; i < length; i++) {
		if (piece[i] == '%' && length - i < 3 &&
		    length == JSON_STREAM_PIECE) {
			*ret_rest = length - i;
			break;
		}
		if (piece[i] == '%' && length - i >= 3 &&
		    str_unhex(&byte, 1, piece + i + 1)) {
			piece[to++] = (char)byte;
			i += 2;
		} else {
			piece[to++] = piece[i];
		}
	}
	return to;
}

static bool next_piece(struct json_stream *s)
{
	size_t n = s->text->read(s->text->of, s->at, s->piece, sizeof s->piece);
	size_t rest = 0;

	s->at += n;
	s->next = 0;
	s->length = (uint16_t)n;
	if (s->text->encoding == JSON_STREAM_BASE64)
		s->length = undo_base64(s->piece, n);
	else if (s->text->encoding == JSON_STREAM_PERCENT)
		s->length = undo_percent(s->piece, n, &rest);
	s->at -= rest;
	return s->length;
}

void json_stream_begin(struct json_stream *s,
		       const struct json_stream_text *text)
{
	s->text = text;
	s->at = text->begin;
	s->length = s->next = 0;
}

static inline int peek(struct json_stream *s)
{
	if (s->next == s->length && !next_piece(s))
		return -1;
	return (uint8_t)s->piece[s->next];
}

static inline int take(struct json_stream *s)
{
	int c = peek(s);

	s->next += c >= 0;
	return c;
}

/* --- tokens --------------------------------------------------------------- */

static bool is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int peek_token(struct json_stream *s)
{
	while (is_blank(peek(s)))
		s->next++;
	return peek(s);
}

int json_stream_token(struct json_stream *s)
{
	int c = peek_token(s);

	s->next += c >= 0;
	return c;
}

bool json_stream_take(struct json_stream *s, char c)
{
	if (peek_token(s) != c)
		return false;
	s->next++;
	return true;
}

/* --- strings -------------------------------------------------------------- */

/* The four digits of \u00e9; -1: something else. */
static int take_code(struct json_stream *s)
{
	char hex[4];
	uint8_t code[2];

	for (size_t i = 0; i < sizeof hex; i++) {
		if (peek(s) < 0 || !is_hex((char)peek(s)))
			return -1;
		hex[i] = (char)take(s);
	}
	str_unhex(code, 2, hex);
	return code[0] << 8 | code[1];
}

/* -1 at the end of the text, -2 at the quote. Raw bytes are below 256; an
 * escaped code point comes with ESCAPED. */
enum { ESCAPED = 1 << 16 };

static int take_escape(struct json_stream *s)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	int c = take(s), code;

	if (c == 'u') {
		code = take_code(s);
		return code < 0 ? '?' : code | ESCAPED;
	}
	for (size_t i = 0; i < sizeof letters - 1; i++)
		if (c == letters[i])
			return meant[i];
	return c;
}

static inline int take_character(struct json_stream *s)
{
	int c = take(s);

	if (c == '"')
		return -2;
	return c == '\\' ? take_escape(s) : c;
}

int json_stream_any_character(struct json_stream *s)
{
	int c = take_character(s);

	return c < 0 ? -1 : c & ~ESCAPED;
}

void json_stream_end_string(struct json_stream *s)
{
	while (json_stream_character(s) >= 0)
		;
}

/* As UTF-8. Half of a pair, for a character beyond 0xffff, becomes '?'. */
static size_t put(char bytes[3], int c)
{
	int code = c & ~ESCAPED;

	if (!(c & ESCAPED) || code < 0x80)
		return bytes[0] = (char)code, 1;
	if (code >= 0xd800 && code < 0xe000)
		return bytes[0] = '?', 1;
	if (code < 0x800) {
		bytes[0] = (char)(0xc0 | code >> 6);
		bytes[1] = (char)(0x80 | (code & 63));
		return 2;
	}
	bytes[0] = (char)(0xe0 | code >> 12);
	bytes[1] = (char)(0x80 | (code >> 6 & 63));
	bytes[2] = (char)(0x80 | (code & 63));
	return 3;
}

/* What is cut is taken all the same. A byte 0 cuts, too. */
static bool take_string(struct json_stream *s, char *ret, size_t size)
{
	size_t length = 0;
	bool fits = true;
	int c;

	while ((c = take_character(s)) >= 0) {
		char bytes[3];
		size_t n = put(bytes, c);

		fits = fits && bytes[0] && length + n < size;
		for (size_t i = 0; fits && i < n; i++)
			ret[length++] = bytes[i];
	}
	ret[length] = '\0';
	return fits && c == -2;
}

bool json_stream_string(struct json_stream *s, char *ret, size_t size)
{
	ret[0] = '\0';
	if (json_stream_take(s, '"'))
		return take_string(s, ret, size);
	json_stream_skip(s);
	return false;
}

/* --- values --------------------------------------------------------------- */

bool json_stream_key(struct json_stream *s, char *ret, size_t size)
{
	int c = json_stream_token(s);

	if (c == ',')
		c = json_stream_token(s);
	if (c != '"')
		return false;
	take_string(s, ret, size);
	return json_stream_take(s, ':');
}

bool json_stream_item(struct json_stream *s, bool is_first)
{
	if (json_stream_take(s, ']'))
		return false;
	return is_first ? peek_token(s) >= 0 : json_stream_take(s, ',');
}

uint32_t json_stream_number(struct json_stream *s)
{
	uint64_t n = 0;

	peek_token(s);
	while (peek(s) >= 0 && is_digit((char)peek(s))) {
		n = n * 10 + (uint64_t)(take(s) - '0');
		n = n > UINT32_MAX ? UINT32_MAX : n;
	}
	return (uint32_t)n;
}

/* A number, or true, false, null. */
static void skip_word(struct json_stream *s)
{
	int c = peek(s);

	while (c >= 0 && !is_blank(c) && c != ',' && c != ']' && c != '}') {
		s->next++;
		c = peek(s);
	}
}

void json_stream_skip(struct json_stream *s)
{
	size_t depth = 0;
	int c;

	do {
		c = peek_token(s);
		if (!depth && (c == ',' || c == ']' || c == '}'))
			return; /* no value */
		if (c == '"') {
			s->next++;
			json_stream_end_string(s);
		} else if (c == '{' || c == '[') {
			s->next++;
			depth++;
		} else if (c == '}' || c == ']') {
			s->next++;
			depth--;
		} else if (c == ',' || c == ':') {
			s->next++;
		} else {
			skip_word(s);
		}
	} while (depth && c >= 0);
}
