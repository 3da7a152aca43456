"""Other projects' own tests, those that fork and exec the most, bare and recorded:
the same names pass, fail and are skipped. Only `make check-long` tells these.

What differs is run again by itself, three times each way; only what differs then
in every try counts. A test that looks for an environment of no names but its own
cannot pass, since two are added: KNOWN says which, and why."""
import fcntl
import json
import os
import re
import shutil
import subprocess

import story
from story import bare, recorded, which

HERE = os.path.dirname(os.path.abspath(__file__))
KEPT = os.path.join(story.CACHE, "suites")  # sources, from run to run
KEY = story.openai_key()
LONG = {"": "other projects' own tests, bare and recorded"}

KNOWN = {f"env:env-{test}": "compares all names of a child's environment with a list"
         for test in ("2.1", "2.2", "2.3", "2.4", "3.1", "4.1", "4.3", "4.4", "4.5")}


def sources(package):
    """The unpacked source of a Debian package; fetched once, where the network allows it."""
    which("apt-get")
    os.makedirs(KEPT, exist_ok=True)
    with open(f"{KEPT}/{package}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place = f"{KEPT}/{package}"
        if not os.path.exists(place):
            fetch(package, place + ".new")
            shutil.rmtree(place, ignore_errors=True)
            os.rename(place + ".new", place)
    return place


def fetch(package, place):
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place + "/lists/partial")
    with open("/etc/os-release") as file:
        release = re.search(r"^VERSION_CODENAME=(\S+)", file.read(), re.M)
    if not release:
        story.skip("this is no Debian")
    with open(place + "/sources.list", "w") as file:
        file.write(f"deb-src http://deb.debian.org/debian {release[1]} main\n")
    apt = ["apt-get", "-qq", "-o", f"Dir::Etc::sourcelist={place}/sources.list", "-o", "Dir::Etc::sourceparts=/dev/null",
           "-o", f"Dir::State::lists={place}/lists", "-o", "APT::Sandbox::User=root"]
    for command in ([*apt, "update"], [*apt, "source", "--download-only", package]):
        if subprocess.run(command, cwd=place, capture_output=True, timeout=300).returncode:
            story.skip(f"the source of {package} cannot be fetched here")
    for name in sorted(os.listdir(place)):
        if re.search(r"\.orig\.tar\.\w+$", name):
            subprocess.run(["tar", "-xf", name], cwd=place, check=True)
    inside = [n for n in os.listdir(place) if os.path.isdir(f"{place}/{n}") and n != "lists"]
    os.symlink(inside[0], place + "/source")
    for name in os.listdir(place):
        if name == "lists":
            shutil.rmtree(f"{place}/{name}")


def environment(**more):
    return story.environment(OPENAI_API_KEY=KEY, PATH="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", **more)


def same_outcomes(label, run):
    """`run(way, names)` answers {name: passed, failed or skipped}; names None: all."""
    first, second = run(bare, None), run(recorded, None)
    assert len(first) > 3, f"only {len(first)} tests ran bare"
    differing = sorted(n for n in {*first, *second} if first.get(n) != second.get(n))
    real = []
    for name in differing:
        alone = {first.get(name), *(run(bare, [name]).get(name) for _ in range(2))}
        traced = {second.get(name), *(run(recorded, [name]).get(name) for _ in range(3))}
        if alone & traced:
            print(f"note: {label}: {name} is not the same from run to run, bare {alone}, recorded {traced}")
        elif name in KNOWN:
            print(f"note: {label}: {name} {traced}, bare {alone}: {KNOWN[name]}")
        else:
            real.append(f"{name}: recorded {second.get(name)}, bare {first.get(name)}")
    counts = {how: sum(o == how for o in second.values()) for how in ("passed", "failed", "skipped")}
    print(f"note: {label}: {len(second)} tests recorded, " + ", ".join(f"{n} {how}" for how, n in counts.items())
          + f"; {len(real)} differ from bare")
    assert not real, "\n".join(real)


# ---- CPython -------------------------------------------------------------------------

PYTHON = os.path.realpath("/usr/bin/python3")
VERSION = os.path.basename(PYTHON)  # python3.11


def need_cpython():
    if not os.path.exists(f"/usr/lib/{VERSION}/test/test_os.py"):
        story.skip(f"no tests of {PYTHON} here (lib{VERSION}-testsuite)")


def same_module(python, module):
    def run(way, names):
        if os.path.exists("out.json"):
            os.unlink("out.json")
        ended = way([python, os.path.join(HERE, "cpython.runner"), os.path.abspath("out.json"), module, *(names or [])],
                    environment(), timeout=600)
        assert os.path.exists("out.json"), f"{module} did not end: {ended.status} {ended.err[-2000:]!r}"
        with open("out.json") as file:
            return json.load(file)

    same_outcomes(f"CPython's {module}", run)


@story.patience(1500)
@story.each(*((m, m) for m in ("test_os", "test_posix", "test_popen", "test_subprocess", "test_signal", "test_threading",
                               "test_multiprocessing_spawn", "test_audit")))
def test_CPython(module):
    need_cpython()
    same_module(PYTHON, module)


@story.patience(1500)
def test_CPython_embedded():
    """test_embed looks for its host program beside a python: as in CPython's own build."""
    need_cpython()
    if not os.path.exists(f"/usr/include/{VERSION}/internal"):
        story.skip(f"no headers of {VERSION} here (lib{VERSION}-dev)")
    programs = sources(VERSION) + "/source/Programs"
    os.mkdir("Programs")
    subprocess.run([which("gcc"), "-w", "-DPy_BUILD_CORE", f"-I/usr/include/{VERSION}", f"-I/usr/include/{VERSION}/internal",
                    "-o", "Programs/_testembed", f"{programs}/_testembed.c", f"-l{VERSION}"], check=True)
    same_module(shutil.copy(PYTHON, os.path.abspath("python")), "test_embed")


# ---- bash ------------------------------------------------------------------------------

BASH = """
cd "$1" || exit 9
shift
for x; do
	mkdir -p "$TMPDIR"
	BASH_TSTOUT=$TMPDIR/out timeout 120 sh ./$x > ../$x.out 2> ../$x.err < /dev/null
	echo $? > ../$x.status
done
"""


@story.patience(1500)
def test_bash():
    which("bash")
    source = sources("bash") + "/source"
    open("bashansi.h", "w").close()  # what bash's own configure would have found
    for helper in ("recho", "zecho", "printenv", "xcase"):
        subprocess.run([which("gcc"), "-w", "-I.", "-include", "stdio.h", "-include", "stdlib.h", "-include", "string.h", "-include", "unistd.h",
                        "-o", helper, f"{source}/support/{helper}.c"], check=True)
    helpers = os.getcwd()

    def run(way, names):
        place = os.path.abspath("bash-tests")
        shutil.rmtree(place, ignore_errors=True)
        os.mkdir(place)
        shutil.copytree(source + "/tests", place + "/tests")
        shutil.copytree(source + "/examples", place + "/examples")
        # run-all and run-minimal run the others; run-dbg-support* wants a debugger
        scripts = names or sorted(n for n in os.listdir(place + "/tests") if n.startswith("run-") and n not in ("run-all", "run-minimal", "run-gprof"))
        env = environment(THIS_SH="/bin/bash", BUILD_DIR=place)
        env.update(PATH=helpers + ":" + env["PATH"], TMPDIR=place + "/tmp")
        way(["sh", "-c", BASH, "sh", place + "/tests", *scripts], env, timeout=700)
        done = {}
        for name in scripts:
            with open(f"{place}/{name}.out", "rb") as file:
                done[name] = "failed" if file.read().strip() else "passed"
        return done

    same_outcomes("bash", run)


# ---- perl --------------------------------------------------------------------------------

PERL = ("op/fork", "op/exec", "op/die_exit", "op/alarm", "op/getppid", "op/magic", "op/kill0", "op/sselect", "op/stat", "op/goto", "op/exit",
        "op/select", "op/inccode", "op/closure", "op/die_keeperr", "op/die_unwind", "op/sleep", "op/time", "op/glob", "op/readline",
        "io/pipe", "io/dup", "io/open", "io/argv", "io/inplace", "io/fs", "io/fflush", "io/print", "io/socket", "io/tell", "io/through",
        "run/exit", "run/fresh_perl", "run/switches", "run/switchn", "run/runenv", "run/script", "run/cloexec", "run/noswitch", "lib/cygwin")


@story.patience(1500)
def test_perl():
    perl = which("perl")
    source = sources("perl") + "/source"
    libraries = [p for p in bare([perl, "-e", "print join qq(\\n), grep { -d } @INC"]).out.decode().split("\n") if "/5." in p]

    def run(way, names):
        place = os.path.abspath("perl-tests")
        shutil.rmtree(place, ignore_errors=True)
        os.mkdir(place)
        shutil.copytree(source + "/t", place + "/t")
        for library in libraries:
            subprocess.run(["cp", "-rsn", library + "/.", place + "/lib"], check=False)
        os.symlink(perl, place + "/t/perl")
        os.symlink(perl, place + "/perl")
        files = sorted({n.split(":")[0] for n in names}) if names else [f for f in PERL if os.path.exists(f"{place}/t/{f}.t")]
        script = 'cd "$1"; shift; for t; do timeout 200 perl $t.t > ../$(echo $t | tr / -).tap 2>/dev/null < /dev/null; done'
        way(["sh", "-c", script, "sh", place + "/t", *files], environment(PERL_CORE="1"), timeout=700)
        done = {}
        for name in files:
            with open(f"{place}/{name.replace('/', '-')}.tap", "rb") as file:
                for failed, number, rest in re.findall(rb"^(not )?ok (\d+)(.*)$", file.read(), re.M):
                    how = "skipped" if b"# skip" in rest or b"# TODO" in rest else "failed" if failed else "passed"
                    done[f"{name}:{number.decode()}"] = how
        return {n: done.get(n) for n in names} if names else done

    same_outcomes("perl", run)


# ---- tcl ---------------------------------------------------------------------------------------

TCL = ("exec", "env", "pid", "io", "ioCmd", "chan", "event", "unixFile", "unixInit", "unixForkEvent", "unixFCmd", "cmdAH", "fCmd", "interp", "stack", "main")


@story.patience(1500)
def test_tcl():
    which("tclsh")
    source = sources("tcl8.6") + "/source"

    def run(way, names):
        place = os.path.abspath("tcl-tests")
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(source + "/tests", place + "/tests")
        files = sorted({n.split(":")[0] for n in names}) if names else [f for f in TCL if os.path.exists(f"{place}/tests/{f}.test")]
        script = 'cd "$1"; shift; for t; do timeout 200 tclsh $t.test -verbose "pst" > ../$t.out 2>&1 < /dev/null; done'
        way(["sh", "-c", script, "sh", place + "/tests", *files], environment(), timeout=700)
        done = {}
        for name in files:
            with open(f"{place}/{name}.out", "rb") as file:
                text = file.read().decode("utf-8", "replace")
            for test, how in re.findall(r"^[+=]{4} (\S+).*?(PASSED|FAILED|SKIPPED)", text, re.M):
                done[f"{name}:{test}"] = how.lower()
        return {n: done.get(n) for n in names} if names else done

    same_outcomes("tcl", run)
