/* Where a recorder writes without a KEYTRAIL variable. */
#ifndef HOST_DEFAULT_TRACE_H
#define HOST_DEFAULT_TRACE_H

#include <stdbool.h>

#include "base/arena.h"

/* $TMPDIR/keytrail-UID, or /tmp/keytrail-UID. */
const char *default_trace_directory(struct arena *);

/* True for a directory of this user in which nobody else can put a file. The
 * recorder uses the default directory only when it is private. */
bool is_private_directory(const char *dir);

/* The directory used in place of `dir`, which is not private: the newest of the
 * private directories dir.RANDOM. Null when the recorder has made none. */
const char *newest_trace_beside(struct arena *, const char *dir);

/* Where a recorder writes that is preloaded in this environment: the directory
 * named by KEYTRAIL, else the one that is used without. */
const char *preloaded_trace_directory(struct arena *);

#endif
