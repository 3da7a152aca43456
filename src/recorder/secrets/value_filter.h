/* Could the value of a watched variable stand in a text? Names, paths and
 * arguments are tested, and nearly all hold no value. A table of the values'
 * beginnings excludes most texts without a search of the environment. */
#ifndef RECORDER_VALUE_FILTER_H
#define RECORDER_VALUE_FILTER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/secrets/secret.h"

enum { FILTER_WORDS = 64 };

struct value_filter {
	_Atomic uint64_t first[4]; /* bytes that values begin with */
	_Atomic uint64_t begin[FILTER_WORDS];
};

/* From now on value_filter_may_hold is true for a text with the value. */
void value_filter_add(struct value_filter *, struct secret);

/* False: no added value stands in text[0..n). */
bool value_filter_may_hold(struct value_filter *, const char *text, size_t n);

#endif
