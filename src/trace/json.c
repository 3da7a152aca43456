#include "trace/json.h"

#define DEEPEST 32 /* a trace needs 3 */

struct json json_of(struct arena *arena, struct str text)
{
	return (struct json){
		.arena = arena, .at = text.at, .end = text.at + text.len};
}

/* Ends the reading: the rest of the text is skipped. */
static bool fail(struct json *j, const char *why)
{
	if (!j->broken)
		j->broken = why;
	j->at = j->end;
	return false;
}

static int byte(const struct json *j)
{
	return j->at < j->end ? (unsigned char)*j->at : -1;
}

static void skip_blanks(struct json *j)
{
	while (j->at < j->end && (*j->at == ' ' || *j->at == '\t' ||
				  *j->at == '\n' || *j->at == '\r'))
		j->at++;
}

static bool accept(struct json *j, char wanted)
{
	if (byte(j) != wanted)
		return false;
	j->at++;
	return true;
}

enum json_kind json_peek(struct json *j)
{
	skip_blanks(j);
	switch (byte(j)) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case '-':
	case '0' ... '9':
		return JSON_NUMBER;
	case 't':
		return JSON_TRUE;
	case 'f':
		return JSON_FALSE;
	case 'n':
		return JSON_NULL;
	}
	return JSON_NOTHING;
}

bool json_open(struct json *j, enum json_kind kind)
{
	if (json_peek(j) != kind)
		return fail(j, "another kind of value was expected");
	if (j->depth == DEEPEST)
		return fail(j, "nested too deep");
	j->at++;
	j->depth++;
	return j->fresh = true;
}

/* True when another member or item begins; false at the closing bracket. */
static bool more(struct json *j, char close)
{
	bool fresh = j->fresh;

	if (j->broken)
		return false;
	j->fresh = false;
	skip_blanks(j);
	if (accept(j, close)) {
		j->depth--;
		return false;
	}
	if (!fresh && !accept(j, ','))
		return fail(j, "a comma is missing");
	return true;
}

bool json_key(struct json *j, struct str *ret_key)
{
	struct str key;

	if (!more(j, '}'))
		return false;
	key = json_string(j);
	skip_blanks(j);
	if (j->broken || !accept(j, ':'))
		return fail(j, "a colon is missing");
	*ret_key = key;
	return true;
}

bool json_item(struct json *j)
{
	if (!more(j, ']'))
		return false;
	if (json_peek(j) == JSON_NOTHING)
		return fail(j, "an item is missing");
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool accept_escape(struct json *j)
{
	j->at++;
	if (byte(j) == -1 || !strchr("\"\\/bfnrtu", *j->at) || !*j->at)
		return fail(j, "no such escape");
	if (*j->at++ != 'u')
		return true;
	for (int i = 0; i < 4; i++, j->at++)
		if (byte(j) == -1 || hex_digit(*j->at) < 0)
			return fail(j, "no such escape");
	return true;
}

/* The bytes between the quotes of a string: escapes are checked and stay. */
static struct str raw_string(struct json *j, bool *ret_escaped)
{
	const char *start;
	bool escaped = false;

	if (json_peek(j) != JSON_STRING)
		return fail(j, "a string was expected"), STR("");
	start = ++j->at;
	while (j->at < j->end && *j->at != '"') {
		if ((unsigned char)*j->at < ' ')
			return fail(j, "control byte in a string"), STR("");
		if (*j->at != '\\')
			j->at++;
		else if (escaped = true, !accept_escape(j))
			return STR("");
	}
	if (byte(j) != '"')
		return fail(j, "string cut short"), STR("");
	*ret_escaped = escaped;
	return (struct str){start, (size_t)(j->at++ - start)};
}

static unsigned hex4(const char *at)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 4 | (unsigned)hex_digit(at[i]);
	return v;
}

/* The character of the \uXXXX at *at, or of two such escapes for a surrogate
 * pair. A single surrogate is no character and becomes U+FFFD. */
static unsigned unescape_unicode(const char **at, const char *end)
{
	unsigned c = hex4(*at + 2), low;

	*at += 6;
	if (c < 0xd800 || c > 0xdfff)
		return c;
	if (c > 0xdbff || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
		return 0xfffd;
	low = hex4(*at + 2);
	if (low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*at += 6;
	return 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
}

static char *append_utf8(char *to, unsigned c)
{
	if (c < 0x80) {
		*to++ = (char)c;
		return to;
	}
	if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (c & 0x3f));
	return to;
}

static char unescape_letter(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	}
	return c;
}

/* Every escape is at least as long as its character: raw.len bytes are enough.
 */
static struct str unescape(struct arena *arena, struct str raw)
{
	char *text = TAKE(arena, char, raw.len), *to = text;
	const char *at = raw.at, *end = raw.at + raw.len;

	while (at < end) {
		if (*at != '\\') {
			*to++ = *at++;
		} else if (at[1] == 'u') {
			to = append_utf8(to, unescape_unicode(&at, end));
		} else {
			*to++ = unescape_letter(at[1]);
			at += 2;
		}
	}
	return (struct str){text, (size_t)(to - text)};
}

struct str json_string(struct json *j)
{
	bool escaped = false;
	struct str raw = raw_string(j, &escaped);

	return escaped ? unescape(j->arena, raw) : raw;
}

static bool is_digit(const struct json *j)
{
	return byte(j) >= '0' && byte(j) <= '9';
}

static bool skip_digits(struct json *j)
{
	if (!is_digit(j))
		return fail(j, "a digit is missing");
	while (is_digit(j))
		j->at++;
	return true;
}

static uint64_t whole_part(struct json *j)
{
	uint64_t v = 0;

	if (!is_digit(j))
		return fail(j, "a digit is missing"), 0;
	if (accept(j, '0'))
		return 0;
	for (; is_digit(j); j->at++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, byte(j) - '0', &v))
			return skip_digits(j), UINT64_MAX;
	return v;
}

struct number json_number(struct json *j)
{
	struct number n = {.whole = true};

	if (json_peek(j) != JSON_NUMBER)
		return fail(j, "a number was expected"), (struct number){0};
	n.negative = accept(j, '-');
	n.magnitude = whole_part(j);
	if (accept(j, '.')) {
		n.whole = false;
		skip_digits(j);
	}
	if (accept(j, 'e') || accept(j, 'E')) {
		n.whole = false;
		if (!accept(j, '-'))
			accept(j, '+');
		skip_digits(j);
	}
	return n;
}

static void accept_word(struct json *j, struct str word)
{
	if ((size_t)(j->end - j->at) < word.len ||
	    memcmp(j->at, word.at, word.len))
		fail(j, "no such word");
	else
		j->at += word.len;
}

void json_skip(struct json *j)
{
	struct str key;
	bool escaped;

	switch (json_peek(j)) {
	case JSON_OBJECT:
		json_open(j, JSON_OBJECT);
		while (json_key(j, &key))
			json_skip(j);
		break;
	case JSON_ARRAY:
		json_open(j, JSON_ARRAY);
		while (json_item(j))
			json_skip(j);
		break;
	case JSON_STRING:
		raw_string(j, &escaped);
		break;
	case JSON_NUMBER:
		json_number(j);
		break;
	case JSON_TRUE:
		accept_word(j, STR("true"));
		break;
	case JSON_FALSE:
		accept_word(j, STR("false"));
		break;
	case JSON_NULL:
		accept_word(j, STR("null"));
		break;
	case JSON_NOTHING:
		fail(j, "a value is missing");
		break;
	}
}

bool json_whole(struct json *j)
{
	skip_blanks(j);
	if (j->depth || j->at != j->end)
		fail(j, "more than one value");
	return !j->broken;
}
