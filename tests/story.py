"""What every black-box test needs: run a command bare or recorded, read the
trace, ask for the report.

A test file is tests/FOLDER/NAME.py; each function test_* in it is a test, run
in a process and an empty directory of its own. `each` makes one test per row of
a table, `skip` ends a test that cannot be made here, `patience` gives one more time.
"""
import functools
import glob
import hashlib
import json
import os
import random
import re
import shutil
import string
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
KEYTRAIL = os.path.join(BUILD, "keytrail")
LIBRARY = os.path.join(BUILD, "libkeytrail.so")
PYTHON = sys.executable
OURS = ("LD_PRELOAD", "KEYTRAIL")  # the two variables that a traced program may meet


def cache():
    """Where scripts/setup keeps what it fetches; scripts/cache tells the same."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return os.path.join(base if os.path.isabs(base) else os.path.expanduser("~/.cache"), "keytrail")


CACHE = cache()


class Skip(Exception):
    pass


def skip(why):
    raise Skip(why)


def each(*rows):
    """One test per row; a row is its label and the function's arguments."""
    def mark(function):
        function.rows = rows
        return function
    return mark


def patience(seconds):
    def mark(function):
        function.patience = seconds
        return function
    return mark


def hooks():
    """The rows of hooks.def: each interposed function, and the event that names it."""
    with open(os.path.join(ROOT, "src/recorder/hooks/hooks.def")) as file:
        return dict(re.findall(r"^HOOK\((\w+), (\w+)\)", file.read(), flags=re.M))


# Go's own installer puts it beside all directories of PATH: only a login shell has that one.
ELSEWHERE = {"go": os.environ.get("PATH", "") + ":/usr/local/go/bin"}


def which(command):
    places = PATH + ":" + ELSEWHERE[command] if command in ELSEWHERE else PATH
    return shutil.which(command, path=places) or skip(f"no {command} here")


def downloads(name):
    """The versions of this name that scripts/setup fetches."""
    with open(os.path.join(ROOT, "scripts", "downloads")) as file:
        return [row.split()[1] for row in file if row.startswith(name + " ")]


def fetched(name, version):
    """The directory of a row of scripts/downloads."""
    path = os.path.join(CACHE, f"{name}-{version}")
    return path if os.path.isdir(path) else skip(f"no {name} {version} here: scripts/setup long fetches it")


def packages_name(name):
    """The name in the cache of the packages of tests/packages/NAME, by the hash of its lock file."""
    folder = os.path.join(ROOT, "tests", "packages", name)
    lock = next(n for n in ("package-lock.json", "requirements.txt") if os.path.exists(os.path.join(folder, n)))
    with open(os.path.join(folder, lock), "rb") as file:
        return f"packages-{name}-{hashlib.sha512(file.read()).hexdigest()[:12]}"


def packages(name):
    """The directory that scripts/fetch-packages makes of tests/packages/NAME."""
    path = os.path.join(CACHE, packages_name(name))
    if not os.path.exists(path + "/complete"):
        skip(f"no packages of tests/packages/{name} here: scripts/setup fetches them where npm and pip are")
    return path


def old_debian():
    """The root of an older Debian, for root alone."""
    if os.geteuid() != 0:
        skip("chroot needs root")
    root = os.path.join(CACHE, "debian-11")  # glibc 2.31
    if not os.path.isdir(root):
        skip("no Debian 11 here: scripts/setup long makes it")
    if bare([which("chroot"), root, "/bin/true"]).status:
        skip("cannot chroot here")
    return root


def static_busybox():
    """Debian has it in two packages; the dynamic one is no static program."""
    path = which("busybox")
    with open(path, "rb") as file:
        return path if b"/lib64/ld-linux" not in file.read(4096) else skip("the busybox here is not static (busybox-static is)")


@functools.lru_cache(None)
def may_mount():
    """Not in a container without rights, nor where / is no mount point."""
    command = [which("unshare"), "-m", "--propagation", "private", "mount", "-t", "tmpfs", "none", "/mnt"]
    return not os.geteuid() and not subprocess.run(command, capture_output=True).returncode


def need_mounts():
    if not may_mount():
        skip("nothing can be mounted here")


def in_own_mounts(script, *words):
    """A shell script that mounts what it likes, unseen by others."""
    need_mounts()
    return ["unshare", "-m", "--propagation", "private", "sh", "-ec", script, *words]


def need_rule(code):
    """Skips until there is a rule for this finding."""
    if not glob.glob(os.path.join(ROOT, "src", "rules", code.lower() + "_*.c")):
        skip(f"no rule {code} yet")


def need_command(name):
    """Skips until the command has this subcommand."""
    if b"not built" in keytrail(name, "-h").err:
        skip(f"no keytrail {name} yet")


# ---- the world a test runs in ------------------------------------------------

PATH = ":".join([os.path.dirname(PYTHON), "/usr/local/bin", "/usr/bin", "/bin",
                 "/usr/sbin", "/sbin"])


def environment(**more):
    """A small, known environment: enough names to tell a filter from a replacement."""
    here = os.getcwd()
    return {"PATH": PATH, "HOME": here, "LANG": "C.UTF-8", "USER": "tester",
            "LOGNAME": "tester", "SHELL": "/bin/sh", "TERM": "dumb",
            "TMPDIR": here, "TZ": "UTC", "EDITOR": "true", **more}


ALPHABET = string.ascii_letters + string.digits


def random_text(length, alphabet=ALPHABET):
    return "".join(random.SystemRandom().choice(alphabet) for _ in range(length))


def openai_key():
    return "sk-proj-" + random_text(48)


def random_name():
    """A name that no catalogue has."""
    return "ZQX_" + random_text(10, string.ascii_uppercase)


# A story is told twice: of a name in the catalogue, and of one that only -w knows.
NAME_KINDS = WELL_KNOWN, MADE_UP = "well-known name", "made-up name"
each_name = each((WELL_KNOWN, WELL_KNOWN), (MADE_UP, MADE_UP))


def watched(kind):
    """The variable of a story, and the patterns to watch it by."""
    if kind == WELL_KNOWN:
        return "OPENAI_API_KEY", ()
    name = random_name()
    return name, (name,)


def with_key(name, **more):
    return environment(**{name: openai_key()}, **more)


def compiled(source, name="probe", compiler="gcc", flags=()):
    """Compiles C text, here, to ./NAME; answers its absolute path."""
    with open(name + ".c", "w") as file:
        file.write(source)
    subprocess.run([which(compiler), "-O1", "-D_GNU_SOURCE", "-w", "-o", name, name + ".c", *flags],
                   check=True, env=environment())
    return os.path.abspath(name)


def built_in_go(name, *arguments):
    """By Go in its everyday cache."""
    directory = arguments[arguments.index("-C") + 1] if "-C" in arguments else "."
    first = ["-C", directory] if directory != "." else []
    rest = [word for word in arguments if word not in first]
    command = [which("go"), "build", *first, "-o", os.path.abspath(name), *rest]
    built = bare(command, environment(HOME=os.environ.get("HOME", "/"), GOFLAGS="-mod=mod", GOWORK="off"))
    assert not built.status, built.err.decode()


READER = r"""
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
	int missing = 0;
	for (int i = 1; i < argc; i++)
		missing += !getenv(argv[i]);
	return missing;
}
"""


# ---- running -------------------------------------------------------------------

class Run:
    """A command that ended: status as a shell tells it, output as bytes, and
    when it was recorded the trace."""

    def __init__(self, command, ended, trace=None):
        self.command, self.trace = command, trace
        self.status = ended.returncode if ended.returncode >= 0 else 128 - ended.returncode
        self.out, self.err = ended.stdout, ended.stderr

    @functools.cached_property
    def events(self):
        return events_of(self.trace)

    def of(self, kind, **fields):
        """The events of one kind whose fields are as given."""
        return [e for e in self.events if e["e"] == kind
                and all(e.get(k) == v for k, v in fields.items())]

    @functools.cached_property
    def report(self):
        return json.loads(asked("report", "-f", "json", self.trace))

    def findings(self, severity=None):
        return [f for f in self.report["findings"] if severity in (None, f["severity"])]

    def codes(self, severity=None):
        return [f["code"] for f in self.findings(severity)]


def events_of(trace):
    """Every whole line of a trace directory; a torn one is passed over."""
    events = []
    for path in sorted(glob.glob(os.path.join(trace, "*.jsonl"))):
        if os.path.islink(path) or not os.path.isfile(path):
            continue  # what a stranger planted
        with open(path, "rb") as file:
            for line in filter(None, file.read().split(b"\n")):  # free space is empty lines
                try:
                    events.append(json.loads(line))
                except ValueError:
                    continue
    return sorted((e for e in events if isinstance(e, dict) and e.get("e") != "segment"), key=lambda e: e.get("t", 0))


recent = []  # what a failed test shows


def _run(command, env, stdin, cwd, timeout, trace=None, shown=None):
    ended = subprocess.run(command, env=env, cwd=cwd, timeout=timeout, capture_output=True,
                           **({"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}))
    run = Run(shown or command, ended, trace)
    recent.append(run)
    return run


def bare(command, env=None, stdin=None, cwd=None, timeout=60):
    return _run(command, environment() if env is None else env, stdin, cwd, timeout)


def recorded(command, env=None, watch=(), stdin=None, cwd=None, timeout=90, quiet=True, http=False):
    """`keytrail run` of a command into a fresh trace directory."""
    trace = os.path.join(tempfile.mkdtemp(prefix="trace-", dir=os.getcwd()), "t")
    options = ["-o", trace] + ["-q"] * quiet + ["--http"] * http
    for glob_ in watch:
        options += ["-w", glob_]
    return _run([KEYTRAIL, "run", *options, "--", *command], environment() if env is None else env,
                stdin, cwd, timeout, trace, command)


def program(text, name):
    """Writes a program; answers its absolute path."""
    if os.path.dirname(name):
        os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w") as file:
        file.write(text)
    return os.path.abspath(name)


def preloaded(env, trace, *settings):
    """An environment that records without the wrapper."""
    return {**env, "LD_PRELOAD": LIBRARY, "KEYTRAIL": ",".join(["dir=" + trace, *settings])}


def keytrail(*arguments, stdin=None, cwd=None, timeout=120):
    """One keytrail command, whatever it answers."""
    return _run([KEYTRAIL, *arguments], environment(), stdin, cwd, timeout)


def asked(*arguments):
    """What a keytrail command prints; it must succeed, and say nothing else."""
    run = keytrail(*arguments)
    assert run.status == 0, f"keytrail {' '.join(arguments)} ended with {run.status}: {run.err!r}"
    told = b"" if arguments[0] != "pack" else run.err  # a pack tells what is in it
    assert run.err == told, f"keytrail {' '.join(arguments)} said {run.err!r}"
    return run.out


# ---- what a run must have told ---------------------------------------------------

def expect_fault(run, code, variable, victim=None, culprit=None, count=None, severity="fault"):
    """The report blames exactly this: first finding, names of both programs."""
    report = run.report
    assert report["schema"] == "keytrail-report/1", report["schema"]
    assert report["verdict"] == severity, f"verdict {report['verdict']}, wanted {severity} {code}"
    first = report["findings"][0]
    assert first["code"] == code, f"first finding is {first['code']}, wanted {code}"
    assert first["severity"] == severity, first["severity"]
    assert first["variable"] == variable, f"about {first['variable']}, wanted {variable}"
    for role, wanted in (("victim", victim), ("culprit", culprit)):
        if wanted:
            assert wanted in first.get(role, {}).get("exe", ""), \
                f"{role} is {first.get(role)}, wanted {wanted}"
    if count is not None:
        assert first.get("count", 1) == count, f"count {first.get('count')}, wanted {count}"
    assert first["summary"] and first["fix"] and first["confidence"], first
    return first


def expect_no_fault(run):
    assert run.report["verdict"] != "fault", f"a fault in an innocent run: {run.codes('fault')}"
    assert not run.findings("fault"), run.codes("fault")


def expect_healthy(run, variable):
    """The report says that the variable was asked for, and that nothing was wrong with it."""
    expect_no_fault(run)
    assert run.report["verdict"] == "healthy", f"verdict {run.report['verdict']}, wanted healthy"
    expect_found(run, variable)


def expect_exonerated(run, variable):
    """The report says that the command failed, and that the variable is not why."""
    expect_no_fault(run)
    assert run.report["verdict"] == "exonerated", f"verdict {run.report['verdict']}, wanted exonerated"
    assert any(f["code"] == "KT901" and f["variable"] == variable and f["severity"] == "note"
               for f in run.report["findings"]), f"no KT901 for {variable}: {run.codes()}"
    expect_found(run, variable)


def expect_found(run, variable):
    """A reader of the variable got it."""
    counts = [v for v in run.report["variables"] if v["name"] == variable]
    assert counts and counts[0]["readers"] > counts[0]["missed"], f"nobody got {variable}: {counts}"
