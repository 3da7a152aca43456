/* Names for places in native code: module and offset, as the recorder wrote
 * them, become function, file and line.
 *
 * The module is believed to be the one of the trace when it has the build-id
 * that the trace tells, or, where it tells none, when nobody has changed it
 * since. elfutils reads it, in a process of its own (helper.h): a trace may
 * name any file, and a hostile file must neither stop nor kill us. */
#ifndef SYMBOLS_SYMBOLS_H
#define SYMBOLS_SYMBOLS_H

#include "trace/trace.h"

/* Gives `site`, `in` and `stack` to the events of a sorted trace that have a
 * place in a module and no site of their own. What cannot be named stays as
 * it is. */
void symbols_resolve(struct arena *, struct trace *);

/* Can any be found: is elfutils here? */
bool symbols_available(void);

#endif
