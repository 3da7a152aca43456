/* Tools which put values of the environment into build results;
 * build_tools.def has the rows. */
#ifndef CATALOGUE_BUILD_TOOLS_H
#define CATALOGUE_BUILD_TOOLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* `program`: a package or a program; `words`: on the command line. */
bool is_build(struct str program, const struct str *words, size_t n_words);

#endif
