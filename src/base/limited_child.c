#include "base/limited_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS = 5, MEMORY = 1 << 30 };

struct answer {
	size_t len;
	char text[65536 - sizeof(size_t)];
};

/* --- the child ---------------------------------------------------------- */

static void lower(int resource, rlim_t most)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) || limit.rlim_cur <= most)
		return;
	limit.rlim_cur = most;
	limit.rlim_max = limit.rlim_max < most ? limit.rlim_max : most;
	setrlimit(resource, &limit);
}

static void be_the_first_to_go(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "1000", 4) < 0)
		errno = 0; /* then the kernel chooses */
	close(fd);
}

void limit_process(uint64_t memory)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	lower(RLIMIT_CORE, 0);
	be_the_first_to_go();
#ifndef __SANITIZE_ADDRESS__ /* the sanitizer's shadow takes more */
	lower(RLIMIT_AS, memory);
#else
	(void)memory;
#endif
}

/* Messages of the child would not help the user: the answer is whole, or
 * absent. */
static void silence(void)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (nowhere < 0 || dup2(nowhere, STDERR_FILENO) < 0)
		close(STDERR_FILENO);
}

static void put(struct answer *answer, struct str text)
{
	if (text.len > sizeof answer->text)
		_exit(1);
	if (text.len)
		memcpy(answer->text, text.at, text.len);
	answer->len = text.len;
}

static void be_the_child(struct answer *answer, const struct work *work)
{
	struct out o = out_to_memory(work->arena);

	o.width = work->shape->width;
	o.utf8 = work->shape->utf8;
	o.colour = work->shape->colour;
	work->write(&o, work->told);
	put(answer, out_memory(&o));
	_exit(0);
}

/* --- the parent --------------------------------------------------------- */

static int64_t now_in_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool wants_us_to_end(int signal)
{
	return signal == SIGINT || signal == SIGTERM || signal == SIGHUP ||
	       signal == SIGQUIT;
}

/* Takes the next signal before the deadline; 0: none came. */
static int next_signal(int64_t deadline)
{
	int64_t left = deadline - now_in_ms();
	struct timespec wait;
	sigset_t all;
	int signal;

	if (left <= 0)
		return 0;
	wait = (struct timespec){left / 1000, left % 1000 * 1000000};
	sigprocmask(SIG_BLOCK, NULL, &all);
	signal = sigtimedwait(&all, NULL, &wait);
	return signal > 0 ? signal : errno == EAGAIN ? 0 : -1;
}

static enum limited_end wait_for(pid_t child)
{
	int64_t deadline = now_in_ms() + SECONDS * 1000;
	enum limited_end end = LIMITED_BROKEN;
	int status, signal;

	while (waitpid(child, &status, WNOHANG) == 0) {
		signal = next_signal(deadline);
		if (signal && !wants_us_to_end(signal))
			continue;
		end = signal ? LIMITED_STOPPED : LIMITED_BROKEN;
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		return end;
	}
	return WIFEXITED(status) && !WEXITSTATUS(status) ? LIMITED_DONE : end;
}

bool wait_until_writable(int fd)
{
	struct pollfd p = {fd, POLLOUT, 0};
	int signal;

	while (!poll(&p, 1, 100)) {
		signal = next_signal(now_in_ms() + 1);
		if (signal > 0 && wants_us_to_end(signal))
			return false;
	}
	return true;
}

enum limited_end limited_child_text(const struct work *work, struct str *ret)
{
	struct answer *answer =
		mmap(NULL, sizeof *answer, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t self = getpid(), child;
	enum limited_end end;

	if (answer == MAP_FAILED)
		return LIMITED_BROKEN;
	child = fork();
	if (!child) {
		limit_process(MEMORY);
		lower(RLIMIT_CPU, SECONDS);
		silence();
		if (getppid() != self)
			_exit(1);
		be_the_child(answer, work);
	}
	end = child < 0 ? LIMITED_BROKEN : wait_for(child);
	if (end == LIMITED_DONE)
		*ret = arena_print(work->arena, "%.*s", (int)answer->len,
				   answer->text);
	munmap(answer, sizeof *answer);
	return end;
}
