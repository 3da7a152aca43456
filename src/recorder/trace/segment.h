/* Puts lines into the trace: by shared memory or by a write. A line without
 * space is counted as lost. docs/architecture.md says why. */
#ifndef RECORDER_SEGMENT_H
#define RECORDER_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>

/* Which events may use the last part of the room. REPEATED events (equal to an
 * earlier read) leave half of the room to the lanes behind. ORDINARY events
 * leave a sixteenth, the reserve. IMPORTANT events (launches, removals) may use
 * half of the reserve, BIRTHs five eighths, MISSes (the first read of a missing
 * name) three quarters. The rest of the reserve is for VITAL lines: the fold of
 * a kind of event when nothing else has room, and the event `full`. */
enum lane { REPEATED, ORDINARY, IMPORTANT, BIRTH, MISS, VITAL };

/* Puts one whole line, or counts the line as lost. Takes no system call when
 * the segment is mapped. */
void segment_put(const char *line, size_t n, enum lane);

/* Is there space for a line of any length? True also when the segment is not
 * mapped: only a try can tell. */
bool segment_has_room(enum lane);

/* Reserves blank space for rewriting, at a multiple of 8 bytes. NULL without
 * space, or when the segment is not mapped. */
char *segment_claim(size_t n, enum lane);

/* Can events be rewritten, or only be appended? */
bool segment_is_mapped(void);

/* Counts an event as lost. */
void segment_count_lost(void);

/* An event was met while the recorder was busy in the same thread. */
void segment_count_skipped(void);

#endif
