"""Traps every release must survive: hosts that are easily harmed, each with the
recorder in as without. The numbers are those of the traps' list; each is tried
with the trace on several file systems and by an ordinary user."""
import os
import shutil
import subprocess

import observe
import story
from observe import born, everywhere
from story import compiled, which

LONG = observe.SECOND_PLACES

KEY = story.openai_key()
HEAD = r"""
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
"""


def python():
    """The tests' own Python, or one that an ordinary user may run."""
    return "/usr/bin/python3" if observe.world.start else story.PYTHON


def bare(command, env=None, **more):
    return observe.world.bare(command, env, **more)


def recorded(command, env=None, **more):
    return observe.world.recorded(command, env, **more)


def both(source, flags=(), env=None, arguments=()):
    """Runs a C program bare and recorded; they must agree. Answers the recorded run."""
    program = compiled(HEAD + source, flags=flags)
    env = story.environment(OPENAI_API_KEY=KEY) if env is None else env
    alone, traced = bare([program, *arguments], env), recorded([program, *arguments], env)
    assert (traced.status, traced.out, traced.err) == (alone.status, alone.out, alone.err), \
        f"traced {traced.status} {traced.out!r} {traced.err!r}, bare {alone.status} {alone.out!r} {alone.err!r}"
    assert alone.status in (0, 42), f"the program itself failed: {alone.status} {alone.err!r}"
    return traced


# ---- early calls --------------------------------------------------------------

ALLOCATOR = r"""
static char pool[1 << 20];
static size_t used;
static const char *asked;
void *malloc(size_t n)
{
	if (!asked) {
		asked = "";
		asked = getenv("OPENAI_API_KEY") ? "found" : "missing";
		secure_getenv("MALLOC_TOKEN");
	}
	n = (n + 15) & ~15UL;
	return used + n > sizeof pool ? NULL : pool + (used += n) - n;
}
void free(void *p) {}
void *calloc(size_t a, size_t b) { return malloc(a * b); }
void *realloc(void *p, size_t n) { void *q = malloc(n); if (p && q) memcpy(q, p, n); return q; }
int main(void) { char *volatile p = malloc(1); printf("%s %d\n", asked, p != NULL); return 0; }
"""

RESOLVER = r"""
static int answer(void) { return 42; }
static int (*resolve(void))(void) { getenv("OPENAI_API_KEY"); return answer; }
int chosen(void) __attribute__((ifunc("resolve")));
int main(void) { return chosen(); }
"""

CONSTRUCTOR = r"""
static int early = -1;
__attribute__((constructor(101))) static void first(void)
{
	early = getenv("OPENAI_API_KEY") != NULL;
	setenv("EARLY_TOKEN", "x", 1);
}
int main(void) { printf("%d %s\n", early, getenv("EARLY_TOKEN")); return 0; }
"""


@everywhere
@story.each(("an allocator that asks while it starts", ALLOCATOR, {}),
            ("an IFUNC resolver", RESOLVER, {}),
            ("an IFUNC resolver, bound at start", RESOLVER, {"LD_BIND_NOW": "1"}),
            ("a constructor", CONSTRUCTOR, {}))
def test_trap_1_getenv_before_anyone_is_ready(source, more):
    program = compiled(HEAD + source)
    env = story.environment(OPENAI_API_KEY=KEY, **more)
    if bare([program], env).status not in (0, 42):
        story.skip("this does not run bare either")
    both(source, env=env)


# ---- descriptors and files ------------------------------------------------------

DESCRIPTORS = r"""
int main(int argc, char **argv)
{
	char text[32] = "";
	int a, b;

	getenv("OPENAI_API_KEY");
	printf("%d\n", a = open("/dev/null", O_RDONLY));
	if (!strcmp(argv[1], "close_range"))
		syscall(SYS_close_range, 3, ~0U, 0);
	else if (!strcmp(argv[1], "cloexec"))
		syscall(SYS_close_range, 3, ~0U, 4), close(a);
	else
		closefrom(3);
	printf("%d\n", a = open("mine", O_RDWR | O_CREAT | O_TRUNC, 0600));
	for (int i = 0; i < 64; i++)
		dup2(a, 10 + i);
	for (int i = 0; i < 1000; i++) {
		char name[32];

		snprintf(name, sizeof name, "N%d_TOKEN", i);
		getenv(name);
		setenv(name, "value", 1);
	}
	if (!fork())
		execl("/bin/true", "true", NULL);
	wait(NULL);
	system("true");
	printf("%ld\n", (long)lseek(a, 0, SEEK_END));
	close(0);
	printf("%d\n", b = open("/dev/null", O_RDONLY));
	return 0;
}
"""


@everywhere
@story.each(*((how, how) for how in ("close_range", "cloexec", "closefrom")))
def test_trap_7_descriptors_are_the_hosts_own(how):
    run = both(DESCRIPTORS, arguments=(how,))
    assert run.of("read", name="N9_TOKEN"), "nothing was recorded after close_range"
    assert [b for b in run.of("birth") if b["exe"].endswith("/true")], "children were lost"


LIMITS = r"""
int main(int argc, char **argv)
{
	struct rlimit none = {0, 0}, small = {4096, 4096}, space = {1 << 28, 1 << 28};
	int status;

	if (!strcmp(argv[1], "nofile"))
		setrlimit(RLIMIT_NOFILE, &none);
	else if (!strcmp(argv[1], "fsize"))
		setrlimit(RLIMIT_FSIZE, &small);
	else if (!strcmp(argv[1], "fsize0"))
		setrlimit(RLIMIT_FSIZE, &none);
	else if (!strcmp(argv[1], "as"))
		setrlimit(RLIMIT_AS, &space);
	for (int i = 0; i < 300; i++) {
		char name[32];

		snprintf(name, sizeof name, "N%d_TOKEN", i);
		getenv(name);
	}
	if (!strcmp(argv[1], "nofile"))
		return 0; /* no program can be loaded now */
	if (!fork()) {
		execl("/bin/sh", "sh", "-c", "exit 7", NULL);
		_exit(errno);
	}
	wait(&status);
	printf("%x\n", status);
	return 0;
}
"""


@everywhere
@story.each(*((limit, limit) for limit in ("nofile", "fsize", "fsize0", "as")))
def test_trap_14_under_a_limit(limit):
    run = both(LIMITS, arguments=(limit,))
    assert run.of("read", name="N9_TOKEN"), "nothing was recorded under the limit"



# ---- walls around the host ----------------------------------------------------------

SECCOMP = r"""
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
int main(void)
{
	/* write, exit_group and rt_sigreturn; anything else kills */
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof rules / sizeof *rules, rules};

	getenv("OPENAI_API_KEY");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(9);
	getenv("SANDBOX_TOKEN");
	getenv("OPENAI_API_KEY");
	for (int i = 0; i < 100; i++)
		getenv("HOME");
	write(1, "alive\n", 6);
	_exit(42);
}
"""


@everywhere
def test_trap_14_a_seccomp_filter_that_kills():
    run = both(SECCOMP)
    assert run.of("read", name="SANDBOX_TOKEN"), "the read inside the sandbox was not recorded"


NO_STATX = r"""
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
int main(void)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_statx, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof rules / sizeof *rules, rules};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(9);
	execl("/bin/true", "true", NULL);
	_exit(errno);
}
"""


@everywhere
def test_trap_14_a_sandbox_without_statx():
    run = both(NO_STATX)
    assert run.status == 0, run.status
    assert born(run, "true"), "the program in the sandbox was not recorded"


CHROOT = r"""
int main(void)
{
	mkdir("cell", 0700);
	if (chroot("cell") || chdir("/") || setgid(65534) || setuid(65534))
		return 42;
	getenv("JAILED_TOKEN");
	if (!fork()) {
		getenv("CHILD_TOKEN");
		execl("/bin/true", "true", NULL);
		_exit(errno);
	}
	wait(NULL);
	return 0;
}
"""


@everywhere
def test_trap_14_chroot_and_another_user():
    run = both(CHROOT)
    if run.status == 42:
        story.skip("chroot needs root")
    assert run.of("read", name="JAILED_TOKEN") and run.of("read", name="CHILD_TOKEN"), "lost after chroot"


# ---- stacks, signals, threads -----------------------------------------------------------

SMALL_STACK = r"""
static char *child[] = {"sh", "-c", "exit 3", NULL}, *envp[] = {"PATH=/usr/bin:/bin", NULL};
static int run(void *how)
{
	getenv("OPENAI_API_KEY");
	if (how)
		execve("/bin/sh", child, envp);
	execvp("no-such-command", child);
	execvp("sh", child);
	return 9;
}
int main(void)
{
	for (long how = 0; how < 2; how++) {
		char *guard = mmap(NULL, 4096 + 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		int status;

		mprotect(guard + 4096, 8192, PROT_READ | PROT_WRITE);
		clone(run, guard + 4096 + 8192, CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)how);
		wait(&status);
		printf("%x\n", status);
	}
	return 0;
}
"""


@everywhere
def test_trap_13_exec_on_a_small_stack():
    run = both(SMALL_STACK)
    assert len([b for b in run.of("birth", by="exec") if b["exe"].endswith(("/dash", "/bash", "/sh"))]) == 2


HANDLER = r"""
static volatile long hits;
static void on_alarm(int s)
{
	hits += getenv("OPENAI_API_KEY") != NULL;
	getenv("HANDLER_TOKEN");
}
static char small[16384];
int main(void)
{
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_ONSTACK};
	stack_t alternative = {.ss_sp = small, .ss_size = sizeof small};
	struct timespec tick = {0, 100000};

	sigaltstack(&alternative, NULL);
	sigaction(SIGUSR1, &action, NULL);
	for (int i = 0; i < 2000; i++) {
		char name[32];

		if (i % 3 == 0)
			kill(getpid(), SIGUSR1);
		snprintf(name, sizeof name, "N%d_TOKEN", i % 100);
		getenv(name);
		setenv(name, "x", 1);
	}
	printf("%ld\n", hits);
	return 0;
}
"""


@everywhere
def test_trap_13_getenv_inside_a_signal_handler():
    both(HANDLER)


THREADS = r"""
static void *reads(void *number)
{
	for (int i = 0; i < 3000; i++) {
		char name[32];

		snprintf(name, sizeof name, "T%ld_TOKEN", (long)number);
		getenv(name);
		getenv("OPENAI_API_KEY");
	}
	return NULL;
}
static void *forks(void *unused)
{
	for (int i = 0; i < 200; i++) {
		int status;
		pid_t pid = fork();

		if (!pid) {
			getenv("FORKED_TOKEN");
			if (i % 2)
				execl("/bin/true", "true", NULL);
			_exit(0);
		}
		waitpid(pid, &status, 0);
		if (status)
			_exit(9);
	}
	return NULL;
}
int main(void)
{
	pthread_t t[6];

	for (long i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, reads, (void *)i);
	for (int i = 4; i < 6; i++)
		pthread_create(&t[i], NULL, forks, NULL);
	for (int i = 0; i < 6; i++)
		pthread_join(t[i], NULL);
	return 0;
}
"""


@everywhere
def test_trap_4_threads_read_while_others_fork():
    run = both(THREADS, flags=("-pthread",))
    forked = [b for b in run.of("birth", by="fork")]
    assert len(forked) == 400, f"{len(forked)} of 400 forked children"
    assert len({e["image"] for e in run.of("read", name="FORKED_TOKEN")}) == 400
    assert {e["name"] for e in run.of("read")} >= {f"T{i}_TOKEN" for i in range(4)}
    assert len({e["thread"] for e in run.of("read") if e["name"].startswith("T") and "thread" in e}) >= 3


CANCEL = r"""
static void *waits(void *unused)
{
	system("sleep 1");
	return NULL;
}
int main(void)
{
	pthread_t t;
	void *result;

	pthread_create(&t, NULL, waits, NULL);
	usleep(200000);
	pthread_cancel(t);
	pthread_join(t, &result);
	printf("%d\n", result == PTHREAD_CANCELED);
	return 0;
}
"""


@everywhere
def test_trap_15_a_thread_cancelled_inside_system():
    both(CANCEL, flags=("-pthread",))


# ---- environments --------------------------------------------------------------------------

SILENT = r"""
static char buffer[64] = "EDITED_TOKEN=first";
int main(void)
{
	char *fresh[] = {"FRESH_TOKEN=text", "PATH=/usr/bin:/bin", NULL};
	int status;

	putenv(buffer);
	getenv("EDITED_TOKEN");
	strcpy(strchr(buffer, '=') + 1, "second");
	printf("%s\n", getenv("EDITED_TOKEN"));
	environ = fresh;
	printf("%s\n", getenv("FRESH_TOKEN"));
	printf("%d\n", getenv("OPENAI_API_KEY") == NULL);
	if (!fork()) {
		execlp("sh", "sh", "-c", "exit ${#FRESH_TOKEN}", NULL);
		_exit(9);
	}
	wait(&status);
	printf("%x\n", status);
	environ = NULL;
	printf("%d\n", getenv("FRESH_TOKEN") == NULL);
	return 0;
}
"""


@everywhere
def test_trap_12_silent_changes_are_seen():
    run = both(SILENT)
    values = {e["value"]["fp"] for e in run.of("read", name="EDITED_TOKEN", found=True)}
    assert len(values) == 2, "an edited putenv buffer kept its fingerprint"
    swapped = run.of("swap")
    assert any("OPENAI_API_KEY" in e.get("lost", {}) for e in swapped), swapped
    assert any("FRESH_TOKEN" in e.get("env", {}) for e in swapped), swapped


ODD_ENVIRONMENTS = r"""
static void run(char **envp)
{
	char *child[] = {"env", NULL};
	int status;

	fflush(stdout);
	if (!fork()) {
		execve("/usr/bin/env", child, envp);
		_exit(errno);
	}
	wait(&status);
	printf("status %x\n", status);
}
int main(void)
{
	char *none[] = {NULL};
	char *twice[] = {"A_TOKEN=1", "A_TOKEN=2", "=odd", "nothing", "B=\xe9\xff", "", NULL};
	static char big[10002][24], *many[10003];

	run(none);
	run(twice);
	for (int i = 0; i < 10000; i++)
		sprintf(many[i] = big[i], "NUMBER_%d=%d", i, i);
	run(many);
	run(NULL);
	return 0;
}
"""


def less_ours(out):
    return [l for l in out.splitlines() if not l.startswith((b"LD_PRELOAD=", b"KEYTRAIL="))]


@everywhere
def test_trap_8_odd_environments():
    program = compiled(HEAD + ODD_ENVIRONMENTS)
    alone, traced = bare([program]), recorded([program])
    assert less_ours(traced.out) == less_ours(alone.out)
    assert (traced.status, traced.err) == (alone.status, alone.err)


TOO_BIG = r"""
/* Finds by halving how long an argument may be beside this environment. */
static int fits(size_t pages)
{
	static char *child[600], *envp[] = {"PATH=/bin", NULL};
	static char word[100001];
	pid_t pid;
	int status, n = 0;

	memset(word, 'x', 100000);
	child[n++] = "true";
	for (; pages; pages--)
		child[n++] = word + sizeof word - 1 - 4096;
	child[n] = NULL;
	if (!(pid = fork())) {
		execve("/bin/true", child, envp);
		_exit(errno == E2BIG ? 1 : 2);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}
int main(void)
{
	struct rlimit stack = {8 << 20, RLIM_INFINITY};

	setrlimit(RLIMIT_STACK, &stack);
	for (size_t pages = 480; pages < 560; pages++)
		printf("%zu %d\n", pages, fits(pages));
	return 0;
}
"""


@everywhere
def test_trap_9_the_boundary_of_too_big():
    both(TOO_BIG)


# ---- loaders, sanitizers, languages ---------------------------------------------------------

@everywhere
@story.each(("address", "address"), ("thread", "thread"), ("undefined", "undefined"))
def test_trap_6_a_program_with_a_sanitizer(kind):
    source = r"""
static void *work(void *unused) { return getenv("OPENAI_API_KEY"); }
int main(void)
{
	pthread_t t;
	int status;

	pthread_create(&t, NULL, work, NULL);
	pthread_join(t, NULL);
	setenv("X_TOKEN", "value", 1);
	if (!fork())
		execl("/bin/sh", "sh", "-c", "exit 3", NULL);
	wait(&status);
	free(malloc(10));
	printf("%x\n", status);
	return 0;
}
"""
    try:
        compiled(HEAD + source, flags=(f"-fsanitize={kind}", "-pthread"))
    except subprocess.CalledProcessError:
        story.skip(f"no {kind} sanitizer here")
    both(source, flags=(f"-fsanitize={kind}", "-pthread"), env={**story.environment(OPENAI_API_KEY=KEY), "ASAN_OPTIONS": "detect_leaks=0"})


@everywhere
def test_trap_5_a_plugin_that_throws():
    compiler = which("g++")
    with open("plugin.cc", "w") as file:
        file.write('#include <stdexcept>\nextern "C" int plugin() { try { throw std::runtime_error("x"); }'
                   ' catch (std::exception &) { return 42; } }\n')
    subprocess.run([compiler, "-shared", "-fPIC", "-o", "plugin.so", "plugin.cc"], check=True)
    both(r"""int main(void) {
	void *p = dlopen("./plugin.so", RTLD_NOW);
	int (*f)(void) = p ? dlsym(p, "plugin") : NULL;
	getenv("OPENAI_API_KEY");
	return f ? f() : 1; }""", flags=("-ldl",))


@everywhere
def test_trap_10_a_static_program_hands_on():
    """It cannot be seen, but what it starts can."""
    source = HEAD + r"""
int main(void) {
	int status;
	if (!fork()) { execl("/bin/sh", "sh", "-c", "exit 5", NULL); _exit(9); }
	wait(&status);
	return WEXITSTATUS(status); }"""
    try:
        program = compiled(source, "static", flags=("-static",))
    except subprocess.CalledProcessError:
        story.skip("no static libc here")
    run = recorded(["env", program])
    assert run.status == 5 and not run.err, run.err
    assert [e for e in run.of("exec") if e["target"] == "static"], "the handover does not say static"
    assert [b for b in run.of("birth") if b["exe"].endswith(("/dash", "/bash", "/sh"))], "its child was lost"


@everywhere
def test_trap_10_a_chain_of_scripts():
    for name, first in (("one", "#!/bin/sh"), ("two", "#!./one")):
        with open(name, "w") as file:
            file.write(first + "\nexit 6\n")
        os.chmod(name, 0o755)
    for command in (["./one"], ["./two"], ["sh", "-c", "./two"]):
        alone, traced = bare(command), recorded(command)
        assert (traced.status, traced.out, traced.err) == (alone.status, alone.out, alone.err), traced.err


@everywhere
def test_trap_10_another_word_size():
    """A 32-bit program gets no library that it cannot load: no noise."""
    try:
        program = compiled("int main(void) { return 42; }", "narrow", flags=("-m32", "-nostdlib", "-static"))
    except subprocess.CalledProcessError:
        story.skip("no 32-bit compiler here")
    run = recorded(["sh", "-c", f"{program}; true"])
    assert not run.err.replace(b"Segmentation fault\n", b""), run.err


@everywhere
def test_trap_10_a_program_of_another_user():
    """sudo-like: a set-uid program is entered without us, and nobody complains."""
    if os.geteuid():
        story.skip("making a set-uid program needs root")
    setpriv = which("setpriv")
    program = compiled("#include <unistd.h>\nint main(void) { return geteuid() == 0 && getuid() != 0 ? 7 : 8; }", "become")
    place = "/var/tmp/keytrail-become-%d" % os.getpid()
    shutil.copy(program, place)
    try:
        os.chmod(place, 0o4755)
        os.chmod(".", 0o777)
        command = ["sh", "-c", place + "; exit $?"]
        if not observe.world.start:
            command = [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", place]
        if bare(command).status != 7:
            story.skip("set-uid does nothing here")
        run = recorded(command)
        assert run.status == 7 and not run.err, (run.status, run.err)
        assert any(e["target"] == "setuid" for e in run.of("exec")), run.of("exec")
    finally:
        os.unlink(place)


SHELL_RULES = r"""
/* What system, popen and posix_spawn promise at their edges. */
int main(void)
{
	char text[64] = "", *child[] = {"./plain", NULL}, *none[] = {NULL};
	struct sigaction before, after;
	FILE *pipe;
	pid_t pid = -1;
	int status;

	printf("%x\n", system("exit 127"));
	printf("%x\n", system("no-such-command 2>/dev/null"));
	printf("%x\n", system("kill -TERM $$"));
	printf("%x\n", system("-c 2>/dev/null"));
	sigaction(SIGINT, NULL, &before);
	system("true");
	sigaction(SIGINT, NULL, &after);
	printf("%d\n", before.sa_handler == after.sa_handler);
	pipe = popen("echo hello; exit 4", "re");
	printf("%d ", fcntl(fileno(pipe), F_GETFD));
	fgets(text, sizeof text, pipe);
	printf("%s %x\n", text, pclose(pipe));
	printf("%d\n", posix_spawn(&pid, "./plain", NULL, NULL, child, environ));
	printf("%d\n", posix_spawnp(&pid, "./plain", NULL, NULL, child, environ));
	printf("%d\n", posix_spawn(&pid, "/bin/true", NULL, NULL, child, none));
	waitpid(pid, &status, 0);
	printf("%x\n", status);
	printf("%d\n", execl("./plain", "plain", NULL) + errno);
	if (!fork()) {
		execlp("./plain", "plain", "argument", NULL);
		_exit(9);
	}
	wait(&status);
	printf("%x\n", status);
	return 0;
}
"""


@everywhere
def test_trap_15_system_popen_and_posix_spawn_keep_their_promises():
    with open("plain", "w") as file:
        file.write("exit 13\n")
    os.chmod("plain", 0o755)
    both(SHELL_RULES)


@everywhere
def test_node_worker_threads():
    which("node")
    script = ("const {Worker, isMainThread} = require('worker_threads');"
              "if (isMainThread) { for (let i = 0; i < 4; i++) new Worker(__filename).on('exit', (c) => console.log(c)) }"
              "else { process.env.OPENAI_API_KEY; Object.keys(process.env).length; process.exit(process.env.OPENAI_API_KEY ? 3 : 4) }")
    with open("workers.js", "w") as file:
        file.write(script)
    env = story.environment(OPENAI_API_KEY=KEY)
    alone, traced = bare(["node", "workers.js"], env), recorded(["node", "workers.js"], env)
    assert (traced.status, traced.out, traced.err) == (alone.status, alone.out, alone.err), traced.err


@everywhere
@story.each(("python -I -S -E", ["python3", "-I", "-S", "-E", "-c", "print(1)"]),
            ("python -X dev", ["python3", "-X", "dev", "-c", "import os; print(os.environ['OPENAI_API_KEY'] != '')"]),
            ("python test of descriptors", ["python3", "-c", "import subprocess; print(subprocess.run(['ls', '/proc/self/fd'],"
                                            " close_fds=True, capture_output=True).stdout)"]))
def test_python_modes(command):
    command = [python(), *command[1:]]
    which(command[0])
    env = story.environment(OPENAI_API_KEY=KEY)
    alone, traced = bare(command, env), recorded(command, env)
    assert (traced.status, traced.out, traced.err) == (alone.status, alone.out, alone.err), traced.err


# ---- forks and failed calls -----------------------------------------------------------

VFORKS = """
import ctypes, os, subprocess, sys, threading
libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p
before = [e for e in open('/proc/self/environ', 'rb').read().split(b'\\0')]
wrong = []
def work():
    for i in range(125):
        if subprocess.run(['/bin/true']).returncode:
            wrong.append(i)
threads = [threading.Thread(target=work) for _ in range(8)]
for t in threads: t.start()
for t in threads: t.join()
print(len(wrong), os.environ['OPENAI_API_KEY'] == libc.getenv(b'OPENAI_API_KEY').decode())
libc.getenv(b'AFTERWARDS_TOKEN')
print(before == open('/proc/self/environ', 'rb').read().split(b'\\0'), os.open('/dev/null', 0))
"""


@everywhere
@story.patience(240)
def test_trap_2_a_thousand_vforks_from_eight_threads():
    env = story.environment(OPENAI_API_KEY=KEY)
    which(python())
    alone, traced = bare([python(), "-c", VFORKS], env), recorded([python(), "-c", VFORKS], env)
    observe.expect_same(alone, traced)
    assert traced.out.startswith(b"0 True\nTrue "), traced.out
    assert traced.of("read", name="AFTERWARDS_TOKEN"), "the parent is not traced afterwards"
    assert len(observe.born(traced, "true")) == 1000, f"{len(observe.born(traced, 'true'))} of 1000 children"


FAILED_EXEC = r"""
int main(void)
{
	char *child[] = {"sh", "-c", "exit 3", NULL};
	static const char *const wrong[] = {"/no/such/dir/sh", "/etc/passwd", "/etc/passwd/sh", "/", "", NULL};
	int status;

	for (int round = 0; round < 3; round++) {
		pid_t pid = vfork();

		if (!pid) {
			static int said[8];

			for (int i = 0; wrong[i]; i++)
				said[i] = execve(wrong[i], child, environ) == -1 ? errno : -1;
			execvp("no-such-command", child);
			said[5] = errno;
			if (said[0] != ENOENT || said[1] != EACCES || said[2] != ENOTDIR || said[3] != EACCES || said[4] != ENOENT)
				_exit(90);
			if (said[5] != ENOENT && said[5] != EACCES) /* EACCES: a directory of PATH is closed */
				_exit(91);
			if (round < 2)
				execve("/bin/sh", child, round ? environ : (char *[]){"A=b", NULL});
			_exit(77);
		}
		waitpid(pid, &status, 0);
		printf("%d %x\n", errno, status);
		errno = 0;
		getenv("LATER_TOKEN");
	}
	printf("%d\n", getenv("OPENAI_API_KEY") != NULL);
	return 0;
}
"""


@everywhere
def test_trap_3_a_failed_exec_in_a_vfork_child():
    run = both(FAILED_EXEC)
    assert run.of("read", name="LATER_TOKEN") and run.of("read", name="OPENAI_API_KEY"), "the parent is not traced afterwards"
    assert len([b for b in run.of("birth", by="exec") if os.path.basename(b["exe"]) in ("sh", "dash", "bash")]) == 2
    assert {e["errno"] for e in run.of("exec-failed")} >= {2, 13}, run.of("exec-failed")


UNWINDING = r"""
#include <execinfo.h>
#include <stdexcept>
static volatile bool done;
static int throws(int depth)
{
	if (!depth) {
		void *frames[64];
		backtrace(frames, 64);
		getenv("DEEP_TOKEN");
		throw std::runtime_error("x");
	}
	return throws(depth - 1) + 1;
}
static void *unwinds(void *)
{
	while (!done)
		try { throws(20); } catch (std::exception &) { getenv("OPENAI_API_KEY"); }
	return NULL;
}
int main()
{
	pthread_t t[2];
	int status, failed = 0;

	for (auto &one : t)
		pthread_create(&one, NULL, unwinds, NULL);
	for (int i = 0; i < 300; i++) {
		pid_t pid = fork();

		if (!pid) {
			alarm(20);
			getenv("FORKED_TOKEN");
			try { throws(3); } catch (std::exception &) { }
			_exit(0);
		}
		waitpid(pid, &status, 0);
		failed += status != 0;
	}
	done = true;
	for (auto &one : t)
		pthread_join(one, NULL);
	printf("%d\n", failed);
	return 0;
}
"""


@everywhere
@story.patience(240)
def test_trap_4_one_unwinds_while_another_forks():
    which("g++")
    with open("unwind.cc", "w") as file:
        file.write("#ifndef _GNU_SOURCE\n#define _GNU_SOURCE\n#endif\n" + HEAD + UNWINDING)
    subprocess.run(["g++", "-O1", "-w", "-pthread", "-o", "unwind", "unwind.cc"], check=True)
    program = os.path.abspath("unwind")
    run = observe.expect_same(bare([program]), recorded([program]))
    assert run.out == b"0\n", run.out
    assert len({e["image"] for e in run.of("read", name="FORKED_TOKEN")}) == 300


# ---- shells that own getenv --------------------------------------------------------------

BASH = """
export X_TOKEN=one; env | grep X_TOKEN; (unset X_TOKEN; env | grep -c X_TOKEN)
X_TOKEN=two env | grep X_TOKEN; f() { local -x Y_TOKEN=three; env | grep Y_TOKEN; }; f; env | grep -c Y_TOKEN
LC_ALL=C; HISTSIZE=5; TZ=UTC; printf '%(%Z)T\\n' 0; declare -x Z_TOKEN; env | grep -c Z_TOKEN
for i in 1 2 3 4 5 6 7 8; do (export N=$i; /bin/true) & done; wait; coproc cat; exec {COPROC[1]}>&-; wait
exec -a other bash -c 'echo $0 $X_TOKEN $SHLVL'
"""


@everywhere
@story.each(("bash -c", ["bash", "-c", BASH]), ("a login shell", ["bash", "-lc", BASH]), ("no profile", ["bash", "--norc", "--posix", "-c", BASH]),
            ("from standard input", ["sh", "-c", "printf %s \"$0\" | bash -s", BASH]))
def test_trap_11_inside_bash(command):
    which("bash")
    env = story.environment(OPENAI_API_KEY=KEY)
    run = observe.expect_same(bare(command, env), recorded(command, env))
    assert len(observe.born(run, "true")) == 8, "what bash started was not seen"
    assert all("OPENAI_API_KEY" in b["env"] for b in run.of("birth")), "a birth without the key"


@everywhere
@story.each(("sudo", "sudo"), ("sudo -E", "sudo -E"))
def test_trap_11_inside_sudo(how):
    which("sudo")
    if os.geteuid() or observe.world.start:
        story.skip("sudo from an ordinary user is tried in tests/boundaries")
    env = story.environment(OPENAI_API_KEY=KEY)
    command = [*how.split(), "sh", "-c", "echo ${#OPENAI_API_KEY}; /bin/true; exit 5"]
    if bare(command, env).status != 5:
        story.skip("sudo does not work here bare")
    run = observe.expect_same(bare(command, env), recorded(command, env))
    assert observe.born(run, "true") or observe.gaps(run), "neither seen nor told"


# ---- silent changes -----------------------------------------------------------------------

LIBUV = r"""
int main(void)
{
	char *child[] = {"sh", "-c", "exit ${#OTHER_TOKEN}", NULL}, *fresh[] = {"PATH=/usr/bin:/bin", "OTHER_TOKEN=abc", NULL};
	int status;

	if (!fork()) {
		environ = fresh; /* as libuv does it */
		execvp("sh", child);
		_exit(9);
	}
	wait(&status);
	printf("%x %d\n", status, getenv("OPENAI_API_KEY") != NULL);
	return 0;
}
"""


@everywhere
def test_trap_12_environ_is_swapped_just_before_exec():
    run = both(LIBUV)
    execs = [e for e in run.of("exec") if e["fn"] == "execvp" and e.get("path") == "sh"]
    assert execs and "OPENAI_API_KEY" in execs[0]["lost"] and "OTHER_TOKEN" in execs[0]["env"], execs


# ---- the rest of 10 and 14 -----------------------------------------------------------------

@everywhere
def test_trap_10_a_musl_program():
    which("musl-gcc")
    program = compiled(HEAD.replace("#include <sys/syscall.h>\n", "") + r"""
int main(int argc, char **argv) {
	int status;
	if (argc > 1) return 4;
	if (!fork()) { execl(argv[0], argv[0], "x", NULL); _exit(9); }
	wait(&status);
	printf("%d %d %x\n", getenv("OPENAI_API_KEY") != NULL, system("exit 3"), status);
	return 0; }""", "musl", "musl-gcc")
    env = story.environment(OPENAI_API_KEY=KEY)
    run = observe.expect_same(bare([program], env), recorded([program], env))
    if b"ld-musl" in open(program, "rb").read():
        assert len(observe.born(run, "musl")) == 2, "musl's images were not seen"


@everywhere
@story.each(("with a map", "-r"), ("without", "-U"))
def test_trap_14_a_user_namespace_after_start(options):
    command = ["unshare", *options.split(), "sh", "-c", "/bin/true; exit 6"]
    if bare(command).status != 6:
        story.skip(f"unshare {options} is not allowed here")
    run = observe.expect_same(bare(command), recorded(command))
    assert observe.born(run, "true") or observe.gaps(run), "neither seen nor told"


@everywhere
def test_trap_14_killed_in_the_middle_of_a_write():
    program = compiled(HEAD + r"""
int main(int argc, char **argv) {
	if (argc > 1)
		for (int i = 0;; i++) { char name[32]; sprintf(name, "N%d_TOKEN", i % 20); getenv(name); }
	for (int i = 0; i < 100; i++) {
		pid_t pid = fork();
		if (!pid) execl(argv[0], argv[0], "x", NULL);
		usleep(i * 50);
		if (pid < 0) return 8; /* -1 would mean everybody */
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return 0; }""")
    run = observe.expect_same(bare([program]), recorded([program]))
    assert run.report["coverage"]["broken_lines"] <= 100
    assert len(run.of("fork")) == 100


SECRET = r"""
int main(int argc, char **argv)
{
	char *key = getenv("OPENAI_API_KEY"), text[200], *child[] = {"true", text, NULL};

	setenv("COPY_TOKEN", key, 1);
	snprintf(text, sizeof text, "--token=%s", key);
	putenv(strdup(text + 2));
	system("true $OPENAI_API_KEY");
	if (!fork())
		execvp("true", child);
	wait(NULL);
	unsetenv("OPENAI_API_KEY");
	return 0;
}
"""


@everywhere
def test_trap_15_the_secret_is_nowhere():
    run = both(SECRET)
    secret = KEY.encode()
    told = story.asked("report", "-f", "json", run.trace) + story.asked("report", run.trace) + run.err
    assert secret not in told and secret[8:] not in told, "the key is in the report"
    for name in os.listdir(run.trace):
        with open(os.path.join(run.trace, name), "rb") as file:
            held = file.read()
        assert secret not in held and secret[8:30] not in held, f"the key is in {name}"
