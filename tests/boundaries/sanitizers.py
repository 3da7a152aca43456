"""Programs that a compiler has put a sanitizer into: they and all that they start, by
whatever means, do what they do bare. Their runtimes go to no other program."""
import os
import re
import subprocess
import tempfile

import observe
import story
from observe import expect_same
from story import compiled, recorded, which

LONG = {r"\bclang\b|thread, static": "one compiler is enough for make test"}

KEY = story.openai_key()

# A second thread stands for a program in which system() may not touch environ.
HOST = r"""
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>
extern char **environ;

/* A child that is given a sanitizer ends otherwise. */
static char script[] = "case $LD_PRELOAD in *san*) exit 9 ;; esac; exit 3";
static char *words[] = {"sh", "-c", script, NULL};

static void *wait_for_ever(void *unused) { pause(); return NULL; }

static void tell(const char *how, int status)
{
	printf("%s %d\n", how, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void tell_child(const char *how, pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	tell(how, status);
}

int main(int argc, char **argv)
{
	char *itself[] = {argv[0], "leaf", NULL}, line[4096];
	pthread_t thread;
	wordexp_t found;
	pid_t pid;

	if (argc > 1 && !strcmp(argv[1], "leaf"))
		return getenv("OPENAI_API_KEY") ? 7 : 8;
	if (argc > 1 && !strcmp(argv[1], "leak")) {
		void *volatile lost = malloc(123);
		lost = NULL;
		return 0;
	}
	pthread_create(&thread, NULL, wait_for_ever, NULL);
	tell("system", system(script));
	tell("popen", pclose(popen(script, "r")));
	tell("wordexp", wordexp("$(case $LD_PRELOAD in *san*) echo a b ;; esac; echo c)", &found, 0) ? -1 : (int)found.we_wordc << 8);
	posix_spawn(&pid, "/bin/sh", NULL, NULL, words, environ), tell_child("posix_spawn", pid);
	posix_spawnp(&pid, "sh", NULL, NULL, words, environ), tell_child("posix_spawnp", pid);
	if (!(pid = fork()))
		execv("/bin/sh", words), _exit(99);
	tell_child("fork, execv", pid);
	if (!(pid = vfork()))
		execvp("sh", words), _exit(99);
	tell_child("vfork, execvp", pid);
	if (!(pid = syscall(SYS_fork)))
		syscall(SYS_execve, "/bin/sh", words, environ), _exit(99);
	tell_child("calls of the kernel", pid);
	posix_spawn(&pid, "/proc/self/exe", NULL, NULL, itself, environ), tell_child("itself", pid);
	snprintf(line, sizeof line, "%s leaf", argv[0]);
	tell("itself, by system", system(line));
	fflush(stdout);
	_exit(0);
}
"""

CLANG = "clang"
BUILDS = (
    *((f"gcc, {kind}", "gcc", (f"-fsanitize={kind}",)) for kind in ("address", "thread", "leak", "undefined", "address,undefined")),
    *((f"gcc, {kind}, static runtime", "gcc", (f"-fsanitize={kind}", f"-static-lib{short}"))
      for kind, short in (("address", "asan"), ("thread", "tsan"), ("undefined", "ubsan"))),
    *((f"clang, {kind}", CLANG, (f"-fsanitize={kind}",)) for kind in
      ("address", "thread", "leak", "undefined", "memory", "dataflow", "scudo", "safe-stack")),
    *((f"clang, {kind}, shared runtime", CLANG, (f"-fsanitize={kind}", "-shared-libsan")) for kind in ("address", "undefined")))

OPTIONS = 'const char *__asan_default_options(void) { return "detect_leaks=0"; }\n'


def built(compiler, flags, source=HOST, name="host"):
    """Skips where this compiler has no such sanitizer, or it does not run."""
    if "-shared-libsan" in flags:
        place = subprocess.run([which(compiler), "-print-resource-dir"], capture_output=True, check=True).stdout.decode().strip()
        flags = (*flags, f"-Wl,-rpath,{place}/lib/linux")
    try:
        program = compiled(source, name, compiler, (*flags, "-pthread"))
    except subprocess.CalledProcessError:
        story.skip(f"{compiler} has nothing for {' '.join(flags)} here")
    if story.bare([program, "leaf"]).status != 8:
        story.skip(f"a program of {compiler} {' '.join(flags)} does not run here")
    return program


def trace_of(run, place):
    run.trace = place
    return run


def with_keytrail(command, env):
    place = os.path.join(tempfile.mkdtemp(dir=os.getcwd()), "t")
    run = story.bare([os.path.join(story.ROOT, "scripts/with-keytrail"), "-o", place, "--", *command],
                     {**env, "KEYTRAIL_LIB": story.LIBRARY})
    return trace_of(run, place)


def preloaded(command, env):
    """The recorder alone, nothing of what a program may need before it."""
    place = os.path.abspath(tempfile.mkdtemp(dir=os.getcwd()))
    return trace_of(story.bare(command, story.preloaded(env, place)), place)


def by_no_hook(command, env):
    """From a static shell, which the recorder cannot be in."""
    return recorded([story.static_busybox(), "sh", "-c", '"$@"; exit $?', "sh", *command], env)


WAYS = (("keytrail run", recorded), ("with-keytrail", with_keytrail), ("the library alone", preloaded), ("a static shell", by_no_hook))


def less_pids(run):
    """Pids and addresses differ between any two runs; so do the callers of main."""
    run.err = re.sub(rb"==\d+==|\(pid[= ]\d+\)|0x[0-9a-f]+|tid=\d+| +#[2-9] .*\n", b"", run.err)
    return run


def same_every_way(program, *words, seen=1):
    env = story.environment(OPENAI_API_KEY=KEY)
    alone = less_pids(story.bare([program, *words], env))
    for name, way in WAYS:
        try:
            traced = expect_same(alone, less_pids(way([program, *words], env)))
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error
        births = [b for b in traced.of("birth", by="exec") if b["exe"] == program]
        assert len(births) == seen, f"{name}: {len(births)} births of {program}"
    return alone


@story.patience(300)
@story.each(*BUILDS)
def test_every_way_to_start_and_to_be_started(compiler, flags):
    program = built(compiler, flags)
    alone = same_every_way(program, seen=3)
    assert alone.out.count(b" 3\n") == 7 and alone.out.count(b" 7\n") == 2, alone.out


@story.patience(300)
@story.each(*BUILDS)
def test_a_leak(compiler, flags):
    alone = same_every_way(built(compiler, flags), "leak")
    assert alone.status or "leak" not in flags[0] and "address" not in flags[0], alone.err


def test_options_that_the_program_has_of_its_own():
    """They come before ours: then only a hook, or with-keytrail, can put the runtime in front."""
    program = built("gcc", ("-fsanitize=address",), OPTIONS + HOST)
    env = story.environment(OPENAI_API_KEY=KEY)
    for way in (recorded, with_keytrail):
        expect_same(story.bare([program], env), way([program], env))
        expect_same(story.bare([program, "leak"], env), way([program, "leak"], env))


@story.each(("obeyed", "verify_asan_link_order=0"), ("too early", ""))
def test_options_of_a_library(how):
    """One that the user preloads, in front of the runtime: that ends the program, if it is not told to bear it."""
    library = compiled(OPTIONS, "own.so", flags=("-shared", "-fPIC"))
    program = built("gcc", ("-fsanitize=address",))
    env = story.environment(OPENAI_API_KEY=KEY, ASAN_OPTIONS=how)
    command = ["env", f"LD_PRELOAD={library}", program, "leak"]
    alone = less_pids(story.bare(command, env))
    assert alone.status == (0 if how else 1), alone.err
    expect_same(alone, less_pids(recorded(command, env)))
    given = {**env, "LD_PRELOAD": library}
    expect_same(alone, less_pids(recorded([program, "leak"], given)))
    if how:
        expect_same(alone, less_pids(with_keytrail([program, "leak"], given)))
        expect_same(alone, less_pids(preloaded_behind([program, "leak"], given)))


# ---- a runtime that the user preloads -------------------------------------------------------

# Which libraries lie in front of libc, less ours.
ORDER = r"""
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
static int tell(struct dl_phdr_info *info, size_t size, void *unused)
{
	const char *name = strrchr(info->dlpi_name, '/');

	if (!name || strstr(name, "libkeytrail"))
		return 0;
	printf("%s ", name + 1);
	return !strncmp(name, "/libc.so", 8);
}
int main(int argc, char **argv)
{
	char *words[] = {argv[0], "end", NULL}, entry[4200], *fresh[] = {"ASAN_OPTIONS=detect_leaks=0", entry, NULL};
	int status;

	dl_iterate_phdr(tell, NULL);
	printf("\n");
	fflush(stdout);
	if (argc > 1 && !strcmp(argv[1], "end"))
		return 0;
	if (!fork())
		execv(argv[0], words), _exit(99);
	wait(NULL);
	snprintf(entry, sizeof entry, "%s end", argv[0]);
	system(entry);
	if (argc < 2)
		return 0;
	snprintf(entry, sizeof entry, "LD_PRELOAD=%s", argv[1]);
	if (!fork())
		execve(argv[0], words, fresh), _exit(99);
	wait(NULL);
	setenv("LD_PRELOAD", argv[1], 1);
	if (!fork())
		execv(argv[0], words), _exit(99);
	wait(NULL);
	snprintf(entry, sizeof entry, "%s end", argv[0]);
	return system(entry);
}
"""


def runtime(name):
    path = subprocess.run([which("gcc"), f"-print-file-name={name}.so"], capture_output=True, check=True).stdout.decode().strip()
    if not os.path.isabs(path):
        story.skip(f"no {name} here")
    return os.path.basename(os.path.realpath(path)).rsplit(".", 2)[0]


@story.each(*((name, name) for name in ("libasan", "libtsan", "liblsan", "libubsan")))
def test_a_runtime_that_the_user_preloads_stays_in_front(name):
    wanted, order = runtime(name), compiled(ORDER, "order")
    env = story.environment(ASAN_OPTIONS="detect_leaks=0")
    if story.bare(["env", f"LD_PRELOAD={wanted}", order, "end"], env).status:
        story.skip(f"{wanted} cannot be preloaded into a plain program")
    for command in (["env", f"LD_PRELOAD={wanted}", order], [order, wanted], [order, f"libm.so.6:{wanted}"], [order, f"{wanted} libm.so.6"],
                    ["sh", "-c", f"LD_PRELOAD={wanted} exec {order}"]):
        alone, traced = less_pids(story.bare(command, env)), less_pids(recorded(command, env))
        expect_same(alone, traced)
        assert name.encode() in alone.out or b"does not come first" in alone.err, alone.out
        assert len(observe.born(traced, "order")) >= alone.out.count(b"\n"), f"{command}: not all were seen"
    given = {**env, "LD_PRELOAD": wanted, "LSAN_OPTIONS": "detect_leaks=0"}
    alone = story.bare([order], given)
    expect_same(alone, preloaded_behind([order], given))
    # keytrail and the shell are programs themselves, to which the runtime may have something to say
    shell_lives = story.bare(["sh", "-c", "x=$(echo y); exit 5"], given).status == 5
    for way in (recorded, *((with_keytrail,) if shell_lives else ())):
        traced = way([order], given)
        assert (traced.status, traced.out) == (alone.status, alone.out), f"{way}: {traced.out}, bare {alone.out}"


def preloaded_behind(command, env):
    place = os.path.abspath(tempfile.mkdtemp(dir=os.getcwd()))
    more = story.preloaded(env, place)
    return trace_of(story.bare(command, {**more, "LD_PRELOAD": f"{env['LD_PRELOAD']}:{more['LD_PRELOAD']}"}), place)
