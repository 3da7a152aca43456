/* The file of the segment: opened, mapped, and extended. The lines in the file
 * are written by segment.c. */
#ifndef RECORDER_SEGMENT_FILE_H
#define RECORDER_SEGMENT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keytrail/trace.h"

/* The mapped segment. Its first line holds the counters. NULL: not mapped, so
 * lines are appended by write(). */
extern union mapped_segment {
	struct kt_segment *head;
	char *bytes;
} mapped_segment;

/* Once per image: maps the segment of this user and boot. */
void segment_open(void);

/* Makes space for what is to come. Only where the host is in the kernel's
 * hands anyway: birth, fork, exec and spawn. */
void segment_make_room(void);

/* Gives back the address space that no event uses yet. The image has no more
 * room than there is now; its children map anew. */
void segment_shrink(void);

/* Where it is mapped, and how much of it; NULL: it is not. */
const void *segment_mapping(size_t *ret_size);

/* Bytes of the segment that may be written, and those that were. 0 and all for
 * counters that cannot be believed. */
uint64_t segment_room(void);
uint64_t segment_used(void);

/* Adds n to a counter when the sum is at most `end`. *ret is the count before.
 * False when the sum is larger, or the text is no counter. */
bool segment_add_within(uint64_t *digits, uint64_t n, uint64_t end,
			uint64_t *ret);

/* Has the segment all the room that it may ever have? */
bool segment_is_full_grown(void);

/* Does RLIMIT_FSIZE forbid a file of this size? */
bool segment_exceeds_limit(uint64_t size);

#endif
