/* The objects that the loader has mapped: symbols in them, names for
 * addresses. */
#ifndef RECORDER_ELF_OBJECTS_H
#define RECORDER_ELF_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From the auxiliary vector behind the first environment; NULL is allowed. */
void elf_start(char *const *first_envp);

/* Finds functions, each the default version in the first object after ours
 * that defines it. A place that is already filled stays as it is. */
struct wanted {
	char name[32];
	uint16_t place; /* index into `found` */
};
void elf_after_us(const struct wanted *, size_t count, void **found);

/* The same, from the main program on; true when nothing is missing. */
bool elf_anywhere(const struct wanted *, size_t count, void **found);

/* One symbol of any name; NULL when nobody has it. */
void *elf_symbol(const char *name);

/* The protection (PROT_...) that the loader gave to what lies there; -1 when it
 * is not known. Before glibc 2.35, of the main program only. */
int elf_protection(const void *at);

const char *elf_own_path(void); /* of libkeytrail.so, or NULL */

/* Was the loader started by hand, the program being its argument? Then the
 * kernel's AT_EXECFN and /proc/self/exe may be the loader's. */
bool elf_is_by_hand(void);

/* An address in the main program, or NULL. */
const void *elf_program(void);

const uint64_t *elf_random(void); /* AT_RANDOM: 16 bytes, or NULL */
const char *elf_exec_name(void);  /* AT_EXECFN, or NULL */

/* Which module an address lies in. False for code that no module owns. Takes
 * no lock: another thread may be inside dlopen. */
struct module {
	const char *name; /* as the loader has it: "" for the main program */
	uintptr_t base;	  /* what its file's addresses are moved by */
	uintptr_t from, to;
	const void *dynamic; /* its dynamic section, or NULL */
};
bool elf_module(const void *address, struct module *ret);

/* A symbol that one module defines, or NULL. */
void *elf_in(const struct module *, const char *name);
void *elf_in_vdso(const char *name);

/* Several symbols of one module. `names` holds each name with a \0 behind it,
 * and another \0 after the last. True when the module defines all of them. */
bool elf_in_all(const struct module *, const char *names, void **found);

/* One part of a module: of which kind, PT_NOTE or another, and how much is
 * mapped from there on. NULL when its headers are not in memory or tell of
 * none. */
const void *elf_part(const struct module *, uint32_t kind, size_t *ret_size);

/* The linker's name for its contents; 0 bytes when it has none. */
enum { BUILD_ID_BYTES = 32 };
size_t elf_build_id(const struct module *, const uint8_t **ret);

/* By the note that Go's linker leaves in the main program. */
bool elf_program_is_go(void);

#endif
