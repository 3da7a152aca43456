/* The word which a misspelt word was meant to be. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

/* Keeps the word with the fewest edits: letters added, left out or changed, or
 * two neighbours swapped (optimal string alignment distance). */
struct nearest {
	const char *misspelt;
	const char *word; /* null: no word is near enough */
	size_t edits;
};

/* A word with more edits than a third of its letters, or more than three, is
 * not near. Capitals make no difference. Words are asked in turn. */
void nearest_try(struct nearest *, const char *word);

#endif
