/* Node's worker threads with an environment of their own: each is an image in
 * the trace, known by the address of what holds its environment. */
#ifndef RECORDER_NODE_WORKER_H
#define RECORDER_NODE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

/* Once. False when there is no memory for it. */
bool node_worker_start(void);

/* This thread makes a worker, at time `t`: the id of its image. */
const char *node_worker_add(const void *store, uint64_t t);

/* Is this store that of this thread? Once it was, the thread knows itself. */
bool node_worker_is_own(const void *store);

/* This thread's image; NULL while it is the process's. */
const char *node_worker_own_id(void);
uint64_t node_worker_own_tag(void); /* a hash of that id; 0 for none */

#endif
