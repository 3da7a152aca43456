/* The symbols defined by one object in memory. */
#ifndef RECORDER_ELF_SYMBOLS_H
#define RECORDER_ELF_SYMBOLS_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

/* The tables for a lookup. */
struct symbols {
	const ElfW(Sym) * sym;
	const char *strings;
	const uint32_t *gnu_hash, *hash;
	const ElfW(Versym) * versions;
	uintptr_t base;
};

/* Reads the object's dynamic section, NULL for none. `base` is the distance
 * between addresses in memory and in the file. False when the object has no
 * symbols. */
bool symbols_of(struct symbols *ret, const ElfW(Dyn) *, uintptr_t base);

/* Address of the default version of a symbol, as a program linked today would
 * get. NULL when the object does not define the symbol. Of an IFUNC, the
 * address of the resolver. */
void *symbols_find(const struct symbols *, const char *name);

#endif
