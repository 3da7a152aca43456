/* What an exec or spawn is about to become: can we follow it there? */
#ifndef RECORDER_TARGET_H
#define RECORDER_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "keytrail/trace.h"

enum { RUNTIME_BYTES = 32 };

struct target {
	enum kt_target kind;
	/* libasan.so.8: a sanitizer's runtime, which ends the program unless it
	 * is the first library of all; "" for other programs. */
	char runtime[RUNTIME_BYTES];
};

/* Looks at the file, and for a #! script at its interpreter. `path` is
 * searched in $PATH of environ when `search` is true and it has no slash; with
 * path NULL or "", the file is `dirfd` itself. Opens and closes one descriptor. */
void target_look(struct target *ret, int dirfd, const char *path, bool search);

/* Is NAME, n bytes, the file name of a sanitizer's runtime? */
bool target_is_runtime(const char *name, size_t n);

#endif
