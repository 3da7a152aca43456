/* The file behind -o: appears whole or not at all. */
#ifndef COMMANDS_OUTFILE_H
#define COMMANDS_OUTFILE_H

#include "base/safe_open.h"
#include "commands/command.h"

struct outfile {
	struct out out;
	const char *path;	 /* null: standard output */
	struct resolved_path at; /* where the path leads */
	bool is_replaced;	 /* by `temp`, when `temp` is complete */
	char temp[TEMPORARY_NAME];
};

/* `path` null or "-" is standard output. False after a complaint. */
bool outfile_open(struct arena *, const char *path, struct outfile *ret);

/* `status`, or FAILED after a complaint: a full disk shows only here. */
int outfile_close(struct outfile *, int status);

#endif
