/* Calls one interposed function, named by the first argument, in every way that
 * succeeds or fails, and says what came back: value, errno, what was written.
 * Each call is made twice, with errno 0 and with errno 77 before it. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* A function without a walk here is called by its walk of tests/hooks. */
#define HOOK(function, event) void walk_##function(void) __attribute__((weak));
#include "recorder/hooks/hooks.def"
#undef HOOK

static char *to_true[] = {"true", "a", NULL}, *to_exit3[] = {"sh", "-c", "exit 3", NULL};
static char *fresh[] = {"PATH=/usr/bin:/bin", "A_TOKEN=b", NULL}, *none[] = {NULL};

/* What a call answered; pointers as whether they are NULL. */
#define SAY(call)                                                                     \
	for (int before_ = 0; before_ < 78; before_ += 77) {                          \
		errno = before_;                                                      \
		long got_ = (long)(call);                                             \
		int after_ = errno;                                                   \
		dprintf(1, "%s = %ld, errno %d -> %d\n", #call, got_, before_, after_); \
	}
#define SAY_TEXT(call)                                                                \
	for (int before_ = 0; before_ < 78; before_ += 77) {                          \
		errno = before_;                                                      \
		const char *got_ = (call);                                            \
		int after_ = errno;                                                   \
		dprintf(1, "%s = %s, errno %d -> %d\n", #call, got_ ? got_ : "NULL", before_, after_); \
	}

/* A child by a road that no hook sees. */
static pid_t child_that(int status, int signal)
{
	pid_t pid = (pid_t)syscall(SYS_fork);

	if (!pid) {
		if (signal)
			syscall(SYS_kill, syscall(SYS_getpid), signal);
		syscall(SYS_exit_group, status);
	}
	return pid;
}

static void end(pid_t pid, int signal)
{
	if (pid > 0) /* -1 would mean everybody */
		syscall(SYS_kill, pid, signal);
}

static void unseen_wait(pid_t pid, const char *what)
{
	int status = -1, error = errno;

	syscall(SYS_wait4, pid, &status, 0, NULL);
	dprintf(1, "%s: status %x, errno %d\n", what, status, error);
}

void walk_getenv(void)
{
	static char *odd[] = {"=x", "NOTHING", "A_TOKEN", "A_TOKEN=", "A_TOKEN=2", "B_TOKEN==", "\xff=\xfe", NULL};

	SAY_TEXT(getenv("HOME_IS"));
	SAY_TEXT(getenv("OPENAI_API_KEY"));
	SAY_TEXT(getenv("MISSING_TOKEN"));
	SAY_TEXT(getenv(""));
	SAY_TEXT(getenv("A=B_TOKEN"));
	SAY_TEXT(getenv("A_TOKEN=x"));
	environ = odd;
	SAY_TEXT(getenv("A_TOKEN"));
	SAY_TEXT(getenv("B_TOKEN"));
	SAY_TEXT(getenv("NOTHING"));
	SAY_TEXT(getenv("\xff"));
	SAY(getenv("A_TOKEN") == odd[3] + 8);
	environ = none;
	SAY_TEXT(getenv("A_TOKEN"));
	environ = NULL;
	SAY_TEXT(getenv("A_TOKEN"));
}

void walk_secure_getenv(void)
{
	SAY_TEXT(secure_getenv("OPENAI_API_KEY"));
	SAY_TEXT(secure_getenv("MISSING_TOKEN"));
	SAY_TEXT(secure_getenv(""));
	environ = NULL;
	SAY_TEXT(secure_getenv("OPENAI_API_KEY"));
}

void walk_setenv(void)
{
	SAY(setenv("A_TOKEN", "first", 0));
	SAY(setenv("A_TOKEN", "second", 0));
	SAY_TEXT(getenv("A_TOKEN"));
	SAY(setenv("A_TOKEN", "third", 1));
	SAY_TEXT(getenv("A_TOKEN"));
	SAY(setenv("A_TOKEN", "", 1));
	SAY(setenv("", "x", 1));
	SAY(setenv("A=B_TOKEN", "x", 1));
	SAY(setenv(NULL, "x", 1));
	SAY(setenv("B_TOKEN", "a=b=\xff", -1));
	SAY_TEXT(getenv("B_TOKEN"));
	environ = NULL;
	SAY(setenv("C_TOKEN", "x", 1));
	SAY_TEXT(environ ? environ[0] : NULL);
}

void walk_putenv(void)
{
	static char entry[] = "A_TOKEN=first", second[] = "A_TOKEN=second", empty[] = "B_TOKEN=";

	SAY(putenv(entry));
	SAY(getenv("A_TOKEN") == entry + 8);
	SAY(putenv(second));
	SAY(getenv("A_TOKEN") == second + 8);
	SAY(putenv(empty));
	SAY_TEXT(getenv("B_TOKEN"));
	SAY(putenv("A_TOKEN"));
	SAY_TEXT(getenv("A_TOKEN"));
	SAY(putenv("NO_SUCH_TOKEN"));
	SAY(putenv(""));
	SAY(putenv("=odd"));
}

void walk_unsetenv(void)
{
	static char *twice[] = {"A_TOKEN=1", "B=2", "A_TOKEN=3", NULL};

	SAY(unsetenv("OPENAI_API_KEY"));
	SAY(unsetenv("OPENAI_API_KEY"));
	SAY(unsetenv(""));
	SAY(unsetenv("A=B"));
	SAY(unsetenv(NULL));
	environ = twice;
	SAY(unsetenv("A_TOKEN"));
	SAY_TEXT(environ[0]);
	SAY(environ[1] == NULL);
	environ = NULL;
	SAY(unsetenv("A_TOKEN"));
}

void walk_clearenv(void)
{
	SAY(clearenv());
	SAY(environ == NULL);
	SAY(clearenv());
	SAY(setenv("A_TOKEN", "x", 1));
	SAY_TEXT(getenv("A_TOKEN"));
}

static void no_more_processes(void)
{
	struct rlimit one = {0, 0};

	setrlimit(RLIMIT_NPROC, &one);
	setgid(65534), setuid(65534); /* root has no such limit */
}

#define FORKS(call, name)                                             \
	for (int before = 0; before < 78; before += 77) {             \
		pid_t pid;                                            \
		errno = before;                                       \
		pid = call;                                           \
		if (!pid) {                                           \
			dprintf(1, "child of %s, errno %d\n", name, errno); \
			syscall(SYS_exit_group, 5);                   \
		}                                                     \
		unseen_wait(pid, name);                               \
	}                                                             \
	no_more_processes();                                          \
	errno = 0;                                                    \
	dprintf(1, "refused %d", call);                               \
	dprintf(1, ", errno %d\n", errno);

void walk_fork(void)
{
	FORKS(fork(), "fork")
}

void walk__Fork(void)
{
	FORKS(_Fork(), "_Fork")
}

void walk_vfork(void)
{
	FORKS(vfork(), "vfork")
}

void walk_forkpty(void)
{
	int terminal = -1;
	struct rlimit few = {3, 3};

	FORKS(forkpty(&terminal, NULL, NULL, NULL), "forkpty")
	setrlimit(RLIMIT_NOFILE, &few);
	SAY(forkpty(&terminal, NULL, NULL, NULL));
}

void walk_daemon(void)
{
	for (int how = 0; how < 4; how++) {
		int ends[2];
		char c;
		pid_t pid;

		pipe(ends);
		pid = (pid_t)syscall(SYS_fork);
		if (!pid) {
			int result, error;

			errno = how * 7;
			result = daemon(how & 1, 1);
			error = errno;
			dprintf(1, "daemon %d = %d, errno %d, leads %d %d\n", how, result, error, getsid(0) == getpid(), getpgrp() == getpid());
			syscall(SYS_exit_group, 0);
		}
		close(ends[1]);
		read(ends[0], &c, 1);
		close(ends[0]);
		unseen_wait(pid, "parent of the daemon");
	}
	no_more_processes();
	SAY(daemon(1, 1));
}

/* Failures in place; then success in children by a road that no hook sees. */
#define EXECS(failing, working)                                                    \
	do {                                                                       \
		failing                                                            \
		for (int before = 0; before < 78; before += 77) {                  \
			pid_t pid = (pid_t)syscall(SYS_fork);                      \
			if (!pid) {                                                \
				errno = before;                                    \
				working;                                           \
				syscall(SYS_exit_group, 99);                       \
			}                                                          \
			unseen_wait(pid, #working);                                \
		}                                                                  \
	} while (0)

static char long_name[5000];

void walk_execl(void)
{
	EXECS(SAY(execl("/no/such", "x", NULL)) SAY(execl("/", "x", NULL)) SAY(execl("/etc/passwd", "x", NULL)) SAY(execl("", "x", NULL))
	      SAY(execl(long_name, "x", NULL)) SAY(execl("/etc/passwd/x", "x", NULL)), execl("/bin/sh", "sh", "-c", "exit 3", NULL));
}

void walk_execle(void)
{
	EXECS(SAY(execle("/no/such", "x", NULL, fresh)) SAY(execle("/", "x", NULL, none)) SAY(execle("/etc/passwd", "x", NULL, NULL))
	      SAY(execle("", "x", NULL, environ)) SAY(execle(long_name, "x", NULL, environ)), execle("/bin/sh", "sh", "-c", "exit 3", NULL, fresh));
}

void walk_execlp(void)
{
	EXECS(SAY(execlp("no-such-command", "x", NULL)) SAY(execlp("/", "x", NULL)) SAY(execlp("", "x", NULL)) SAY(execlp(long_name, "x", NULL))
	      SAY(execlp("./data", "x", NULL)), execlp("sh", "sh", "-c", "exit 3", NULL));
}

void walk_execv(void)
{
	EXECS(SAY(execv("/no/such", to_true)) SAY(execv("/", to_true)) SAY(execv("/etc/passwd", to_true)) SAY(execv("", to_true))
	      SAY(execv(long_name, to_true)) SAY(execv("./data", to_true)) SAY(execv("./plain", to_true)), execv("/bin/sh", to_exit3));
}

void walk_execve(void)
{
	EXECS(SAY(execve("/no/such", to_true, fresh)) SAY(execve("/", to_true, none)) SAY(execve("/etc/passwd", to_true, environ))
	      SAY(execve("", to_true, NULL)) SAY(execve(long_name, to_true, environ)) SAY(execve("./data", to_true, environ))
	      SAY(execve("./plain", to_true, environ)), execve("/bin/sh", to_exit3, fresh));
}

void walk_execvp(void)
{
	EXECS(SAY(execvp("no-such-command", to_true)) SAY(execvp("/", to_true)) SAY(execvp("", to_true)) SAY(execvp(long_name, to_true))
	      SAY(execvp("./data", to_true)) unsetenv("PATH"); SAY(execvp("no-such-command", to_true)) setenv("PATH", "", 1);
	      SAY(execvp("no-such-command", to_true)) setenv("PATH", "/etc/passwd:/no/such:", 1);
	      SAY(execvp("sh", to_true)) SAY(execvp("data", to_true)) setenv("PATH", "/usr/bin:/bin", 1);, execvp("./plain", to_true));
}

void walk_execvpe(void)
{
	EXECS(SAY(execvpe("no-such-command", to_true, fresh)) SAY(execvpe("/", to_true, none)) SAY(execvpe("", to_true, NULL))
	      SAY(execvpe("./data", to_true, environ)), execvpe("sh", to_exit3, none));
}

void walk_fexecve(void)
{
	int folder = open("/", O_RDONLY), data = open("/etc/passwd", O_RDONLY), sh = open("/bin/sh", O_RDONLY | O_CLOEXEC);

	EXECS(SAY(fexecve(77, to_true, environ)) SAY(fexecve(-1, to_true, environ)) SAY(fexecve(folder, to_true, fresh))
	      SAY(fexecve(data, to_true, environ)) SAY(fexecve(sh, to_true, NULL)) SAY(fexecve(sh, NULL, environ)), fexecve(sh, to_exit3, fresh));
}

void walk_execveat(void)
{
	int folder = open("/bin", O_RDONLY), sh = open("/bin/sh", O_RDONLY | O_CLOEXEC);

	EXECS(SAY(execveat(77, "true", to_true, environ, 0)) SAY(execveat(folder, "no-such", to_true, fresh, 0)) SAY(execveat(AT_FDCWD, "/", to_true, none, 0))
	      SAY(execveat(folder, "", to_true, environ, 0)) SAY(execveat(AT_FDCWD, "/bin/sh", to_true, environ, 0xffff))
	      SAY(execveat(AT_FDCWD, "link", to_true, environ, AT_SYMLINK_NOFOLLOW)), execveat(sh, "", to_exit3, fresh, AT_EMPTY_PATH));
}

/* posix_spawn answers its error and leaves errno as it may */
#define SPAWNS(function)                                                                          \
	static char *odd[] = {NULL};                                                             \
	pid_t pid;                                                                                \
	posix_spawn_file_actions_t actions;                                                       \
	posix_spawnattr_t attributes;                                                             \
	sigset_t all;                                                                             \
	sigfillset(&all);                                                                         \
	posix_spawn_file_actions_init(&actions);                                                  \
	posix_spawn_file_actions_addclose(&actions, 0);                                           \
	posix_spawnattr_init(&attributes);                                                        \
	posix_spawnattr_setsigmask(&attributes, &all);                                            \
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);    \
	pid = 12345;                                                                              \
	SAY(function(&pid, "/no/such", NULL, NULL, to_true, environ))                             \
	SAY(function(&pid, "no-such-command", NULL, NULL, to_true, fresh))                        \
	SAY(function(&pid, "/", NULL, NULL, to_true, none))                                       \
	SAY(function(&pid, "", NULL, NULL, to_true, NULL))                                        \
	SAY(function(&pid, "/etc/passwd", NULL, NULL, to_true, environ))                          \
	SAY(function(&pid, "./data", NULL, NULL, to_true, environ))                               \
	SAY(function(&pid, "./plain", NULL, NULL, to_true, environ))                              \
	dprintf(1, "pid left alone: %d\n", pid == 12345);                                         \
	SAY(function(NULL, "/bin/true", &actions, &attributes, to_true, odd))                     \
	unseen_wait(-1, "without a pid");                                                         \
	unseen_wait(-1, "without a pid");                                                         \
	for (int i = 0; i < 2; i++) {                                                             \
		errno = i * 77;                                                                   \
		dprintf(1, "%d", function(&pid, "/bin/sh", &actions, &attributes, to_exit3, i ? fresh : environ)); \
		unseen_wait(pid, " spawned");                                                     \
	}                                                                                         \
	no_more_processes();                                                                      \
	SAY(function(&pid, "/bin/true", NULL, NULL, to_true, environ))

void walk_posix_spawn(void)
{
	SPAWNS(posix_spawn)
}

void walk_posix_spawnp(void)
{
	SPAWNS(posix_spawnp)
}

void walk_system(void)
{
	SAY(system(NULL));
	SAY(system(""));
	SAY(system("exit 3"));
	SAY(system("exit 127"));
	SAY(system("no-such-command 2>&1"));
	SAY(system("kill -TERM $$"));
	SAY(system("-x"));
	SAY(system("echo $OPENAI_API_KEY | wc -c"));
	signal(SIGCHLD, SIG_IGN);
	SAY(system("exit 3"));
	signal(SIGCHLD, SIG_DFL);
	no_more_processes();
	SAY(system("exit 3"));
}

void walk_popen(void)
{
	static const char *const modes[] = {"r", "w", "re", "we", "e", "rw", "", "x", "r+", "rer"};

	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		for (int before = 0; before < 78; before += 77) {
			char text[100] = "";
			FILE *p;
			int after;

			errno = before;
			p = popen(strchr(modes[i], 'w') ? "exit 4" : "echo text; exit 4", modes[i]);
			after = errno;
			dprintf(1, "popen %s = %d, errno %d -> %d", modes[i], p != NULL, before, after);
			if (!p) {
				dprintf(1, "\n");
				continue;
			}
			dprintf(1, " flags %d descriptor %d", fcntl(fileno(p), F_GETFD), fileno(p));
			if (*modes[i] == 'r' && fgets(text, sizeof text, p))
				dprintf(1, " %s", text);
			errno = before;
			dprintf(1, " closed %x", pclose(p));
			dprintf(1, " errno %d\n", errno);
		}
	no_more_processes();
	SAY(popen("true", "r") == NULL);
}

static void at_end(void)
{
	dprintf(1, "at exit, errno %d\n", errno);
}

#define ENDS(call)                                                    \
	for (int before = 0; before < 78; before += 77)               \
		for (int status = -1; status < 600; status += 200) {  \
			pid_t pid = (pid_t)syscall(SYS_fork);         \
			if (!pid) {                                   \
				atexit(at_end);                       \
				at_quick_exit(at_end);                \
				errno = before;                       \
				call(status);                         \
			}                                             \
			unseen_wait(pid, #call);                      \
		}

void walk_exit(void)
{
	ENDS(exit)
}

void walk__exit(void)
{
	ENDS(_exit)
}

void walk__Exit(void)
{
	ENDS(_Exit)
}

void walk_quick_exit(void)
{
	ENDS(quick_exit)
}

static volatile int alarms;

static void on_alarm(int s)
{
	alarms++;
	errno = 99;
}

/* Status, signal, no child, not yet, interrupted. */
#define WAITS(call, options_matter)                                                   \
	int status = -1;                                                              \
	struct rusage usage;                                                          \
	struct sigaction action = {.sa_handler = on_alarm};                           \
	pid_t pid;                                                                    \
	(void)usage;                                                                  \
	SAY(call)                                                                     \
	for (int i = 0; i < 4; i++) {                                                 \
		pid = child_that(i * 11, i == 3 ? SIGTERM : 0);                       \
		errno = i % 2 * 77;                                                   \
		pid_t got = call;                                                     \
		int error = errno;                                                    \
		dprintf(1, "right one %d, status %x, errno %d\n", got == pid, status, error); \
	}                                                                             \
	pid = (pid_t)syscall(SYS_fork);                                               \
	if (!pid)                                                                     \
		for (;;)                                                              \
			pause();                                                      \
	sigaction(SIGALRM, &action, NULL);                                            \
	status = 0x5555;                                                              \
	alarm(1);                                                                     \
	errno = 0;                                                                    \
	pid_t got = call;                                                             \
	int error = errno;                                                            \
	dprintf(1, "interrupted: %d, status %x, errno %d, alarms %d\n", got, status, error, alarms); \
	end(pid, SIGKILL);                                              \
	unseen_wait(pid, "at last");

void walk_wait(void)
{
	WAITS(wait(&status), 0)
	child_that(3, 0);
	SAY(wait(NULL) > 0);
}

void walk_waitpid(void)
{
	WAITS(waitpid(-1, &status, 0), 1)
	SAY(waitpid(999999, &status, 0));
	SAY(waitpid(-1, &status, 0x12345678));
	pid = (pid_t)syscall(SYS_fork);
	if (!pid)
		for (;;)
			pause();
	SAY(waitpid(pid, &status, WNOHANG));
	SAY(waitpid(-1, NULL, WNOHANG));
	end(pid, SIGSTOP);
	dprintf(1, "stopped: %d, %x\n", waitpid(pid, &status, WUNTRACED) == pid, status);
	end(pid, SIGCONT);
	dprintf(1, "continued: %d, %x\n", waitpid(pid, &status, WCONTINUED) == pid, status);
	end(pid, SIGKILL);
	SAY(waitpid(pid, NULL, 0) == pid);
}

void walk_wait3(void)
{
	WAITS(wait3(&status, 0, &usage), 1)
	child_that(3, 0);
	SAY(wait3(NULL, 0, NULL) > 0);
	SAY(wait3(&status, WNOHANG, NULL));
}

void walk_wait4(void)
{
	WAITS(wait4(-1, &status, 0, &usage), 1)
	child_that(3, 0);
	SAY(wait4(-1, NULL, 0, NULL) > 0);
	SAY(wait4(999999, &status, 0, NULL));
}

void walk_waitid(void)
{
	siginfo_t info;
	pid_t pid;

	memset(&info, 0x55, sizeof info);
	SAY(waitid(P_ALL, 0, &info, WEXITED));
	SAY(waitid(P_ALL, 0, &info, 0));
	SAY(waitid(P_PID, 999999, &info, WEXITED));
	SAY(waitid(12345, 0, &info, WEXITED));
	for (int i = 0; i < 4; i++) {
		int result;

		pid = child_that(i * 11, i == 3 ? SIGTERM : 0);
		errno = 77;
		result = waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
		dprintf(1, "%d, errno %d: %d %d %d\n", result, errno, info.si_pid == pid, info.si_code, info.si_status);
		result = waitid(P_PID, (id_t)pid, i ? &info : NULL, WEXITED);
		dprintf(1, "%d, errno %d: %d %d %d\n", result, errno, info.si_pid == pid, info.si_code, info.si_status);
	}
	pid = (pid_t)syscall(SYS_fork);
	if (!pid)
		for (;;)
			pause();
	memset(&info, 0, sizeof info);
	SAY(waitid(P_ALL, 0, &info, WEXITED | WNOHANG));
	dprintf(1, "%d\n", info.si_pid);
	end(pid, SIGKILL);
	unseen_wait(pid, "at last");
}

void walk_prctl(void)
{
	char name[16] = "";
	int tsc = 0;

	SAY(prctl(PR_SET_NAME, "walker", 0, 0, 0));
	SAY(prctl(PR_GET_NAME, name, 0, 0, 0));
	SAY(strcmp(name, "walker"));
	SAY(prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0));
	SAY(prctl(PR_GET_TSC, &tsc, 0, 0, 0));
	SAY(prctl(PR_SET_TSC, 77, 0, 0, 0));
	SAY(prctl(-1, 0, 0, 0, 0));
}

#define LIMITS(set, get, type)                                                        \
	struct type was, is;                                                          \
	SAY(get(RLIMIT_AS, &was));                                                    \
	is = was;                                                                     \
	is.rlim_cur = 200 << 20;                                                      \
	SAY(set(RLIMIT_AS, &is));                                                     \
	SAY(get(RLIMIT_AS, &is));                                                     \
	SAY(is.rlim_cur == 200 << 20);                                                \
	SAY(set(RLIMIT_NOFILE, &(struct type){64, 64}));                              \
	SAY(set(-1, &was));                                                           \
	SAY(set(RLIMIT_AS, &(struct type){2, 1}));

void walk_setrlimit(void)
{
	LIMITS(setrlimit, getrlimit, rlimit)
}

void walk_setrlimit64(void)
{
	LIMITS(setrlimit64, getrlimit64, rlimit64)
}

static int SET(int resource, const struct rlimit *to)
{
	return prlimit(0, resource, to, NULL);
}

static int GET(int resource, struct rlimit *to)
{
	return prlimit(0, resource, NULL, to);
}

static int SET64(int resource, const struct rlimit64 *to)
{
	return prlimit64(0, resource, to, NULL);
}

static int GET64(int resource, struct rlimit64 *to)
{
	return prlimit64(0, resource, NULL, to);
}

void walk_prlimit(void)
{
	LIMITS(SET, GET, rlimit)
	SAY(prlimit(999999, RLIMIT_AS, NULL, &was));
}

void walk_prlimit64(void)
{
	LIMITS(SET64, GET64, rlimit64)
	SAY(prlimit64(999999, RLIMIT_AS, NULL, &was));
}

void walk_mlockall(void)
{
	struct rlimit limit = {8 << 20, 8 << 20};

	SAY(mlockall(0));
	SAY(mlockall(4)); /* MCL_ONFAULT, of nothing */
	SAY(mlockall(64));
	SAY(mlockall(MCL_CURRENT));
	SAY(munlockall());
	setrlimit(RLIMIT_MEMLOCK, &limit);
	setgid(65534), setuid(65534); /* root has no such limit */
	SAY(mlockall(MCL_CURRENT));
	SAY(mlockall(MCL_CURRENT | 4));
	SAY(mlockall(MCL_CURRENT | MCL_FUTURE));
	SAY(munlockall());
	limit.rlim_cur = 65536;
	setrlimit(RLIMIT_MEMLOCK, &limit);
	SAY(mlockall(MCL_CURRENT));
	SAY(mlockall(MCL_FUTURE));
	SAY(munlockall());
	limit.rlim_cur = 0;
	setrlimit(RLIMIT_MEMLOCK, &limit);
	SAY(mlockall(MCL_CURRENT));
}

static const struct walk {
	const char *name;
	void (*walk)(void);
} walks[] = {
#define HOOK(function, event) {#function, walk_##function},
#include "recorder/hooks/hooks.def"
#undef HOOK
};

int main(int argc, char **argv)
{
	memset(long_name, 'x', sizeof long_name - 1);
	memcpy(long_name, "/", 1);
	for (const struct walk *w = walks; w < walks + sizeof walks / sizeof *walks; w++)
		if (!strcmp(w->name, argv[1]))
			return w->walk(), 0;
	return 98;
}
