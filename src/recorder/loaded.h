/* The objects that the loader has mapped: symbols in them, names for
 * addresses. */
#ifndef RECORDER_LOADED_H
#define RECORDER_LOADED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From the auxiliary vector behind the first environment; NULL is allowed. */
void loaded_start(char *const *first_envp);

/* Finds functions, each the default version in the first object after ours
 * that defines it. A place that is already filled stays as it is. */
struct wanted {
	char name[32];
	uint16_t place; /* index into `found` */
};
void loaded_after_us(const struct wanted *, size_t count, void **found);

/* The same, from the main program on; true when nothing is missing. */
bool loaded_anywhere(const struct wanted *, size_t count, void **found);

/* One symbol of any name; NULL when nobody has it. */
void *loaded_symbol(const char *name);

/* The protection (PROT_...) that the loader gave to what lies there; -1 when it
 * is not known. Before glibc 2.35, of the main program only. */
int loaded_protection(const void *at);

/* A symbol of one image in memory, such as the vDSO. */
void *loaded_in(const void *elf_header, const char *name);

const char *loaded_own_path(void); /* of libkeytrail.so, or NULL */
const void *loaded_vdso(void);
const uint64_t *loaded_random(void); /* AT_RANDOM: 16 bytes, or NULL */
const char *loaded_exec_name(void); /* AT_EXECFN, or NULL */

/* Which module an address lies in, and where: *ret_name is "" for the main
 * program. False for code that no module owns. Takes no lock: another thread may
 * be inside dlopen. */
bool loaded_module(const void *address, const char **ret_name,
		   uint64_t *ret_offset);

#endif
