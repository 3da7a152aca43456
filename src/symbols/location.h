/* A question, an address in a file, and the answer: the functions at the
 * address, innermost first. Inlining makes more than one. Or the question for
 * all source files of a Go program. */
#ifndef SYMBOLS_LOCATION_H
#define SYMBOLS_LOCATION_H

#include <stdint.h>
#include "base/arena.h"

struct scope {
	struct str function, file; /* len 0: not known */
	uint64_t line;		   /* 0: not known */
	struct scope *outer; /* the function into which the code was inlined */
};

/* A file, as known to the processes of a trace. */
struct object {
	const char *path; /* absolute */
	struct str build; /* hex digits; len 0: not recorded */
	uint64_t wall;	  /* ms: time of use */
	bool by_time;	  /* no build-id was recorded: the age alone counts */
};

struct location {
	const struct object *object;
	uint64_t offset;
	struct scope *scopes; /* null: nothing is known */
	/* The answer is a scope for each source file instead, with a function
	 * (main.main) for the file of that function. */
	bool asks_for_files;
};

/* True for code of libc or of the language's runtime, as against code of the
 * program. */
bool is_library_frame(struct str module, const struct scope *);

#endif
