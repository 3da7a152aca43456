/* A loaded trace: the events of one or more sources, in order of time.
 *
 * A source is a trace directory, a packed file, a .jsonl file or "-". Bytes are
 * not trusted: a torn or foreign line counts in `broken` and is skipped.
 *
 * In a directory each file speaks for its owner. Trusted about every process
 * are root, the reader, and the owner of a directory without files of other
 * users; so is a file named by the user. Any other user is a stranger, trusted
 * about the stranger's own processes only: see believe.h. */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include "base/arena.h"
#include "trace/event.h"

/* The user whose file has an event. */
struct owner {
	uint64_t uid;
	struct str tag; /* "" for trusted users, else the uid */
	size_t files;
	uint64_t lines, unbelieved;
	uint64_t counted, lost; /* counted: by counters, of strangers */
};

/* A file of a directory. */
struct trace_file {
	struct str name;
	uint64_t uid;
	bool has_stranger; /* the owner is a stranger */
	uint64_t lines;
	const char *unread; /* why a part was not read, or null */
};

struct trace {
	struct event *events; /* by boot, then t, then order in the file */
	size_t n, room;
	const struct event *modules; /* files in which places lie */
	size_t n_modules;
	uint64_t broken;      /* lines without an event */
	uint64_t lost;	      /* events counted as lost by their writers */
	uint64_t unbelieved;  /* lines of strangers about other users */
	struct owner *owners; /* [0]: all trusted users */
	unsigned n_owners, owners_room;
	const struct trace_file *files; /* of directories */
	size_t n_files;
	size_t n_loose_files; /* sources that are no directory */
	size_t unreadable;    /* files of a directory without read permission */
	size_t n_cut;	      /* files whose last event is there in part only */
	unsigned n_sources;   /* how many were loaded */
	const struct event *pack; /* the first line of a pack; or null */
	/* The lines which the first lines of packs promise, and the lines found
	 * in files that are no directory. */
	uint64_t n_promised, n_found;
	struct strs directories; /* by source: its path; len 0: no directory */
	/* Why nobody looked at env files, as the end of a sentence; or null. */
	const char *files_unread;
	/* Files of sites, as these name them, that were written since. */
	struct strs edited;
	struct str plain_from; /* the directory of a plain file before */
};

/* Adds one source to `t`. False when the source cannot be read or is no trace:
 * then *ret_why finishes the sentence "cannot read PATH: ". */
bool trace_load(struct arena *, struct trace *t, const char *path,
		const char **ret_why);

/* Call after the last trace_load. The number of lines missing from packs, which
 * count as lost events: a pack which is cut between two lines looks whole. */
uint64_t trace_note_missing(struct trace *t);

/* Adds a line of our own, behind all others. */
void trace_add_line(struct arena *, struct trace *t, unsigned source,
		    struct str line);

/* Call after the last trace_load. Sorts all events, folds `more` lines into the
 * events which they continue, and drops events unknown to this version. */
void trace_sort_and_fold(struct arena *, struct trace *t);

/* The same of a copy: `t` stays as it is. */
struct trace trace_folded_copy(struct arena *, const struct trace *t);

/* Fills the places of events which have the number of a place only. A part of
 * trace_sort_and_fold, which drops events and so calls this last. */
void trace_resolve_places(struct arena *, struct trace *t);

/* The first digits of this boot's id. False: not known. */
enum { BOOT_BYTES = 9 };
bool read_boot(char ret[BOOT_BYTES]);

/* True for a trace of the boot in which this command runs. */
bool trace_is_of_this_boot(const struct trace *);

/* True for a user whose files of a directory are trusted. */
bool trace_is_of(const struct trace *, uint64_t uid);

/* The number of lost events which may concern a process of `owner`: the losses
 * of trusted users, and of that user. */
uint64_t trace_lost(const struct trace *t, unsigned owner);

/* Sorts only: for commands which need every line. */
void trace_sort(struct arena *, struct trace *t);

#endif
