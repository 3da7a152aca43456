/* A trace, loaded: the events of one or more sources, in order of time.
 *
 * A source is a trace directory, a packed file, a .jsonl file or "-". Bytes
 * are doubted: a torn or foreign line is counted in `broken` and passed over. */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include "base/arena.h"
#include "trace/event.h"

struct trace {
	struct event *events; /* by boot, then t, then order in the file */
	size_t n;
	const struct event *modules; /* files that places lie in; not events */
	size_t n_modules;
	uint64_t broken; /* lines that are no event */
	uint64_t lost;	 /* events that writers counted as lost */
	size_t unreadable; /* files of a directory that we may not read */
};

/* Adds one source to `t`. False when it cannot be read or is no trace: then
 * *ret_why says why, in words that finish the sentence "cannot read PATH: ". */
bool trace_load(struct arena *, struct trace *t, const char *path,
		const char **ret_why);

/* After the last trace_load: puts all in order, folds `more` lines into what
 * they continue, and leaves out events that this version does not know. */
void trace_order(struct arena *, struct trace *t);

/* The order alone, nothing folded or left out: for those who want the lines. */
void trace_sort(struct arena *, struct trace *t);

#endif
