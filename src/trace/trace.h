/* A trace, loaded: the events of one or more sources, in order of time.
 *
 * A source is a trace directory, a packed file, a .jsonl file or "-". Bytes
 * are doubted: a torn or foreign line is counted in `broken` and passed over.
 *
 * In a directory each file speaks for its owner. Believed about everybody are
 * root, who reads, and the owner of a directory in which all is the owner's;
 * so is a file that was named, whatever it holds. Any other user is a stranger,
 * believed about that user's own processes alone: see believe.h. */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include "base/arena.h"
#include "trace/event.h"

/* Whose word an event is. */
struct owner {
	uint64_t uid;
	struct str tag; /* "" for those who are believed, else the uid */
	size_t files;
	uint64_t lines, unbelieved;
	uint64_t counted, lost; /* counted: by counters, of strangers */
};

/* A file of a directory, and what kept us from reading all of it, or null. */
struct trace_file {
	struct str name;
	uint64_t uid;
	bool has_stranger; /* the owner is one */
	uint64_t lines;
	const char *unread;
};

struct trace {
	struct event *events; /* by boot, then t, then order in the file */
	size_t n;
	const struct event *modules; /* files that places lie in; not events */
	size_t n_modules;
	uint64_t broken;      /* lines that are no event */
	uint64_t lost;	      /* events that writers counted as lost */
	uint64_t unbelieved;  /* lines of strangers about others' processes */
	struct owner *owners; /* [0]: all who are believed about everybody */
	unsigned n_owners, owners_room;
	const struct trace_file *files; /* of directories */
	size_t n_files;
	size_t unreadable; /* files of a directory that we may not read */
};

/* Adds one source to `t`. False when it cannot be read or is no trace: then
 * *ret_why says why, in words that finish the sentence "cannot read PATH: ". */
bool trace_load(struct arena *, struct trace *t, const char *path,
		const char **ret_why);

/* After the last trace_load: puts all in order, folds `more` lines into what
 * they continue, and leaves out events that this version does not know. */
void trace_sort_and_fold(struct arena *, struct trace *t);

/* The events that may be lost to what `owner` says: the believed ones' own, and
 * that user's. */
uint64_t trace_lost(const struct trace *t, unsigned owner);

/* The order alone, nothing folded or left out: for those who want the lines. */
void trace_sort(struct arena *, struct trace *t);

#endif
