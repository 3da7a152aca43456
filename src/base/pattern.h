/* Patterns of the shell: *, ? and [...]. Of a text its first 4095 bytes are
 * compared, of a pattern its first 255. */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include "base/str.h"

bool str_matches(struct str text, struct str pattern);

/* True when the text matches a pattern of `list`, in which blanks stand between
 * patterns. */
bool str_matches_any(struct str text, const char *list);

#endif
