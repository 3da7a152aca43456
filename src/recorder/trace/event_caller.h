/* The call site of an event, and the calls that led to it. */
#ifndef RECORDER_EVENT_CALLER_H
#define RECORDER_EVENT_CALLER_H

#include "recorder/trace/event_line.h"

/* "at": module and offset of the call that returns to `caller`. "frames": the
 * calls outside of that call, when stacks are recorded. A module that this
 * image has not named before gets an event of its own, behind this line. */
void event_caller(struct event_line *, const void *caller);

#endif
