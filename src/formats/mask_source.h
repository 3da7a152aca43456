/* A line of source code without what may be a secret. */
#ifndef FORMATS_MASK_SOURCE_H
#define FORMATS_MASK_SOURCE_H

#include "base/arena.h"

/* The line of the file `name`, with "..." in place of every literal and, where
 * the file is no source code of a known language, of all behind `=` or `:`.
 * Comments and long words of digits and letters go, too. len 0: the line holds
 * nothing that may be shown. */
struct str mask_source(struct arena *, struct str name, struct str line);

#endif
