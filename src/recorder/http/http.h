/* Requests of HTTP/1.x that the process sends or receives, and the answers: the
 * events `request` and `response`. Only with http=1.
 *
 * A hook hands the bytes of a socket or of TLS to http_sent or http_received,
 * and this module follows the heads on each connection. All state is bounded,
 * and lies in memory that no core dump includes and a fork empties. A
 * connection without a place is not followed. */
#ifndef RECORDER_HTTP_H
#define RECORDER_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/http/request_event.h"

/* One direction is one thread's at a time, as libssl demands, or the program
 * has to order the bytes. */
struct http_channel {
	uintptr_t key; /* the same for each call on a connection */
	int fd;	       /* a socket, if the kernel agrees; or -1 */
	struct http_call call;
};

/* Makes the state. Nothing is followed before. */
void http_start(void);
bool http_is_on(void);

/* Another module tells the requests inside TLS, and those of HTTP/2. */
void http_is_told_of(bool tls, bool http2);

/* The program has sent, or received, these bytes. */
void http_sent(const struct http_channel *, const char *bytes, size_t n);
void http_received(const struct http_channel *, const char *bytes, size_t n);

#endif
