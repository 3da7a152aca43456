/* Env files on the way of a reader of which the trace does not tell what they
 * held. */
#ifndef EVIDENCE_UNREAD_FILE_H
#define EVIDENCE_UNREAD_FILE_H

#include "diagnosis/evidence/files/loaded_file.h"

/* An env file which the reader, or an ancestor, opened while it held the value
 * that was read, or a shell above a living reader opened, and of which the
 * trace does not tell what it held then. */
struct unread_file {
	const struct event *open; /* null: none */
	bool is_looked_at;
	bool is_changed;  /* since; else the value is not in the file */
	bool is_of_shell; /* which may have given the value from the file; the
			     reader lives, and `run` looks later */
};
struct unread_file find_unread_env_file(const struct model *,
					const struct reading *);

#endif
