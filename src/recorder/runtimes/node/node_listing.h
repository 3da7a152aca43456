/* A listing of process.env is no read of every variable.
 *
 * {...process.env}, Object.keys(), JSON.stringify() and a spawn's copy first
 * enumerate the names, then query and get each variable, all from one source
 * position. `for (k in process.env)` queries each name from the position of
 * `k`, just before the position of the enumeration.
 *
 * A get from the position of an enumeration by the program's own code is a copy
 * of the whole environment. Where Node's code enumerates, to start a program or
 * to print, nothing is kept. */
#ifndef RECORDER_NODE_LISTING_H
#define RECORDER_NODE_LISTING_H

#include <stdbool.h>

#include "recorder/process/source_pos.h"

/* Notes where this thread enumerates. JavaScript must be running. */
void node_on_listing(void *isolate);

/* True when an access at this position belongs to the last listing. */
bool node_is_of_listing(const struct source_pos *, int which);

/* True from an enumeration by the program to the next get in this thread. */
extern __thread bool node_may_copy __attribute__((visibility("hidden")));
void node_on_get_after_listing(void *isolate);

static inline __attribute__((always_inline)) void node_on_get(void *isolate)
{
	if (__builtin_expect(node_may_copy, false))
		node_on_get_after_listing(isolate);
}

#endif
