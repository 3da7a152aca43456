/* kill and its family: which process stops which. Told before the call, for
 * the caller may be the target. A handler of a signal may call all of these:
 * the recorder takes no lock here either. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "recorder/hooks/limits.h"
#include "recorder/hooks/open.h"
#include "recorder/hooks/real.h"
#include "recorder/lib/str.h"
#include "recorder/lib/syscall.h"
#include "recorder/recorder.h"
#include "recorder/trace/event_caller.h"
#include "recorder/trace/event_line.h"
#include "shared/stop_signal.h"

/* Later than the oldest headers that the recorder is built with. */
int tgkill(pid_t pid, pid_t tid, int number);
int pidfd_send_signal(int fd, int number, siginfo_t *info, unsigned flags);

long syscall_in_c(long number, long a, long b, long c, long d, long e, long f)
	__attribute__((visibility("hidden")));

struct target {
	bool is_known, is_group;
	pid_t pid; /* of a group: 0 is the caller's own */
};

/* -1 means every process: a group without a number. */
static struct target target_of(pid_t pid)
{
	if (pid > 0)
		return (struct target){true, false, pid};
	return (struct target){pid != -1, true, pid == -1 ? 0 : -pid};
}

/* The place of a target in the table: its own, else one of another second, else
 * the first. */
static _Atomic uint64_t *place_of(uint64_t told, uint64_t tag)
{
	enum { PROBES = 4 };
	_Atomic uint64_t *places = globals->life.kills, *free_place = NULL;

	for (size_t i = 0; i < PROBES; i++) {
		_Atomic uint64_t *at = &places[(tag + i) % KILLS_TOLD];
		uint64_t is = atomic_load(at);

		if (is == told)
			return at;
		if (!free_place && (uint32_t)is != (uint32_t)told)
			free_place = at;
	}
	return free_place ? free_place : &places[tag % KILLS_TOLD];
}

/* A supervisor that repeats itself is told once a second. The place in the
 * table remembers the target, the signal and the second. */
static bool is_new(const struct target *to, int number, uint64_t t)
{
	int what[] = {to->pid, to->is_known, to->is_group, number};
	uint64_t tag = hash_bytes(1, (const char *)what, sizeof what);
	uint64_t told = tag << 32 | (uint32_t)(t / 1000000000);

	return atomic_exchange(place_of(told, tag), told) != told;
}

static void put_target(struct event_line *l, const struct target *to)
{
	if (to->is_known)
		event_number(l, "to", (uint64_t)to->pid);
	if (to->is_group)
		event_bool(l, "group", true);
}

static __attribute__((noinline)) void
record_kill(const char *fn, struct target to, int number, const void *caller)
{
	uint64_t t = now();
	struct event_line l;
	uint32_t child;

	if (!recorder_enter())
		return;
	if (is_new(&to, number, t)) {
		event_begin(&l, KT_KILL, t);
		event_text(&l, "fn", fn);
		put_target(&l, &to);
		event_number(&l, "signal", (uint64_t)number);
		child = thread.vforked ? vfork_child() : 0;
		if (child) {
			event_number(&l, "pid", child);
			event_bool(&l, "vfork", true);
		}
		l.has_no_stack = true; /* a walk in a handler may wait */
		event_caller(&l, caller);
		event_end(&l);
	}
	recorder_leave();
}

EXPORT int kill(pid_t pid, int number)
{
	if (signal_stops(number))
		record_kill("kill", target_of(pid), number, CALLER);
	return REAL(kill)(pid, number);
}

/* killpg(1) reaches every process, as kill(-1) does. */
EXPORT int killpg(pid_t group, int number)
{
	if (signal_stops(number) && group >= 0)
		record_kill("killpg", target_of(-group), number, CALLER);
	return REAL(killpg)(group, number);
}

EXPORT int sigqueue(pid_t pid, int number, const union sigval value)
{
	if (signal_stops(number))
		record_kill("sigqueue", target_of(pid), number, CALLER);
	return REAL(sigqueue)(pid, number, value);
}

/* glibc 2.30 and later; no musl. */
EXPORT int tgkill(pid_t pid, pid_t tid, int number)
{
	if (signal_stops(number))
		record_kill("tgkill", target_of(pid), number, CALLER);
	if (REAL(tgkill))
		return FOUND(tgkill)(pid, tid, number);
	return (int)host_result(SYS(tgkill, pid, tid, number));
}

/* --- a process by its descriptor ---------------------------------------- */

/* The number behind "Pid:" in what the kernel says of a descriptor; 0: none. */
static pid_t pid_in(const char *text)
{
	pid_t pid = 0;

	while (*text && !str_begins(text, "\nPid:"))
		text++;
	if (!*text)
		return 0;
	for (text += sizeof "\nPid:" - 1; *text == '\t' || *text == ' ';)
		text++;
	for (; is_digit(*text); text++)
		pid = pid * 10 + (*text - '0');
	return pid;
}

/* A filter of system calls may end the process for an open. */
static struct target target_behind(int fd)
{
	char path[48] = "/proc/self/fdinfo/", text[256];
	struct target to = {false, false, 0};
	long info, n;

	if (fd < 0 || clock_is_coarse())
		return to;
	str_decimal(path + str_length(path), (uint64_t)fd);
	info = SYS(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	if (info < 0)
		return to;
	n = SYS(read, info, text, sizeof text - 1);
	SYS(close, info);
	text[n > 0 ? n : 0] = '\0';
	to.pid = pid_in(text);
	to.is_known = to.pid > 0;
	return to;
}

static __attribute__((noinline)) void
record_pidfd(const char *fn, int fd, int number, const void *caller)
{
	if (globals && !thread.inside)
		record_kill(fn, target_behind(fd), number, caller);
}

/* glibc 2.36 and later; no musl. */
EXPORT int pidfd_send_signal(int fd, int number, siginfo_t *info,
			     unsigned flags)
{
	if (signal_stops(number))
		record_pidfd("pidfd_send_signal", fd, number, CALLER);
	if (REAL(pidfd_send_signal))
		return FOUND(pidfd_send_signal)(fd, number, info, flags);
	return (int)host_result(
		SYS(pidfd_send_signal, fd, number, info, flags));
}

/* --- the same without a name -------------------------------------------- */

static void record_syscall(long number, long a, long b, long c)
{
	if (number == SYS_pidfd_send_signal && signal_stops((int)b))
		record_pidfd("syscall", (int)a, (int)b, NULL);
	else if (number == SYS_kill && signal_stops((int)b))
		record_kill("syscall", target_of((pid_t)a), (int)b, NULL);
	else if (number == SYS_tgkill && signal_stops((int)c))
		record_kill("syscall", target_of((pid_t)a), (int)c, NULL);
	else if (number == SYS_seccomp)
		limit_system_calls();
}

/* syscall.S jumps here, with what stands in the registers of the caller and on
 * its stack. Python's signal.pidfd_send_signal comes this way. */
long syscall_in_c(long number, long a, long b, long c, long d, long e, long f)
{
	long result;

	record_syscall(number, a, b, c);
	if (!FOUND(syscall))
		return host_result(sys_call6(number, a, b, c, d, e, f));
	result = FOUND(syscall)(number, a, b, c, d, e, f);
	record_open_by_number(number, a, b, c, result, CALLER);
	__asm__ volatile(""
			 : "+r"(result)); /* a jump would store `f` in the
					     caller's stack */
	return result;
}
