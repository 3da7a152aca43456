/* The file that this image runs. */
#ifndef RECORDER_EXE_PATH_H
#define RECORDER_EXE_PATH_H

#include <stddef.h>

/* Writes what /proc/self/exe would answer, or, where there is no /proc, the
 * name that the program was started by; "" when neither is known. `argv` may
 * be NULL: not known. */
void exe_path_find(char *ret, size_t size, char *const *argv);

#endif
