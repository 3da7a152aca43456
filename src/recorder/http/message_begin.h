/* The first bytes of a message of HTTP/1.x. */
#ifndef RECORDER_HTTP_MESSAGE_BEGIN_H
#define RECORDER_HTTP_MESSAGE_BEGIN_H

#include <stddef.h>

/* May a message begin with these bytes, of which more may follow? */
enum http_begin { HTTP_NONE, HTTP_REQUEST, HTTP_RESPONSE };
enum http_begin http_may_begin(const char *bytes, size_t n);

#endif
