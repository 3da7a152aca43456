"""Environments at their edges: what the caller passes is what the child gets,
less our two variables, and the child is still seen."""
import os

import observe
import story
from story import LIBRARY, bare, compiled, recorded, which

LONG = {r"^the exact boundary of too big .*(empty|execvp)": "one environment is enough for make test"}
HEAD = r"""
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
"""

LAUNCH = HEAD + r"""
static void start(const char *how, char *program, char **envp)
{
	char *argv[] = {"show", NULL};

	if (!strcmp(how, "execve")) execve(program, argv, envp);
	else if (!strcmp(how, "execvpe")) execvpe(program, argv, envp);
	else if (!strcmp(how, "execle")) execle(program, "show", NULL, envp);
	else if (!strcmp(how, "fexecve")) fexecve(open(program, O_RDONLY | O_CLOEXEC), argv, envp);
	else if (!strcmp(how, "execveat")) execveat(AT_FDCWD, program, argv, envp, 0);
	else if (!strcmp(how, "execv")) environ = envp, execv(program, argv);
	else if (!strcmp(how, "execvp")) environ = envp, execvp(program, argv);
	else if (!strcmp(how, "execl")) environ = envp, execl(program, "show", NULL);
	else if (!strcmp(how, "execlp")) environ = envp, execlp(program, "show", NULL);
	_exit(90 + (errno == EFAULT));
}
static void run(const char *how, char *program, char **envp)
{
	char *argv[] = {"show", NULL};
	int status = -1, error = 0;
	pid_t pid;

	if (!strncmp(how, "posix_spawn", 11))
		error = (how[11] ? posix_spawnp : posix_spawn)(&pid, program, NULL, NULL, argv, envp);
	else if (!strcmp(how, "vfork")) {
		if (!(pid = vfork()))
			execve(program, argv, envp), _exit(9);
	} else if (!(pid = fork()))
		start(how, program, envp);
	waitpid(pid, &status, 0);
	printf("-- %d %x --%c", error, status, 0);
	fflush(stdout);
}
int main(int argc, char **argv)
{
	char *none[] = {NULL}, *one[] = {"A=b", NULL}, *twice[] = {"A_TOKEN=1", "B=2", "A_TOKEN=3", "A_TOKEN=1", NULL};
	char *odd[] = {"=odd", "nothing", "B=\xe9\xff", "\xff\xfe=x", "", "=", "A==", "A TOKEN=blank", "N=a\nb", "OPENAI_API_KEY", NULL};
	char *empty_preload[] = {"LD_PRELOAD=", "X=1", NULL}, *blanks[] = {"LD_PRELOAD= : :", "X=1", NULL};
	static char big[10000][24], *many[10001], long_one[100020] = "LONG_TOKEN=", *lengthy[] = {long_one, NULL};
	char **all[] = {none, one, twice, odd, empty_preload, blanks, many, lengthy, NULL};

	for (int i = 0; i < 10000; i++)
		sprintf(many[i] = big[i], "NUMBER_%d=%d", i, i);
	memset(long_one + 11, 'x', 100000);
	for (int i = 0; i < sizeof all / sizeof *all; i++)
		run(argv[1], argv[2], all[i]);
	return 0;
}
"""

WAYS = ("execve", "execvpe", "execle", "fexecve", "execveat", "execv", "execvp", "execl", "execlp",
        "vfork", "posix_spawn", "posix_spawnp")
TABLES = 9


@story.each(*((way, way) for way in WAYS))
def test_what_is_passed_arrives(way):
    """Empty, NULL, duplicate, nameless, not UTF-8, 10,000 and very long entries."""
    show, launch = compiled(observe.SHOW, "show"), compiled(LAUNCH, "launch")
    alone, traced = bare([launch, way, show]), recorded([launch, way, show])
    assert (traced.status, traced.err) == (alone.status, alone.err) == (0, b""), (traced.status, traced.err)
    was, is_ = (observe.less_ours(r.out.split(b"\0")) for r in (alone, traced))
    assert is_ == was, [(a, b) for a, b in zip(was, is_) if a != b][:5]
    started = alone.out.count(b"-- 0 0 --")  # glibc's fexecve refuses NULL
    assert started == TABLES - (way == "fexecve"), started
    assert len(observe.born(traced, "show")) == started, f"{len(observe.born(traced, 'show'))} of {started} children seen"


@story.each(("env -i", ["env", "-i", "<show>"]),
            ("env -i, some", ["env", "-i", "A=b", "OPENAI_API_KEY=x", "<show>"]),
            ("env -u of ours", ["env", "-u", "LD_PRELOAD", "-u", "KEYTRAIL", "<show>"]),
            ("env -u LD_PRELOAD", ["env", "-u", "LD_PRELOAD", "<show>"]),
            ("env -u KEYTRAIL", ["env", "-u", "KEYTRAIL", "<show>"]),
            ("exec -c of bash", ["bash", "-c", "exec -c <show>"]),
            ("bash unsets all", ["bash", "-c", "unset ${!A*} ${!L*} ${!K*} ${!H*}; exec <show>"]),
            ("python", [story.PYTHON, "-c", "import subprocess; subprocess.run(['<show>'], env={})"]),
            ("python, bytes", [story.PYTHON, "-c", "import os; os.execve('<show>', ['x'], {b'A\\xff': b'\\xe9', b'B': b'1'})"]),
            ("perl", ["perl", "-e", "%ENV = (A => 1); exec '<show>'"]),
            ("node", ["node", "-e", "require('child_process').spawnSync('<show>', {env: {A: '1'}, stdio: 'inherit'})"]),
            ("ruby", ["ruby", "-e", "exec({'A' => '1'}, '<show>', unsetenv_others: true)"]),
            ("awk", ["awk", "BEGIN { system(\"exec env -i A=1 <show>\") }"]),
            ("busybox, static", ["busybox", "env", "-i", "A=1", "<show>"]))
def test_emptied_by(command):
    which(command[0])
    show = compiled(observe.SHOW, "show")
    command = [word.replace("<show>", show) for word in command]
    env = {**story.environment(OPENAI_API_KEY=story.openai_key()), "LATIN": "caf\udce9"}
    alone, traced = bare(command, env), recorded(command, env)
    assert observe.less_ours(traced.out.split(b"\0")) == observe.less_ours(alone.out.split(b"\0"))
    assert (traced.status, traced.err) == (alone.status, alone.err), (traced.status, traced.err)
    if command[0] != "busybox":
        assert len(observe.born(traced, "show")) == 1, "the child was not seen"
    elif not observe.born(traced, "show"):
        observe.expect_gap(traced, "busybox", "static")


# ---- preloads -------------------------------------------------------------------

def says(letter):
    """A library that tells on standard output that it was loaded."""
    return compiled(f'#include <unistd.h>\n__attribute__((constructor)) static void f(void) {{ write(1, "{letter}", 1); }}',
                    letter + ".so", flags=("-shared", "-fPIC"))


PRELOADS = HEAD + r"""
int main(int argc, char **argv)
{
	static char a[4096], b[4096];
	char *twice[] = {a, "X=1", b, NULL}, *show[] = {argv[3], NULL};

	sprintf(a, "LD_PRELOAD=%s", argv[1]);
	sprintf(b, "LD_PRELOAD=%s", argv[2]);
	execve(argv[3], show, twice);
	return 9;
}
"""


def test_two_preload_entries():
    """glibc's loader obeys the last one: so it must with us."""
    one, two = says("A"), says("B")
    launch, child = compiled(PRELOADS, "launch"), compiled("int main(void) { return 0; }", "child")
    for pair in ((one, two), (two, one), (f"{one}:{two}", ""), ("", one), (one, f"{two} {one}"), (LIBRARY, one), (one, LIBRARY)):
        command = [launch, *pair, child]
        if LIBRARY in pair:  # bare must not write into the default place
            alone = bare(command, story.environment(KEYTRAIL="off"))
        else:
            alone = bare(command)
        traced = observe.expect_same(alone, recorded(command))
        assert len(observe.born(traced, "child")) == 1, f"{pair}: seen {len(observe.born(traced, 'child'))} times"


@story.each(("one", "{a}"), ("two", "{a}:{b}"), ("blanks", "{b} {a}"), ("empty parts", ":{a}::{b}:"), ("twice", "{a}:{b}:{a}"),
            ("a name without a folder", "libm.so.6:{a}"), ("ours in the middle", "{a}:{us}:{b}"), ("ours last", "{a}:{b}:{us}"))
def test_the_users_preloads_in_their_order(text):
    text = text.format(a=says("A"), b=says("B"), us=LIBRARY)
    child = compiled('#include <stdio.h>\nint main(int argc, char **argv) { puts("."); return 0; }', "child")
    env = story.environment(LD_PRELOAD=text)
    without = {**env, "LD_PRELOAD": text.replace(LIBRARY, "")}
    by_keytrail = bare([story.KEYTRAIL, "--version"], without).out.partition(b"keytrail")[0]  # it loads them too
    for command in ([child], ["sh", "-c", f"{child}; {child}"], ["env", "A=b", child],
                    [story.PYTHON, "-c", f"import subprocess; subprocess.run(['{child}'])"]):
        alone, traced = bare(command, without), recorded(command, env)
        traced.out = traced.out.removeprefix(by_keytrail)
        observe.expect_same(alone, traced)
        assert observe.born(traced, "child"), f"{command} lost the child"


def test_a_missing_preload_of_the_user_complains_as_ever():
    """The loader's words about somebody else's library are not ours to hide."""
    env = story.environment(LD_PRELOAD="/no/such/library.so")
    alone, traced = bare(["sh", "-c", "true; exit 3"], env), recorded(["sh", "-c", "true; exit 3"], env)
    count = lambda run: run.err.count(b"/no/such/library.so")
    assert traced.status == alone.status == 3
    assert count(alone) and set(alone.err.splitlines()) == set(traced.err.splitlines()), (alone.err, traced.err)


# ---- too big -----------------------------------------------------------------------

TOO_BIG = HEAD + r"""
/* Finds, to the byte, how much may be passed: toobig WAY ENVIRONMENT */
static char word[131073], *child[64];
static int passes(const char *way, char **envp, size_t bytes)
{
	pid_t pid;
	int n = 0, status, error;

	child[n++] = "true";
	for (; bytes > 100000; bytes -= 100000)
		child[n++] = word + sizeof word - 1 - 99999;
	child[n++] = word + sizeof word - 1 - bytes;
	child[n] = NULL;
	if (!strcmp(way, "posix_spawn")) {
		error = posix_spawn(&pid, "/bin/true", NULL, NULL, child, envp);
		if (error)
			return error == E2BIG ? 0 : -1;
	} else if (!(pid = !strcmp(way, "vfork") ? vfork() : fork())) {
		if (!strcmp(way, "execvp"))
			execvp("true", child);
		else
			execve("/bin/true", child, envp);
		_exit(errno == E2BIG ? 1 : 2);
	}
	waitpid(pid, &status, 0);
	return status == 0 ? 1 : WEXITSTATUS(status) == 1 ? 0 : -1;
}
int main(int argc, char **argv)
{
	struct rlimit stack = {1 << 20, RLIM_INFINITY};
	static char *none[] = {NULL};
	char **envp = !strcmp(argv[2], "own") ? environ : none;
	size_t low = 0, high = 1 << 20;

	memset(word, 'x', sizeof word - 1);
	setrlimit(RLIMIT_STACK, &stack);
	while (high - low > 1) {
		size_t middle = (low + high) / 2;
		int passed = passes(argv[1], envp, middle);

		if (passed < 0)
			return printf("broken at %zu\n", middle), 1;
		*(passed ? &low : &high) = middle;
	}
	/* and what is just refused leaves errno and the caller as they were */
	for (size_t bytes = low - 300; bytes < low + 300; bytes++)
		if (passes(argv[1], envp, bytes) != (bytes <= low))
			return printf("not sharp at %zu\n", bytes), 1;
	printf("%zu\n", low);
	return 0;
}
"""


@story.each(*((f"{way}, {envp}", way, envp) for way in ("execve", "vfork", "posix_spawn") for envp in ("own", "empty")),
            ("execvp, own", "execvp", "own"))
def test_the_exact_boundary_of_too_big(way, envp):
    """What fits bare fits recorded, to the byte."""
    program = compiled(TOO_BIG, "toobig")
    alone, traced = bare([program, way, envp]), recorded([program, way, envp])
    assert alone.status == 0, alone.out
    observe.expect_same(alone, traced)


def test_too_big_with_us_is_a_gap():
    """The one image that had no room for us is told."""
    source = HEAD + r"""
int main(int argc, char **argv)
{
	static char big[60][5000], *envp[61];
	struct rlimit stack = {1 << 20, RLIM_INFINITY};
	int n = 0, status;
	char *child[] = {"env", NULL};

	setrlimit(RLIMIT_STACK, &stack);
	for (size_t left = atoi(argv[1]); n < 60 && left > 16; n++) {
		size_t length = left > 4900 ? 4900 : left;

		sprintf(big[n], "N%d_=", n);
		memset(big[n] + strlen(big[n]), 'x', length - strlen(big[n]));
		envp[n] = big[n];
		left -= length;
	}
	if (!fork()) {
		execve("/usr/bin/env", child, envp);
		_exit(errno == E2BIG ? 1 : 2);
	}
	wait(&status);
	return WEXITSTATUS(status);
}
"""
    program = compiled(source, "full")
    low, high = 100000, 280000
    while high - low > 1:
        middle = (low + high) // 2
        if bare([program, str(middle)]).status:
            high = middle
        else:
            low = middle
    alone, traced = bare([program, str(low)]), recorded([program, str(low)])
    observe.expect_same(alone, traced)
    assert alone.status == 0
    if not observe.born(traced, "env"):
        observe.expect_gap(traced, "env", "no-library", "no-trace")
