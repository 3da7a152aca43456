/* Replaces virtual functions in the table of a C++ class. A function's index
 * differs between versions, so the entry is found by the original function's
 * address. */
#ifndef RECORDER_VTABLE_H
#define RECORDER_VTABLE_H

#include <stdbool.h>
#include <stddef.h>

enum { SLOTS = 16 };

struct vtable { /* all zero at first */
	struct slot {
		void **at;
		void *original; /* the original function is stored there */
		void *ours;
	} all[SLOTS];
	size_t n, missing;
};

/* Adds the function `symbol` of the class with this table. */
void vtable_add(struct vtable *, void **table, const char *symbol,
		void *original, void *ours);

/* Replaces all added functions. False, with nothing replaced, when a function
 * is missing. False, with some replaced, when memory could not be made
 * writable: each wrapper must work without the others. */
bool vtable_replace(struct vtable *);

/* Replaces one function of any table. False: the memory could not be made
 * writable. */
bool vtable_replace_one(const struct slot *);

#endif
