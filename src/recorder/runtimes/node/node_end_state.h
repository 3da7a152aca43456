/* What one isolate, and so one thread, knows of how it ends. */
#ifndef RECORDER_NODE_END_STATE_H
#define RECORDER_NODE_END_STATE_H

#include <stdbool.h>

#include "recorder/process/callers.h"
#include "recorder/process/source_pos.h"
#include "recorder/runtimes/node/node_error.h"

enum { REJECTIONS = 8 };

struct node_ends {
	struct node_error *thrown; /* being handled now, or NULL */
	bool has_exit;
	struct source_pos exit;
	struct callers exit_callers;
	struct node_error rejected[REJECTIONS];
	int promise[REJECTIONS]; /* identity of each one's promise */
	uint32_t next;
	uint64_t window;    /* when the last 0.1 s began */
	uint32_t in_window; /* rejections looked at since */
	bool is_asking;	    /* V8 is being asked about an error */
};
extern __thread struct node_ends *node_ends
	__attribute__((visibility("hidden")));

/* The isolate that node_ends is of; NULL: no isolate was met yet. */
extern __thread void *node_ends_isolate __attribute__((visibility("hidden")));

/* A worker thread ends. The process's own thread keeps what is known until the
 * exit is recorded. */
void node_ends_forget(void);

#endif
