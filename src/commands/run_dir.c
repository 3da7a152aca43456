#include "commands/run_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *name_by_moment(struct arena *arena)
{
	time_t now = time(NULL);
	char moment[32];
	struct tm tm;

	if (!localtime_r(&now, &tm) ||
	    !strftime(moment, sizeof moment, "%Y%m%d-%H%M%S", &tm))
		moment[0] = '\0';
	return arena_print(arena, "keytrail-%s-%d", moment, getpid()).at;
}

static bool refuse(struct arena *arena, const struct run_dir *d,
		   const char *why)
{
	complain(arena, "cannot record into %s: %s; name another with -o DIR",
		 d->name, why);
	return false;
}

static const char *without_slashes(struct arena *arena, const char *name)
{
	size_t n = strlen(name);

	while (n > 1 && name[n - 1] == '/')
		n--;
	return arena_print(arena, "%.*s", (int)n, name).at;
}

/* "." and "..", whose key would lie in the trace or where nobody looks for it.
 */
static bool is_relation(const char *name)
{
	const char *slash = strrchr(name, '/'),
		   *last = slash ? slash + 1 : name;

	return !strcmp(last, ".") || !strcmp(last, "..");
}

static const char *full_path(struct arena *arena, const char *name)
{
	const char *path = NULL;
	char *full;

	if (is_relation(name)) {
		full = realpath(name, NULL);
		path = full ? arena_print(arena, "%s", full).at : NULL;
	} else if (*name == '/') {
		return name;
	} else if ((full = getcwd(NULL, 0))) {
		path = arena_print(arena, "%s/%s", full, name).at;
	}
	free(full);
	return path;
}

/* The path goes into the KEYTRAIL variable, where a comma ends it. */
static bool find_path(struct arena *arena, struct run_dir *d)
{
	d->path = full_path(arena, d->name);
	if (!d->path)
		return refuse(arena, d, strerror(errno));
	if (!strchr(d->path, ','))
		return true;
	complain(arena,
		 "cannot record into %s: a comma is in its path; name another "
		 "with -o DIR",
		 d->path);
	return false;
}

static bool is_trace_file(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && !strcmp(dot, ".jsonl");
}

/* Empty, or a trace already: anything else is somebody's own directory. */
static bool may_be_used(DIR *dir)
{
	bool empty = true;
	struct dirent *e;

	while ((e = readdir(dir))) {
		if (is_trace_file(e->d_name))
			return true;
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			empty = false;
	}
	return empty;
}

/* What root starts often goes on as somebody else (setpriv, su, php-fpm): they
 * may each put a file of their own there, and see no other. */
static bool open_to_all(const char *path)
{
	return geteuid() || !chmod(path, 01733);
}

static bool make_dir(struct arena *arena, const struct run_dir *d)
{
	bool ok;
	DIR *dir;

	if (!mkdir(d->path, 0700) && open_to_all(d->path))
		return true;
	if (errno != EEXIST || !(dir = opendir(d->path)))
		return refuse(arena, d, strerror(errno));
	ok = may_be_used(dir);
	closedir(dir);
	return ok || refuse(arena, d, "it holds other files");
}

static bool is_key(const char *text)
{
	return strspn(text, "0123456789abcdef") == 32;
}

static bool read_key(struct run_dir *d, const char *path)
{
	char text[34] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, 33);
	close(fd);
	errno = EINVAL;
	if (n < 32 || !is_key(text))
		return false;
	memcpy(d->key, text, 32);
	return true;
}

static void draw_key(struct run_dir *d)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[16];

	while (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		;
	for (int i = 0; i < 32; i++)
		d->key[i] = digits[bytes[i / 2] >> (i % 2 ? 0 : 4) & 15];
}

static bool write_key(const struct run_dir *d, int fd)
{
	char line[33];
	bool ok;

	memcpy(line, d->key, 32);
	line[32] = '\n';
	ok = write(fd, line, sizeof line) == sizeof line;
	return !close(fd) && ok;
}

static bool make_key(struct arena *arena, struct run_dir *d)
{
	const char *path = arena_print(arena, "%s.key", d->path).at;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0) {
		draw_key(d);
		if (write_key(d, fd))
			return true;
		unlink(path);
	} else if (errno == EEXIST && read_key(d, path)) {
		return true;
	}
	complain(arena,
		 "cannot use the key %s.key: %s; remove it, or name "
		 "another directory with -o DIR",
		 d->name, strerror(errno));
	return false;
}

bool run_dir_make(struct arena *arena, const char *name, struct run_dir *ret)
{
	struct run_dir d = {0};

	d.name = name ? without_slashes(arena, name) : name_by_moment(arena);
	if (!*d.name) {
		complain(arena, "run: -o needs the name of a directory");
		return false;
	}
	if (!find_path(arena, &d) || !make_dir(arena, &d) ||
	    !make_key(arena, &d))
		return false;
	*ret = d;
	return true;
}
