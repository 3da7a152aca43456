/* Variables that the message of an error calls missing. Only watched names are
 * recorded, never the message. */
#ifndef RECORDER_MISSING_NAMES_H
#define RECORDER_MISSING_NAMES_H

#include <stddef.h>

/* Each name ends with a null byte, and an empty name follows the last. */
struct missing_names {
	char text[160];
};

/* Adds a watched name. Another name, a name without room, and one that is held
 * already are left out. */
void missing_names_add(struct missing_names *, const char *name, size_t n);

/* "OPENAI_API_KEY" is required: adds the watched name of a text with a word for
 * missing. A text with several such names says only that one of them will do:
 * adds none. Reads at most the first 512 bytes, and none behind a null byte.
 * `text` may be NULL. */
void missing_names_find(struct missing_names *, const char *text);

#endif
