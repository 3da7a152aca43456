/* The source and the callers of a place in JavaScript, as long as finding them
 * costs the process little: an event beyond that has the innermost frame alone.
 */
#ifndef RECORDER_NODE_CALLERS_H
#define RECORDER_NODE_CALLERS_H

#include <stdbool.h>

#include "recorder/process/source_pos.h"

/* For a read or a change that is told. JavaScript must be running. */
callers_finder node_find_callers;

/* Puts the place in the source in the place of one in a compiled script: of a
 * read in vain, a delete, a launch; of any other event. */
function_finder node_map_place;
function_finder node_map_place_of_hit;

/* For a launch, into source_pos_callers(): V8 cannot be asked in the child. */
void node_note_launch_callers(void);

/* The same for a set or delete of this variable, the first time that the place
 * changes the variable: Node holds a lock while libc's hook is called. */
void node_note_change_callers(int which, const char *name);

#endif
