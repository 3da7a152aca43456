/* Which lines of a stranger are believed in a shared trace.
 *
 * An image belongs to the user in whose file its birth stands. A stranger's
 * line about an image of another user is left out, and so is the birth of a
 * process which claims another user. Where two strangers claim an image, each
 * has a separate image. No remaining line can pass for the word of another
 * user: pids are joined across users only where both sides agree
 * (model/user_change.c). */
#ifndef TRACE_BELIEVE_H
#define TRACE_BELIEVE_H

#include "trace/trace.h"

/* Leaves out lines that are not believed, and counts them. Called while events
 * are in the order of the files, not yet of time. */
void believe(struct arena *, struct trace *);

#endif
