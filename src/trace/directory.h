/* The files of a trace directory, and whose word each of them is. */
#ifndef TRACE_DIRECTORY_H
#define TRACE_DIRECTORY_H

#include "trace/lines.h"
#include "trace/trace.h"

struct found {
	struct trace_file file;
	unsigned owner;		    /* trace->owners */
	bool speaks_of_run;	    /* its `run` and `ran` are believed */
	bool is_unreadable, is_cut; /* what it holds is lost to us */
	size_t first, end;	    /* lines[first..end) */
};

struct directory {
	struct found *at;
	size_t n;
	struct lines lines;
	uint64_t too_long; /* lines */
};

/* Lists the files, and reads what may be read. False: *ret_why says why. */
bool directory_read(struct arena *, struct trace *, int fd,
		    struct directory *ret, const char **ret_why);

/* The place in t->owners of a stranger, made at first sight; 0 when there are
 * too many. */
unsigned owner_of_stranger(struct arena *, struct trace *t, uint64_t uid);

#endif
