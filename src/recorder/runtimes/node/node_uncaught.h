/* Errors that nobody caught. A listener of ours takes the place of Node's,
 * which it calls: Node's does not return from a fatal error. */
#ifndef RECORDER_NODE_UNCAUGHT_H
#define RECORDER_NODE_UNCAUGHT_H

#include <stdbool.h>

/* Not in a program that writes a snapshot of V8's heap, where the listener
 * lies: V8 ends a program whose snapshot has an address that it does not know.
 */
void node_uncaught_watch(void *isolate);

#endif
