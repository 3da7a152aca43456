#include "recorder/lib/str.h"

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
