/* What may be said of a value without a character of it: KT_SHAPES. Called by
 * fingerprint.c and secret.c alone. */
#ifndef SHARED_VALUE_SHAPE_H
#define SHARED_VALUE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The shapes (KT_IS_...) of s[0..n), which a null byte may follow later. */
uint32_t value_shape(const char *s, size_t n);

/* True for a word that a language prints in place of no value: undefined, null.
 */
bool value_is_literal(const char *s, size_t n);

/* Narrows s[*from..*to) to what a careful loader would keep: less blanks and
 * line ends, and less a pair of quotes. */
void value_strip(const char *s, size_t *from, size_t *to);

#endif
