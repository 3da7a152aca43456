#include "recorder/secrets/secret.h"

#include "keytrail/trace.h"
#include "recorder/lib/siphash.h"
#include "recorder/lib/str.h"
#include "shared/key_prefix.h"

enum { PRINTED_MAX = 1 << 20 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_blank_or_line_end(char c)
{
	return is_blank(c) || c == '\r' || c == '\n';
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static bool is_literal(const char *s)
{
	static const char words[][16] = {
		"undefined", "null", "None", "NaN", "nil", "[object Object]"};

	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (str_equal(s, words[i]))
			return true;
	return false;
}

static bool is_unexpanded(const char *s, size_t n)
{
	if (n < 3)
		return false;
	if (s[0] == '$' && s[1] == '{' && s[n - 1] == '}')
		return true;
	if (s[0] == '$' && s[1] == '(' && s[n - 1] == ')')
		return true;
	if (s[0] == '{' && s[1] == '{' && s[n - 1] == '}' && s[n - 2] == '}')
		return true;
	if (s[0] == '%' && s[n - 1] == '%')
		return true;
	if (s[0] != '$' || !(is_letter(s[1]) || s[1] == '_'))
		return false;
	for (size_t i = 1; i < n; i++)
		if (!is_letter(s[i]) && !is_digit(s[i]) && s[i] != '_')
			return false;
	return true;
}

static bool begins_with(const char *s, size_t n, const char *word)
{
	while (n && *word && lower(*s) == *word)
		s++, word++, n--;
	return !*word;
}

/* Called for every credential at every birth: a single pass. */
static bool holds_hint(const char *s, size_t n)
{
	static const char hints[][16] = {
		"your-",      "your_",	      "yourkey",      "changeme",
		"change-me",  "change_me",    "replaceme",    "replace-me",
		"replace_me", "replace_with", "placeholder",  "insert-",
		"insert_",    "api-key-here", "api_key_here", "key-here",
		"key_here",   "xxxxxx",	      "....",	      "****"};

	for (size_t at = 0; at < n; at++) {
		char c = lower(s[at]);

		for (size_t i = 0; i < ARRAY_LENGTH(hints); i++)
			if (hints[i][0] == c &&
			    begins_with(s + at, n - at, hints[i]))
				return true;
	}
	return false;
}

/* Values of examples: your-api-key, <key>, xxxxxxxx, sk-..., replace_me. */
static bool is_placeholder(const char *s, size_t n)
{
	static const char words[][8] = {"xxx", "***", "todo", "fixme", "dummy"};

	if (n > 64)
		return false;
	/* one in twenty thousand real keys has four */
	if (n <= 20 && str_mentions(s, n, "xxxx"))
		return true;
	if (n > 2 && ((s[0] == '<' && s[n - 1] == '>') ||
		      bytes_equal(s + n - 3, "...", 3)))
		return true;
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (str_length(words[i]) == n && str_mentions(s, n, words[i]))
			return true;
	return holds_hint(s, n);
}

static uint16_t bytes_shape(const char *s, size_t n)
{
	uint16_t is = 0;
	size_t hex = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '\r')
			is |= (uint16_t)KT_IS_CR;
		else if (c == '\n')
			is |= (uint16_t)KT_IS_LF;
		else if ((c < ' ' && c != '\t') || c > '~')
			is |= (uint16_t)KT_IS_UNPRINTABLE;
		hex += is_hex(s[i]);
	}
	return hex == n && n >= 32 ? (uint16_t)(is | KT_IS_HEX) : is;
}

/* Narrows s[*from..*to) to the text between blanks and line ends. */
static void trim(const char *s, size_t *from, size_t *to)
{
	while (*from < *to && is_blank_or_line_end(s[*from]))
		++*from;
	while (*to > *from && is_blank_or_line_end(s[*to - 1]))
		--*to;
}

static bool is_quoted(const char *s, size_t n)
{
	size_t from = 0, to = n;

	trim(s, &from, &to);
	return to - from > 1 && is_quote(s[from]) && s[to - 1] == s[from];
}

static bool is_json(const char *s, size_t n)
{
	size_t from = 0, to = n;

	trim(s, &from, &to);
	return to - from > 1 && ((s[from] == '{' && s[to - 1] == '}') ||
				 (s[from] == '[' && s[to - 1] == ']'));
}

static uint16_t shape_of(const char *s, size_t n)
{
	uint16_t is = bytes_shape(s, n);

	if (!n)
		return (uint16_t)KT_IS_EMPTY;
	if (is_blank(s[0]) || is_blank(s[n - 1]))
		is |= (uint16_t)KT_IS_BLANK;
	if (is_quoted(s, n))
		is |= (uint16_t)KT_IS_QUOTED;
	if (str_begins(s, "\xef\xbb\xbf"))
		is |= (uint16_t)KT_IS_BOM;
	if (is_json(s, n))
		is |= (uint16_t)KT_IS_JSON;
	if (str_begins(s, "-----BEGIN "))
		is |= (uint16_t)KT_IS_PEM;
	if (is_unexpanded(s, n))
		is = (uint16_t)((is & ~KT_IS_JSON) | KT_IS_UNEXPANDED);
	if (is_literal(s))
		is = (uint16_t)((is & ~KT_IS_JSON) | KT_IS_LITERAL);
	if (is_placeholder(s, n))
		is |= (uint16_t)KT_IS_PLACEHOLDER;
	return is;
}

/* Narrows s[*from..*to) to the text between quotes, too: a careful loader would
 * have kept only that text. */
static void strip(const char *s, size_t *from, size_t *to)
{
	trim(s, from, to);
	if (*to - *from > 1 && is_quote(s[*from]) && s[*to - 1] == s[*from])
		++*from, --*to;
}

static __attribute__((noinline)) void
print_value(const char *s, const uint8_t key[16], struct fingerprint *ret)
{
	size_t n = str_length(s), from = 0, to = n;

	siphash128(ret->fp, key, s, n);
	strip(s, &from, &to);
	ret->has_bare = to - from != n;
	if (ret->has_bare)
		siphash128(ret->bare, key, s + from, to - from);
	ret->length = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
	ret->is = shape_of(s, n < PRINTED_MAX ? n : PRINTED_MAX);
	ret->provider = provider_of(s + from);
}

/* Overwrites dead stack slots: eight bytes of the value at a time pass through
 * the hash, and a core of the host must not hold those bytes. */
static __attribute__((noinline)) void wipe_stack(void)
{
	char below[768];

	__builtin_memset(below, 0, sizeof below);
	__asm__ volatile("" : : "r"(below) : "memory");
}

void secret_fingerprint(struct secret s, const uint8_t key[16],
			struct fingerprint *ret)
{
	*ret = (struct fingerprint){0};
	print_value(s.bytes, key, ret);
	wipe_stack();
}

/* True unless the eight bytes might lie across the end of a page. */
static bool is_word_readable(const char *s)
{
	return ((uintptr_t)s & 4095) <= 4096 - sizeof(uint64_t);
}

static bool has_zero_byte(uint64_t word)
{
	return (word - UINT64_C(0x0101010101010101)) & ~word &
	       UINT64_C(0x8080808080808080);
}

HOT uint64_t secret_tag(struct secret s, uint64_t seed)
{
	const char *c = s.bytes;
	uint64_t hash = seed, word, tail = 0;
	int shift = 0;

	for (; is_word_readable(c); c += sizeof word) {
		__builtin_memcpy(&word, c, sizeof word);
		if (has_zero_byte(word))
			break;
		hash = hash_word(hash, word);
	}
	for (; *c; c++) {
		tail |= (uint64_t)(unsigned char)*c << shift;
		shift += 8;
		if (shift == 64) {
			hash = hash_word(hash, tail);
			tail = 0, shift = 0;
		}
	}
	return hash_word(hash, tail + (uint64_t)shift);
}

bool secret_is_key_shaped(struct secret s)
{
	return is_key(s.bytes);
}

bool secret_is_path(struct secret s)
{
	return s.bytes[0] == '/';
}

bool secret_touches(struct secret s, const char *text, size_t n, size_t from,
		    size_t to)
{
	size_t begin = 0, end = str_length(s.bytes), length;

	strip(s.bytes, &begin, &end);
	length = end - begin;
	if (length < 4)
		return false;
	for (size_t i = from < length ? 0 : from - length + 1;
	     i < to && i + length <= n; i++)
		if (bytes_equal(text + i, s.bytes + begin, length))
			return true;
	return false;
}

bool secret_beginning(struct secret s, uint32_t *ret)
{
	size_t begin = 0, end = str_length(s.bytes);

	strip(s.bytes, &begin, &end);
	if (end - begin < sizeof *ret)
		return false;
	__builtin_memcpy(ret, s.bytes + begin, sizeof *ret);
	return true;
}

bool secret_is_in(struct secret s, const char *text, size_t n)
{
	return secret_touches(s, text, n, 0, n);
}
