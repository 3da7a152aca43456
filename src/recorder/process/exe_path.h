/* The file of the program that this image runs. */
#ifndef RECORDER_EXE_PATH_H
#define RECORDER_EXE_PATH_H

#include <stddef.h>

/* Writes the answer of /proc/self/exe or, without /proc, the name by which the
 * program was started. "" when neither is known. `argv` may be NULL for
 * unknown. */
void exe_path_find(char *ret, size_t size, char *const *argv);

#endif
