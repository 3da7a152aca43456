/* Whose the files of a trace are, and what of them was not read or believed. */
#ifndef FORMATS_FILES_H
#define FORMATS_FILES_H

#include "trace/trace.h"

/* One user's part in a trace. */
struct user_files {
	uint64_t uid, files;
	uint64_t lines, unbelieved; /* lines: those that are believed */
	bool is_stranger;
};

/* By user, as they first appear; *ret_n of them. */
const struct user_files *files_by_user(struct arena *, const struct trace *,
				       size_t *ret_n);

/* Is there anything to tell? Not where all is believed, and was read. */
bool files_are_mixed(const struct trace *);

/* A sentence each; none when nothing is to be told. */
struct strs files_in_words(struct arena *, const struct trace *);

#endif
