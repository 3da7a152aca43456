/* Names for places in native code: module and offset, as recorded, become
 * function, file and line.
 *
 * A file is the module of the trace when the build-ids are equal or, without a
 * build-id in the trace, when the file was not changed since. elfutils reads
 * the file in a separate process (symbol_process.h): a trace may name any file,
 * and a hostile file must neither stop nor kill the command. */
#ifndef SYMBOLS_SYMBOLS_H
#define SYMBOLS_SYMBOLS_H

#include "trace/trace.h"

/* Gives `site`, `in` and `stack` to the events of a sorted trace which have a
 * place in a module and no site. A place without a name stays unchanged. */
void symbols_resolve(struct arena *, struct trace *);

/* Can any be found: is elfutils here? */
bool symbols_available(void);

#endif
