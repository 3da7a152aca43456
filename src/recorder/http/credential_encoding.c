#include "recorder/http/credential_encoding.h"

#include "recorder/lib/str.h"

static int digit_of_base64(char c)
{
	if (is_letter(c))
		return c >= 'a' ? c - 'a' + 26 : c - 'A';
	if (is_digit(c))
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

size_t http_decode_base64(char *text, size_t n)
{
	uint32_t bits = 0;
	size_t length = 0, count = 0;

	while (n && text[n - 1] == '=')
		n--;
	for (size_t i = 0; i < n; i++)
		if (digit_of_base64(text[i]) < 0)
			return 0;
	for (size_t i = 0; i < n; i++) {
		bits = bits << 6 | (uint32_t)digit_of_base64(text[i]);
		count += 6;
		if (count >= 8) {
			count -= 8;
			text[length++] = (char)(bits >> count);
		}
	}
	text[length] = '\0';
	return length;
}

size_t http_decode_percent(char *text, size_t n)
{
	size_t length = 0;
	uint8_t byte;

	for (size_t i = 0; i < n; i++) {
		if (text[i] == '%' && i + 2 < n &&
		    str_unhex(&byte, 1, text + i + 1)) {
			text[length++] = (char)byte;
			i += 2;
		} else {
			text[length++] = text[i] == '+' ? ' ' : text[i];
		}
	}
	text[length] = '\0';
	return length;
}
