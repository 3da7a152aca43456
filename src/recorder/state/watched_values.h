/* Fingerprints of the watched variables held by this image.
 *
 * `inherited` is the value at birth, or at the last fork of the parent.
 * `current` is the value known to the trace. */
#ifndef RECORDER_WATCHED_VALUES_H
#define RECORDER_WATCHED_VALUES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/secrets/secret.h"

enum { WATCHED_VALUES = 256, WATCHED_NAME_BYTES = 128 };

struct watched_value {
	char name[WATCHED_NAME_BYTES];
	uint32_t length; /* of the name */
	bool is_inherited, is_current;
	bool is_folded; /* a newer value was only counted, not recorded */
	struct fingerprint inherited, current;
};

/* Places are taken in order, and freed only when a new image begins. */
struct watched_values {
	_Atomic uint32_t count;
	struct watched_value at[WATCHED_VALUES];
};

/* The place behind `before`, the first place for NULL. NULL after the last
 * place. */
struct watched_value *watched_value_next(const struct watched_value *before);

/* The place of a name, or NULL. */
struct watched_value *watched_value_find(const char *name, size_t n);

/* The place of a name, taken when the name is new. NULL: the table is full, or
 * the name too long. */
struct watched_value *watched_value_find_or_add(const char *name, size_t n);
bool watched_value_can_add(size_t n);

/* Does this text contain the value, as in environ, of a watched variable? */
bool watched_value_is_in(const char *text, size_t n);

/* Does such a value in the text begin before `to` and end behind `from`? */
bool watched_value_touches(const char *text, size_t n, size_t from, size_t to);

/* Does this path contain a secret: a watched value, or a text of a key's form?
 */
bool path_has_secret(const char *path);

#endif
