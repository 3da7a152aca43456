/* The callers of a place in JavaScript, as long as finding them costs the
 * process little: an event beyond that has the innermost frame alone. */
#ifndef RECORDER_NODE_CALLERS_H
#define RECORDER_NODE_CALLERS_H

#include <stdbool.h>

#include "recorder/process/source_pos.h"

/* For a read or a change that is told. JavaScript must be running. */
callers_finder node_find_callers;

/* For a launch, into source_pos_callers(): V8 cannot be asked in the child. */
void node_note_launch_callers(void);

/* The same for a set or delete of this variable, the first time that the place
 * changes the variable: Node holds a lock while libc's hook is called. */
void node_note_change_callers(int which, const char *name);

#endif
