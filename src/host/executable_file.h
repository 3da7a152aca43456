/* A file that exec might be given, seen from outside. */
#ifndef HOST_EXECUTABLE_FILE_H
#define HOST_EXECUTABLE_FILE_H

#include <stdbool.h>

#include "shared/program_file.h"

enum rights {
	RIGHTS_SAME,
	RIGHTS_SET_UID,
	RIGHTS_SET_GID,
	RIGHTS_CAPABILITIES
};

struct executable_file {
	struct program_file program; /* kind MISSING: no such file */
	bool is_there, is_regular, is_executable, is_script;
	bool is_text;	    /* without "#!": left to a shell by exec */
	char argument[256]; /* of a script: the rest of the "#!" line */

	/* an ELF program for this machine */
	enum rights rights;
	unsigned glibc_needed; /* 34: glibc 2.34; 0: any */
	bool is_go;	       /* makes its own system calls */
};

struct executable_file executable_file_at(const char *path);

enum { EXECUTABLE_PATH_BYTES = 4096 };

/* The file taken by exec for `command`, searched in PATH. False: none. */
bool executable_file_search(const char *command,
			    char ret_path[EXECUTABLE_PATH_BYTES]);

#endif
