/* Reading small files whole. */
#ifndef BASE_READ_FILE_H
#define BASE_READ_FILE_H

#include <stdint.h>
#include <sys/stat.h>

#include "base/arena.h"

/* Up to `size` bytes of the file. */
struct str read_whole(struct arena *, int fd, size_t size);

/* True when neither content nor inode changed after `ms`, a time of
 * CLOCK_REALTIME. Nobody can set the time of the last change of the inode. */
bool is_unchanged_since(const struct stat *, uint64_t ms);

#endif
