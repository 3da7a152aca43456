#include "commands/run/run_child.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- start -------------------------------------------------------------- */

void child_prepare(struct child *c)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGXFSZ, &ignore, &c->on_full_file);
}

/* We take signals with sigwaitinfo and install no handler, so only the
 * mask is undone. SIGCHLD is the exception: where SIGCHLD is ignored, children
 * vanish without a status. */
static void hold_signals(struct child *c)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE,
				     SIGILL,  SIGSYS, SIGTRAP};
	struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		sigdelset(&all, faults[i]);
	sigprocmask(SIG_BLOCK, &all, &c->mask);
	sigaction(SIGCHLD, &plain, &c->on_child);
}

static void release_signals(const struct child *c)
{
	sigaction(SIGCHLD, &c->on_child, NULL);
	sigprocmask(SIG_SETMASK, &c->mask, NULL);
}

void child_replace_us(const struct child *c, char **argv, char **envp)
{
	sigaction(SIGXFSZ, &c->on_full_file, NULL);
	execvpe(argv[0], argv, envp);
}

/* In the vfork child, which shares our memory. */
static void become(struct child *c, char **argv, char **envp)
{
	release_signals(c);
	if (c->launcher) {
		sigaction(SIGXFSZ, &c->on_full_file, NULL);
		execve(c->launcher[0], c->launcher, c->launcher_envp);
	}
	child_replace_us(c, argv, envp);
	c->exec_error = errno;
	_exit(c->exec_error == ENOENT ? 127 : 126);
}

/* vfork, because a pipe for the error would need a descriptor. */
bool child_start(struct child *c, char **argv, char **envp)
{
	int error;

	hold_signals(c);
	group_probe_start(&c->probe);
	c->pid = vfork();
	if (!c->pid)
		become(c, argv, envp);
	error = errno;
	if (c->pid < 0) {
		group_probe_end(&c->probe);
		release_signals(c);
	}
	errno = error;
	return c->pid > 0;
}

/* --- wait --------------------------------------------------------------- */

/* The terminal stops the whole foreground group: we stop as well, so that the
 * shell sees the job stopped. After a SIGSTOP to the command alone we go on:
 * the sender will continue the command, and does not know of us. */
static void stopped(int signal)
{
	if (signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU)
		raise(SIGSTOP);
}

static bool has_ended(struct child *c)
{
	int status;

	while (waitpid(c->pid, &status, WNOHANG | WUNTRACED) == c->pid) {
		if (!WIFSTOPPED(status)) {
			c->status = status;
			return true;
		}
		stopped(WSTOPSIG(status));
	}
	return false;
}

/* A terminal signals our whole group. A command which began a group of its own
 * (timeout), and would lead our group without us, is in none of the terminal's.
 * An alarm was set before we began, for the program that we stand before. */
static bool misses_kernel_signal(const struct child *c, int signal)
{
	return signal == SIGALRM ||
	       (getpgid(c->pid) != getpgrp() && getsid(c->pid) == getsid(0));
}

/* True when only we have the signal. sigqueue and tgkill reach no group. */
static bool misses_signal(struct child *c, const siginfo_t *info)
{
	if (info->si_code > 0)
		return misses_kernel_signal(c, info->si_signo);
	return info->si_code != SI_USER || getpgid(c->pid) != getpgrp() ||
	       !group_probe_received(&c->probe, info->si_signo);
}

static void pass_on(struct child *c, const siginfo_t *info)
{
	if (c->on_signal)
		c->on_signal(c->context, info);
	if (!misses_signal(c, info))
		return;
	if (info->si_code == SI_QUEUE)
		sigqueue(c->pid, info->si_signo, info->si_value);
	else
		kill(c->pid, info->si_signo);
}

static void forget_pending(void)
{
	static const struct timespec now;
	sigset_t all;

	sigprocmask(SIG_BLOCK, NULL, &all);
	while (sigtimedwait(&all, NULL, &now) > 0)
		;
}

/* No signal within the time: room is made for the command's events. */
void child_wait(struct child *c, struct grower *grower)
{
	struct timespec pause = grow_next(grower);
	siginfo_t info;
	sigset_t all;
	int signal;

	sigprocmask(SIG_BLOCK, NULL, &all);
	while (!has_ended(c)) {
		signal = sigtimedwait(&all, &info, &pause);
		if (signal > 0 && signal != SIGCHLD)
			pass_on(c, &info);
		if (signal < 0)
			pause = grow_next(grower);
	}
	group_probe_end(&c->probe);
	forget_pending();
}

void child_release(struct child *c)
{
	forget_pending();
	release_signals(c);
}
