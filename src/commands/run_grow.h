/* Room for a command that never forks, execs, spawns or waits: its recorder makes
 * no room in a read or a set, so `keytrail run` makes it from outside. */
#ifndef COMMANDS_RUN_GROW_H
#define COMMANDS_RUN_GROW_H

#include <time.h>

struct grower;

/* For the segments in the trace directory `dir`, a descriptor that stays the
 * caller's. NULL when there is no memory: grow_next does nothing then. */
struct grower *grower_new(int dir);

/* Looks at every segment, and makes room where it runs short. Returns how long
 * to wait until the next look: longer where nothing happens. */
struct timespec grow_next(struct grower *);

#endif
