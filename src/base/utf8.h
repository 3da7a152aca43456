/* Text which claims to be UTF-8, character by character. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdint.h>
#include "base/str.h"

/* The number of bytes of the first character of `s`, with *ret its code point.
 * 0 when `s` begins with no valid character; then *ret is unchanged. */
size_t utf8_next(struct str s, uint32_t *ret);

/* True for a character which a terminal obeys instead of showing: controls (C0,
 * C1, DEL), marks for the direction of writing, and characters without a width
 * (Unicode's Default_Ignorable_Code_Point, without the joiners and selectors of
 * scripts in use). */
bool utf8_is_unsafe(uint32_t c);

#endif
