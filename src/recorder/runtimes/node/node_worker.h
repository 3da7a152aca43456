/* Node's worker threads with an environment of their own. Each is an image in
 * the trace, known by the address of the store that holds the environment. */
#ifndef RECORDER_NODE_WORKER_H
#define RECORDER_NODE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

/* Once. False without memory. */
bool node_worker_start(void);

/* This thread makes a worker at time `t`. Returns the id of the worker's image.
 */
const char *node_worker_add(const void *store, uint64_t t);

/* True when the store is this thread's. The thread is remembered as that
 * worker. */
bool node_worker_is_own(const void *store);

/* This thread's image; NULL for the process's image. */
const char *node_worker_own_id(void);
uint64_t node_worker_own_tag(void); /* a hash of the id; 0 for NULL */

#endif
