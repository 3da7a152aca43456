/* A child process which opens the files named by a trace. The parent kills a
 * child which is silent for too long, and goes on behind the object of a dead
 * child. */
#ifndef SYMBOLS_SYMBOL_PROCESS_H
#define SYMBOLS_SYMBOL_PROCESS_H

#include "symbols/location.h"

/* Fills the scopes of all locations, as far as known. Locations in the same
 * object must be neighbours. */
void symbol_process_resolve(struct arena *, struct location *const *, size_t n);

#endif
