/* After the end of the command of `keytrail run`: env files are read, and a
 * summary is told in at most ten lines. */
#ifndef COMMANDS_RUN_SUMMARY_H
#define COMMANDS_RUN_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>
#include "commands/env_file_events.h"

struct run_summary {
	struct arena *arena;
	int dir;			    /* the trace directory */
	const char *name;		    /* in the user's words */
	uint64_t pid;			    /* of the command */
	bool stacks;			    /* were asked for */
	bool quiet;			    /* env files alone */
	const struct env_file_lines *files; /* or null: none are to be read */
};

/* In a child with limits: whatever the trace holds, the caller goes on after at
 * most 5 seconds. For callers with all signals blocked. */
void run_summary_tell(const struct run_summary *);

#endif
