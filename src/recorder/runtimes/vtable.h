/* Virtual functions of a C++ class, replaced in the class's own table. Their
 * places are found by the functions that stand there, never by number: those
 * differ from version to version. */
#ifndef RECORDER_VTABLE_H
#define RECORDER_VTABLE_H

#include <stdbool.h>
#include <stddef.h>

enum { SLOTS = 16 };

struct vtable { /* all zero at first */
	struct slot {
		void **at;
		void *original; /* where to keep what stands there */
		void *ours;
	} all[SLOTS];
	size_t n, missing;
};

/* The function called `symbol`, of the class whose table this is. */
void vtable_add(struct vtable *, void **table, const char *symbol,
		void *original, void *ours);

/* Puts ours in. False when something is missing, and then nothing is done; or
 * when memory could not be made writable: each of ours must stand by itself. */
bool vtable_replace(struct vtable *);

#endif
