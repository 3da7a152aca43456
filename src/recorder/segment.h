/* The way into the trace: shared memory, or a write, or a loss that is
 * counted. docs/architecture.md tells why. */
#ifndef RECORDER_SEGMENT_H
#define RECORDER_SEGMENT_H

#include <stddef.h>

/* Once per image: maps the segment of this user and boot. */
void segment_open(void);

/* Puts one whole line. No system call when the segment is mapped. */
void segment_put(const char *line, size_t n);

/* Counts an event that is not told. */
void segment_lose(void);

/* Makes space for what is to come. Only where the host is in the kernel's
 * hands anyway: birth, fork, exec and spawn. */
void segment_make_room(void);

/* Gives back the address space that no event uses yet. The image has no more
 * room than there is now; its children map anew. */
void segment_shrink(void);

/* An event was met while the recorder was busy in the same thread. */
void segment_skip(void);

#endif
