/* The runtimes of sanitizers, known by the names of their libraries. */
#ifndef SHARED_SANITIZER_H
#define SHARED_SANITIZER_H

#include <stdbool.h>
#include <stddef.h>

/* For the file name of a runtime, with the null byte. */
enum { RUNTIME_BYTES = 32 };

/* True when name[0..n) is the file name of a sanitizer's runtime, such as
 * libtsan.so.2.
 */
bool sanitizer_is_runtime(const char *name, size_t n);

/* Is name[0..n) a runtime which ends the program unless loaded as the first
 * library? Only AddressSanitizer's checks its place. Other runtimes do harm in
 * the first place: gcc's liblsan warns, libtsan ends children. */
bool sanitizer_must_be_first(const char *name, size_t n);

#endif
