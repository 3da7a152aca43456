/* process.env beside libc's environ, looked at when the program makes a worker
 * without an environment of its own: after `process.env = {...}` the worker
 * gets libc's environment. */
#ifndef RECORDER_NODE_DIFFER_H
#define RECORDER_NODE_DIFFER_H

#include "recorder/process/source_pos.h"

/* Within a call that JavaScript made. Runs no code of the program. */
void node_compare(void *isolate, const struct source_pos *);

/* The same at an error, in the main thread: what the object lacks is told, too,
 * as the reads of the object are not heard. */
void node_compare_at_error(void *isolate, const struct source_pos *);

#endif
