/* What is mapped into this process, as /proc/self/maps tells it. Several system
 * calls: not for a read. */
#ifndef RECORDER_MEMORY_MAP_H
#define RECORDER_MEMORY_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/lib/str.h"

struct maps {
	long fd;
	size_t at, end; /* of what is not yet read of text */
	char text[256];
};

struct mapping {
	uintptr_t from, to;
	/* Of the file, or [heap] and the like. "" for none, and for a path that
	 * is too long. */
	char path[PATH_BYTES / 2];
};

/* False where /proc is out of reach; then there is nothing to close. */
bool maps_open(struct maps *);
void maps_close(struct maps *);

/* In order of address; false after the last. */
bool maps_next(struct maps *, struct mapping *ret);

#endif
