#include "shared/malformed_key.h"

#include "keytrail/trace.h"
#include "shared/key_prefix.h"
#include "shared/text.h"

enum { KEY_LENGTH_LEAST = 16, BASE64_LENGTH_LEAST = 24, BEGINNING = 8 };

/* In no provider's keys is any other character. */
static bool is_key_character(char c)
{
	return is_letter(c) || is_digit(c) || str_has_char("-_.+/=", 6, c);
}

static size_t count_key_characters(const char *s, size_t n)
{
	size_t count = 0;

	while (count < n && is_key_character(s[count]))
		count++;
	return count;
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

/* Without a blank before the #, a loader may take the # for a part of the
 * value. */
static bool is_comment(const char *s, size_t n)
{
	size_t at = 0;

	while (at < n && (s[at] == ' ' || s[at] == '\t'))
		at++;
	return at && at < n && s[at] == '#';
}

/* Two keys without a character between. A JSON text in base64 may repeat a
 * name. */
static bool holds_beginning_again(const char *s, size_t n)
{
	for (size_t i = KEY_LENGTH_LEAST; i + BEGINNING <= n; i++)
		if (bytes_equal(s, s + i, BEGINNING))
			return !str_begins(s, "eyJ");
	return false;
}

/* Of a key, and the text behind it. Line ends and bytes outside of ASCII have
 * shapes of their own. */
static uint32_t rest_shape(const char *s, size_t n)
{
	if (n && is_quote(*s) && is_comment(s + 1, n - 1))
		return KT_IS_COMMENT;
	if (is_comment(s, n))
		return KT_IS_COMMENT;
	return n && ((*s >= ' ' && *s <= '~') || *s == '\t')
		       ? KT_IS_KEY_AND_MORE
		       : 0;
}

static uint32_t shape_of_key(const char *s, size_t n)
{
	size_t bracket = n && str_has_char("[(<{", 4, *s), length;

	if (!is_key(s + bracket))
		return 0;
	length = count_key_characters(s + bracket, n - bracket);
	if (length < KEY_LENGTH_LEAST)
		return 0;
	if (bracket || holds_beginning_again(s, length))
		return KT_IS_KEY_AND_MORE;
	return rest_shape(s + length, n - length);
}

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes the beginning alone: a provider's prefix, and a few characters of
 * the key. */
static bool is_base64_key(const char *s, size_t n)
{
	char text[13];
	size_t length = 0;
	uint32_t bits = 0;

	if (n < BASE64_LENGTH_LEAST || count_key_characters(s, n) != n)
		return false;
	for (size_t i = 0; i < 16; i++) {
		int digit = base64_digit(s[i]);

		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		if (i % 4 != 3)
			continue;
		text[length++] = (char)(bits >> 16);
		text[length++] = (char)(bits >> 8);
		text[length++] = (char)bits;
	}
	text[length] = '\0';
	return count_key_characters(text, length) == length &&
	       provider_of(text);
}

uint32_t key_shape(const char *s, size_t n)
{
	return is_base64_key(s, n) ? KT_IS_BASE64_KEY : shape_of_key(s, n);
}
