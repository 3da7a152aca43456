/* The line that calls process.exit(). node::AtExit calls back inside of it,
 * while JavaScript is on the stack and all of V8 still works. */
#ifndef RECORDER_NODE_EXIT_H
#define RECORDER_NODE_EXIT_H

#include <stdbool.h>

#include "recorder/runtimes/v8/v8.h"

/* Asks Node to call back when this isolate's environment ends. False when the
 * isolate has no environment yet: a later call may succeed. */
bool node_exit_watch(void *isolate);

#endif
