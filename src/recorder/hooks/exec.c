/* The exec family. Every exec may run in a vfork child on a small stack. libc's
 * own calls bypass the hooks, so each function has a hook of its own. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "recorder/process/exec_event.h"
#include "recorder/runtimes/interpreter.h"
#include "recorder/hooks/real.h"
#include "recorder/recorder.h"
#include "recorder/lib/syscall.h"
#include "recorder/lib/str.h"

/* Missing in the oldest headers. */
int execveat(int dirfd, const char *path, char *const argv[],
	     char *const envp[], int flags);

/* The real function to call. */
struct call {
	enum { BY_PATH, BY_SEARCH, BY_FD, BY_DIRFD } by;
	int flags; /* of execveat */
};

static int call_execveat(const struct exec_event *h, char *const *envp,
			 int flags)
{
	long error;

	if (REAL(execveat))
		return FOUND(execveat)(h->dirfd, h->path, h->argv, envp, flags);
	error = SYS(execveat, h->dirfd, h->path, h->argv, envp, flags);
	host_set_errno((int)-error);
	return -1;
}

static int call_real(const struct exec_event *h, const void *how,
		     char *const *envp)
{
	const struct call *call = how;

	switch (call->by) {
	case BY_PATH:
		return REAL(execve)(h->path, h->argv, envp);
	case BY_SEARCH:
		return REAL(execvpe)(h->path, h->argv, envp);
	case BY_FD:
		return REAL(fexecve)(h->dirfd, h->argv, envp);
	case BY_DIRFD:
		return call_execveat(h, envp, call->flags);
	}
	return -1;
}

/* Records one attempt before the call: after a successful exec no code of this
 * image runs. */
static void attempt(struct exec_event *h, struct call call)
{
	record_exec(h);
	exec_event_call(h, call_real, &call);
	if (recorder_enter())
		exec_event_failed(h, host_errno());
}

/* Retries without the recorder after E2BIG, for the recorder's variables may
 * have made the environment too large. */
static int become(struct exec_event *h, struct call call)
{
	bool vforked = thread.vforked;

	if (!exec_event_is_readable(h) || !recorder_enter())
		return call_real(h, &call, h->envp);
	thread.vforked = false;
	exec_event_begin(h);
	interpreter_on_launch(h);
	attempt(h, call);
	if (host_errno() == E2BIG && exec_event_without_preload(h))
		attempt(h, call);
	thread.vforked = vforked && h->vfork_pid;
	recorder_leave();
	return -1;
}

EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	struct exec_event h =
		exec_event_of("execve", path, argv, envp, AS_IT_STANDS, CALLER);

	return become(&h, (struct call){BY_PATH, 0});
}

EXPORT int execv(const char *path, char *const argv[])
{
	struct exec_event h = exec_event_of("execv", path, argv, environ,
					    AS_IT_STANDS, CALLER);

	return become(&h, (struct call){BY_PATH, 0});
}

EXPORT int execvp(const char *file, char *const argv[])
{
	struct exec_event h = exec_event_of("execvp", file, argv, environ,
					    ALONG_PATH, CALLER);

	return become(&h, (struct call){BY_SEARCH, 0});
}

EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	struct exec_event h =
		exec_event_of("execvpe", file, argv, envp, ALONG_PATH, CALLER);

	return become(&h, (struct call){BY_SEARCH, 0});
}

/* glibc refuses a NULL environment here, and the kernel accepts NULL. A
 * replacement environment must not make the call succeed. */
EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	struct exec_event h = exec_event_of("fexecve", NULL, argv, envp,
					    AS_IT_STANDS, CALLER);

	h.dirfd = fd;
	if (!maybe_null(envp) || !maybe_null(argv))
		return REAL(fexecve)(fd, argv, envp);
	return become(&h, (struct call){BY_FD, 0});
}

EXPORT int execveat(int dirfd, const char *path, char *const argv[],
		    char *const envp[], int flags)
{
	struct exec_event h = exec_event_of("execveat", path, argv, envp,
					    AS_IT_STANDS, CALLER);

	h.dirfd = dirfd;
	return become(&h, (struct call){BY_DIRFD, flags});
}

/* Counts the arguments with the terminating NULL. */
static size_t count_arguments(const char *first, va_list rest)
{
	size_t n = 1;

	if (first)
		for (n = 2; va_arg(rest, char *); n++)
			;
	return n;
}

/* Execs with the arguments that stand in the call itself. */
static int exec_listed(struct exec_event *h, struct call call,
		       bool envp_follows, const char *first, va_list rest)
{
	va_list counted;
	size_t n;

	va_copy(counted, rest);
	n = count_arguments(first, counted);
	va_end(counted);

	char *argv[n];

	argv[0] = (char *)(uintptr_t)first;
	for (size_t i = 1; i < n; i++)
		argv[i] = va_arg(rest, char *);
	h->argv = argv;
	if (envp_follows)
		h->envp = va_arg(rest, char **);
	return become(h, call);
}

#define EXEC_LISTED(function, search, by, envp_follows)                        \
	EXPORT int function(const char *path, const char *first, ...)          \
	{                                                                      \
		struct exec_event h = exec_event_of(#function, path, NULL,     \
						    environ, search, CALLER);  \
		va_list rest;                                                  \
		int result;                                                    \
                                                                               \
		va_start(rest, first);                                         \
		result = exec_listed(&h, (struct call){by, 0}, envp_follows,   \
				     first, rest);                             \
		va_end(rest);                                                  \
		return result;                                                 \
	}

EXEC_LISTED(execl, AS_IT_STANDS, BY_PATH, false)
EXEC_LISTED(execlp, ALONG_PATH, BY_SEARCH, false)
EXEC_LISTED(execle, AS_IT_STANDS, BY_PATH, true)
