/* fork and its family. vfork lies in vfork.S: no C function may return twice.
 */
#include <pty.h>
#include <unistd.h>

#include "recorder/process/env_state.h"
#include "recorder/process/exec_event.h"
#include "recorder/process/image.h"
#include "recorder/runtimes/interpreter.h"
#include "recorder/trace/event_caller.h"
#include "recorder/trace/event_line.h"
#include "recorder/hooks/real.h"
#include "recorder/runtimes/node/node.h"
#include "recorder/runtimes/python/python.h"
#include "recorder/process/source_pos.h"
#include "recorder/recorder.h"
#include "recorder/trace/segment_file.h"

pid_t _Fork(void); /* missing in the oldest headers */

void *before_vfork(const void *caller) __attribute__((visibility("hidden")));

static __attribute__((noinline)) void
record_fork(const char *fn, uint64_t t, pid_t child, const void *caller)
{
	struct event_line l;

	event_begin(&l, KT_FORK, t);
	event_text(&l, "fn", fn);
	if (child)
		event_number(&l, "child", (uint64_t)child);
	event_caller(&l, caller);
	source_pos_put(&l, source_pos_current());
	source_pos_put_current_callers(&l);
	event_end(&l);
}

struct forking {
	uint64_t t; /* 0: not to be recorded */
	bool noted; /* by an interpreter, which the child's exec asks again */
};

/* The child inherits the environment that the parent holds now. */
static struct forking before_fork(const void *caller)
{
	struct forking f = {0};

	python_on_fork();
	if (!recorder_enter())
		return f;
	f.noted = interpreter_on_call(caller, ACT_LAUNCH);
	segment_make_room();
	env_state_inherit();
	f.t = now();
	recorder_leave();
	return f;
}

static void in_child(void)
{
	if (!recorder_enter_unborn())
		return;
	if (globals->wiped_by_hand)
		__builtin_memset(&globals->life, 0, sizeof globals->life);
	image_forked();
	recorder_leave();
}

static void after_fork(const char *fn, struct forking f, pid_t pid,
		       const void *caller)
{
	if (pid == 0) {
		in_child();
	} else if (pid > 0 && recorder_enter()) {
		record_fork(fn, f.t, pid, caller);
		recorder_leave();
	}
	if (pid || f.noted)
		source_pos_clear(); /* the child keeps a copy for an exec */
}

EXPORT pid_t fork(void)
{
	struct forking f = before_fork(CALLER);
	pid_t pid;

	node_before_fork(CALLER);
	pid = REAL(fork)();

	after_fork("fork", f, pid, CALLER);
	return pid;
}

/* glibc 2.34 and later, musl 1.2.2 and later: with an older libc no program can
 * call _Fork. */
EXPORT pid_t _Fork(void)
{
	struct forking f = before_fork(CALLER);
	pid_t pid = REAL(_Fork) ? FOUND(_Fork)() : REAL(fork)();

	after_fork("_Fork", f, pid, CALLER);
	return pid;
}

/* Before glibc 2.34 forkpty lies in libutil and calls the fork hook. The
 * recorder stays "inside" meanwhile, so that fork is not recorded twice. */
EXPORT pid_t forkpty(int *amaster, char *name, const struct termios *termios,
		     const struct winsize *size)
{
	struct forking f = before_fork(CALLER);
	bool entered = recorder_enter_unborn();
	pid_t pid = REAL(forkpty)(amaster, name, termios, size);

	if (entered)
		recorder_leave();
	after_fork("forkpty", f, pid, CALLER);
	return pid;
}

/* The parent exits inside the real function: the parent's side is recorded
 * before. */
EXPORT int daemon(int nochdir, int noclose)
{
	struct forking f = before_fork(CALLER);
	int result;

	if (f.t && recorder_enter()) {
		record_fork("daemon", f.t, 0, CALLER);
		source_pos_clear();
		recorder_leave();
	}
	result = REAL(daemon)(nochdir, noclose);
	if (globals && !atomic_load(&globals->life.born))
		in_child();
	return result;
}

/* Called by vfork.S. Returns the address that vfork.S jumps to. */
void *before_vfork(const void *caller)
{
	struct forking f = before_fork(caller);

	if (f.t && recorder_enter()) {
		record_fork("vfork", f.t, 0, caller);
		thread.vforked = true;
		recorder_leave();
	}
	return (void *)REAL(vfork);
}
