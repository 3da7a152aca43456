/* Whose a source file is, by its path alone: the program's, a library's, or the
 * language runtime's. Freestanding: recorder and analyzer both ask. */
#ifndef SHARED_SOURCE_OWNER_H
#define SHARED_SOURCE_OWNER_H

#include <stddef.h>

enum source_owner_kind {
	SOURCE_OWN,	/* of the program */
	SOURCE_LIBRARY, /* of an installed package */
	SOURCE_TOOL,	/* in a directory of the system's programs */
	SOURCE_RUNTIME, /* of the language, or no file at all */
};

struct source_owner {
	enum source_owner_kind owner;
	/* Of a library: the package, as a part of the path. Of Python the path
	 * below site-packages without its ending; else the name. len 0: none */
	const char *package;
	size_t package_len;
};

/* `path`: as the runtime names the file, without the line. */
struct source_owner find_source_owner(const char *path, size_t len);

#endif
