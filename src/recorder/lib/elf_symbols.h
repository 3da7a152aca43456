/* The symbols that one object in memory defines. */
#ifndef RECORDER_ELF_SYMBOLS_H
#define RECORDER_ELF_SYMBOLS_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

/* The tables that a lookup needs. */
struct symbols {
	const ElfW(Sym) * sym;
	const char *strings;
	const uint32_t *gnu_hash, *hash;
	const ElfW(Versym) * versions;
	uintptr_t base;
};

/* From the object's dynamic section, NULL for none. `base` is what its file's
 * addresses are moved by. False when there is nothing to look up. */
bool symbols_of(struct symbols *ret, const ElfW(Dyn) *, uintptr_t base);

/* Where the symbol lies that a program linked today would get; NULL when the
 * object does not define it. An IFUNC's address is its resolver's. */
void *symbols_find(const struct symbols *, const char *name);

#endif
