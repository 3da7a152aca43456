/* Text that claims to be UTF-8, one character at a time. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdint.h>
#include "base/str.h"

/* How many bytes the first character of `s` takes, with *ret its code point;
 * 0, with *ret untouched, when `s` begins with no valid character. */
size_t utf8_next(struct str s, uint32_t *ret);

/* True for a character that a terminal obeys instead of showing it: controls
 * (C0, C1, DEL), marks that turn the direction of writing, and characters
 * without a width (Unicode's Default_Ignorable_Code_Point, less the joiners
 * and selectors of scripts in use). */
bool utf8_is_unsafe(uint32_t c);

#endif
