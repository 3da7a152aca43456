/* A worker thread begins with an environment of its own: the copy is an image
 * in the trace, and is recorded like the birth of a process. */
#ifndef RECORDER_NODE_WORKER_BIRTH_H
#define RECORDER_NODE_WORKER_BIRTH_H

#include <stdbool.h>

#include "recorder/runtimes/node/node_store.h"

/* True while this thread copies an environment for a new worker: the accesses
 * within are Node's, not the program's. */
extern __thread bool node_is_copying __attribute__((visibility("hidden")));

/* Both call Node's own function, then record the worker's birth. */
void *node_clone(clone_method *original, void *ret, void *store, void *isolate);
result node_assign(store_method *original, void *store, void *context,
		   local object, local value);

#endif
