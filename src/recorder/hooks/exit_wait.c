/* exit and its family, wait and its family: how an image ended. */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "recorder/process/exec_event.h"
#include "recorder/trace/event_caller.h"
#include "recorder/trace/event_line.h"
#include "recorder/hooks/exit_wait.h"
#include "recorder/hooks/real.h"
#include "recorder/process/source_pos.h"
#include "recorder/runtimes/exit_place.h"
#include "recorder/runtimes/python/python_exit.h"
#include "recorder/runtimes/node/node_ends.h"
#include "recorder/runtimes/perl/perl_ends.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/rust_panic.h"
#include "recorder/runtimes/interpreter.h"
#include "recorder/trace/segment_file.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/lib/syscall.h"

static __attribute__((noinline)) void record_exit(const char *fn, int status,
						  const void *caller)
{
	struct interpreter_place place;
	uint32_t child = 0;
	struct event_line l;
	const char *by = "";
	bool has_pos;

	if (status == RUST_PANICKED)
		rust_on_exit();
	has_pos = python_on_exit(fn, status, caller, &by) ||
		  node_on_exit(status) ||
		  (globals && globals->runs_perl && perl_on_exit(fn)) ||
		  exit_place_apply(status);

	if (globals && !thread.vforked)
		atomic_store(&globals->life.ends, true);
	if (!recorder_enter())
		return;
	if (thread.vforked) {
		child = vfork_child();
		thread.vforked = false;
		source_pos_clear(); /* of a failed exec; the parent's now */
	}
	record_exec_failures();
	event_begin(&l, KT_EXIT, now());
	event_text(&l, "fn", fn);
	event_number(&l, "status", (uint64_t)status & 0xff);
	if (child) {
		event_number(&l, "pid", child);
		event_bool(&l, "vfork", true);
	}
	event_caller(&l, caller);
	if (has_pos) {
		if (*by)
			event_text(&l, "by", by);
		source_pos_put(&l, source_pos_current());
		source_pos_put_current_callers(&l);
	} else if (caller && !child &&
		   interpreter_source_pos(caller,
					  *fn == '_' ? ACT_EXIT_NOW : ACT_EXIT,
					  &place)) {
		source_pos_put(&l, &place.pos);
		if (place.find_callers)
			source_pos_put_callers_by(&l, &place.pos,
						  place.find_callers);
	}
	event_end(&l);
	recorder_leave();
}

#define EXIT(function)                                                         \
	EXPORT void function(int status)                                       \
	{                                                                      \
		record_exit(#function, status, CALLER);                        \
		REAL(function)(status);                                        \
		__builtin_unreachable();                                       \
	}

EXIT(exit)
EXIT(_exit)
EXIT(_Exit)
EXIT(quick_exit)

/* A return from main: libc calls its own exit, which no hook hears. glibc calls
 * this function last of all, after the program's own handlers. A vfork child
 * runs the handlers of its parent. */
static void on_return(int status, void *unused)
{
	(void)unused;
	if (globals && !atomic_load(&globals->life.ends) && !vfork_child())
		record_exit("return", status, NULL);
}

/* Not the function of a sanitizer in front of this library, which would begin
 * its work earlier than without this library. musl has no on_exit. */
void exit_watch_return(void)
{
	static const struct wanted wanted = {"on_exit", 0};
	void *libc_on_exit = NULL;

	elf_after_us(&wanted, 1, &libc_on_exit);
	if (libc_on_exit)
		AS_DECLARED(on_exit, libc_on_exit)(on_return, NULL);
}

static __attribute__((noinline)) void record_wait(const char *fn, pid_t child,
						  const char *how, int value)
{
	struct event_line l;

	if (!recorder_enter())
		return;
	/* A server that waits for workers extends the file for all workers. */
	segment_make_room();
	event_begin(&l, KT_WAIT, now());
	event_text(&l, "fn", fn);
	event_number(&l, "child", (uint64_t)child);
	event_number(&l, how, (uint64_t)value);
	event_end(&l);
	recorder_leave();
}

/* Ignores a stopped or continued child. */
static void on_wait(const char *fn, pid_t child, int status)
{
	if (child <= 0)
		return;
	if (WIFEXITED(status))
		record_wait(fn, child, "status", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		record_wait(fn, child, "signal", WTERMSIG(status));
}

EXPORT pid_t wait(int *status)
{
	int own;
	pid_t pid = REAL(wait)(status = status ? status : &own);

	on_wait("wait", pid, *status);
	return pid;
}

EXPORT pid_t waitpid(pid_t which, int *status, int options)
{
	int own;
	pid_t pid =
		REAL(waitpid)(which, status = status ? status : &own, options);

	on_wait("waitpid", pid, *status);
	return pid;
}

EXPORT pid_t wait3(int *status, int options, struct rusage *usage)
{
	int own;
	pid_t pid =
		REAL(wait3)(status = status ? status : &own, options, usage);

	on_wait("wait3", pid, *status);
	return pid;
}

EXPORT pid_t wait4(pid_t which, int *status, int options, struct rusage *usage)
{
	int own;
	pid_t pid = REAL(wait4)(which, status = status ? status : &own, options,
				usage);

	on_wait("wait4", pid, *status);
	return pid;
}

EXPORT int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	siginfo_t own = {.si_pid = 0};
	int result = REAL(waitid)(type, id, info = info ? info : &own, options);

	if (result || options & WNOWAIT || info->si_pid <= 0)
		return result;
	if (info->si_code == CLD_EXITED)
		record_wait("waitid", info->si_pid, "status", info->si_status);
	else if (info->si_code == CLD_KILLED || info->si_code == CLD_DUMPED)
		record_wait("waitid", info->si_pid, "signal", info->si_status);
	return result;
}
