/* The value of a variable, wrapped from the first moment.
 *
 * No other file looks inside, except shared/fingerprint.c and the files that it
 * uses. These give away a fingerprint, a length and shape words; never a
 * character. */
#ifndef RECORDER_SECRET_H
#define RECORDER_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/fingerprint.h"

struct secret {
	const char *bytes; /* terminated; NULL: the variable is not set */
};

static inline struct secret secret_of(const char *value)
{
	return (struct secret){value};
}

/* The value of NAME=value, of which the name has n bytes. */
static inline struct secret secret_of_entry(const char *entry, size_t n)
{
	return secret_of(entry + n + 1);
}

/* Computes the fingerprint with the trace's key, and wipes the stack used for
 * the computation. */
void secret_fingerprint(struct secret s, const uint8_t key[16],
			struct fingerprint *ret);

/* A fast hash, random per process: equal values have equal tags. Never
 * written to the trace. */
uint64_t secret_tag(struct secret s, uint64_t seed);

/* True when the value has a provider's public prefix and the length of a key.
 * Such a value is a credential under any name. */
bool secret_is_key_shaped(struct secret s);

/* True when `part` is the beginning of `whole` and ends where a loader or shell
 * may cut: '#', '$', a blank or a line end; or inside a key that is known by
 * its prefix. False when a blank and '#' follow: a comment. */
bool secret_is_cut(struct secret part, struct secret whole);

/* True when the value is the path of a file or directory, with which many other
 * paths begin. */
bool secret_is_path(struct secret s);

/* True when text[0..n) contains the value without surrounding blanks and
 * quotes, provided that those are 4 bytes or more, and no word like undefined
 * or null, which is no secret. */
bool secret_is_in(struct secret s, const char *text, size_t n);

/* The same, where a part of the value stands in text[from..to). */
bool secret_touches(struct secret s, const char *text, size_t n, size_t from,
		    size_t to);

/* The first four bytes that secret_is_in searches for; false when secret_is_in
 * never finds the value. The bytes are for hashing alone. */
bool secret_beginning(struct secret s, uint32_t *ret);

#endif
