/* Files with debug information. A trace may name any file, so only regular
 * files are opened. */
#ifndef SYMBOLS_DEBUG_FILE_H
#define SYMBOLS_DEBUG_FILE_H

#include <sys/stat.h>
#include "base/arena.h"

/* Opens a regular file of at most 4 GiB. -1: no such file. */
int debug_file_open(const char *path, struct stat *ret);

/* Where distributions install the debug file of a build-id: it may be present
 * when the program was removed or replaced. "": the build-id is too short. */
const char *debug_file_path(struct arena *, struct str build);

/* True when elfutils, which looks for the debug file `name` beside the program
 * and under /usr/lib/debug, would open something else than a regular file. The
 * directory of the program is the first `dir` bytes of `file`. */
bool debug_file_is_special(const char *file, int dir, const char *name);

#endif
