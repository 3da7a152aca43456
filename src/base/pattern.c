#include "base/pattern.h"

#include <fnmatch.h>
#include <stdio.h>

/* fnmatch wants a null byte at the end of both. */
bool str_matches(struct str text, struct str pattern)
{
	char whole[4096], with[256];

	snprintf(whole, sizeof whole, "%.*s", STR_FMT(text));
	snprintf(with, sizeof with, "%.*s", STR_FMT(pattern));
	return !fnmatch(with, whole, 0);
}

bool str_matches_any(struct str text, const char *list)
{
	while (*list)
		if (str_matches(text, str_next_word(&list)))
			return true;
	return false;
}
