/* The program of an exec or spawn to come: can the recorder follow? */
#ifndef RECORDER_EXEC_TARGET_H
#define RECORDER_EXEC_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "keytrail/trace.h"
#include "shared/sanitizer.h"

struct exec_target {
	enum kt_target kind;
	/* libasan.so.8: the runtime of a sanitizer, which ends the program
	 * unless loaded before all other libraries; "" for other programs. */
	char runtime[RUNTIME_BYTES];
	bool only_lists; /* a loader which lists libraries, and runs nothing */
};

/* Looks at the file, for a #! script at the interpreter, and for a loader at
 * the program named in argv. `path` is searched in $PATH of environ
 * when `search` is true and `path` has no slash; with path NULL or "", the file
 * is `dirfd` itself. Opens and closes one descriptor at a time. */
void exec_target_inspect(struct exec_target *ret, int dirfd, const char *path,
			 bool search, char *const *argv);

#endif
