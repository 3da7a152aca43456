/* The `file` events of a run: what env and secret files assign, as
 * fingerprints.
 */
#ifndef COMMANDS_RUN_ENV_FILES_H
#define COMMANDS_RUN_ENV_FILES_H

#include "base/opts.h"
#include "commands/run/run_events.h"
#include "trace/trace.h"

struct run_env_files {
	const struct run_events *log;
	uint64_t from, to;	   /* the command began and ended */
	const uint8_t *key;	   /* of the fingerprints */
	const struct texts *watch; /* -w */
};

/* Reads the files that matter to the trace, which is sorted. Returns how many
 * events were written. For a child with limits: a file may be of any kind. */
size_t run_env_files_record(struct arena *, const struct trace *,
			    const struct run_env_files *);

#endif
