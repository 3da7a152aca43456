/* The call site of an event, and the calls around the call site. */
#ifndef RECORDER_EVENT_CALLER_H
#define RECORDER_EVENT_CALLER_H

#include <stddef.h>
#include <stdint.h>

#include "recorder/trace/event_line.h"

/* "at": module and offset of the call that returns to `caller`. "frames": the
 * calls further out, when stacks are recorded. A module named for the first
 * time in this image gets an event behind this line. */
void event_caller(struct event_line *, const void *caller);

/* The same of a walk that was made before: addresses within the calls, the
 * innermost first. */
void event_frames(struct event_line *, const uintptr_t *frames, size_t count);

#endif
