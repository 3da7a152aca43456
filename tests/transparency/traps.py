"""Hosts that are easily harmed: each does the same with the recorder in as without."""
import os
import shutil
import subprocess

import story
from story import bare, compiled, recorded, which

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


@story.each(("an allocator that asks while it starts", ALLOCATOR, {}),
            ("an IFUNC resolver", RESOLVER, {}),
            ("an IFUNC resolver, bound at start", RESOLVER, {"LD_BIND_NOW": "1"}),
            ("a constructor", CONSTRUCTOR, {}))
def test_getenv_before_anyone_is_ready(source, more):
    program = compiled(HEAD + source)
    env = story.environment(OPENAI_API_KEY=KEY, **more)
    if bare([program], env).status not in (0, 42):
        story.skip("this does not run bare either")
    both(source, env=env)


# ---- descriptors and files ------------------------------------------------------

DESCRIPTORS = r"""
int main(void)
{
	char text[32] = "";
	int a, b;

	getenv("OPENAI_API_KEY");
	syscall(SYS_close_range, 3, ~0U, 0);
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


def test_descriptors_are_the_hosts_own():
    run = both(DESCRIPTORS)
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


@story.each(*((limit, limit) for limit in ("nofile", "fsize", "fsize0", "as")))
def test_under_a_limit(limit):
    run = both(LIMITS, arguments=(limit,))
    assert run.of("read", name="N9_TOKEN"), "nothing was recorded under the limit"


def test_a_full_disk():
    mount = which("mount")
    os.mkdir("small")
    if os.geteuid() or subprocess.run([mount, "-t", "tmpfs", "-o", "size=64k", "none", "small"],
                                      capture_output=True).returncode:
        story.skip("cannot mount a small file system here")
    try:
        with open("small/filler", "wb") as file:
            try:
                file.write(b"x" * 65536)
                file.flush()
            except OSError:
                pass
        program = compiled(HEAD + LIMITS)
        for trace in ("small/t", "small"):
            env = story.preloaded(story.environment(OPENAI_API_KEY=KEY), os.path.abspath(trace))
            run = bare([program, "none"], env)
            assert (run.status, run.out, run.err) == (0, b"700\n", b""), (run.status, run.out, run.err)
    finally:
        subprocess.run([which("umount"), "small"])


@story.each(("read-only", 0o500), ("unreadable", 0))
def test_a_trace_directory_that_cannot_be_written(mode):
    if os.geteuid() == 0:
        setpriv = which("setpriv")
        command = [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"]
    else:
        command = []
    program = compiled(HEAD + LIMITS)
    os.mkdir("t")
    os.chmod("t", mode)
    os.chmod(".", 0o755)
    env = story.environment()
    alone = bare([*command, program, "none"], env)
    run = bare([*command, program, "none"], story.preloaded(env, os.path.abspath("t")))
    os.chmod("t", 0o700)
    assert (run.status, run.out, run.err) == (alone.status, alone.out, alone.err), run.err


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


def test_a_seccomp_filter_that_kills():
    run = both(SECCOMP)
    assert run.of("read", name="SANDBOX_TOKEN"), "the read inside the sandbox was not recorded"


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


def test_chroot_and_another_user():
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


def test_exec_on_a_small_stack():
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


def test_getenv_inside_a_signal_handler():
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


def test_threads_read_while_others_fork():
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


def test_a_thread_cancelled_inside_system():
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


def test_silent_changes_are_seen():
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


def test_odd_environments():
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


def test_the_boundary_of_too_big():
    both(TOO_BIG)


# ---- loaders, sanitizers, languages ---------------------------------------------------------

@story.each(("address", "address"), ("thread", "thread"), ("undefined", "undefined"))
def test_a_program_with_a_sanitizer(kind):
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


def test_a_plugin_that_throws():
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


def test_a_static_program_hands_on():
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


def test_a_chain_of_scripts():
    for name, first in (("one", "#!/bin/sh"), ("two", "#!./one")):
        with open(name, "w") as file:
            file.write(first + "\nexit 6\n")
        os.chmod(name, 0o755)
    for command in (["./one"], ["./two"], ["sh", "-c", "./two"]):
        alone, traced = bare(command), recorded(command)
        assert (traced.status, traced.out, traced.err) == (alone.status, alone.out, alone.err), traced.err


def test_another_word_size():
    """A 32-bit program gets no library that it cannot load: no noise."""
    try:
        program = compiled("int main(void) { return 42; }", "narrow", flags=("-m32", "-nostdlib", "-static"))
    except subprocess.CalledProcessError:
        story.skip("no 32-bit compiler here")
    run = recorded(["sh", "-c", f"{program}; true"])
    assert not run.err.replace(b"Segmentation fault\n", b""), run.err


def test_a_program_of_another_user():
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


def test_system_popen_and_posix_spawn_keep_their_promises():
    with open("plain", "w") as file:
        file.write("exit 13\n")
    os.chmod("plain", 0o755)
    both(SHELL_RULES)


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


@story.each(("python -I -S -E", [story.PYTHON, "-I", "-S", "-E", "-c", "print(1)"]),
            ("python -X dev", [story.PYTHON, "-X", "dev", "-c", "import os; print(os.environ['OPENAI_API_KEY'] != '')"]),
            ("python test of descriptors", [story.PYTHON, "-c", "import subprocess; print(subprocess.run(['ls', '/proc/self/fd'],"
                                            " close_fds=True, capture_output=True).stdout)"]))
def test_python_modes(command):
    env = story.environment(OPENAI_API_KEY=KEY)
    alone, traced = bare(command, env), recorded(command, env)
    assert (traced.status, traced.out, traced.err) == (alone.status, alone.out, alone.err), traced.err
