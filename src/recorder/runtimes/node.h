/* Node 18 and later, from the library alone: process.env is a C++ object with
 * virtual functions, one kind for the process's environment and one for a
 * worker thread's copy. Wrapped, they tell a read from a listing, and hear what
 * libc never does, a worker's own environment. V8 says which line of JavaScript
 * is at it.
 *
 * A process that has no Node pays one comparison in getenv. */
#ifndef RECORDER_NODE_H
#define RECORDER_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "recorder/process/getenv_event.h"
#include "recorder/lib/str.h"

/* Node asks for this name once, before it has made an isolate or a thread. */
static inline bool node_begins_with(const char *name, size_t n)
{
	return n == 12 && bytes_equal(name, "NODE_OPTIONS", 12);
}
void node_start(void);

/* Is it Node's own environment object that asks libc? Then that tells it. */
bool node_takes(const struct getenv_event *);

/* libuv forks what it is about to exec: notes the line that asked for it. */
void node_before_fork(const void *caller);

#endif
