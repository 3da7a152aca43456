/* One file that exec might be given, seen from outside. */
#ifndef COMMANDS_RUN_FILE_H
#define COMMANDS_RUN_FILE_H

#include <stdbool.h>
#include "keytrail/trace.h"

enum libc { LIBC_NONE, LIBC_GLIBC, LIBC_MUSL, LIBC_OTHER };
enum rights {
	RIGHTS_SAME,
	RIGHTS_SET_UID,
	RIGHTS_SET_GID,
	RIGHTS_CAPABILITIES
};

struct run_file {
	bool is_there, is_executable, is_script;
	bool is_elf, is_loader; /* that other programs are started with */
	bool is_text; /* without "#!": a shell runs it when exec will not */
	enum kt_target kind; /* UNKNOWN for a script, MISSING for none */

	/* a script: its "#!" line */
	char interpreter[256], argument[256];

	/* an ELF program that we could follow, had it no more rights */
	enum rights rights;
	enum libc libc;
	char loader[256];
	unsigned glibc_needed; /* 34: glibc 2.34; 0: any */
	bool is_go;	       /* makes its own system calls */

	/* A sanitizer's runtime (libasan.so.8), which must come before us in
	 * LD_PRELOAD, or "". */
	char runtime[32];
};

struct run_file run_file_at(const char *path);

enum { RUN_PATH_BYTES = 4096 };

/* The file that exec takes for `command`, searched in PATH. False: none. */
bool run_file_search(const char *command, char ret_path[RUN_PATH_BYTES]);

#endif
