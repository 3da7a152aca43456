/* Node 18 and later, from the library alone. process.env is a C++ object with
 * virtual functions: of one class for the process's environment, of another for
 * a worker thread's copy (node_store.h). Wrapped functions distinguish a read
 * from a listing, and see a worker's accesses, of which libc never hears. V8
 * knows the line of JavaScript (v8.h).
 *
 * A process without Node pays one comparison in getenv. */
#ifndef RECORDER_NODE_H
#define RECORDER_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "recorder/lib/str.h"
#include "recorder/runtimes/node/node_process_env.h" /* node_takes */

/* Node calls getenv for this name once, before any isolate or thread. */
static inline bool node_begins_with(const char *name, size_t n)
{
	return n == 12 && bytes_equal(name, "NODE_OPTIONS", 12);
}
void node_start(void);

/* The line of JavaScript that opens a file, when `caller` is libuv's. False
 * outside of JavaScript. */
bool node_on_open(const void *caller, struct source_pos *);

/* The answer to that getenv; `value` is libc's. */
char *node_options(char *value);

/* libuv forks, then execs: notes the line of JavaScript before the fork. */
void node_before_fork(const void *caller);

#endif
