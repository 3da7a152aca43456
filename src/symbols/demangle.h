/* Names as their authors wrote them, of C++ and Rust; others stay. */
#ifndef SYMBOLS_DEMANGLE_H
#define SYMBOLS_DEMANGLE_H

#include "base/arena.h"

struct str demangle(struct arena *, const char *name);

#endif
