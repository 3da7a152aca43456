#include "shared/text.h"

extern inline size_t str_length(const char *s);
extern inline bool str_equal(const char *a, const char *b);
extern inline bool str_begins(const char *s, const char *with);
extern inline const char *str_find_char(const char *s, char c);

bool str_mentions(const char *s, size_t n, const char *word)
{
	size_t len = str_length(word);

	for (size_t i = 0; i + len <= n; i++) {
		size_t k = 0;

		while (k < len && lower(s[i + k]) == word[k])
			k++;
		if (k == len)
			return true;
	}
	return false;
}

void str_hex(char *to, const uint8_t *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		*to++ = "0123456789abcdef"[from[i] >> 4];
		*to++ = "0123456789abcdef"[from[i] & 15];
	}
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	return is_hex(c) ? lower(c) - 'a' + 10 : -1;
}

bool str_unhex(uint8_t *to, size_t n, const char *from)
{
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(from[2 * i]);
		int low = high < 0 ? -1 : hex_digit(from[2 * i + 1]);

		if (low < 0)
			return false;
		to[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool str_append(char *dst, size_t size, const char *src)
{
	size_t n = str_length(dst), length = str_length(src);
	size_t most = n < size ? size - 1 - n : 0;
	size_t copied = length < most ? length : most;

	__builtin_memcpy(dst + n, src, copied);
	dst[n + copied] = '\0';
	return copied == length;
}
