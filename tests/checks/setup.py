"""scripts/setup with a package manager made for the test: when it is asked, how, and what a failure does;
and .ci/run, with a make of the same kind."""
import glob
import hashlib
import io
import os
import re
import shutil
import stat
import subprocess
import tarfile

import story

LONG = {"^does not wait for a lock for ever": "waits"}

SCRIPTS = os.path.join(story.ROOT, "scripts")
PACKAGES = os.path.join(story.ROOT, "tests", "packages")
BASE = ("sh", "bash", "env", "awk", "cat", "cut", "dirname", "getent", "grep", "head", "ls", "mkdir", "mktemp", "mv", "readlink", "rm", "sed",
        "sha512sum", "sort", "tail", "tar", "gzip", "date", "timeout")
APT = r"""echo "$*" >>$LOG
case "$*" in *update*) kind=update ;; *) kind=install ;; esac
echo $kind >>$LOG.kinds
[ ! -s "$SAY" ] || case "$*" in
*$ONLY*) read -r line <"$SAY"; tail -n +2 "$SAY" >"$SAY.rest"; mv "$SAY.rest" "$SAY"
	[ "$line" = ok ] || { echo "W: some warning"; echo "$line"; exit 100; } ;;
esac
exit 0"""


def command(name, text):
    """Never through a link to the machine's own."""
    if os.path.lexists("bin/" + name):
        os.unlink("bin/" + name)
    with open("bin/" + name, "x") as file:
        file.write("#!/bin/sh\n" + text + "\n")
    os.chmod("bin/" + name, 0o755)


def place(name):
    """Where the packages of tests/packages/NAME lie."""
    return "cache/keytrail/" + story.packages_name(name)


def machine(*missing, answers=(), only="", user=0, downloads=True):
    """A PATH on which all is there but what is missing, and the words that apt-get will answer with."""
    os.makedirs("bin")
    for name in BASE:
        os.symlink(shutil.which(name), "bin/" + name)
    with open(SCRIPTS + "/setup") as file:
        for name in re.findall(r"^\s*(?:.* \|\| )?(?:need|want) (\S+) ", file.read(), re.M):
            if name not in missing and not os.path.exists("bin/" + name):
                command(name, "exit 0")
    command("cc", "exit 0")
    command("ldconfig", "echo 'libunwind-x86_64.so.8 (libc6) => x'")
    command("id", f"echo {user}")
    command("sleep", "echo sleep $1 >>$LOG")
    command("sudo", 'echo sudo >>$LOG; exec "$@"')
    command("apt-get", APT)
    for name in missing:
        if os.path.lexists("bin/" + name):
            os.unlink("bin/" + name)
    with open("answers", "w") as file:
        file.writelines(a + "\n" for a in answers)
    if downloads:
        with open(SCRIPTS + "/downloads") as file:
            for row in file:
                if not row.startswith("#"):
                    os.makedirs("cache/keytrail/" + "-".join(row.split()[:2]))
        for name in os.listdir(PACKAGES):
            os.makedirs(place(name))
            open(place(name) + "/complete", "w").close()
    return {"PATH": os.path.abspath("bin"), "HOME": os.getcwd(), "XDG_CACHE_HOME": os.path.abspath("cache"),
            "LOG": os.path.abspath("log"), "SAY": os.path.abspath("answers"), "ONLY": only}


def setup(env, mode="test", **more):
    done = subprocess.run([SCRIPTS + "/setup", mode], env={**env, **more}, capture_output=True, text=True)
    assert not done.stdout, done.stdout
    return done.returncode, done.stderr.splitlines()


def log(name="log"):
    return open(name).read().splitlines() if os.path.exists(name) else []


# ---- packages ------------------------------------------------------------------------

@story.each(*((mode, mode) for mode in ("build", "demo", "test", "bench")))
def test_asks_nobody_and_says_nothing_when_all_is_there(mode):
    assert setup(machine(), mode) == (0, [])
    assert not log()


def test_installs_what_is_missing_with_one_look_at_the_lists():
    status, said = setup(machine("ltrace", "tmux"))
    assert (status, said) == (0, ["setup: installing ltrace tmux"]), (status, said)
    assert log("log.kinds") == ["update", "install"], log()
    assert all("DPkg::Lock::Timeout=600" in line for line in log()) and log()[1].endswith("ltrace tmux"), log()


@story.each(("wanted", "ltrace"), ("required", "readelf"))
def test_fails_with_one_line_when_a_package_cannot_be_had(missing):
    status, said = setup(machine(missing, answers=["ok", "E: Unable to locate package p"]))
    assert status == 1 and len(said) == 2, (status, said)
    assert said[0].startswith("setup: installing ") and "E: Unable to locate package p" in said[1], said
    assert "cannot install " in said[1] and "KEYTRAIL_SETUP=lenient" in said[1], said


def test_goes_on_when_told_to_and_says_without_what():
    env = machine("ltrace", "tmux", answers=["E: Unable to locate package ltrace"] * 2, only="ltrace")
    status, said = setup(env, KEYTRAIL_SETUP="lenient")
    assert status == 0 and said[1:] == ["setup: going on without ltrace: E: Unable to locate package ltrace"], (status, said)
    assert log("log.kinds") == ["update", "install", "install", "install"], log()
    assert log()[-1].endswith(" tmux"), log()


def test_never_goes_on_without_what_nothing_works_without():
    env = machine("readelf", answers=["E: Unable to locate package binutils"] * 9, only="binutils")
    status, said = setup(env, KEYTRAIL_SETUP="lenient")
    assert status == 1 and "cannot install binutils" in said[-1] and "lenient" not in said[-1], (status, said)


@story.each(("of the lists", ["E: Could not get lock /var/lib/apt/lists/lock"] * 3 + ["ok"], "update"),
            ("of the archives", ["ok", "E: Could not get lock /var/cache/apt/archives/lock", "ok"], "install"))
def test_waits_for_a_lock(answers, kind):
    status, said = setup(machine("ltrace", answers=answers))
    assert (status, len(said)) == (0, 1), (status, said)
    assert log("log.kinds").count(kind) == len([a for a in answers if a != "ok"]) + 1, log()
    assert "sleep 5" in log(), log()


def test_does_not_wait_for_a_lock_for_ever():
    status, said = setup(machine("ltrace", answers=["ok"] + ["E: Could not get lock /x"] * 200))
    assert status == 1 and "Could not get lock" in said[-1], (status, said)
    assert log().count("sleep 5") == 120, log().count("sleep 5")


@story.each(("twice", 2, 0), ("always", 9, 1))
def test_tries_again_when_a_mirror_fails(times, wanted):
    status, said = setup(machine("ltrace", answers=["ok"] + ["E: Failed to fetch http://x"] * times))
    assert status == wanted and len(said) == 1 + wanted, (status, said)
    assert log("log.kinds").count("install") == 3, log()


def test_installs_by_sudo_for_others_than_root():
    assert setup(machine("ltrace", user=1000))[0] == 0
    assert "sudo" in log(), log()


@story.each(("no sudo", ("ltrace", "sudo"), "neither root nor sudo"), ("no apt-get", ("ltrace", "apt-get"), "no apt-get here"))
def test_says_what_to_install_where_it_cannot(missing, words):
    status, said = setup(machine(*missing, user=1000))
    assert status == 1 and len(said) == 1 and words in said[0] and "ltrace" in said[0], (status, said)


# ---- downloads ------------------------------------------------------------------------

def archive(text="#!/bin/sh\necho v22\n"):
    with tarfile.open("made.tgz", "w:gz") as tar:
        for name in ("package/bin/node", "package/README"):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text), 0o755
            tar.addfile(entry, io.BytesIO(text.encode()))
    with open("made.tgz", "rb") as file:
        return hashlib.sha512(file.read()).hexdigest()


def fetcher(digest=None, npm='for last; do :; done; cp made.tgz "$(echo "$*" | sed "s/.*--pack-destination \\([^ ]*\\).*/\\1/")/x.tgz"', kept="bin/node"):
    """scripts/fetch with a list of its own, and an npm that hands out made.tgz."""
    made = archive()
    env = machine(downloads=False)
    os.symlink(shutil.which("cp"), "bin/cp")
    command("npm", npm)
    command("id", "exec " + shutil.which("id") + ' "$@"')
    shutil.copytree(SCRIPTS, "scripts")
    with open("scripts/downloads", "w") as file:
        file.write(f"# a list\nthing 1.2.3 test {kept} {digest or made}\n")
    return env


def fetch(env, *rows):
    done = subprocess.run(["scripts/fetch", *(rows or ["thing-1.2.3"])], env=env, capture_output=True, text=True)
    return done.returncode, done.stderr.splitlines()


def kept(top="cache/keytrail"):
    return sorted(os.path.relpath(p, top) for p in glob.glob(top + "/**", recursive=True, include_hidden=True) if os.path.isfile(p))


def test_keeps_what_has_the_hash_of_its_row():
    env = fetcher()
    assert fetch(env) == (0, ["setup: fetching thing 1.2.3"])
    assert kept() == ["thing-1.2.3/bin/node"], kept()
    assert stat.S_IMODE(os.stat("cache/keytrail").st_mode) == 0o700
    command("npm", "exit 1")
    assert fetch(env) == (0, []), "what is there was fetched again"


def test_keeps_a_whole_package():
    assert fetch(fetcher(kept="."))[0] == 0
    assert kept() == ["thing-1.2.3/README", "thing-1.2.3/bin/node"], kept()


@story.each(
    ("another hash", {"digest": "0" * 128}, "its hash differs"),
    ("half of it", {"npm": 'head -c 100 made.tgz >"$(echo "$*" | sed "s/.*--pack-destination \\([^ ]*\\).*/\\1/")/x.tgz"'}, "its hash differs"),
    ("no network", {"npm": "echo npm ERR! network >&2; exit 1"}, "npm cannot fetch thing@1.2.3: npm ERR! network"),
    ("nothing", {"npm": "exit 0"}, "npm cannot fetch"),
    ("another content", {"kept": "bin/other"}, "cannot be unpacked"))
def test_keeps_nothing_of(how, words):
    status, said = fetch(fetcher(**how))
    assert status == 1 and len(said) == 2 and words in said[1], (status, said)
    assert os.listdir("cache/keytrail") == [], os.listdir("cache/keytrail")


def test_a_row_that_is_not_there_is_an_error():
    status, said = fetch(fetcher(), "thing-1.2.4")
    assert status == 1 and "no row" in said[0], (status, said)


def test_trusts_no_directory_of_another_user():
    if os.geteuid():
        story.skip("giving a directory away needs root")
    env = fetcher()
    os.makedirs("cache/keytrail")
    os.chown("cache/keytrail", 12345, 12345)
    status, said = fetch(env)
    assert status == 1 and len(said) == 1 and "XDG_CACHE_HOME" in said[0], (status, said)


# ---- packages with their locks ---------------------------------------------------------

def fetch_packages(env, *names):
    done = subprocess.run([SCRIPTS + "/fetch-packages", *names], env=env, capture_output=True, text=True)
    return done.returncode, done.stderr.splitlines()


def packager(npm="echo $* >>$LOG; exit 0"):
    env = machine(downloads=False)
    for name in ("cp", "touch"):
        os.symlink(shutil.which(name), "bin/" + name)
    command("npm", npm)
    return env


def test_packages_are_installed_once_by_their_lock():
    env = packager()
    assert fetch_packages(env, "node") == (0, ["setup: fetching packages of node"])
    assert log()[0].startswith("ci ") and "--ignore-scripts" in log()[0], log()
    assert os.path.exists(place("node") + "/complete") and os.path.exists(place("node") + "/package-lock.json")
    assert fetch_packages(env, "node") == (0, []) and len(log()) == 1, "what is there was fetched again"


def test_packages_that_cannot_be_had_do_not_count():
    status, said = fetch_packages(packager("echo npm error network; exit 1"), "node")
    assert status == 1 and len(said) == 2 and "npm error network" in said[1], (status, said)
    assert not os.path.exists(place("node") + "/complete"), os.listdir(place("node"))


def test_packages_of_no_directory_are_an_error():
    status, said = fetch_packages(packager(), "cargo")
    assert status == 1 and len(said) == 1 and "tests/packages" in said[0], (status, said)


@story.each(("named", {"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "/c/keytrail"), ("not named", {"HOME": "/h"}, "/h/.cache/keytrail"),
            ("empty", {"XDG_CACHE_HOME": "", "HOME": "/h"}, "/h/.cache/keytrail"), ("relative", {"XDG_CACHE_HOME": "c", "HOME": "/h"}, "/h/.cache/keytrail"),
            ("no home", {}, os.path.expanduser(f"~{__import__('getpass').getuser()}/.cache/keytrail")))
def test_the_cache_is_where_it_should_be_and_the_tests_look_there(env, wanted):
    told = subprocess.run([SCRIPTS + "/cache"], env={"PATH": story.PATH, **env}, capture_output=True, text=True).stdout
    seen = subprocess.run([story.PYTHON, "-c", "import story; print(story.CACHE)"], cwd=story.ROOT + "/tests", capture_output=True, text=True,
                          env={"PATH": story.PATH, "PYTHONDONTWRITEBYTECODE": "1", **env}).stdout
    assert told == seen == wanted + "\n", (told, seen, wanted)


# ---- .ci/run ----------------------------------------------------------------------------

@story.each(("all is well", "exit 0", 0), ("make test fails", 'case "$*" in *check-long*) ;; *) exit 2 ;; esac', 1),
            ("the quarter fails", 'case "$*" in *check-long*) exit 2 ;; esac', 1))
def test_the_ci_runs_the_tests_and_a_quarter_of_the_long(make, wanted):
    env = machine()
    shutil.copytree(story.ROOT + "/.ci", "tree/.ci")
    os.mkdir("tree/scripts")
    os.symlink(os.path.abspath("bin/setup"), "tree/scripts/setup")
    command("setup", 'echo setup "$@" >>$LOG')
    command("make", 'echo "$@" >>$LOG\n' + make)
    quarters = []
    for day in ("001", "008", "099", "366"):
        command("date", "echo " + day)
        done = subprocess.run(["tree/.ci/run"], env=env, capture_output=True, text=True)
        assert done.returncode == wanted, (done.returncode, done.stdout, done.stderr)
        quarters.append(int(day) % 4 + 1)
        assert log()[-3:] == ["setup long", "--no-print-directory test", f"--no-print-directory check-long PART={quarters[-1]}/4"], log()
        assert f"quarter {quarters[-1]} of 4" in done.stdout, done.stdout
        assert done.stdout.splitlines()[-1].startswith(f"== make test and quarter {quarters[-1]} of make check-long: "
                                                       + ("failed" if wanted else "passed")), done.stdout
