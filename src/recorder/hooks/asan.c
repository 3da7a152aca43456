/* AddressSanitizer ends a program when its runtime is not the first library,
 * and a preloaded recorder comes before the runtime. The exec and spawn hooks
 * put the runtime first (preload_list.h). A program started by other means (by
 * a static program, by a raw system call) is served here: the runtime asks the
 * program for options, and the recorder answers in the program's place.
 *
 * No row of hooks.def: no libc has this function, and the function records
 * nothing. */
#include "recorder/lib/elf_objects.h"
#include "recorder/recorder.h"
#include "recorder/lib/str.h"

const char *__asan_default_options(void);

/* A library behind the recorder may have options of its own. AddressSanitizer
 * obeys the last of two equal options. */
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
