/* The files of a trace directory, and the owner of each file. */
#ifndef TRACE_DIRECTORY_H
#define TRACE_DIRECTORY_H

#include "trace/lines.h"
#include "trace/segment_size.h"
#include "trace/trace.h"

struct found {
	struct trace_file file;
	unsigned owner;		    /* trace->owners */
	bool speaks_of_run;	    /* `run` and `ran` are believed */
	bool is_unreadable, is_cut; /* its events are lost */
	bool is_open;		    /* the last line has no newline */
	enum segment_size size;
	size_t first, end; /* lines[first..end) */
};

struct directory {
	struct found *at;
	size_t n;
	struct lines lines;
	uint64_t too_long; /* lines */
};

/* Lists the files, and reads as much as permitted. False: *ret_why has the
 * reason. */
bool directory_read(struct arena *, struct trace *, int fd,
		    struct directory *ret, const char **ret_why);

/* Keeps fd open. */
bool directory_is_empty(int fd);

/* The place in t->owners of a stranger, made at first sight; 0 for too many
 * strangers. */
unsigned owner_of_stranger(struct arena *, struct trace *t, uint64_t uid);

#endif
