#include "symbols/demangle.h"

#include <stdlib.h>

/* libiberty is the demangler of binutils and gdb: for C++, and for both
 * manglings of Rust. As an archive, libiberty is needed at build time only. */
#if defined HAS_LIBIBERTY && __has_include(<libiberty/demangle.h>)
#include <libiberty/demangle.h>
#else
#pragma message "no libiberty: names of C++ and Rust stay as the linker has "  \
		"them; scripts/setup build installs libiberty-dev"

enum { DMGL_AUTO };

static char *cplus_demangle(const char *name, int style)
{
	(void)name, (void)style;
	return NULL;
}
#endif

struct str demangle(struct arena *arena, const char *name)
{
	char *found = cplus_demangle(name, DMGL_AUTO);
	struct str kept = arena_print(arena, "%s", found ? found : name);

	free(found);
	return kept;
}
