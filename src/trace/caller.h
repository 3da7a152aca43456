/* The frames of the language that were running at an event: the place of the
 * event, then the callers. */
#ifndef TRACE_CALLER_H
#define TRACE_CALLER_H

#include "trace/event.h"

struct caller {
	struct str site, function; /* function.len 0: not known */
};

/* "/app/main.js:12 main": the site ends where a number and a blank, or the end,
 * follow a colon, and the mark for compiled code. */
struct caller caller_of(struct str text);

/* 0: the event has no line of the program. */
size_t count_frames(const struct event *);

/* The innermost frame first: frame 0 is the place of the event itself. */
struct caller nth_frame(const struct event *, size_t n);

#endif
