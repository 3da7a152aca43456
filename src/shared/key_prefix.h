/* Keys, known by the public prefix of their provider: sk-, ghp_, AKIA. */
#ifndef SHARED_KEY_PREFIX_H
#define SHARED_KEY_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The provider with the longest prefix that `value` begins with; 0: none. Of
 * `value`, at most 16 bytes are read, and none behind a null byte. */
uint8_t provider_of(const char *value);

/* "" for 0. */
const char *provider_name(uint8_t provider);

/* True when `value` begins with a prefix and has the length of a key. */
bool is_key(const char *value);

/* True when a key begins anywhere in s[0..n), except inside a word. No byte
 * behind s[n - 1] is read. */
bool holds_key(const char *s, size_t n);

#endif
