#include "recorder/lib/env_entry.h"

#include "recorder/lib/str.h"

size_t env_name_length(const char *entry)
{
	const char *equals = str_find_char(entry, '=');

	return equals ? (size_t)(equals - entry) : 0;
}

const char *env_entry(char *const *envp, const char *name, size_t n)
{
	for (; envp && *envp; envp++)
		if (bytes_equal(*envp, name, n) && (*envp)[n] == '=')
			return *envp;
	return NULL;
}
