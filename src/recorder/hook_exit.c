/* exit and its family, wait and its family: how an image ended. */
#include "recorder/handover.h"
#include "recorder/line.h"
#include "recorder/next.h"
#include "recorder/place.h"
#include "recorder/recorder.h"
#include "recorder/segment.h"
#include "recorder/sys.h"

static __attribute__((noinline)) void tell_exit(const char *fn, int status,
						const void *caller)
{
	uint32_t child = 0;
	struct line l;

	if (!recorder_enter())
		return;
	if (thread.vforked) {
		child = vfork_child();
		thread.vforked = false;
		place_forget(); /* of an exec that failed; the parent's now */
	}
	handover_tell_failures();
	line_begin(&l, KT_EXIT, now());
	line_text(&l, "fn", fn);
	line_number(&l, "status", (uint64_t)status & 0xff);
	if (child) {
		line_number(&l, "pid", child);
		line_bool(&l, "vfork", true);
	}
	line_caller(&l, caller);
	line_end(&l);
	recorder_leave();
}

EXPORT void exit(int status)
{
	tell_exit("exit", status, CALLER);
	NEXT(exit)(status);
	__builtin_unreachable();
}

EXPORT void _exit(int status)
{
	tell_exit("_exit", status, CALLER);
	NEXT(_exit)(status);
	__builtin_unreachable();
}

EXPORT void _Exit(int status)
{
	tell_exit("_Exit", status, CALLER);
	NEXT(_Exit)(status);
	__builtin_unreachable();
}

EXPORT void quick_exit(int status)
{
	tell_exit("quick_exit", status, CALLER);
	NEXT(quick_exit)(status);
	__builtin_unreachable();
}

static __attribute__((noinline)) void tell_wait(const char *fn, pid_t child,
						const char *how, int value)
{
	struct line l;

	if (!recorder_enter())
		return;
	segment_make_room(); /* a server that waits for its workers speaks for them */
	line_begin(&l, KT_WAIT, now());
	line_text(&l, "fn", fn);
	line_number(&l, "child", (uint64_t)child);
	line_number(&l, how, (uint64_t)value);
	line_end(&l);
	recorder_leave();
}

/* A stop or a continuation is no end. */
static void note_wait(const char *fn, pid_t child, int status)
{
	if (child <= 0)
		return;
	if (WIFEXITED(status))
		tell_wait(fn, child, "status", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		tell_wait(fn, child, "signal", WTERMSIG(status));
}

EXPORT pid_t wait(int *status)
{
	int own;
	pid_t pid = NEXT(wait)(status = status ? status : &own);

	note_wait("wait", pid, *status);
	return pid;
}

EXPORT pid_t waitpid(pid_t which, int *status, int options)
{
	int own;
	pid_t pid = NEXT(waitpid)(which, status = status ? status : &own,
				  options);

	note_wait("waitpid", pid, *status);
	return pid;
}

EXPORT pid_t wait3(int *status, int options, struct rusage *usage)
{
	int own;
	pid_t pid = NEXT(wait3)(status = status ? status : &own, options,
				usage);

	note_wait("wait3", pid, *status);
	return pid;
}

EXPORT pid_t wait4(pid_t which, int *status, int options, struct rusage *usage)
{
	int own;
	pid_t pid = NEXT(wait4)(which, status = status ? status : &own, options,
				usage);

	note_wait("wait4", pid, *status);
	return pid;
}

EXPORT int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	siginfo_t own = {.si_pid = 0};
	int result = NEXT(waitid)(type, id, info = info ? info : &own, options);

	if (result || options & WNOWAIT || info->si_pid <= 0)
		return result;
	if (info->si_code == CLD_EXITED)
		tell_wait("waitid", info->si_pid, "status", info->si_status);
	else if (info->si_code == CLD_KILLED || info->si_code == CLD_DUMPED)
		tell_wait("waitid", info->si_pid, "signal", info->si_status);
	return result;
}
