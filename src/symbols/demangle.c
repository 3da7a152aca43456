#include "symbols/demangle.h"

#include <stdlib.h>

/* libiberty is what binutils and gdb demangle with: C++, and both ways of
 * Rust. It comes as an archive, so nothing is needed where keytrail runs. */
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
