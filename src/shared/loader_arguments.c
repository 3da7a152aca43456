#include "shared/loader_arguments.h"

#include "shared/text.h"

/* The options whose value is the next argument, of glibc's loader (ld.so(8))
 * and of musl's, which takes --option=value too. */
static bool takes_a_value(const char *option)
{
	static const char options[][24] = {
		"--library-path",
		"--preload",
		"--argv0",
		"--audit",
		"--inhibit-rpath",
		"--glibc-hwcaps-prepend",
		"--glibc-hwcaps-mask",
	};

	for (size_t i = 0; i < ARRAY_LENGTH(options); i++)
		if (str_equal(option, options[i]))
			return true;
	return false;
}

char *const *loader_operand(char *const *arguments, bool *ret_only_lists)
{
	*ret_only_lists = false;
	for (; *arguments; arguments++) {
		if (str_equal(*arguments, "--"))
			arguments++;
		else if (str_begins(*arguments, "--")) {
			*ret_only_lists |= str_equal(*arguments, "--list");
			if (takes_a_value(*arguments) && arguments[1])
				arguments++;
			continue;
		}
		break;
	}
	if (*arguments)
		return arguments;
	*ret_only_lists = false;
	return NULL;
}
