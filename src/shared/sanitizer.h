/* The runtimes of sanitizers, known by the names of their libraries. */
#ifndef SHARED_SANITIZER_H
#define SHARED_SANITIZER_H

#include <stdbool.h>
#include <stddef.h>

/* For the file name of a runtime, with the null byte. */
enum { RUNTIME_BYTES = 32 };

/* Is name[0..n) the file name of a sanitizer's runtime, such as libtsan.so.2?
 */
bool sanitizer_is_runtime(const char *name, size_t n);

/* Is it one that ends its program unless it is the first library?
 * AddressSanitizer's looks, and no other does. Put first for nothing, the
 * others do harm: gcc's liblsan warns, libtsan ends children. */
bool sanitizer_must_be_first(const char *name, size_t n);

#endif
