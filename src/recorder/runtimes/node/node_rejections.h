/* Promises that were rejected and have no handler yet: the last few of this
 * thread. A callback of ours takes the place of Node's, which it calls. */
#ifndef RECORDER_NODE_REJECTIONS_H
#define RECORDER_NODE_REJECTIONS_H

#include "recorder/runtimes/v8/v8.h"

struct node_ends;

void node_rejections_watch(void *isolate);

/* The rejection with this error that still has no handler, or NULL. */
struct node_error *node_rejections_find(struct node_ends *, local error);

/* Notes an error by which the thread may end. NULL: there are too many. */
struct node_error *node_rejections_add(struct node_ends *, void *isolate,
				       local error);

/* Records the rejection by which this thread, or the process, ends. */
void node_rejections_record(struct node_ends *);

#endif
