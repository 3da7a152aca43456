/* Where a run is recorded: the trace directory, and the key beside it. */
#ifndef COMMANDS_RUN_DIR_H
#define COMMANDS_RUN_DIR_H

#include "commands/command.h"

struct run_dir {
	const char *name; /* as the user says it */
	const char *path; /* absolute */
	char key[33];	  /* 32 hex digits: keys the fingerprints */
};

/* `name` null: a new one in the current directory, named after the moment.
 * False after a complaint. */
bool run_dir_make(struct arena *, const char *name, struct run_dir *ret);

#endif
