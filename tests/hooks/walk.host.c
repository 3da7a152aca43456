/* Walks through one interposed function, named by the first argument, the way
 * a plain C program calls it. What the trace must then say stands in
 * walk.expected. "end" is the program that the walks become or start. */
#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Calls a function and prints the answer and errno, which was 77 before:
 * tests/transparency/errno.py compares this with a run without the recorder. */
#define CALL(call)                                                            \
	do {                                                                  \
		errno = 77;                                                   \
		long answer_ = (long)(call);                                  \
		int error_ = errno;                                           \
		dprintf(1, "%s = %ld, errno %d\n", #call, answer_, error_);   \
	} while (0)

static char self[4096];
static char *to_end[] = {self, "end", NULL};
static char *no_key[] = {"OTHER=1", "MORE=2", NULL};

static void reap(pid_t pid)
{
	syscall(61 /* wait4, unseen */, pid, NULL, 0, NULL);
}

static void walk_getenv(void)
{
	for (volatile int i = 0; i < 3; i++)
		getenv("WALK_API_KEY");
	getenv("MISSING_TOKEN");
	getenv("HOME");
}

static void walk_secure_getenv(void)
{
	secure_getenv("WALK_API_KEY");
}

static void walk_setenv(void)
{
	setenv("WALK_API_KEY", "second-value", 0);
	setenv("WALK_API_KEY", "second-value", 1);
	setenv("NEW_TOKEN", "", 1);
	setenv("UNWATCHED", "x", 1);
	setenv("BAD=A_TOKEN", "x", 1);
	setenv("", "x", 1);
}

static void walk_putenv(void)
{
	static char entry[] = "NEW_TOKEN=put-here";

	putenv(entry);
	memcpy(entry + 10, "edited!!", 8); /* no call: found at the next read */
	getenv("NEW_TOKEN");
	putenv("WALK_API_KEY"); /* glibc: removes it */
}

static void walk_unsetenv(void)
{
	unsetenv("WALK_API_KEY");
	unsetenv("WALK_API_KEY");
	getenv("WALK_API_KEY");
}

static void walk_clearenv(void)
{
	clearenv();
	getenv("WALK_API_KEY");
}

static void walk_swap(void)
{
	static char *other[] = {"OTHER_TOKEN=x", NULL};

	environ = other;
	getenv("WALK_API_KEY");
}

static void walk_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		getenv("WALK_API_KEY"), syscall(231, 0);
	reap(pid);
}

static void walk__Fork(void)
{
	pid_t (*function)(void) = _Fork;
	pid_t pid = function();

	if (!pid)
		syscall(231, 0);
	reap(pid);
}

static void walk_vfork(void)
{
	pid_t pid = vfork();

	if (!pid)
		_exit(4);
	reap(pid);
	pid = vfork();
	if (!pid) {
		execv("/nowhere/a", to_end);
		execv("/nowhere/b/a", to_end);
		execve(self, to_end, no_key);
		_exit(5);
	}
	reap(pid);
	getenv("WALK_API_KEY");
}

static void walk_forkpty(void)
{
	int terminal;
	pid_t pid = forkpty(&terminal, NULL, NULL, NULL);

	if (!pid)
		syscall(231, 0);
	reap(pid);
}

static void walk_daemon(void)
{
	int ready[2];
	char c;

	pipe(ready);
	if (!fork()) {
		daemon(1, 1);
		getenv("WALK_API_KEY");
		syscall(231, 0);
	}
	close(ready[1]);
	read(ready[0], &c, 1);
	wait(NULL);
}

static void walk_execl(void)
{
	execl(self, self, "end", (char *)NULL);
}

static void walk_execle(void)
{
	execle(self, self, "end", (char *)NULL, no_key);
}

static void walk_execlp(void)
{
	execlp("walk", self, "end", (char *)NULL);
}

static void walk_execv(void)
{
	execv("/no/such/program", to_end);
	execv(self, to_end);
}

static void walk_execve(void)
{
	char *same[] = {"A=1", "WALK_API_KEY=first-value", NULL};

	execve(self, to_end, same);
}

static void walk_execvp(void)
{
	environ = no_key; /* as libuv does just before */
	execvp(self, to_end);
}

static void walk_execvpe(void)
{
	execvpe("walk", to_end, NULL);
}

static void walk_fexecve(void)
{
	fexecve(open(self, O_RDONLY | O_CLOEXEC), to_end, environ);
}

static void walk_execveat(void)
{
	execveat(AT_FDCWD, self, to_end, no_key, 0);
}

static void walk_posix_spawn(void)
{
	pid_t pid;

	posix_spawn(&pid, "/no/such/program", NULL, NULL, to_end, environ);
	posix_spawn(&pid, self, NULL, NULL, to_end, no_key);
	reap(pid);
}

static void walk_posix_spawnp(void)
{
	pid_t pid;

	posix_spawnp(&pid, "walk", NULL, NULL, to_end, environ);
	reap(pid);
}

static void walk_system(void)
{
	system(NULL);
	system("exit 3");
}

static void walk_popen(void)
{
	pclose(popen("exit 0", "r"));
	popen("exit 0", "no mode of popen");
}

/* Without a core, and without a word of libc's. */
static void be_quiet(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	close(2);
}

static void walk_abort(void)
{
	be_quiet();
	abort();
}

static void walk___assert_fail(void)
{
	be_quiet();
	assert(self == NULL);
}

static void walk_exit(void)
{
	exit(7);
}

static void walk__exit(void)
{
	_exit(8);
}

static void walk__Exit(void)
{
	_Exit(9);
}

static void walk_quick_exit(void)
{
	quick_exit(10);
}

static void child_that(int status, int signal)
{
	if (fork())
		return;
	if (signal)
		kill(getpid(), signal);
	syscall(231, status);
}

static void walk_wait(void)
{
	child_that(11, 0);
	wait(NULL);
	wait(NULL);
}

static void walk_waitpid(void)
{
	child_that(0, SIGKILL);
	waitpid(-1, NULL, 0);
}

static void walk_waitid(void)
{
	siginfo_t info;

	child_that(12, 0);
	waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
	waitid(P_ALL, 0, &info, WEXITED);
}

static void walk_wait3(void)
{
	child_that(13, 0);
	wait3(NULL, 0, NULL);
}

static void walk_wait4(void)
{
	struct rusage usage;

	child_that(14, 0);
	wait4(-1, NULL, 0, &usage);
}

/* Makes SIGTERM harmless here, and harmless to all others. */
static void alone(void)
{
	setpgid(0, 0);
	signal(SIGTERM, SIG_IGN);
	signal(SIGWINCH, SIG_IGN);
}

static void walk_kill(void)
{
	alone();
	CALL(kill(getpid(), SIGTERM));
	CALL(kill(getpid(), SIGTERM)); /* within the same second */
	CALL(kill(getpid(), SIGWINCH)); /* stops nothing */
	CALL(kill(getpid(), 0));
	CALL(kill(getpid(), 65));
	CALL(kill(0, SIGTERM));
	CALL(kill(-getpgrp(), SIGTERM));
	CALL(kill(1 << 30, SIGKILL));
}

static void walk_killpg(void)
{
	alone();
	CALL(killpg(getpgrp(), SIGTERM));
	CALL(killpg(getpgrp(), 0));
	CALL(killpg(-2, SIGTERM));
}

static void walk_sigqueue(void)
{
	union sigval value = {.sival_int = 7};

	alone();
	CALL(sigqueue(getpid(), SIGTERM, value));
	CALL(sigqueue(getpid(), SIGWINCH, value));
	CALL(sigqueue(getpid(), 65, value));
}

static void walk_tgkill(void)
{
	int (*call)(pid_t, pid_t, int) = dlsym(RTLD_DEFAULT, "tgkill");

	alone();
	CALL(call(getpid(), getpid(), SIGTERM));
	CALL(call(getpid(), getpid(), SIGWINCH));
	CALL(call(getpid(), 1 << 30, SIGKILL));
}

static int pidfd(void)
{
	return (int)syscall(434 /* pidfd_open */, getpid(), 0);
}

static void walk_pidfd_send_signal(void)
{
	int (*call)(int, int, siginfo_t *, unsigned) =
		dlsym(RTLD_DEFAULT, "pidfd_send_signal");
	int fd = pidfd();

	alone();
	CALL(call(fd, SIGTERM, NULL, 0));
	CALL(call(fd, SIGWINCH, NULL, 0));
	CALL(call(-1, SIGTERM, NULL, 0));
}

static void walk_syscall(void)
{
	int fd = pidfd();

	alone();
	CALL(syscall(424 /* pidfd_send_signal */, fd, SIGTERM, NULL, 0));
	CALL(syscall(62 /* kill */, getpid(), SIGTERM));
	CALL(syscall(62, getpid(), 0));
	CALL(syscall(234 /* tgkill */, getpid(), getpid(), SIGTERM));
	CALL(syscall(9 /* mmap */, NULL, 4096L, 0L, 0x22L, -1L, 1L)); /* the last is heeded: EINVAL */
	CALL(syscall(100000));
}

static void walk_prctl(void)
{
	getenv("WALK_API_KEY");
	prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
	getenv("MISSING_TOKEN"); /* its time is told without the counter */
	prctl(PR_SET_TSC, PR_TSC_ENABLE);
}

/* These tell nothing, and what they do is done all the same. */
static void limit(int set, int resource)
{
	struct rlimit now;

	getenv("WALK_API_KEY");
	getrlimit(resource, &now);
	now.rlim_cur = 40 << 20;
	if (set ? setrlimit(resource, &now)
		: prlimit(0, resource, &now, NULL))
		abort();
	getrlimit(resource, &now);
	if (now.rlim_cur != 40 << 20 || !malloc(1 << 20))
		abort();
	getenv("MISSING_TOKEN");
}

static void walk_setrlimit(void) { limit(1, RLIMIT_AS); }
static void walk_prlimit(void) { limit(0, RLIMIT_AS); }
static void walk_setrlimit64(void) { limit(1, RLIMIT_AS); }
static void walk_prlimit64(void) { limit(0, RLIMIT_AS); }

static void walk_mlockall(void)
{
	if (mlockall(MCL_CURRENT) && errno != ENOMEM && errno != EPERM)
		abort();
	munlockall();
	getenv("MISSING_TOKEN");
}

/* ---- files: "a.env" is there, "absent.env" is not ------------------------- */

int __open_2(const char *path, int flags) __attribute__((weak));
int __open64_2(const char *path, int flags) __attribute__((weak));
int __openat_2(int at, const char *path, int flags) __attribute__((weak));
int __openat64_2(int at, const char *path, int flags) __attribute__((weak));
int __xstat(int version, const char *path, struct stat *to);
int __xstat64(int version, const char *path, struct stat64 *to);
int __lxstat(int version, const char *path, struct stat *to);
int __lxstat64(int version, const char *path, struct stat64 *to);
int __fxstatat(int version, int at, const char *path, struct stat *to,
	       int flags);
int __fxstatat64(int version, int at, const char *path, struct stat64 *to,
		 int flags);
ssize_t __readlink_chk(const char *path, char *to, size_t n, size_t room);
ssize_t __readlinkat_chk(int at, const char *path, char *to, size_t n,
			 size_t room);

static struct stat st;
static struct stat64 st64;
static struct statx stx;
static char link_to[8];

/* By number, and not those numbers that are heard. */
static void make_file(void)
{
	syscall(85 /* creat */, "a.env", 0600);
	syscall(3 /* close */, 3);
}

static void walk_open(void)
{
	make_file();
	CALL(open("a.env", O_RDONLY));
	CALL(open("absent.env", O_RDONLY));
	CALL(open("other", O_RDONLY));
	CALL(open("new.env", O_WRONLY | O_CREAT, 0600));
	CALL(open("a.env", O_RDONLY));
	CALL(open((char *)1, O_RDONLY));
}

static void walk_open64(void)
{
	make_file();
	CALL(open64("a.env", O_RDONLY));
	CALL(open64("absent.env", O_RDONLY));
	CALL(open64("other", O_RDONLY));
	CALL(open64("new.env", O_WRONLY | O_CREAT, 0600));
	CALL(open64("a.env", O_RDONLY));
	CALL(open64((char *)1, O_RDONLY));
}

static void walk_openat(void)
{
	make_file();
	CALL(openat(AT_FDCWD, "a.env", O_RDONLY));
	CALL(openat(open("/", O_RDONLY), "absent.env", O_RDONLY));
	CALL(openat(-1, "absent.env", O_RDONLY));
	CALL(openat(AT_FDCWD, "new.env", O_RDWR | O_CREAT, 0600));
}

static void walk_openat64(void)
{
	make_file();
	CALL(openat64(AT_FDCWD, "a.env", O_RDONLY));
	CALL(openat64(open("/", O_RDONLY), "absent.env", O_RDONLY));
	CALL(openat64(-1, "absent.env", O_RDONLY));
	CALL(openat64(AT_FDCWD, "new.env", O_RDWR | O_CREAT, 0600));
}

static void walk___open_2(void)
{
	make_file();
	CALL(__open_2("a.env", O_RDONLY));
	CALL(__open_2("absent.env", O_RDWR));
}

static void walk___open64_2(void)
{
	make_file();
	CALL(__open64_2("a.env", O_RDONLY));
	CALL(__open64_2("absent.env", O_RDWR));
}

static void walk___openat_2(void)
{
	make_file();
	CALL(__openat_2(AT_FDCWD, "a.env", O_RDONLY));
	CALL(__openat_2(AT_FDCWD, "absent.env", O_RDWR));
}

static void walk___openat64_2(void)
{
	make_file();
	CALL(__openat64_2(AT_FDCWD, "a.env", O_RDONLY));
	CALL(__openat64_2(AT_FDCWD, "absent.env", O_RDWR));
}

static void walk_fopen(void)
{
	make_file();
	CALL(!!fopen("a.env", "r"));
	CALL(!!fopen("absent.env", "re"));
	CALL(!!fopen("new.env", "w"));
	CALL(!!fopen("a.env", "r+"));
	CALL(!!fopen("a.env", "?"));
	CALL(!!fopen("other", "r"));
}

static void walk_fopen64(void)
{
	make_file();
	CALL(!!fopen64("a.env", "r"));
	CALL(!!fopen64("absent.env", "re"));
	CALL(!!fopen64("new.env", "w"));
	CALL(!!fopen64("a.env", "r+"));
	CALL(!!fopen64("a.env", "?"));
	CALL(!!fopen64("other", "r"));
}

static void walk_freopen(void)
{
	make_file();
	CALL(!!freopen("a.env", "r", stdin));
	CALL(!!freopen(NULL, "r", stdin));
	CALL(!!freopen("absent.env", "r", stdin));
}

static void walk_freopen64(void)
{
	make_file();
	CALL(!!freopen64("a.env", "r", stdin));
	CALL(!!freopen64(NULL, "r", stdin));
	CALL(!!freopen64("absent.env", "r", stdin));
}

static void walk_stat(void)
{
	make_file();
	CALL(stat("a.env", &st));
	CALL(stat("absent.env", &st));
	CALL(stat("absent.env", &st));
	CALL(stat("other", &st));
	CALL(stat((char *)1, &st));
}

static void walk_stat64(void)
{
	make_file();
	CALL(stat64("a.env", &st64));
	CALL(stat64("absent.env", &st64));
	CALL(stat64("absent.env", &st64));
	CALL(stat64("other", &st64));
	CALL(stat64((char *)1, &st64));
}

static void walk_lstat(void)
{
	make_file();
	CALL(lstat("a.env", &st));
	CALL(lstat("absent.env", &st));
	CALL(lstat("absent.env", &st));
	CALL(lstat("other", &st));
	CALL(lstat((char *)1, &st));
}

static void walk_lstat64(void)
{
	make_file();
	CALL(lstat64("a.env", &st64));
	CALL(lstat64("absent.env", &st64));
	CALL(lstat64("absent.env", &st64));
	CALL(lstat64("other", &st64));
	CALL(lstat64((char *)1, &st64));
}

static void walk_fstatat(void)
{
	make_file();
	CALL(fstatat(AT_FDCWD, "a.env", &st, 0));
	CALL(fstatat(AT_FDCWD, "absent.env", &st, 0));
	CALL(fstatat(0, "", &st, AT_EMPTY_PATH));
}

static void walk_fstatat64(void)
{
	make_file();
	CALL(fstatat64(AT_FDCWD, "a.env", &st64, 0));
	CALL(fstatat64(AT_FDCWD, "absent.env", &st64, 0));
	CALL(fstatat64(0, "", &st64, AT_EMPTY_PATH));
}

static void walk_statx(void)
{
	make_file();
	CALL(statx(AT_FDCWD, "a.env", 0, STATX_SIZE, &stx));
	CALL(statx(AT_FDCWD, "absent.env", 0, STATX_SIZE, &stx));
}

static void walk___xstat(void)
{
	make_file();
	CALL(__xstat(1, "a.env", &st));
	CALL(__xstat(1, "absent.env", &st));
}

static void walk___xstat64(void)
{
	make_file();
	CALL(__xstat64(1, "a.env", &st64));
	CALL(__xstat64(1, "absent.env", &st64));
}

static void walk___lxstat(void)
{
	make_file();
	CALL(__lxstat(1, "a.env", &st));
	CALL(__lxstat(1, "absent.env", &st));
}

static void walk___lxstat64(void)
{
	make_file();
	CALL(__lxstat64(1, "a.env", &st64));
	CALL(__lxstat64(1, "absent.env", &st64));
}

static void walk___fxstatat(void)
{
	make_file();
	CALL(__fxstatat(1, AT_FDCWD, "a.env", &st, 0));
	CALL(__fxstatat(1, AT_FDCWD, "absent.env", &st, 0));
}

static void walk___fxstatat64(void)
{
	make_file();
	CALL(__fxstatat64(1, AT_FDCWD, "a.env", &st64, 0));
	CALL(__fxstatat64(1, AT_FDCWD, "absent.env", &st64, 0));
}

static void walk_access(void)
{
	make_file();
	CALL(access("a.env", R_OK));
	CALL(access("absent.env", F_OK));
}

static void walk_faccessat(void)
{
	make_file();
	CALL(faccessat(AT_FDCWD, "a.env", R_OK, 0));
	CALL(faccessat(AT_FDCWD, "absent.env", F_OK, AT_EACCESS));
}

static void walk_readlink(void)
{
	make_file();
	CALL(readlink("a.env", link_to, sizeof link_to));
	CALL(readlink("absent.env", link_to, sizeof link_to));
}

static void walk_readlinkat(void)
{
	make_file();
	CALL(readlinkat(AT_FDCWD, "a.env", link_to, sizeof link_to));
	CALL(readlinkat(AT_FDCWD, "absent.env", link_to, sizeof link_to));
}

static void walk___readlink_chk(void)
{
	make_file();
	CALL(__readlink_chk("absent.env", link_to, 8, 8));
}

static void walk___readlinkat_chk(void)
{
	make_file();
	CALL(__readlinkat_chk(AT_FDCWD, "absent.env", link_to, 8, 8));
}

/* Declared here, so that a walk may stand anywhere in this file. */
#define HOOK(function, event) static void walk_##function(void);
#include "recorder/hooks/hooks.def"
#undef HOOK

static const struct walk {
	const char *name;
	void (*walk)(void);
} walks[] = {
#define HOOK(function, event) {#function, walk_##function},
#include "recorder/hooks/hooks.def"
#undef HOOK
	{"swap", walk_swap},
};

int main(int argc, char **argv)
{
	if (argc < 2 || !strcmp(argv[1], "end"))
		return 0;
	readlink("/proc/self/exe", self, sizeof self - 1);
	for (const struct walk *w = walks;
	     w < walks + sizeof walks / sizeof *walks; w++)
		if (!strcmp(w->name, argv[1]))
			return w->walk(), 0;
	return 99;
}
