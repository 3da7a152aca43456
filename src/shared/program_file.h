/* What a file would be for exec: a script, or which kind of ELF program. The
 * recorder asks before an exec, `keytrail run` and `keytrail doctor` before the
 * command starts. */
#ifndef SHARED_PROGRAM_FILE_H
#define SHARED_PROGRAM_FILE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keytrail/trace.h"
#include "shared/sanitizer.h"

/* pread(2) of an open file; negative on failure. */
typedef long program_read_at(long fd, void *to, size_t n, uint64_t offset);

enum {
	PROGRAM_HEAD_BYTES = 1024,
	PROGRAM_SCRIPTS = 4,	 /* Linux allows as many "#!" in a row */
	INTERPRETER_BYTES = 256, /* of a "#!" line, which Linux cuts there */
};

enum libc { LIBC_NONE, LIBC_GLIBC, LIBC_MUSL, LIBC_OTHER };

struct program_file {
	enum kt_target kind; /* UNKNOWN for a file that is no ELF program */
	enum libc libc;	     /* by the name of the program's loader */
	bool is_elf;
	bool is_loader; /* can be started, asks for no loader: is one itself */

	/* libasan.so.8: the runtime of a sanitizer that ends the program unless
	 * it is the first library of all; "" for other programs. */
	char runtime[RUNTIME_BYTES];

	/* The interpreter of a script, as the kernel reads the "#!" line
	 * (execve(2)); "" for other files. */
	char interpreter[INTERPRETER_BYTES];
};

void program_file_read(program_read_at *, long fd, struct program_file *ret);

/* --- more of an ELF program ----------------------------------------------- */

/* The program headers, as many as fit in the buffer. */
struct program_segments {
	const Elf64_Phdr *at;
	size_t count;
};

/* An open file and the head read from it. `n` bytes of `head` are the file's
 * first, 0 when program headers from elsewhere took their place. */
struct program_head {
	program_read_at *read_at;
	long fd, n;
	bool is_elf; /* of any class and machine */
	uint16_t type;
	struct program_segments segments;
	_Alignas(8) char bytes[PROGRAM_HEAD_BYTES];
};

/* The dynamic section; offsets are those of the file, 0: absent. */
struct program_dynamic {
	uint64_t needed; /* the first library: in the strings */
	uint64_t strings;
	uint64_t versions; /* DT_VERNEED */
	bool is_program;   /* the linker says so (DF_1_PIE) */
};

/* False when the file is no ELF program of 64 bits for x86-64. */
bool program_head_read(program_read_at *, long fd, struct program_head *ret);

/* The first program header of a type; NULL: none. */
const Elf64_Phdr *program_segment(const struct program_head *, uint32_t type);

struct program_dynamic program_dynamic(const struct program_head *);

/* --- the search of a command ---------------------------------------------- */

#define PROGRAM_PATH "/bin:/usr/bin" /* without PATH in the environment */

/* Takes the next directory off the list *dirs, and writes DIRECTORY/FILE. An
 * empty directory is the current one. "" is written when the path does not fit.
 * False behind the last directory, with *dirs NULL. */
bool program_path_next(const char **dirs, const char *file, char *to,
		       size_t size);

#endif
