#include "commands/run_loader.h"

#include <stddef.h>
#include <string.h>

/* The options that the next argument belongs to, of glibc's loader (ld.so(8))
 * and of musl's, which takes --option=value too. */
static bool takes_a_value(const char *option)
{
	static const char *const options[] = {
		"--library-path",	  "--preload",
		"--argv0",		  "--audit",
		"--inhibit-rpath",	  "--glibc-hwcaps-prepend",
		"--glibc-hwcaps-mask",
	};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (!strcmp(option, options[i]))
			return true;
	return false;
}

char *const *run_loader_operand(char *const *arguments)
{
	for (; *arguments; arguments++) {
		if (!strcmp(*arguments, "--"))
			return arguments[1] ? arguments + 1 : NULL;
		if (strncmp(*arguments, "--", 2))
			return arguments;
		if (takes_a_value(*arguments) && arguments[1])
			arguments++;
	}
	return NULL;
}

bool run_loader_lists(char *const *arguments)
{
	char *const *operand = run_loader_operand(arguments);

	for (; operand && arguments < operand; arguments++)
		if (!strcmp(*arguments, "--list"))
			return true;
	return false;
}
