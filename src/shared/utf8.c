#include "shared/utf8.h"

static size_t length_of(unsigned char first, uint32_t *ret_bits)
{
	if (first < 0x80)
		return *ret_bits = first, 1;
	if (first >= 0xc2 && first < 0xe0)
		return *ret_bits = first & 0x1f, 2;
	if (first >= 0xe0 && first < 0xf0)
		return *ret_bits = first & 0x0f, 3;
	if (first >= 0xf0 && first < 0xf5)
		return *ret_bits = first & 0x07, 4;
	return 0;
}

size_t utf8_next(const char *s, size_t n, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = 0;
	size_t length = n ? length_of((unsigned char)s[0], &c) : 0;

	if (!length || length > n)
		return 0;
	for (size_t i = 1; i < length; i++) {
		unsigned char b = (unsigned char)s[i];

		if ((b & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (b & 0x3f);
	}
	if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return length;
}

bool utf8_is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad ||
	       c == 0x061c || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	       c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}
