/* What elfutils knows of one object. Called in the helper alone. */
#ifndef SYMBOLS_ELFUTILS_H
#define SYMBOLS_ELFUTILS_H

#include "symbols/location.h"

struct elf;

/* Null when there is no elfutils here, or no file that is the object. */
struct elf *elf_open(struct arena *, const struct object *);
void elf_close(struct elf *); /* null is allowed */

/* The scopes at an address, or null. */
struct scope *elf_scopes(struct elf *, uint64_t address);

#endif
