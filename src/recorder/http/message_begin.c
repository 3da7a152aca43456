#include "recorder/http/message_begin.h"

#include "recorder/lib/str.h"

/* In the order of their frequency. A space follows each. */
static const char methods[][8] = {"GET",   "POST", "PUT",     "DELETE",
				  "PATCH", "HEAD", "CONNECT", "OPTIONS"};

static const char version[] = "HTTP/1.";

static bool may_be(const char *word, size_t length, const char *bytes, size_t n)
{
	return bytes_equal(bytes, word, n < length ? n : length);
}

/* A method and the space behind. */
static bool may_be_method(const char *method, const char *bytes, size_t n)
{
	size_t length = str_length(method);

	return may_be(method, length, bytes, n) &&
	       (n <= length || bytes[length] == ' ');
}

enum http_begin http_may_begin(const char *bytes, size_t n)
{
	if (!n || *bytes < 'C' || *bytes > 'P')
		return HTTP_NONE;
	if (may_be(version, sizeof version - 1, bytes, n))
		return *bytes == 'H' && n == 1 ? HTTP_REQUEST : HTTP_RESPONSE;
	for (size_t i = 0; i < ARRAY_LENGTH(methods); i++)
		if (may_be_method(methods[i], bytes, n))
			return HTTP_REQUEST;
	return HTTP_NONE;
}
