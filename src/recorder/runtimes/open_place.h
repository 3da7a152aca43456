/* The line of a program that opens or looks for a file, in whatever language.
 */
#ifndef RECORDER_OPEN_PLACE_H
#define RECORDER_OPEN_PLACE_H

#include "recorder/process/open_event.h"
#include "recorder/runtimes/interpreter.h"

struct open_place {
	struct interpreter_place of_interpreter;
	struct callers callers;
};

/* Inside the recorder, after the call of libc. Fills the place of the event, as
 * far as known. */
void open_place_find(struct open_event *, struct open_place *room);

/* After the event. */
void open_place_end(const struct open_event *);

#endif
