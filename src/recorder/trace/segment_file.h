/* The file of the segment: opened, mapped, and extended. The lines in the file
 * are written by segment.c. */
#ifndef RECORDER_SEGMENT_FILE_H
#define RECORDER_SEGMENT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keytrail/trace.h"

/* The mapped segment. The first line holds the counters. NULL: not mapped, so
 * lines are appended by write(). */
extern union mapped_segment {
	struct kt_segment *head;
	char *bytes;
} mapped_segment;

/* Once per image: maps the segment of this user and boot. */
void segment_open(void);

/* To be called before the first access in a forked child: writes to the page of
 * the counters, without a change. */
void segment_touch(void);

/* Makes space for coming events. To be called only where the host makes a
 * system call anyway: birth, fork, exec, spawn and wait. */
void segment_make_room(void);

/* Unmaps the space not announced as room. The image gets no more room than now.
 * Children map the whole segment anew. */
void segment_shrink(void);

/* Address and size of the mapping. NULL: not mapped. */
const void *segment_mapping(size_t *ret_size);

/* Bytes of the segment that may be written, and bytes already used. Counters
 * that fail their check: no room, and all used. */
uint64_t segment_room(void);
uint64_t segment_used(void);

/* Adds n to a counter when the sum is at most `end`. *ret is the count before.
 * False when the sum is larger, or the text is no counter. */
bool segment_add_within(uint64_t *digits, uint64_t n, uint64_t end,
			uint64_t *ret);

/* Has the room reached its maximum? */
bool segment_is_full_grown(void);

/* Does RLIMIT_FSIZE forbid a file of this size? */
bool segment_exceeds_limit(uint64_t size);

#endif
