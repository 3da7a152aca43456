/* A finding as compilers tell an error: a file, a line, a sentence. */
#ifndef FORMATS_DIAGNOSTIC_H
#define FORMATS_DIAGNOSTIC_H

#include "model/finding.h"

struct diagnostic {
	struct str file; /* relative where below the working directory; len 0:
			    not known */
	struct str line; /* digits; len 0: not known */
	enum severity severity;
	struct str sentence, fix; /* of foreign text */
	const char *code, *id;	  /* null: of no finding */
};

/* The findings with a place or a reader to tell of, in the order of the report:
 * notes only as far as the text report tells them. Where the verdict is
 * inconclusive, its headline is one more. */
struct diagnostics {
	struct diagnostic *at;
	size_t n;
};

struct diagnostics diagnostics_of(struct arena *, const struct report *);

#endif
