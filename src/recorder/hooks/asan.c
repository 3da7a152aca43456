/* AddressSanitizer ends a program when its runtime is not the first library of
 * all, as behind us. It is made so by our own exec and spawn hooks
 * (preload_list.h); for a program that was started otherwise (by a static
 * program, a raw system call) the runtime asks its program for options, and we
 * are asked in its place. No row of hooks.def: no libc has this function, and
 * it tells nothing. */
#include "recorder/lib/elf_objects.h"
#include "recorder/recorder.h"
#include "recorder/lib/str.h"

const char *__asan_default_options(void);

/* A library behind us may have options of its own; the last of two is obeyed.
 */
EXPORT const char *__asan_default_options(void)
{
	static const struct wanted wanted = {"__asan_default_options", 0};
	static char options[1024];
	const char *(*next_options)(void) = NULL;
	const char *others;

	elf_after_us(&wanted, 1, (void **)&next_options);
	others = next_options ? next_options() : NULL;
	options[0] = '\0';
	if (others && *others && str_append(options, sizeof options, others))
		str_append(options, sizeof options, ":");
	return str_append(options, sizeof options, "verify_asan_link_order=0")
		       ? options
		       : others;
}
