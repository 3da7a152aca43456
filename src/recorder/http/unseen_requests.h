/* Connections whose requests the recorder cannot read: HTTP/2, and TLS inside
 * the program itself. The event `unseen`. */
#ifndef RECORDER_HTTP_UNSEEN_REQUESTS_H
#define RECORDER_HTTP_UNSEEN_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>

#include "recorder/http/http.h"

/* True when a connection of HTTP/2 or of TLS may begin with these bytes. */
bool may_begin_unseen(const char *bytes, size_t n);

/* Records the event, and returns true, when the bytes begin a connection of
 * HTTP/2. Records a client of HTTP inside TLS, whose library no hook reaches.
 */
bool record_unseen(const struct http_channel *, bool is_incoming,
		   const char *bytes, size_t n);

#endif
