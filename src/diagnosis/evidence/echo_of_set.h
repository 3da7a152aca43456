/* A read which finds the value that the same line has just set: Python's
 * setdefault asks once more for what it has set. */
#ifndef EVIDENCE_ECHO_OF_SET_H
#define EVIDENCE_ECHO_OF_SET_H

#include "model/model.h"

/* True when the last event of the thread before the read is such a set. */
bool is_echo_of_set(const struct image *, const struct event *read);

#endif
