"""Programs that the recorder cannot enter, or only with care: the command works
as it does bare, nobody complains, and what was not seen is told."""
import os
import shutil
import subprocess
import tempfile

import observe
import story
from observe import AS_NOBODY, expect_gap, expect_same, recorded_by_all
from story import bare, compiled, recorded, which

LONG = {r"^a sanitizer \[(clang|gcc, (leak|undefined))": "boundaries/sanitizers has others for make test"}

KEY = story.openai_key()


def environment():
    return story.environment(OPENAI_API_KEY=KEY)


# Each starts the program that it is given, in its own manner.
LAUNCHER = r"""
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
int main(int argc, char **argv)
{
	char *none[] = {NULL}, **envp = strchr(argv[1], 'i') ? none : environ;
	int status;
	pid_t pid;

	if (strchr(argv[1], 's'))
		posix_spawn(&pid, argv[2], NULL, NULL, argv + 2, envp);
	else if (!(pid = strchr(argv[1], 'v') ? vfork() : fork())) {
		execve(argv[2], argv + 2, envp);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
"""


def launches(*command):
    """A command by every kind of launcher: itself, a shell, C, Python."""
    launcher = compiled(LAUNCHER, "launcher")
    yield list(command)
    yield ["sh", "-c", '"$@"; exit $?', "sh", *command]
    yield ["env", "-i", *command]
    for how in ("fork", "vfork", "posix", "forki", "posixi"):
        yield [launcher, {"fork": "f", "vfork": "v", "posix": "s", "forki": "fi", "posixi": "si"}[how], *command]
    yield [story.PYTHON, "-c", "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)", *command]


def every_way(*command, env=None, check=None, ways=launches, record=recorded):
    for launch in ways(*command):
        env = env or environment()
        traced = expect_same(bare(launch, env), record(launch, env))
        if check:
            check(traced)


# ---- sanitizers ----------------------------------------------------------------

SANITIZED = r"""
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static void *work(void *unused) { return getenv("OPENAI_API_KEY"); }
int main(int argc, char **argv)
{
	pthread_t t;
	int status;

	pthread_create(&t, NULL, work, NULL);
	pthread_join(t, NULL);
	setenv("X_TOKEN", "value", 1);
	if (argc > 1 && !fork()) {
		execl("/bin/sh", "sh", "-c", "/bin/true; exit 3", NULL);
		_exit(9);
	}
	if (argc > 1)
		wait(&status);
	return argc > 1 ? WEXITSTATUS(status) : 4;
}
"""


def sanitized(compiler, kind):
    try:
        program = compiled(SANITIZED, "sanitized", compiler, (f"-fsanitize={kind}", "-pthread"))
    except subprocess.CalledProcessError:
        story.skip(f"{compiler} has no {kind} sanitizer here")
    if bare([program], environment()).status != 4:
        story.skip(f"{compiler}'s {kind} sanitizer does not run here bare")
    return program


@story.patience(240)
@story.each(*((f"{compiler}, {kind}", compiler, kind) for compiler in ("gcc", "clang")
              for kind in ("address", "thread", "undefined", "leak")))
def test_a_sanitizer(compiler, kind):
    program = sanitized(compiler, kind)
    env = {**environment(), "ASAN_OPTIONS": "detect_leaks=0"}
    for launch in launches(program, "child"):
        traced = expect_same(bare(launch, env), recorded(launch, env))
        assert len(observe.born(traced, "sanitized")) == 1, f"{launch}: the program was not seen"
        assert [b for b in traced.of("birth", by="exec") if b["exe"].endswith("/true")], f"{launch}: its grandchild was not seen"


def test_a_sanitizers_runtime_stays_with_its_program():
    """What the program starts must not be given the runtime that was put before us for it."""
    program = sanitized("gcc", "address")
    show = compiled(observe.SHOW, "show")
    run = recorded(["sh", "-c", f"{program}; exec {show}"], environment())
    preload = [e for e in run.out.split(b"\0") if e.startswith(b"LD_PRELOAD=")]
    assert preload and b"libasan" not in preload[0], preload


def test_a_leak_is_still_reported():
    leak = "#include <stdlib.h>\nint main(void) { void *volatile p = malloc(123); p = NULL; return 0; }"
    try:
        program = compiled(leak, "leak", flags=("-fsanitize=address", "-O0"))
    except subprocess.CalledProcessError:
        story.skip("no address sanitizer here")
    alone, traced = bare([program]), recorded([program])
    if b"123 byte" not in alone.err:
        story.skip("no leak detection here")
    assert traced.status == alone.status and b"123 byte" in traced.err, traced.err
    assert traced.err.count(b"leak of") == alone.err.count(b"leak of"), traced.err


# ---- another word size -------------------------------------------------------------

def narrow(static):
    """A program of 32 bits; where no compiler can, one made by hand."""
    source = "#include <stdio.h>\n#include <stdlib.h>\nint main(int c, char **v) {" \
             ' puts(getenv("OPENAI_API_KEY") ? "found" : "missing"); return c > 1 ? system(v[1]) >> 8 : 42; }'
    try:
        return compiled(source, "narrow", flags=("-m32", *(("-static",) if static else ())))
    except subprocess.CalledProcessError:
        if not static:
            story.skip("no 32-bit C library here")
    # _exit(42): mov $1,%eax; mov $42,%ebx; int $0x80
    code = b"\xb8\x01\0\0\0\xbb\x2a\0\0\0\xcd\x80"
    head = b"\x7fELF\x01\x01\x01" + bytes(9) + b"".join(n.to_bytes(s, "little") for n, s in (
        (2, 2), (3, 2), (1, 4), (0x8048054, 4), (52, 4), (0, 4), (0, 4), (52, 2), (32, 2), (1, 2), (0, 2), (0, 2), (0, 2)))
    load = b"".join(n.to_bytes(4, "little") for n in (1, 0, 0x8048000, 0x8048000, 84 + len(code), 84 + len(code), 5, 4096))
    with open("narrow", "wb") as file:
        file.write(head + load + code)
    os.chmod("narrow", 0o755)
    return os.path.abspath("narrow")


@story.each(("dynamic", False), ("static", True))
def test_thirty_two_bits(static):
    program = narrow(static)
    if bare([program], environment()).status != 42:
        story.skip("this kernel runs no 32-bit programs")
    every_way(program, check=lambda run: expect_gap(run, "narrow", "other-class"))


def test_a_child_of_thirty_two_bits_works():
    """Whether or not it is seen: what a 32-bit program starts is what it is bare."""
    program = narrow(False)
    every_way(program, "/bin/sh -c 'echo hello; exit 5'")


def test_a_script_for_thirty_two_bits():
    try:
        program = compiled("int main(int c, char **v) { return c; }", "narrow", flags=("-m32",))
    except subprocess.CalledProcessError:
        story.skip("no 32-bit C library here")
    with open("script", "w") as file:
        file.write(f"#!{program}\n")
    os.chmod("script", 0o755)
    every_way("./script")


# ---- #! ------------------------------------------------------------------------------

SCRIPTS = (
    ("sh", {"a": "#!/bin/sh\necho $0 $#; /bin/true; exit 6\n"}),
    ("a blank before, an option", {"a": "#! \t /bin/sh -eu\necho $0 $-; /bin/true; exit 6\n"}),
    ("a chain of three", {"a": "#!./b x\n", "b": "#!./c y\n", "c": "#!/bin/sh\necho $0 $*; /bin/true; exit 6\n"}),
    ("a chain too long", {"a": "#!./b\n", "b": "#!./c\n", "c": "#!./d\n", "d": "#!./e\n", "e": "#!./f\n", "f": "#!/bin/sh\nexit 6\n"}),
    ("a ring", {"a": "#!./a\n"}),
    ("no interpreter there", {"a": "#!/no/such/interpreter\n"}),
    ("an interpreter that may not run", {"a": "#!./data\n", "data": None}),
    ("empty interpreter", {"a": "#!\necho x; exit 6\n"}),
    ("a very long line", {"a": "#!/bin/sh " + "x" * 300 + "\nexit 6\n"}),
    ("a carriage return", {"a": "#!/bin/sh\r\nexit 6\n"}),
    ("env", {"a": "#!/usr/bin/env sh\necho $0; /bin/true; exit 6\n"}),
    ("env -S", {"a": "#!/usr/bin/env -S sh -eu\necho $-; /bin/true; exit 6\n"}),
    ("static", {"a": "#!<busybox> sh\necho $0; /bin/true; exit 6\n"}),
    ("no #!", {"a": "echo plain; /bin/true; exit 6\n"}),
    ("empty", {"a": ""}),
    ("one byte", {"a": "#"}),
)


@story.each(*SCRIPTS)
def test_a_script(files):
    for name, text in files.items():
        if text and "<busybox>" in text:
            text = text.replace("<busybox>", which("busybox"))
        with open(name, "w") as file:
            file.write(text or "data")
        os.chmod(name, 0o755 if text is not None else 0o644)

    def by_shells(*command):
        yield ["sh", "-c", '"$@"; echo $?', "sh", *command]
        yield ["bash", "-c", '"$@"; echo $?', "sh", *command]
        yield ["perl", "-e", "system(@ARGV); print $? >> 8, $!", *command]
        yield [story.PYTHON, "-c", "import subprocess, sys\ntry: print(subprocess.run(sys.argv[1:], timeout=5).returncode)\n"
                                   "except OSError as e: print(e)", *command]
        yield ["find", "a", "-maxdepth", "0", "-exec", *command, "{}", ";"]

    def check(run):
        if "/bin/true" in "".join(t or "" for t in files.values()) and b"6" in run.out:
            assert [b for b in run.of("birth") if b["exe"].endswith("/true")], "what the script started was not seen"

    every_way("./a", "p", "q r", ways=by_shells, check=check)


# ---- static programs -------------------------------------------------------------------

def test_a_static_shell_and_its_children():
    busybox = story.static_busybox()
    # applets would run in busybox itself: /bin/... does not
    every_way(busybox, "sh", "-c", "echo $0; /bin/true; /bin/sh -c 'exit 3'; X_TOKEN=1 /usr/bin/env | grep -c X_TOKEN; exit 7",
              check=lambda run: (expect_gap(run, "busybox", "static"),
                                 len(observe.born(run, "true")) == 1 or expect_gap(run, "true", "static")))


def test_what_a_static_program_starts_is_seen_again():
    run = recorded([story.static_busybox(), "sh", "-c", "/bin/true; /usr/bin/env -i /bin/false; exec /bin/echo x"], environment())
    for name in ("true", "env", "false", "echo"):
        assert len(observe.born(run, name)) == 1, f"{name} seen {len(observe.born(run, name))} times"
    expect_gap(run, "busybox", "static")


def test_static_programs_of_other_makers():
    for name in ("docker", "ldconfig", "go"):
        path = shutil.which(name, path=story.PATH + ":/usr/local/go/bin")
        if not path:
            continue
        arguments = {"docker": ["--version"], "ldconfig": ["--version"], "go": ["version"]}[name]
        every_way(path, *arguments)


# ---- other rights -------------------------------------------------------------------------

WHO = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	printf("%d %d %d %d secure %ld key %d\n", getuid(), geteuid(), getgid(), getegid(), getauxval(AT_SECURE),
	       getenv("OPENAI_API_KEY") ? (int)strlen(getenv("OPENAI_API_KEY")) : -1);
	fflush(stdout);
	if (argc > 1)
		execv(argv[1], argv + 1);
	return 7;
}
"""


class OutOfTheWay:
    """A directory for set-uid programs, outside of any that is mounted nosuid."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="keytrail-test-", dir="/var/tmp")
        os.chmod(self.path, 0o755)
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path)


def by_nobody(*command):
    which("setpriv")
    launcher = compiled(LAUNCHER, "launcher")
    for launch in ([*command], ["sh", "-c", '"$@"; exit $?', "sh", *command], [launcher, "s", *command], [launcher, "fi", *command]):
        yield [*AS_NOBODY, *launch]


@story.each(("set-uid", 0o4755), ("set-gid", 0o2755), ("both", 0o6755), ("set-gid, not executable for the group", 0o2745))
def test_a_program_of_another(mode):
    observe.as_root()
    os.chmod(".", 0o777)
    with OutOfTheWay() as place:
        program = shutil.copy(compiled(WHO, "who"), place)
        os.chmod(program, mode)
        special = mode != 0o2745
        if (b"secure 1" in bare([*AS_NOBODY, program], environment()).out) != special:
            story.skip("set-uid does nothing here")
        reasons = ("setuid",) if special else ()
        every_way(program, ways=by_nobody, record=recorded_by_all, check=lambda run: special and expect_gap(run, "who", *reasons))
        every_way(program, "/bin/echo", "further", ways=by_nobody, record=recorded_by_all)
        every_way(program, "/bin/echo", "further", ways=by_nobody)


def test_a_program_with_capabilities():
    observe.as_root()
    which("setcap")
    os.chmod(".", 0o777)
    with OutOfTheWay() as place:
        program = shutil.copy(compiled(WHO, "who"), place)
        if observe.run_as_root("setcap", "cap_net_raw+ep", program, check=False).returncode:
            story.skip("no file capabilities on this file system")
        if b"secure 1" not in bare([*AS_NOBODY, program], environment()).out:
            story.skip("file capabilities do nothing here")
        every_way(program, ways=by_nobody, record=recorded_by_all, check=lambda run: expect_gap(run, "who", "setuid"))
        every_way(program, "/bin/echo", "further", ways=by_nobody)


def test_a_set_uid_program_that_is_already_that_user():
    """Root runs a program set to root: nothing changes, and it is seen."""
    observe.as_root()
    with OutOfTheWay() as place:
        program = shutil.copy(compiled(WHO, "who"), place)
        os.chmod(program, 0o4755)
        every_way(program, check=lambda run: observe.born(run, "who") or expect_gap(run, "who", "seen"))


# ---- sudo and its like ---------------------------------------------------------------------

def in_private_mounts(script):
    """A shell script in a mount namespace of its own, where a rule for sudo stands."""
    observe.as_root()
    which("sudo")
    return story.in_own_mounts(
        "mount -t tmpfs -o mode=755 none /etc/sudoers.d; echo 'nobody ALL=(ALL:ALL) NOPASSWD:SETENV: ALL' > /etc/sudoers.d/test;"
        "chmod 440 /etc/sudoers.d/test; " + script)


@story.each(*((f"{who}: {options or 'plain'}", who, options) for who in ("root", "nobody") for options in
              ("", "-E", "-n -E", "-u nobody", "-E -u nobody", "OPENAI_API_KEY=given", "--preserve-env=OPENAI_API_KEY", "-i")))
def test_sudo(who, options):
    os.chmod(".", 0o777)
    program = compiled(WHO, "who")
    start = "setpriv --reuid=65534 --regid=65534 --clear-groups " if who == "nobody" else ""
    command = in_private_mounts(f"exec {start}sudo {options} {program}")
    if bare(["sudo", "-n", "true"]).status:
        story.skip("sudo does not work here bare")
    traced = expect_same(bare(command, environment()), recorded(command, environment()))
    if who == "nobody":
        expect_gap(traced, "sudo", "setuid")
    elif "nobody" not in options and not observe.born(traced, "who"):
        expect_gap(traced, "who", "no-library", "no-trace", "setuid")


@story.each(("su", "su nobody -s /bin/sh -c '<who>'"), ("su -", "su - nobody -s /bin/sh -c '<who>'"),
            ("su -p", "su -p nobody -s /bin/sh -c '<who>'"), ("runuser", "runuser -u nobody -- <who>"),
            ("setpriv", "setpriv --reuid=65534 --clear-groups --regid=65534 <who>"),
            ("setpriv --reset-env", "setpriv --reuid=65534 --clear-groups --regid=65534 --reset-env <who>"),
            ("start-stop-daemon", "start-stop-daemon --start --chuid nobody --exec <who>"),
            ("chroot --userspec", "chroot --userspec=nobody / <who>"),
            ("python, setuid", "python3 -c 'import os; os.setgid(65534); os.setuid(65534); os.execv(\"<who>\", [\"x\"])'"),
            ("perl, $>", "perl -e '$) = 65534; $> = 65534; system \"<who>\"'"))
def test_to_another_user(line):
    observe.as_root()
    os.chmod(".", 0o777)
    which(line.split()[0])
    program = compiled(WHO, "who")
    command = ["sh", "-c", line.replace("<who>", program)]
    alone = bare(command, environment())
    traced = expect_same(alone, recorded_by_all(command, environment()))
    if "perl" not in line:  # there the real user remains: the loader takes nothing of ours
        assert len(observe.born(traced, "who")) == 1, "the program was not seen"
    # nobody may write into root's own trace: the first image that could not is told
    mine = expect_same(alone, recorded(command, environment()))
    assert any(reason in ("no-trace", "no-library", "setuid") for _, reason in observe.gaps(mine)), observe.gaps(mine)
