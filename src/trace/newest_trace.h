/* The trace that is meant when no TRACE is named. */
#ifndef TRACE_NEWEST_TRACE_H
#define TRACE_NEWEST_TRACE_H

#include "base/arena.h"

/* The directory `keytrail-*` in the working directory which was recorded into
 * last. Only directories of this user in which a recorder wrote are looked at.
 * Null: none. */
const char *newest_trace(struct arena *);

/* The same of any directory in `path`. */
const char *newest_trace_below(struct arena *, const char *path);

#endif
