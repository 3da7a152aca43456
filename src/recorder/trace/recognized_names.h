/* Names that are watched since one of their values had the form of a key.
 *
 * The first names stand in the segment, one to a slot, for every image that
 * begins later. A slot is written once, and is a line of the trace. */
#ifndef RECORDER_RECOGNIZED_NAMES_H
#define RECORDER_RECOGNIZED_NAMES_H

#include <stddef.h>

/* Watches the names that the segment has and this process does not know yet. */
void recognized_names_read(void);

/* Watches the name of a variable of `envp` from now on, here and in later
 * images. A name that is a secret itself is left out. */
void recognized_name_add(const char *name, size_t n, char *const *envp);

#endif
