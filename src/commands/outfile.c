#include "commands/outfile.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <errno.h>

/* What is no regular file (a pipe, /dev/null, a symbolic link) is written to
 * directly: putting another file in its place would be a surprise. */
static bool can_be_replaced(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? errno == ENOENT : S_ISREG(st.st_mode);
}

static bool refuse(struct arena *arena, const char *path)
{
	complain(arena, "cannot write %s: %s; name another file with -o", path,
		 strerror(errno));
	return false;
}

bool outfile_open(struct arena *arena, const char *path, struct outfile *ret)
{
	struct outfile f = {.path = path};
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY;
	int fd;

	if (!path || !strcmp(path, "-")) {
		f.path = NULL;
		f.out = to_screen(arena, STDOUT_FILENO);
		*ret = f;
		return true;
	}
	if (can_be_replaced(path)) {
		f.temp = arena_print(arena, "%s.%d.part", path, getpid()).at;
		flags |= O_EXCL;
	}
	fd = open(f.temp ? f.temp : path, flags | (f.temp ? 0 : O_TRUNC), 0666);
	if (fd < 0)
		return refuse(arena, path);
	f.out = to_screen(arena, fd);
	*ret = f;
	return true;
}

int outfile_close(struct outfile *f, int status)
{
	int error;

	if (!f->path)
		return end_screen(&f->out, status);
	error = out_end(&f->out);
	if (close(f->out.fd) && !error)
		error = errno;
	if (!error && f->temp && rename(f->temp, f->path))
		error = errno;
	if (!error)
		return status;
	if (f->temp)
		unlink(f->temp);
	errno = error;
	refuse(f->out.arena, f->path);
	return FAILED;
}
