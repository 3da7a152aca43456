#include "recorder/lib/str.h"

bool str_append(char *dst, size_t size, const char *src)
{
	size_t n = str_length(dst);

	while (*src && n + 1 < size)
		dst[n++] = *src++;
	dst[n] = '\0';
	return !*src;
}

size_t str_decimal(char *to, uint64_t n)
{
	char digits[20];
	size_t count = 0, len = 0;

	do
		digits[count++] = (char)('0' + n % 10);
	while (n /= 10);
	while (count)
		to[len++] = digits[--count];
	to[len] = '\0';
	return len;
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
