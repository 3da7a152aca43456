/* Node is made to load http_adapter.cjs by the answer to its question for
 * NODE_OPTIONS: process.env stays as it is, and no child inherits the option.
 */
#ifndef RECORDER_NODE_HTTP_ADAPTER_H
#define RECORDER_NODE_HTTP_ADAPTER_H

#include <stddef.h>

/* `value`, with the adapter behind. To be asked in a process with Node, before
 * any isolate exists. */
char *node_http_options(char *value);

/* Of node_http.c: zeroed memory of so many bytes; NULL turns it off. */
size_t node_http_bytes(void);
void node_http_begin(void *memory);

#endif
