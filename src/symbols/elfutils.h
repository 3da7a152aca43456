/* Reads one object with elfutils. Called in the symbol process only. */
#ifndef SYMBOLS_ELFUTILS_H
#define SYMBOLS_ELFUTILS_H

#include "symbols/location.h"

struct elf;

/* Null without elfutils, or when no file is the object. */
struct elf *elf_open(struct arena *, const struct object *);
void elf_close(struct elf *); /* null is allowed */

/* The scopes at an address, or null. */
struct scope *elf_scopes(struct elf *, uint64_t address);

/* The absolute paths of the source files of a Go program, linked by `outer`;
 * the file of main.main has this function. Null: another language, or stripped.
 */
struct scope *elf_go_files(struct elf *);

#endif
