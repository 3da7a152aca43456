#include "commands/run/run_group_signal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The kernel kills the probe when we die. No descriptor stays open, or the
 * reader of a pipe would wait for the probe. Only system calls: a recorder in
 * keytrail itself is not to take the probe for a child of ours. */
static void be_probe(pid_t parent)
{
	syscall(SYS_close_range, 0, ~0U, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	for (;;)
		pause();
}

/* A clone without a signal for its end: nobody but us hears of the probe. */
void group_probe_start(struct group_probe *p)
{
	pid_t us = getpid();
	long pid = syscall(SYS_clone, 0L, NULL, NULL, NULL, 0L);

	if (!pid)
		be_probe(us);
	p->pid = pid > 0 ? (pid_t)pid : 0;
}

void group_probe_end(struct group_probe *p)
{
	if (!p->pid)
		return;
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, __WALL);
	p->pid = 0;
}

static size_t read_status(pid_t pid, char *text, size_t size)
{
	char path[32];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, size);
	close(fd);
	return n > 0 ? (size_t)n : 0;
}

/* The signals sent to the process as a whole: bit 0 is signal 1. */
static uint64_t pending_signals(pid_t pid)
{
	static const char label[] = "\nShdPnd:\t";
	char text[4096];
	const char *at;

	text[read_status(pid, text, sizeof text - 1)] = '\0';
	at = strstr(text, label);
	return at ? strtoull(at + sizeof label - 1, NULL, 16) : 0;
}

/* A signal stays pending in a probe. So a new probe takes the place of the old
 * one, and comes first, so that no signal to the group is missed in between. */
static void renew(struct group_probe *p)
{
	struct group_probe old = *p;

	group_probe_start(p);
	p->received = old.received | pending_signals(old.pid);
	group_probe_end(&old);
}

static bool take(struct group_probe *p, int signal)
{
	uint64_t bit = (uint64_t)1 << (signal - 1);

	if (pending_signals(p->pid) & bit)
		renew(p);
	if (!(p->received & bit))
		return false;
	p->received &= ~bit;
	return true;
}

/* A kill of the group reaches the newest process first, hence the probe before
 * us. systemd signals each process of a unit in turn, the oldest first. */
bool group_probe_received(struct group_probe *p, int signal)
{
	static const struct timespec millisecond = {.tv_nsec = 1000 * 1000};
	enum { MOST_LOOKS = 10 };

	for (int look = 0; p->pid && look < MOST_LOOKS; look++) {
		if (look)
			nanosleep(&millisecond, NULL);
		if (take(p, signal))
			return true;
	}
	return false;
}
