/* fork and its family. vfork is in vfork.S: no C function may return twice. */
#include "recorder/handover.h"
#include "recorder/image.h"
#include "recorder/line.h"
#include "recorder/next.h"
#include "recorder/node.h"
#include "recorder/place.h"
#include "recorder/recorder.h"
#include "recorder/segment.h"

void *hook_before_vfork(const void *caller)
	__attribute__((visibility("hidden")));

static __attribute__((noinline)) void tell_fork(const char *fn, uint64_t t,
						pid_t child, const void *caller)
{
	struct line l;

	line_begin(&l, KT_FORK, t);
	line_text(&l, "fn", fn);
	if (child)
		line_number(&l, "child", (uint64_t)child);
	line_caller(&l, caller);
	place_put(&l, place_here());
	line_end(&l);
}

/* What the child inherits is what the parent holds now. */
static uint64_t before_fork(void)
{
	uint64_t t;

	if (!recorder_enter())
		return 0;
	segment_make_room();
	held_settle();
	t = now();
	recorder_leave();
	return t;
}

static void in_child(void)
{
	if (!recorder_enter_unborn())
		return;
	if (guest->wiped_by_hand)
		__builtin_memset(&guest->life, 0, sizeof guest->life);
	image_forked();
	recorder_leave();
}

static void after_fork(const char *fn, uint64_t t, pid_t pid,
		       const void *caller)
{
	if (pid == 0) {
		in_child();
	} else if (pid > 0 && recorder_enter()) {
		tell_fork(fn, t, pid, caller);
		place_forget(); /* the child's copy is for its exec */
		recorder_leave();
	}
}

EXPORT pid_t fork(void)
{
	uint64_t t = before_fork();
	pid_t pid;

	node_before_fork(CALLER);
	pid = NEXT(fork)();

	after_fork("fork", t, pid, CALLER);
	return pid;
}

/* glibc 2.34 and later, musl 1.2.2; elsewhere nobody bare could call it. */
EXPORT pid_t _Fork(void)
{
	uint64_t t = before_fork();
	pid_t pid = NEXT(_Fork) ? next._Fork() : NEXT(fork)();

	after_fork("_Fork", t, pid, CALLER);
	return pid;
}

/* Before glibc 2.34 forkpty lives in libutil and calls our fork: that one is
 * not told, the recorder stays "inside" meanwhile. */
EXPORT pid_t forkpty(int *amaster, char *name, const struct termios *termios,
		     const struct winsize *size)
{
	uint64_t t = before_fork();
	bool entered = recorder_enter_unborn();
	pid_t pid = NEXT(forkpty)(amaster, name, termios, size);

	if (entered)
		recorder_leave();
	after_fork("forkpty", t, pid, CALLER);
	return pid;
}

/* The parent ends inside the real function, so its side is told before. */
EXPORT int daemon(int nochdir, int noclose)
{
	uint64_t t = before_fork();
	int result;

	if (t && recorder_enter()) {
		tell_fork("daemon", t, 0, CALLER);
		recorder_leave();
	}
	result = NEXT(daemon)(nochdir, noclose);
	if (guest && !atomic_load(&guest->life.born))
		in_child();
	return result;
}

/* Called by vfork.S, which then jumps to what this returns. */
void *hook_before_vfork(const void *caller)
{
	uint64_t t = before_fork();

	if (t && recorder_enter()) {
		tell_fork("vfork", t, 0, caller);
		thread.vforked = true;
		recorder_leave();
	}
	return (void *)NEXT(vfork);
}
