/* One question, an address in a file, and its answer: the functions that are
 * at work there, innermost first. More than one where the compiler inlined. */
#ifndef SYMBOLS_LOCATION_H
#define SYMBOLS_LOCATION_H

#include <stdint.h>
#include "base/arena.h"

struct scope {
	struct str function, file; /* len 0: not known */
	uint64_t line;		   /* 0: not known */
	struct scope *outer;	   /* whose code it was inlined into */
};

/* A file, as the processes of a trace knew it. */
struct object {
	const char *path; /* absolute */
	struct str build; /* hex digits; len 0: the trace tells none */
	uint64_t wall;	  /* ms: when it was in use */
};

struct location {
	const struct object *object;
	uint64_t offset;
	struct scope *scopes; /* null: nothing is known */
};

/* Does the language's runtime stand here, or libc, and not the program? */
bool is_library_frame(struct str module, const struct scope *);

#endif
