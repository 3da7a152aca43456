/* The owners of a trace's files, and the parts not read or not believed. */
#ifndef FORMATS_TRACE_OWNERS_H
#define FORMATS_TRACE_OWNERS_H

#include "trace/trace.h"

/* A user's part in a trace. */
struct user_files {
	uint64_t uid, files;
	uint64_t lines, unbelieved; /* lines: believed ones */
	bool is_stranger;
};

/* Users in order of appearance; *ret_n is their number. */
const struct user_files *files_by_user(struct arena *, const struct trace *,
				       size_t *ret_n);

/* False when every file was read, and all users are trusted. */
bool files_are_mixed(const struct trace *);

/* A sentence for each fact; none when the files are not mixed. */
struct strs files_in_words(struct arena *, const struct trace *);

#endif
