/* The objects that the loader has mapped: symbols in them, names for
 * addresses. */
#ifndef RECORDER_LOADED_H
#define RECORDER_LOADED_H

#include <stddef.h>
#include <stdint.h>

/* From the auxiliary vector behind the first environment; NULL is allowed. */
void loaded_start(char *const *first_envp);

/* The default version of a function, from the first object after ours that
 * defines it; NULL when none does. */
void *loaded_after_us(const char *name);

/* A symbol of one image in memory, such as the vDSO. */
void *loaded_in(const void *elf_header, const char *name);

const char *loaded_own_path(void); /* of libkeytrail.so, or NULL */
const void *loaded_vdso(void);
const char *loaded_exec_name(void); /* AT_EXECFN, or NULL */

/* Which module an address lies in, and where: *ret_name is "" for the main
 * program. False for code that no module owns. Takes no lock: another thread may
 * be inside dlopen. */
#include <stdbool.h>
bool loaded_module(const void *address, const char **ret_name,
		   uint64_t *ret_offset);

#endif
