/* The call site of an event, and the calls around the call site. */
#ifndef RECORDER_EVENT_CALLER_H
#define RECORDER_EVENT_CALLER_H

#include "recorder/trace/event_line.h"

/* "at": module and offset of the call that returns to `caller`. "frames": the
 * calls further out, when stacks are recorded. A module named for the first
 * time in this image gets an event behind this line. */
void event_caller(struct event_line *, const void *caller);

#endif
