#include "symbols/debug_file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

enum { MAX_MB = 4096 };

/* Opens a device or pipe with O_PATH alone: a plain open may wait, or start
 * something. Files of /proc have the size 0. */
int debug_file_open(const char *path, struct stat *ret)
{
	char again[40];
	int fd = -1, seen = open(path, O_PATH | O_CLOEXEC);

	if (seen < 0)
		return -1;
	snprintf(again, sizeof again, "/proc/self/fd/%d", seen);
	if (!fstat(seen, ret) && S_ISREG(ret->st_mode) && ret->st_size > 0 &&
	    ret->st_size >> 20 < MAX_MB)
		fd = open(again, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	close(seen);
	return fd;
}

const char *debug_file_path(struct arena *arena, struct str build)
{
	if (build.len < 4 || memchr(build.at, '/', build.len))
		return "";
	return arena_print(arena, "/usr/lib/debug/.build-id/%.2s/%.*s.debug",
			   build.at, (int)build.len - 2, build.at + 2)
		.at;
}

/* True for a device, pipe or directory. */
static bool is_special_file(const char *dir, int dir_len, const char *between,
			    const char *name)
{
	char path[PATH_MAX];
	struct stat st;
	int n = snprintf(path, sizeof path, "%.*s%s%s", dir_len, dir, between,
			 name);

	return n < 0 || n >= (int)sizeof path ||
	       (!stat(path, &st) && !S_ISREG(st.st_mode));
}

bool debug_file_is_special(const char *file, int dir, const char *name)
{
	char under[PATH_MAX];

	if (is_special_file(file, dir, "/", name) ||
	    is_special_file(file, dir, "/.debug/", name))
		return true;
	for (int i = dir; i >= 0; i--) {
		int n = snprintf(under, sizeof under, "/usr/lib/debug%.*s",
				 dir - i, file + i);

		if ((i == dir || file[i] == '/') &&
		    is_special_file(under, n, "/", name))
			return true;
	}
	return false;
}
