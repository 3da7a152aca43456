/* A caller, as the array `callers` has it. */
#ifndef TRACE_CALLER_H
#define TRACE_CALLER_H

#include "base/str.h"

struct caller {
	struct str site, function; /* function.len 0: not known */
};

/* "/app/main.js:12 main": the site ends where a number and a blank, or the end,
 * follow a colon, and the mark for compiled code. */
struct caller caller_of(struct str text);

#endif
