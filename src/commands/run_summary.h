/* What `run` says when its command has ended: at most ten lines. */
#ifndef COMMANDS_RUN_SUMMARY_H
#define COMMANDS_RUN_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"

struct run_summary {
	struct arena *arena;
	int dir;	  /* the trace directory */
	const char *name; /* of it, as the user says it */
	uint64_t pid;	  /* of the command */
	bool stacks;	  /* were asked for */
};

/* In a child with limits: whatever the trace holds, the caller goes on after at
 * most 5 seconds. For callers that block all signals. */
void run_summary_tell(const struct run_summary *);

#endif
