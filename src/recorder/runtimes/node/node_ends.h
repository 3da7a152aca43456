/* Why a Node program ends: the error that nobody caught, or the line that
 * called process.exit(). No JavaScript is added, and no program can see a
 * difference.
 *
 * From the first read of process.env in each isolate on:
 *  node_exit.h        node::AtExit, which runs inside process.exit()
 *  node_uncaught.h    the listener for errors that nobody caught
 *  node_rejections.h  promises that were rejected and have no handler
 *  node_error_stack.h error.stack, which Node makes to print such an error
 * The last three take the place of Node's own functions, which they call.
 * KEYTRAIL=ends=0 leaves these three out, and so does a program that is not
 * `node`: an embedder (Electron) may have functions of its own there, and V8
 * does not say which. */
#ifndef RECORDER_NODE_ENDS_H
#define RECORDER_NODE_ENDS_H

#include <stdbool.h>

#include "recorder/runtimes/node/node_end_state.h"

/* Before each access to process.env. */
void node_ends_attach(void *isolate);

static inline __attribute__((always_inline)) void node_ends_meet(void *isolate)
{
	if (__builtin_expect(isolate != node_ends_isolate, false))
		node_ends_attach(isolate);
}

/* Before an exit is recorded: records the error that the process ends by. True
 * when source_pos_current() and source_pos_callers() tell the line that called
 * process.exit(). */
bool node_on_exit(int status);

#endif
