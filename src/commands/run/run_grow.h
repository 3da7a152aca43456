/* Room for a command that never forks, execs, spawns or waits. A recorder makes
 * no room in a read or a set, so `keytrail run` makes the room from outside. */
#ifndef COMMANDS_RUN_GROW_H
#define COMMANDS_RUN_GROW_H

#include <stdint.h>
#include <time.h>

struct grower;

/* For the segments in the trace directory `dir`, a descriptor kept by the
 * caller, to `max` bytes each. NULL when memory is short; grow_next does
 * nothing with NULL. */
struct grower *grower_new(int dir, uint64_t max);

/* Looks at every segment, and makes room where room runs short. Returns the
 * time until the next look: longer when nothing happens. */
struct timespec grow_next(struct grower *);

#endif
