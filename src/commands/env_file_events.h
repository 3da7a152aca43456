/* The `file` events of a trace: what env and secret files assign, as
 * fingerprints.
 */
#ifndef COMMANDS_ENV_FILE_EVENTS_H
#define COMMANDS_ENV_FILE_EVENTS_H

#include "trace/trace.h"

struct env_file_lines {
	uint64_t from;		    /* events before are of earlier runs */
	uint64_t t;		    /* of the new events */
	const uint8_t *key;	    /* of the fingerprints */
	bool in_environment_of_run; /* else ${NAME} is not known */
	/* False: the line is lost. */
	bool (*take)(void *context, struct str line);
	void *context;
};

/* Reads the files that matter to the trace, which is sorted and folded, and
 * gives a line for each to `take`. Returns how many were taken. */
size_t env_file_lines_write(struct arena *, const struct trace *,
			    const struct env_file_lines *);

#endif
