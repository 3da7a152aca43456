/* Text which claims to be UTF-8, character by character. */
#ifndef SHARED_UTF8_H
#define SHARED_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The number of bytes of the first character of s[0..n), with *ret its code
 * point. 0 when no valid character begins there (RFC 3629); then *ret is
 * unchanged. */
size_t utf8_next(const char *s, size_t n, uint32_t *ret);

/* True for a character which a terminal obeys instead of showing: controls (C0,
 * C1, DEL), marks for the direction of writing, and characters without a width
 * (Unicode's Default_Ignorable_Code_Point, without the joiners and selectors of
 * scripts in use). */
bool utf8_is_unsafe(uint32_t c);

#endif
