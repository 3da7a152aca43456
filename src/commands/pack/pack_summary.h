/* What a packed file has in it, told before the file is attached. */
#ifndef COMMANDS_PACK_SUMMARY_H
#define COMMANDS_PACK_SUMMARY_H

#include "base/hashmap.h"
#include "trace/event.h"

struct pack_contents {
	struct arena *arena;
	struct hashmap *seen;
	size_t processes, names, home_paths, values;
	size_t lines, first_value; /* the number of a line; 0: none */
};

struct pack_contents pack_contents_new(struct arena *);

/* Counts what a line has that no line before had: paths and values by its text,
 * processes and variables by its event, which may be null. */
void pack_contents_add(struct pack_contents *, struct str line,
		       const struct event *);

/* "5 processes, 4 names, 2 paths below a home directory, 0 values" */
struct str pack_contents_in_words(const struct pack_contents *);

#endif
