/* A provider's key that stands in a value with something beside it, or in
 * base64. Called by value_shape.c alone. */
#ifndef SHARED_MALFORMED_KEY_H
#define SHARED_MALFORMED_KEY_H

#include <stddef.h>
#include <stdint.h>

/* KT_IS_COMMENT, KT_IS_KEY_AND_MORE, KT_IS_BASE64_KEY or 0, of s[0..n), which
 * is the value less blanks, line ends and a quote at either end. A null byte
 * follows later. */
uint32_t key_shape(const char *s, size_t n);

#endif
