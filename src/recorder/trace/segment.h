/* The way into the trace: shared memory, or a write, or a loss that is
 * counted. docs/architecture.md tells why. */
#ifndef RECORDER_SEGMENT_H
#define RECORDER_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>

/* Which events may use the last of the room. REPEATED events (a read like an
 * earlier one) leave half of the room to the lanes behind, ORDINARY ones a
 * sixteenth. Of that reserve IMPORTANT events (launches, removals) may use
 * half, BIRTHs five eighths, MISSes (the first read of a name that is not
 * there) three quarters. The rest is for VITAL lines: the fold that counts a
 * kind of event when nothing else has room, and the event `full`. */
enum lane { REPEATED, ORDINARY, IMPORTANT, BIRTH, MISS, VITAL };

/* Puts one whole line, or counts it as lost. No system call when the segment is
 * mapped. */
void segment_put(const char *line, size_t n, enum lane);

/* Is there space for any line? True where only a try can tell. */
bool segment_has_room(enum lane);

/* Blank space to write and rewrite, at a multiple of 8 bytes. NULL: there is
 * none, or the segment is not mapped. */
char *segment_claim(size_t n, enum lane);

/* Can events be rewritten, or only be appended? */
bool segment_is_mapped(void);

/* Counts an event that is not told. */
void segment_count_lost(void);

/* An event was met while the recorder was busy in the same thread. */
void segment_count_skipped(void);

#endif
