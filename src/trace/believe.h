/* What a stranger may say in a shared trace.
 *
 * An image belongs to the user in whose file its birth stands. A stranger's
 * line about an image of somebody else is left out, and so is the birth of a
 * process that claims to be another user's. Where two strangers claim one
 * image, each has one of its own. What is left cannot be taken for the word of
 * another user: pids are joined across users only where the other side says so,
 * too (model/user_change.c). */
#ifndef TRACE_BELIEVE_H
#define TRACE_BELIEVE_H

#include "trace/trace.h"

/* Leaves out what is not believed, and counts it. In the order of the files,
 * before events are put in order of time. */
void believe(struct arena *, struct trace *);

#endif
