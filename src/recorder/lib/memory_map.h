/* The memory map of this process, from /proc/self/maps. Takes several system
 * calls: not for a read. */
#ifndef RECORDER_MEMORY_MAP_H
#define RECORDER_MEMORY_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/lib/str.h"

struct maps {
	long fd;
	size_t at, end; /* of the part of text not read yet */
	char text[256];
};

struct mapping {
	uintptr_t from, to;
	/* Path of the file, or [heap] and the like. "" for no file, and for too
	 * long a path. */
	char path[PATH_BYTES / 2];
};

/* False when /proc is out of reach. maps_close() is then not to be called. */
bool maps_open(struct maps *);
void maps_close(struct maps *);

/* In order of address; false after the last. */
bool maps_next(struct maps *, struct mapping *ret);

#endif
