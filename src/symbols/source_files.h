/* Which source files a compiled program has, as its debug information says. */
#ifndef SYMBOLS_SOURCE_FILES_H
#define SYMBOLS_SOURCE_FILES_H

#include <stdint.h>

#include "base/arena.h"
#include "trace/event.h"

struct source_files {
	struct str main; /* has the function main; len 0: not known */
	struct strs all; /* absolute, with a zero; of libraries and of the
			    runtime, too */
};

/* Of a Go program at `path` that was not changed since `wall`, in ms. elfutils
 * reads the file in a separate process (symbol_process.h). */
struct source_files go_source_files(struct arena *, const char *path,
				    uint64_t wall);

#endif
