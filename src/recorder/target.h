/* What an exec or spawn is about to become: can we follow it there? */
#ifndef RECORDER_TARGET_H
#define RECORDER_TARGET_H

#include <stdbool.h>

#include "keytrail/trace.h"

/* Looks at the file, and for a #! script at its interpreter. `path` is
 * searched in $PATH of environ when `search` is true and it has no slash; with
 * path NULL or "", the file is `dirfd` itself. Opens and closes one descriptor. */
enum kt_target target_of(int dirfd, const char *path, bool search);

#endif
