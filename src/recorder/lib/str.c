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
