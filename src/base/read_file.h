/* Reading small files whole. */
#ifndef BASE_READ_FILE_H
#define BASE_READ_FILE_H

#include <stdint.h>
#include <sys/stat.h>

#include "base/arena.h"

/* Up to `size` bytes of the file. */
struct str read_whole(struct arena *, int fd, size_t size);

/* When content or inode last changed, in ms of CLOCK_REALTIME. Nobody can set
 * the time of the inode. */
uint64_t last_change_ms(const struct stat *);

/* When the content last changed, as far as nobody has set the time. */
uint64_t last_write_ms(const struct stat *);

bool is_unchanged_since(const struct stat *, uint64_t ms);

#endif
