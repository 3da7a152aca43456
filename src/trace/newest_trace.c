#include "trace/newest_trace.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), n_end = strlen(end);

	return n > n_end && !strcmp(name + n - n_end, end);
}

/* A recorder's file is UID-BOOT-PART.jsonl; run.jsonl is written by the command
 * alone. */
static bool is_segment(const char *name)
{
	return *name >= '0' && *name <= '9' && ends_with(name, ".jsonl");
}

static uint64_t nanoseconds(struct timespec t)
{
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* When a recorder last wrote into `path`, in ns since 1970. 0: never. */
static uint64_t last_write(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	uint64_t last = 0;
	struct stat st;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	for (struct dirent *d; (d = readdir(dir));)
		if (is_segment(d->d_name) &&
		    !fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
		    st.st_size && nanoseconds(st.st_mtim) > last)
			last = nanoseconds(st.st_mtim);
	closedir(dir);
	return last;
}

static const char *newest_of(struct arena *arena, const char *pattern)
{
	const char *newest = NULL;
	uint64_t when = 0;
	struct stat st;
	glob_t found;

	if (glob(pattern, GLOB_ONLYDIR, NULL, &found))
		return NULL;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		uint64_t at;

		if (lstat(path, &st) || st.st_uid != geteuid())
			continue;
		at = last_write(path);
		if (at > when) {
			newest = path;
			when = at;
		}
	}
	newest = newest ? arena_print(arena, "%s", newest).at : NULL;
	globfree(&found);
	return newest;
}

const char *newest_trace(struct arena *arena)
{
	return newest_of(arena, "keytrail-*");
}

const char *newest_trace_below(struct arena *arena, const char *path)
{
	size_t n = strlen(path);

	if (strpbrk(path, "*?[\\"))
		return NULL;
	while (n > 1 && path[n - 1] == '/')
		n--;
	return newest_of(arena, arena_print(arena, "%.*s/*", (int)n, path).at);
}
