/* A child of ours that opens what a trace names, and is given up when it dies
 * or says nothing for too long. */
#ifndef SYMBOLS_SYMBOL_PROCESS_H
#define SYMBOLS_SYMBOL_PROCESS_H

#include "symbols/location.h"

/* Fills the scopes of all places, as far as they can be known. Places in the
 * same object stand together. */
void symbol_process_resolve(struct arena *, struct location *const *, size_t n);

#endif
