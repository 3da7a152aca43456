/* The objects in memory: symbols of an object, the object around an address. */
#ifndef RECORDER_ELF_OBJECTS_H
#define RECORDER_ELF_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From the auxiliary vector behind the first environment; NULL is allowed. */
void elf_start(char *const *first_envp);

/* Finds functions: of each, the default version in the first object behind
 * libkeytrail.so with such a symbol. A place with a value already is skipped.
 */
struct wanted {
	char name[32];
	uint16_t place; /* index into `found` */
};
void elf_after_us(const struct wanted *, size_t count, void **found);

/* The same, from the main program on; true when nothing is missing. */
bool elf_anywhere(const struct wanted *, size_t count, void **found);

/* One symbol of any name. NULL when no object defines the symbol. */
void *elf_symbol(const char *name);

/* Several symbols. `names` holds each name with a \0 behind the name, and
 * another \0 after the last. True when every symbol was found. */
bool elf_symbols(const char *names, void **found);

/* For a list of rows F(name, type, arguments, symbol): the pointer of a row in
 * the struct that elf_symbols fills, and the row's part of the names. A list of
 * pointers to names would be relocated by the loader in every program. */
#define ELF_FUNCTION(name, type, arguments, ...) type(*name) arguments;
#define ELF_NAME(name, type, arguments, symbol)	 symbol "\0"

/* The same for rows F(name, type, arguments), where the pointer has the name of
 * the symbol. */
#define ELF_OWN_NAME(name, type, arguments) #name "\0"

/* The protection (PROT_...) given by the loader to the page at an address. -1:
 * unknown. Before glibc 2.35 only known in the main program. */
int elf_protection(const void *at);

/* The loader's list of objects, the main program first. NULL: not known. */
struct link_map;
const struct link_map *elf_maps(void);

const char *elf_own_path(void); /* of libkeytrail.so, or NULL */

/* Was the loader started by hand, with the program as an argument? The kernel's
 * AT_EXECFN and /proc/self/exe may then name the loader. */
bool elf_is_by_hand(void);

/* An address in the main program, or NULL. */
const void *elf_program(void);

const uint64_t *elf_random(void); /* AT_RANDOM: 16 bytes, or NULL */
const char *elf_exec_name(void);  /* AT_EXECFN, or NULL */

/* Finds the module around an address. False for code outside of all modules.
 * Takes no lock, since another thread may be inside dlopen. */
struct module {
	const char *name; /* of the loader: "" for the main program */
	uintptr_t base;	  /* added to the file's addresses */
	uintptr_t from, to;
	const void *dynamic; /* the dynamic section, or NULL */
};
bool elf_module(const void *address, struct module *ret);

/* A symbol defined by one module, or NULL. */
void *elf_in(const struct module *, const char *name);
void *elf_in_vdso(const char *name);

/* Several symbols of one module. `names` holds each name with a \0 behind, and
 * another \0 after the last name. True when the module defines all symbols. */
bool elf_in_all(const struct module *, const char *names, void **found);

/* One part of a module, by kind: PT_NOTE or another. *ret_size is the number of
 * bytes mapped from the result on. NULL when the program headers are not in
 * memory or lack such a part. */
const void *elf_part(const struct module *, uint32_t kind, size_t *ret_size);

/* The build-id of a module. Returns the number of bytes, 0 for no build-id. */
enum { BUILD_ID_BYTES = 32 };
size_t elf_build_id(const struct module *, const uint8_t **ret);

/* Is the main program of Go? Go's linker leaves a note in the program. */
bool elf_program_is_go(void);

#endif
