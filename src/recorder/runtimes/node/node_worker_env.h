/* Wrappers of MapKVStore, a worker thread's own environment: libc never hears
 * of an access, so the wrappers record reads, sets and deletes. */
#ifndef RECORDER_NODE_WORKER_ENV_H
#define RECORDER_NODE_WORKER_ENV_H

#include <stdbool.h>

#include "recorder/runtimes/vtable.h"

/* Adds the class's functions to those to replace; false without the class. */
bool node_worker_env_add(struct vtable *);

#endif
