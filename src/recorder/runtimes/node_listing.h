/* A listing of process.env is no read of every variable.
 *
 * {...process.env}, Object.keys(), JSON.stringify() and a spawn's copy first
 * enumerate the names, then query and get each variable, all from one source
 * position. `for (k in process.env)` queries each name from the position of
 * `k`, just before the position of the enumeration. */
#ifndef RECORDER_NODE_LISTING_H
#define RECORDER_NODE_LISTING_H

#include <stdbool.h>

#include "recorder/process/source_pos.h"

/* Notes where this thread enumerates. JavaScript must be running. */
void node_on_listing(void *isolate);

/* True when an access at this position belongs to the last listing. */
bool node_is_of_listing(const struct source_pos *, int which);

#endif
