#include "commands/library.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static const char *own_dir(struct arena *arena)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

	if (n <= 0)
		return ".";
	exe[n] = '\0';
	*strrchr(exe, '/') = '\0';
	return arena_print(arena, "%s", exe).at;
}

const char *library_expected(struct arena *arena)
{
	const char *told = getenv("KEYTRAIL_LIB"), *dir = own_dir(arena);
	const char *path;

	if (told && *told)
		return told;
	path = arena_print(arena, "%s/libkeytrail.so", dir).at;
	if (!access(path, R_OK))
		return path;
	return arena_print(arena, "%s/../lib/keytrail/libkeytrail.so", dir).at;
}

bool library_can_be_named(const char *path)
{
	return !strpbrk(path, " :");
}
