/* The file behind -o: it appears whole or not at all. */
#ifndef COMMANDS_OUTFILE_H
#define COMMANDS_OUTFILE_H

#include "commands/command.h"

struct outfile {
	struct out out;
	const char *path; /* null: standard output */
	const char *temp; /* what is being written, or null: `path` itself */
};

/* `path` null or "-" is standard output. False after a complaint. */
bool outfile_open(struct arena *, const char *path, struct outfile *ret);

/* `status`, or FAILED after a complaint: a full disk shows only here. */
int outfile_close(struct outfile *, int status);

#endif
