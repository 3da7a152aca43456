"""A traced command behaves as a bare one: output, status, environment, signals."""
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time

import story
from story import KEYTRAIL, OURS, bare, compiled, recorded, which

KEY = story.openai_key()

INSPECT = r"""
/* What a program finds when it wakes: descriptors, mask, limits, first free number. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void)
{
	sigset_t mask;
	struct sigaction action;
	struct rlimit limit;

	printf("errno %d\n", errno);
	printf("first free %d\n", open("/dev/null", O_RDONLY));
	for (int fd = 0; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("open %d flags %d\n", fd, fcntl(fd, F_GETFD));
	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (int s = 1; s < 65; s++)
		if (!sigaction(s, NULL, &action))
			printf("%d%s%s ", s, sigismember(&mask, s) ? "m" : "",
			       action.sa_handler == SIG_IGN ? "i" : action.sa_handler == SIG_DFL ? "" : "h");
	printf("\numask %o\n", umask(0));
	for (int r = 0; r < RLIM_NLIMITS; r++)
		if (!getrlimit(r, &limit))
			printf("limit %d %ld %ld\n", r, (long)limit.rlim_cur, (long)limit.rlim_max);
	return 42;
}
"""

ERRORS = r"""
/* Return values and errno of calls that fail, and environment calls at their edges. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
#define SAY(call) (errno = 0, printf(#call " = %ld, errno %d\n", (long)(call), errno))
int main(void)
{
	char *argv[] = {"x", NULL}, *envp[] = {NULL};
	pid_t pid;
	int status;

	SAY(setenv("", "x", 1));
	SAY(setenv("A=B", "x", 1));
	SAY(unsetenv(""));
	SAY(putenv("NO_SUCH_TOKEN"));
	SAY(getenv("") == NULL);
	SAY(getenv("A=B") == NULL);
	SAY(execve("/no/such/file", argv, environ));
	SAY(execve("/etc/passwd", argv, environ));
	SAY(execve("/", argv, envp));
	SAY(execvp("no-such-command", argv));
	SAY(execvp("", argv));
	SAY(execl("/no/such/file", "x", NULL));
	SAY(execle("/no/such/file", "x", NULL, envp));
	SAY(execlp("no-such-command", "x", NULL));
	SAY(fexecve(77, argv, environ));
	SAY(posix_spawn(&pid, "/no/such/file", NULL, NULL, argv, environ));
	SAY(posix_spawnp(&pid, "no-such-command", NULL, NULL, argv, environ));
	SAY(system("exit 3"));
	SAY(system("kill -9 $$"));
	SAY(system(NULL));
	SAY(popen("true", "x") == NULL);
	SAY(wait(&status));
	SAY(waitpid(-1, &status, 0));
	SAY(setenv("X_TOKEN", "a", 1));
	SAY(setenv("X_TOKEN", "b", 0));
	SAY(puts(getenv("X_TOKEN")));
	SAY(clearenv());
	SAY(environ == NULL);
	SAY(getenv("PATH") == NULL);
	fflush(stdout);
	return 0;
}
"""

COMMANDS = (
    ("true", ["true"]), ("false", ["false"]), ("echo", ["echo", "a", "b c", ""]),
    ("status 3", ["sh", "-c", "exit 3"]), ("status 255", ["sh", "-c", "exit 255"]),
    ("not found", ["no-such-command-anywhere"]), ("not found by a shell", ["sh", "-c", "no-such-command"]),
    ("stderr", ["sh", "-c", "echo out; echo err >&2; exit 1"]),
    ("dies of TERM", ["sh", "-c", "kill -TERM $$"]), ("dies of KILL", ["sh", "-c", "kill -KILL $$"]),
    ("dies of SEGV", ["sh", "-c", "ulimit -c 0; kill -SEGV $$"]), ("dies of PIPE", ["sh", "-c", "kill -PIPE $$"]),
    ("aborts", [story.PYTHON, "-c", "import os, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); os.abort()"]),
    ("a child dies of a signal", ["sh", "-c", "sh -c 'kill -INT $$'; echo $?"]),
    ("pwd", ["pwd"]), ("ls", ["ls", "/"]), ("a pipeline", ["sh", "-c", "yes | head -100000 | wc -c"]),
    ("bash builtins", ["bash", "-c", "set -o pipefail; false | true; echo $? ${PIPESTATUS[@]}"]),
    ("bash sets and shows", ["bash", "-c", "X_TOKEN=1; export X_TOKEN; env | grep X_TOKEN; unset X_TOKEN; env | grep -c X_TOKEN"]),
    ("dash", ["dash", "-c", "trap 'echo bye' EXIT; (exit 4); echo $?"]),
    ("python", [story.PYTHON, "-c", "import sys, subprocess; print(subprocess.run(['sh', '-c', 'exit 5']).returncode, sys.argv)", "x"]),
    ("python cannot find it", [story.PYTHON, "-c", "import subprocess\ntry: subprocess.run(['no-such'])\nexcept OSError as e: print(e)"]),
    ("python closes all", [story.PYTHON, "-c", "import os; os.closerange(3, 4096); print(os.open('/', 0)); os.system('echo $HOME')"]),
    ("python descriptors", [story.PYTHON, "-c", "import os; print(sorted(os.listdir('/proc/self/fd')))"]),
    ("python exceptions", [story.PYTHON, "-c", "raise SystemExit('gone')"]),
    ("node", ["node", "-e", "const {spawnSync: s} = require('child_process'); console.log(s('sh', ['-c', 'exit 6']).status, s('no-such').error.code)"]),
    ("node's environment", ["node", "-e", "delete process.env.LD_PRELOAD; delete process.env.KEYTRAIL; console.log(process.env)"]),
    ("perl", ["perl", "-e", "print `echo hello`, $? >> 8, qq(\\n); exec 'no-such-command'; print $!"]),
    ("ruby", ["ruby", "-e", "system('exit 7'); puts $?.exitstatus; begin; exec 'no-such'; rescue => e; puts e.message; end"]),
    ("php", ["php", "-r", "echo shell_exec('echo hi'); exit(9);"]),
    ("awk", ["awk", "BEGIN { print ENVIRON[\"HOME\"]; system(\"exit 8\") }"]),
    ("find with exec", ["find", "/etc/hostname", "-exec", "echo", "{}", ";"]),
    ("xargs with a failure", ["sh", "-c", "echo a | xargs false; echo $?"]),
    ("env -i", ["env", "-i", "A=b", "/bin/sh", "-c", "echo $A$HOME; set | wc -c >/dev/null"]),
    ("nice, timeout, setsid", ["nice", "timeout", "5", "setsid", "-w", "sh", "-c", "exit 11"]),
    ("timeout ends it", ["timeout", "0.2", "sleep", "5"]),
    ("a limit on file size", ["sh", "-c", "ulimit -f 1; head -c 100 /dev/zero | wc -c"]),
    ("no descriptors left", ["sh", "-c", "ulimit -n 3; true; echo $?"]),
    ("a script", ["./script"]), ("a script without #!", ["sh", "-c", "./plain"]),
    ("not executable", ["./data"]), ("a directory", ["/"]),
    ("tar", ["sh", "-c", "tar cf - script | tar tf -"]),
    ("here document", ["sh", "-c", "cat <<E\nx $HOME\nE"]),
    ("make", ["make", "-f", "rules.mk"]),
    ("gdb's batch", ["gdb", "-nx", "-batch", "-ex", "print 1+1"]),
)


def prepare():
    for name, text, mode in (("script", "#!/bin/sh -e\necho script $0 $#\nexit 12\n", 0o755),
                             ("plain", "echo plain $0\nexit 13\n", 0o755),
                             ("data", "not a program\n", 0o644),
                             ("rules.mk", "all: ; @echo $$HOME; false\n", 0o644)):
        with open(name, "w") as file:
            file.write(text)
        os.chmod(name, mode)


def expect_equal(alone, traced):
    assert traced.status == alone.status, f"status {traced.status}, bare {alone.status}"
    assert traced.out == alone.out, f"stdout {traced.out!r}, bare {alone.out!r}"
    assert traced.err == alone.err, f"stderr {traced.err!r}, bare {alone.err!r}"


@story.each(*COMMANDS)
def test_same_with_and_without(command):
    if command[0].startswith("no-such") or "/" in command[0]:
        pass
    else:
        which(command[0])
    prepare()
    env = story.environment(OPENAI_API_KEY=KEY)
    if command[0] in ("no-such-command-anywhere", "./data", "/"):
        traced = recorded(command, env)
        assert traced.status == (127 if command[0].startswith("no-such") else 126), traced.status
        assert not traced.out, traced.out
        return
    expect_equal(bare(command, env), recorded(command, env))


@story.each(("descriptors, signals, limits", INSPECT), ("errors and edges", ERRORS))
def test_same_for_a_C_program(source):
    program = compiled(source)
    env = story.environment(OPENAI_API_KEY=KEY)
    expect_equal(bare([program], env), recorded([program], env))


def test_stdin_reaches_the_command():
    data = os.urandom(1 << 20)
    expect_equal(bare(["cat"], stdin=data), recorded(["cat"], stdin=data))
    expect_equal(bare(["sh", "-c", "read a; echo $a; cat"], stdin=b"one\ntwo\n"),
                 recorded(["sh", "-c", "read a; echo $a; cat"], stdin=b"one\ntwo\n"))


def test_environment_is_the_same_less_two():
    env = {**story.environment(OPENAI_API_KEY=KEY, EMPTY="", WITH_EQUALS="a=b=c"), "LATIN": "caf\udce9"}
    dump = "import os, sys; sys.stdout.buffer.write(open('/proc/self/environ', 'rb').read())"

    def rows(run):
        return [r for r in run.out.split(b"\0") if r.partition(b"=")[0].decode() not in OURS]

    for launch in ([story.PYTHON, "-c", dump], ["sh", "-c", f"exec {story.PYTHON} -c \"{dump}\""]):
        assert rows(bare(launch, env)) == rows(recorded(launch, env))


def test_at_most_two_variables_are_added():
    names = lambda run: {l.partition(b"=")[0].decode() for l in run.out.splitlines()}
    for command in (["env"], ["env", "-i", "A=1", "env"], ["sh", "-c", "env"]):
        added = names(recorded(command)) - names(bare(command))
        assert added <= set(OURS), added


def test_a_preload_of_the_user_stays_and_stays_in_order():
    one = compiled("int one;", "one.so", flags=("-shared", "-fPIC"))
    two = compiled("int two;", "two.so", flags=("-shared", "-fPIC"))
    env = story.environment(LD_PRELOAD=f"{one}:{two}")
    for command in (["sh", "-c", "echo $LD_PRELOAD"], ["sh", "-c", "env -i sh -c 'echo $LD_PRELOAD'"],
                    ["env", "-i", f"LD_PRELOAD={two}", "/bin/sh", "-c", "echo $LD_PRELOAD"]):
        alone, traced = bare(command, env), recorded(command, env)
        kept = [p for p in traced.out.decode().strip().split(":") if p and not p.endswith("libkeytrail.so")]
        assert kept == [p for p in alone.out.decode().strip().split(":") if p], (kept, alone.out)
        assert traced.err == alone.err


# ---- status ---------------------------------------------------------------------

@story.each(*((f"{status}", ["sh", "-c", f"exit {status}"], status) for status in (0, 1, 2, 77, 126, 127, 255)),
            *((signal.Signals(s).name, ["sh", "-c", f"ulimit -c 0; kill -{s} $$"], 128 + s)
              for s in (1, 2, 3, 6, 9, 11, 13, 15, 34)),
            ("not found", ["/no/such/program"], 127), ("not executable", ["./data"], 126), ("a directory", ["/"], 126))
def test_exit_status(command, status):
    prepare()
    assert recorded(command).status == status


# ---- signals ----------------------------------------------------------------------

TRAPS = """
for s in HUP INT TERM USR1 USR2 WINCH CONT; do trap "echo got $s; exit 21" $s; done
echo ready
while :; do sleep 0.05; done
"""


@story.each(*((name, getattr(signal, "SIG" + name)) for name in ("HUP", "INT", "TERM", "USR1", "USR2", "WINCH")))
def test_a_signal_reaches_the_command(number):
    trace = os.path.join(os.getcwd(), "t")
    process = subprocess.Popen([KEYTRAIL, "run", "-q", "-o", trace, "--", "sh", "-c", TRAPS],
                               env=story.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True)
    try:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(number)
        out, _ = process.communicate(timeout=20)
        assert out == b"got " + signal.Signals(number).name[3:].encode() + b"\n", out
        assert process.returncode == 21, process.returncode
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def test_a_signal_that_ends_it_ends_it():
    trace = os.path.join(os.getcwd(), "t")
    process = subprocess.Popen([KEYTRAIL, "run", "-q", "-o", trace, "--", "sh", "-c", "echo ready; exec sleep 60"],
                               env=story.environment(), stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in (143, -15), process.returncode
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


# ---- terminals ------------------------------------------------------------------------

def on_terminal(command, typed=(), seconds=30):
    """What a command writes to a terminal of its own, and its status. Typed are pairs: what
    must have been written before, and the keys."""
    pid, master = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, story.environment(OPENAI_API_KEY=KEY))
    said, typed, deadline = b"", list(typed), time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            if typed and typed[0][0] in said:
                os.write(master, typed.pop(0)[1])
            if not select.select([master], [], [], 0.2)[0]:
                continue
            try:
                data = os.read(master, 4096)
            except OSError:
                break
            if not data:
                break
            said += data
        else:
            os.kill(pid, signal.SIGKILL)
            raise AssertionError(f"{command} did not end: {said!r}")
    finally:
        _, status = os.waitpid(pid, 0)
        os.close(master)
    return said, os.waitstatus_to_exitcode(status)


def both_on_terminal(command, typed=()):
    trace = os.path.join(tempfile.mkdtemp(dir=os.getcwd()), "t")
    alone = on_terminal(command, typed)
    traced = on_terminal([KEYTRAIL, "run", "-q", "-o", trace, "--", *command], typed)
    return alone, traced


@story.each(
    ("is a terminal", ["sh", "-c", "test -t 0 && test -t 1 && test -t 2 && stty size && echo yes"], []),
    ("typed text", ["sh", "-c", "read line; echo got $line"], [(b"", b"hello\n")]),
    ("interrupt from the keyboard", ["sh", "-c", "trap 'echo caught; exit 5' INT; echo ready; sleep 5 & wait"], [(b"ready", b"\x03")]),
    ("interrupt without a trap", ["sh", "-c", "echo ready; exec sleep 10"], [(b"ready", b"\x03")]),
    ("quit from the keyboard", ["sh", "-c", "ulimit -c 0; trap 'exit 6' QUIT; echo ready; sleep 5 & wait"], [(b"ready", b"\x1c")]),
    ("job control of a shell", ["bash", "--norc", "-c", "set -m; sleep 0.3 & jobs %1 >/dev/null && fg %1 >/dev/null; echo done $?"], []),
)
def test_same_on_a_terminal(command, typed):
    which(command[0])
    alone, traced = both_on_terminal(command, typed)
    wanted = alone[1] if alone[1] >= 0 else 128 - alone[1]
    got = traced[1] if traced[1] >= 0 else 128 - traced[1]
    assert (traced[0], got) == (alone[0], wanted), (alone, traced)


def test_stopped_and_continued_from_a_shell():
    """^Z stops the traced job for the shell that started it; fg goes on with it."""
    bash = which("bash")
    trace = os.path.join(os.getcwd(), "t")
    run = b"%s run -q -o %s -- sh -c 'echo begun; read x; echo ended'\n" % (KEYTRAIL.encode(), trace.encode())
    script = [(b"bash-", run), (b"begun\r\n", b"\x1a"), (b"Stopped", b"jobs\n"), (b"jobs\r\n", b"fg\n"), (b"fg\r\n", b"\n"),
              (b"ended\r\n", b"exit 0\n")]
    said, status = on_terminal([bash, "--norc", "--noediting", "-i"], script)
    assert status == 0 and b"Stopped" in said and said.count(b"ended\r\n") == 1, (said, status)


# ---- off ------------------------------------------------------------------------------

def test_off_means_off():
    trace = os.path.join(os.getcwd(), "t")
    os.mkdir(trace)
    env = {**story.environment(), "LD_PRELOAD": story.LIBRARY, "KEYTRAIL": "off", "TMPDIR": os.getcwd()}
    run = bare(["sh", "-c", "env true; exit 4"], env)
    assert run.status == 4 and not run.err, run.err
    assert not os.listdir(trace) and not [n for n in os.listdir(".") if n.startswith("keytrail-")], os.listdir(".")


def test_the_summary_is_short_and_quiet_is_quiet():
    loud = recorded(["sh", "-c", "echo out; echo err >&2"], quiet=False)
    assert loud.out == b"out\n"
    lines = loud.err.decode().splitlines()
    assert lines[0] == "err" and 1 <= len(lines) - 1 <= 10, lines
    quiet = recorded(["sh", "-c", "echo out; echo err >&2"])
    assert quiet.err == b"err\n", quiet.err


def test_a_trace_directory_is_named_when_none_is_given():
    shutil.rmtree("where", ignore_errors=True)
    os.mkdir("where")
    run = bare([KEYTRAIL, "run", "-q", "--", "true"], cwd="where")
    assert run.status == 0, run.err
    names = [n for n in os.listdir("where") if os.path.isdir("where/" + n)]
    assert len(names) == 1 and re.fullmatch(r"keytrail-\d{8}-\d{6}-\d+", names[0]), names
