/* Requests of HTTP, told by http_adapter.cjs in JavaScript: OpenSSL is a part
 * of Node's program, and out of the loader's sight.
 *
 * The adapter reads names of process.env that no program uses, and the wrappers
 * of process.env hand these reads to this module. Requests without TLS are
 * recorded by the hooks on sockets, which ask for the place alone. */
#ifndef RECORDER_NODE_HTTP_H
#define RECORDER_NODE_HTTP_H

#include <stdbool.h>

#include "recorder/http/request_event.h"
#include "recorder/runtimes/node/node_http_adapter.h"
#include "recorder/runtimes/node/node_store.h"

/* A read by the adapter? Then *ret is the answer, and no other code is to see
 * the read. */
bool node_http_takes(void *isolate, local key, result *ret);

/* Where JavaScript asked for the request with this head. */
bool node_http_find_place(const struct http_head *, struct http_place *ret);

#endif
