/* The exec family. Always written as if in a vfork child on a small stack:
 * libc's own calls bypass us, so each function has its own hook. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

#include "recorder/handover.h"
#include "recorder/next.h"
#include "recorder/recorder.h"
#include "recorder/sys.h"
#include "recorder/text.h"

/* What to call in the end. */
struct call {
	enum { BY_PATH, BY_SEARCH, BY_FD, BY_DIRFD } by;
	int flags; /* of execveat */
};

static int call_execveat(const struct handover *h, char *const *envp, int flags)
{
	long error;

	if (NEXT(execveat))
		return next.execveat(h->dirfd, h->path, h->argv, envp, flags);
	error = SYS(execveat, h->dirfd, h->path, h->argv, envp, flags);
	host_set_errno((int)-error);
	return -1;
}

static int call_real(const struct handover *h, const void *how,
		     char *const *envp)
{
	const struct call *call = how;

	switch (call->by) {
	case BY_PATH:
		return NEXT(execve)(h->path, h->argv, envp);
	case BY_SEARCH:
		return NEXT(execvpe)(h->path, h->argv, envp);
	case BY_FD:
		return NEXT(fexecve)(h->dirfd, h->argv, envp);
	case BY_DIRFD:
		return call_execveat(h, envp, call->flags);
	}
	return -1;
}

/* One attempt, told before it is made: there may be no time after. */
static void attempt(struct handover *h, struct call call)
{
	handover_tell_exec(h);
	handover_pass(h, call_real, &call);
	if (recorder_enter())
		handover_failed(h, host_errno());
}

/* The caller is never refused for our sake: with us in it, the environment may
 * just be too large. */
static int become(struct handover *h, struct call call)
{
	bool vforked = thread.vforked;

	if (!handover_is_readable(h) || !recorder_enter())
		return call_real(h, &call, h->envp);
	thread.vforked = false;
	handover_begin(h);
	attempt(h, call);
	if (host_errno() == E2BIG && handover_shed(h))
		attempt(h, call);
	thread.vforked = vforked && h->vfork_pid;
	recorder_leave();
	return -1;
}

EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	struct handover h = handover_to("execve", path, argv, envp,
					AS_IT_STANDS, CALLER);

	return become(&h, (struct call){BY_PATH, 0});
}

EXPORT int execv(const char *path, char *const argv[])
{
	struct handover h = handover_to("execv", path, argv, environ,
					AS_IT_STANDS, CALLER);

	return become(&h, (struct call){BY_PATH, 0});
}

EXPORT int execvp(const char *file, char *const argv[])
{
	struct handover h = handover_to("execvp", file, argv, environ,
					ALONG_PATH, CALLER);

	return become(&h, (struct call){BY_SEARCH, 0});
}

EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	struct handover h = handover_to("execvpe", file, argv, envp,
					ALONG_PATH, CALLER);

	return become(&h, (struct call){BY_SEARCH, 0});
}

/* glibc refuses a NULL environment here, the kernel would take it: what we
 * put in its place must not make the call succeed. */
EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	struct handover h = handover_to("fexecve", NULL, argv, envp,
					AS_IT_STANDS, CALLER);

	h.dirfd = fd;
	if (!doubted(envp) || !doubted(argv))
		return NEXT(fexecve)(fd, argv, envp);
	return become(&h, (struct call){BY_FD, 0});
}

EXPORT int execveat(int dirfd, const char *path, char *const argv[],
		    char *const envp[], int flags)
{
	struct handover h = handover_to("execveat", path, argv, envp,
					AS_IT_STANDS, CALLER);

	h.dirfd = dirfd;
	return become(&h, (struct call){BY_DIRFD, flags});
}

/* Arguments up to the terminating NULL, and that NULL. */
static size_t count_arguments(const char *first, va_list rest)
{
	size_t n = 1;

	if (first)
		for (n = 2; va_arg(rest, char *); n++)
			;
	return n;
}

static void copy_arguments(char **to, size_t n, const char *first, va_list rest)
{
	to[0] = (char *)(uintptr_t)first;
	for (size_t i = 1; i < n; i++)
		to[i] = va_arg(rest, char *);
}

EXPORT int execl(const char *path, const char *arg, ...)
{
	va_list rest;
	size_t n;

	va_start(rest, arg);
	n = count_arguments(arg, rest);
	va_end(rest);

	char *argv[n];
	struct handover h = handover_to("execl", path, argv, environ,
					AS_IT_STANDS, CALLER);

	va_start(rest, arg);
	copy_arguments(argv, n, arg, rest);
	va_end(rest);
	return become(&h, (struct call){BY_PATH, 0});
}

EXPORT int execlp(const char *file, const char *arg, ...)
{
	va_list rest;
	size_t n;

	va_start(rest, arg);
	n = count_arguments(arg, rest);
	va_end(rest);

	char *argv[n];
	struct handover h = handover_to("execlp", file, argv, environ,
					ALONG_PATH, CALLER);

	va_start(rest, arg);
	copy_arguments(argv, n, arg, rest);
	va_end(rest);
	return become(&h, (struct call){BY_SEARCH, 0});
}

EXPORT int execle(const char *path, const char *arg, ...)
{
	va_list rest;
	size_t n;

	va_start(rest, arg);
	n = count_arguments(arg, rest);
	va_end(rest);

	char *argv[n];
	struct handover h = handover_to("execle", path, argv, NULL,
					AS_IT_STANDS, CALLER);

	va_start(rest, arg);
	copy_arguments(argv, n, arg, rest);
	h.envp = va_arg(rest, char **);
	va_end(rest);
	return become(&h, (struct call){BY_PATH, 0});
}
