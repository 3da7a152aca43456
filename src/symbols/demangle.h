/* Names of C++ and Rust as in the source; other names unchanged. */
#ifndef SYMBOLS_DEMANGLE_H
#define SYMBOLS_DEMANGLE_H

#include "base/arena.h"

struct str demangle(struct arena *, const char *name);

#endif
