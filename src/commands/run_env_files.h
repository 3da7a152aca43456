/* The `file` events of a run: what env and secret files assign, as
 * fingerprints.
 */
#ifndef COMMANDS_RUN_ENV_FILES_H
#define COMMANDS_RUN_ENV_FILES_H

#include "base/opts.h"
#include "commands/run_events.h"
#include "shared/key_file.h"

struct run_env_files {
	struct arena *arena;
	const struct run_events *log;
	uint64_t from, to;	   /* the command began and ended */
	const uint8_t *key;	   /* of the fingerprints */
	const struct texts *watch; /* -w */
};

/* Reads the trace, then the files, in a child with limits. For callers with all
 * signals blocked. */
void run_env_files_record(const struct run_env_files *);

#endif
