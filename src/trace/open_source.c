#include "trace/open_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool is_pipe(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISFIFO(st.st_mode);
}

/* tee() takes nothing out of the pipe; EAGAIN: a writer is there, and has
 * written nothing yet. */
static bool has_writer(int fd, int to)
{
	ssize_t n = tee(fd, to, 1, SPLICE_F_NONBLOCK);

	return n > 0 || (n < 0 && errno == EAGAIN);
}

/* A writer which is started together with us may be a moment late. */
static bool gets_writer(int fd)
{
	const struct timespec pause = {.tv_nsec = 50000000};
	bool found = false;
	int to[2];

	if (pipe2(to, O_CLOEXEC | O_NONBLOCK))
		return true; /* not known: read on */
	for (int i = 0; !found && i < 20; i++) {
		found = has_writer(fd, to[1]);
		if (!found)
			nanosleep(&pause, NULL);
	}
	close(to[0]);
	close(to[1]);
	return found;
}

int open_source(const char *path, const char **ret_why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0) {
		*ret_why = strerror(errno);
		return -1;
	}
	if (is_pipe(fd) && !gets_writer(fd)) {
		*ret_why = "it is a pipe that nobody writes to";
		close(fd);
		return -1;
	}
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	return fd;
}
