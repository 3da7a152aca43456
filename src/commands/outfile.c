#include "commands/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static bool refuse(struct arena *arena, const char *path, const char *why)
{
	complain(arena, "cannot write %s: %s; name another file with -o", path,
		 why);
	return false;
}

/* A device, or a pipe made by the reader, is written to directly. A stranger's
 * pipe would tell the stranger, and make us wait. */
static const char *flaw_of_target(const struct resolved_path *at)
{
	if (at->is_opened || S_ISCHR(at->st.st_mode) ||
	    is_trusted(at->st.st_uid))
		return NULL;
	return "it is another user's";
}

/* Without a reader a pipe would make us wait for ever. A reader which is
 * started together with us may be a moment late. */
static int open_pipe(const struct resolved_path *at, const char **ret_why)
{
	const struct timespec pause = {.tv_nsec = 50000000};
	int fd = -1;

	for (int i = 0; fd < 0 && i < 20; i++) {
		fd = resolved_open(at, O_WRONLY | O_NONBLOCK, ret_why);
		if (fd < 0 && errno != ENXIO)
			return -1;
		if (fd < 0)
			nanosleep(&pause, NULL);
	}
	if (fd < 0)
		*ret_why = "it is a pipe that nobody reads";
	else
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	return fd;
}

static int open_target(const struct resolved_path *at, const char **ret_why)
{
	*ret_why = flaw_of_target(at);
	if (*ret_why)
		return -1;
	if (S_ISFIFO(at->st.st_mode) && !at->is_opened)
		return open_pipe(at, ret_why);
	return resolved_open(at, O_WRONLY | O_TRUNC, ret_why);
}

static int open_place(struct outfile *f, const char **ret_why)
{
	int fd;

	f->is_replaced = !f->at.is_there ||
			 (S_ISREG(f->at.st.st_mode) && !f->at.is_opened);
	if (!f->is_replaced)
		return open_target(&f->at, ret_why);
	fd = open_temporary(f->at.dir, 0666, f->temp);
	if (fd < 0)
		*ret_why = strerror(errno);
	return fd;
}

bool outfile_open(struct arena *arena, const char *path, struct outfile *ret)
{
	struct outfile f = {.path = path};
	const char *why;
	int fd;

	if (!path || !strcmp(path, "-")) {
		f.path = NULL;
		f.out = terminal_out(arena, STDOUT_FILENO);
		*ret = f;
		return true;
	}
	if (*path && path[strlen(path) - 1] == '/')
		return refuse(arena, path, strerror(EISDIR));
	if (!resolve_path(path, true, &f.at, &why))
		return refuse(arena, path, why);
	fd = open_place(&f, &why);
	if (fd < 0) {
		resolved_close(&f.at);
		return refuse(arena, path, why);
	}
	f.out = terminal_out(arena, fd);
	*ret = f;
	return true;
}

int outfile_close(struct outfile *f, int status)
{
	int error;

	if (!f->path)
		return terminal_end(&f->out, status);
	error = out_end(&f->out);
	if (close(f->out.fd) && !error)
		error = errno;
	if (!error && f->is_replaced &&
	    renameat(f->at.dir, f->temp, f->at.dir, f->at.name))
		error = errno;
	if (error && f->is_replaced)
		unlinkat(f->at.dir, f->temp, 0);
	resolved_close(&f->at);
	if (!error)
		return status;
	refuse(f->out.arena, f->path, strerror(error));
	return FAILED;
}
