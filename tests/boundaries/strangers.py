"""Directories that another user prepared, with traps under the names that the command is
about to use. Nothing of ours is written through them, believed, or waited for."""
import os
import shutil
import socket
import stat
import subprocess

import story
from observe import as_root
from story import KEYTRAIL, LIBRARY, bare

LONG = {r"^a trap (where the output goes|as run jsonl|as the key) .*\b(a link to (nothing|a link|a pipe)|a file for all|a closed file|a directory|a socket)\]":
        "a few traps of each kind are enough for make test"}

STRANGER = 54321
PLANTED = "0123456789abcdef" * 2
PATIENCE = 20  # seconds; what waits for a stranger's pipe waits for ever


def as_stranger(act, *arguments):
    """Calls a function as another user, in a child."""
    child = os.fork()
    if not child:
        try:
            os.setgroups([])
            os.setgid(STRANGER)
            os.setuid(STRANGER)
            act(*arguments)
            os._exit(0)
        except OSError as why:
            os.write(2, str(why).encode())
        finally:
            os._exit(1)
    assert not os.waitpid(child, 0)[1], "the test could not prepare its trap"


def write(path, text, mode=0o644):
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)


def read(path):
    with open(path) as file:
        return file.read()


def listen(path):
    socket.socket(socket.AF_UNIX).bind(path)


def shared(path, mode=0o1777):
    """A directory of root's that everybody may put files into."""
    os.mkdir(path)
    os.chmod(path, mode)
    return path


def prepare():
    """Everybody may look into the test's directory; `victim` is what must not change."""
    as_root()
    os.chmod(".", 0o755)
    write("victim", "as it was\n")


def unharmed():
    assert read("victim") == "as it was\n", f"the victim reads {read('victim')!r}"
    assert not os.path.lexists("made"), "a file was made where a stranger's link leads"


def run(*options, command=("sh", "-c", "exit 7"), **more):
    env = story.environment(OPENAI_API_KEY=story.openai_key(), **more.pop("env", {}))
    return bare([KEYTRAIL, "run", *options, "--", *command], env, timeout=PATIENCE, **more)


def expect_refused(ended):
    assert ended.status == 2, f"status {ended.status}: {ended.err!r}"
    assert len(ended.err.splitlines()) == 1, ended.err
    assert ended.err.startswith(b"keytrail: "), ended.err


def kinds_of(trace):
    """The events that root wrote, by whom each file belongs to."""
    found = set()
    for name in os.listdir(trace):
        path = os.path.join(trace, name)
        status = os.lstat(path)
        if stat.S_ISREG(status.st_mode) and not status.st_uid and name.endswith(".jsonl"):
            found |= {line[:12] for line in read(path).splitlines()}
    return {kind for kind in ("birth", "run", "ran") if any(line.startswith(f'{{"e":"{kind}"') for line in found)}


# ---- what can lie under a name ------------------------------------------------------

TRAPS = (("a link to a file", lambda at: os.symlink(os.path.abspath("victim"), at)),
         ("a link to nothing", lambda at: os.symlink(os.path.abspath("made"), at)),
         ("a link to a link", lambda at: (os.symlink(os.path.abspath("victim"), at + "2"), os.symlink(os.path.basename(at) + "2", at))),
         ("a pipe", os.mkfifo),
         ("a link to a pipe", lambda at: (os.mkfifo(at + "2"), os.symlink(os.path.basename(at) + "2", at))),
         ("a file", lambda at: write(at, PLANTED + "\n")),
         ("a file for all", lambda at: write(at, PLANTED + "\n", 0o666)),
         ("a closed file", lambda at: write(at, PLANTED + "\n", 0)),
         ("a directory", os.mkdir),
         ("a socket", listen))


@story.each(*TRAPS)
def test_a_trap_as_run_jsonl(plant):
    prepare()
    as_stranger(plant, shared("tr") + "/run.jsonl")
    before = os.lstat("tr/run.jsonl")
    ended = run("-o", "tr")
    assert ended.status == 7, ended
    assert b"cannot" not in ended.err, ended.err
    unharmed()
    after = os.lstat("tr/run.jsonl")
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (before.st_ino, before.st_size, before.st_mtime_ns)
    assert kinds_of("tr") == {"birth", "run", "ran"}, kinds_of("tr")
    again = run("-q", "-o", "tr")
    assert again.status == 7 and not again.err, again
    assert sum(name.startswith("run-") for name in os.listdir("tr")) == 2, os.listdir("tr")


def test_a_hard_link_as_run_jsonl():
    """Where the kernel lets users link what is not theirs (protected_hardlinks 0)."""
    prepare()
    os.link("victim", shared("tr") + "/run.jsonl")
    assert run("-q", "-o", "tr").status == 7
    unharmed()
    assert kinds_of("tr") == {"birth", "run", "ran"}


def test_run_jsonl_of_root_in_a_directory_for_all():
    """Another user's runs get a file of their own, and tell nobody off."""
    prepare()
    setpriv = story.which("setpriv")
    shared("tr", 0o1777)
    run("-q", "-o", "tr")
    ended = bare([setpriv, f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups",
                  KEYTRAIL, "run", "-q", "-o", "tr", "sh", "-c", "exit 7"], timeout=PATIENCE)
    assert ended.status == 7 and b"key" in ended.err and len(ended.err.splitlines()) == 1, ended.err
    owners = {os.stat("tr/" + name).st_uid for name in os.listdir("tr") if name.startswith("run")}
    assert owners == {0, STRANGER}, owners


def key_of(ended):
    return ended.out.decode().partition("key=")[2][:32]


@story.each(*TRAPS)
def test_a_trap_as_the_key(plant):
    prepare()
    as_stranger(plant, shared("all") + "/tr.key")
    write("victim", PLANTED + "\n")  # root's, and known to everybody
    ended = run("-q", "-o", "all/tr", command=("sh", "-c", 'echo "$KEYTRAIL"; exit 7'))
    assert ended.status == 7, ended
    assert len(ended.err.splitlines()) == 1 and b"tr.key" in ended.err, ended.err
    assert len(key_of(ended)) == 32 and key_of(ended) != PLANTED, "the stranger knows the key"
    assert kinds_of("all/tr") == {"birth", "run", "ran"}
    assert read("victim") == PLANTED + "\n" and not os.path.lexists("made")


@story.each(("readable by all", 0o644), ("writable by its group", 0o660), ("writable by all", 0o602))
def test_a_key_that_others_know(mode):
    """Such as a hard link to /etc/machine-id."""
    prepare()
    write("tr.key", PLANTED + "\n", mode)
    ended = run("-q", "-o", "tr", command=("sh", "-c", 'echo "$KEYTRAIL"; exit 7'))
    assert ended.status == 7 and key_of(ended) != PLANTED, ended
    assert len(ended.err.splitlines()) == 1 and b"tr.key" in ended.err, ended.err


@story.each(("of ours", 0, 0o600), ("for a group of services", 0, 0o640), ("of the one who called sudo", STRANGER, 0o600))
def test_a_key_that_may_be_used(owner, mode):
    prepare()
    write("tr.key", PLANTED + "\n", mode)
    os.chown("tr.key", owner, owner)
    env = {"SUDO_UID": str(STRANGER)} if owner else {}
    ended = run("-q", "-o", "tr", command=("sh", "-c", 'echo "$KEYTRAIL"; exit 7'), env=env)
    assert ended.status == 7 and not ended.err and key_of(ended) == PLANTED, ended


# ---- the directory itself ------------------------------------------------------------

def link_to_ours(at):
    os.symlink(os.path.abspath("ours"), at)


def open_to_all(at):
    os.mkdir(at)
    os.chmod(at, 0o777)


DIRECTORIES = (("a link to ours", link_to_ours), ("of the stranger", os.mkdir), ("of the stranger, for all", open_to_all),
               ("a pipe", os.mkfifo), ("a file", lambda at: write(at, "")))


@story.each(*DIRECTORIES)
def test_a_directory_of_a_stranger_is_no_place_for_a_trace(plant):
    prepare()
    os.mkdir("ours")
    as_stranger(plant, shared("all") + "/tr")
    expect_refused(run("-o", "all/tr"))
    assert not os.listdir("ours") and sorted(os.listdir("all")) == ["tr"], os.listdir("all")


@story.each(("by everybody", 0o777), ("by a group", 0o770))
def test_a_directory_in_which_files_can_be_exchanged(mode):
    prepare()
    os.mkdir("tr")
    os.chown("tr", 0, STRANGER)
    os.chmod("tr", mode)
    expect_refused(run("-o", "tr"))
    assert not os.listdir("tr")
    os.chmod("tr", mode | stat.S_ISVTX)
    assert run("-q", "-o", "tr").status == 7


def test_a_directory_that_is_writable_by_the_users_own_group():
    """umask 002, where each user has a group of his own."""
    prepare()
    os.mkdir("tr")
    os.chmod("tr", 0o775)
    ended = run("-q", "-o", "tr")
    assert ended.status == 7 and not ended.err, ended


def test_a_link_of_a_stranger_on_the_way():
    prepare()
    os.mkdir("ours")
    shared("all")
    as_stranger(link_to_ours, "all/way")
    expect_refused(run("-o", "all/way/tr"))
    expect_refused(bare([KEYTRAIL, "pack", trace(), "-o", "all/way/out"]))
    os.mkdir("ours/deep")
    expect_refused(run("-o", "all/way/deep/../tr"))
    assert os.listdir("ours") == ["deep"] and not os.listdir("ours/deep")


def test_a_hard_link_to_a_link_of_ours():
    """Where the kernel lets users link what is not theirs: it belongs to root, and leads where root means something else to be."""
    prepare()
    os.mkdir("etc")
    os.symlink(os.path.abspath("victim"), "etc/editor")
    os.link("etc/editor", shared("all") + "/out", follow_symlinks=False)
    expect_refused(bare([KEYTRAIL, "report", trace(), "-o", "all/out"]))
    expect_refused(run("-o", "all/out"))
    unharmed()


@story.each(("run.jsonl", "tr/run.jsonl", "tr"), ("the key", "tr.key", "tr"), ("an output", "out", "tr"))
def test_a_file_that_its_owner_has_a_lease_on(name, place):
    """Whoever opens it waits until the lease is given back, for 45 seconds."""
    prepare()
    trace()
    os.chdir(shared("all"))
    shared(place)
    holder = subprocess.Popen([story.PYTHON, "-c", f"""
import fcntl, os, signal, sys, time
os.setgid({STRANGER}); os.setuid({STRANGER})
signal.signal(signal.SIGIO, signal.SIG_IGN)
fd = os.open({name!r}, os.O_CREAT | os.O_RDWR, 0o644)
os.write(fd, b"{PLANTED}")
fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("held", flush=True)
time.sleep(60)
"""], stdout=subprocess.PIPE)
    try:
        if holder.stdout.readline() != b"held\n":
            story.skip("no leases here")
        if name == "out":
            assert bare([KEYTRAIL, "pack", "../trace", "-o", "out"], timeout=10).status == 0
        assert run("-q", "-o", place).status == 7
        assert kinds_of(place) == {"birth", "run", "ran"}
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


def test_links_of_ours_on_the_way():
    prepare()
    os.makedirs("ours/deep")
    shared("all")
    os.symlink("ours", "way")
    os.symlink(os.path.abspath("way"), "all/way")
    os.symlink("../deep", "ours/deep/round")
    for number, way in enumerate(("way", "all/way", "all/way/deep/round/..", "ours/deep/round/round/../")):
        ended = run("-q", "-o", f"{way}/tr{number}")
        assert ended.status == 7 and not ended.err, ended
        assert os.path.exists(f"ours/tr{number}/run.jsonl") and os.path.exists(f"ours/tr{number}.key")
    os.mkdir("place")
    os.symlink("place", "tr")
    assert run("-q", "-o", "tr/").status == 7 and os.path.exists("place/run.jsonl") and os.path.exists("tr.key")


def test_a_link_of_a_stranger_in_a_directory_that_only_we_write():
    """Handed over by chown -h: he cannot change it, so root meant it."""
    prepare()
    os.mkdir("ours")
    os.symlink("ours", "way")
    os.lchown("way", STRANGER, STRANGER)
    assert run("-q", "-o", "way/tr").status == 7


def test_a_loop_of_links_ends():
    prepare()
    os.symlink("b", "a")
    os.symlink("a", "b")
    expect_refused(run("-o", "a/tr"))
    expect_refused(bare([KEYTRAIL, "report", trace(), "-o", "a/out"]))


def test_root_in_the_home_of_a_user():
    """As behind sudo, or in a container with a directory of the host's."""
    prepare()
    os.mkdir("home")
    os.chown("home", STRANGER, STRANGER)
    ended = run("-q", cwd="home")
    assert ended.status == 7 and not ended.err, ended
    made, = (name for name in os.listdir("home") if not name.endswith(".key"))
    assert kinds_of("home/" + made) == {"birth", "run", "ran"}


@story.each(("a directory", "os.mkdir(name)"), ("a link", "os.symlink('/nowhere/at/all', name)"), ("a file", "open(name, 'w')"))
def test_a_name_that_a_stranger_foresaw(plant):
    """keytrail-DATE-TIME-PID, of the next minute and of a pid that we are told."""
    prepare()
    shared("all")
    here = os.path.abspath("all")
    planter = f"""
import os, subprocess, time
os.chdir({here!r})
now = time.time()
names = [time.strftime("keytrail-%Y%m%d-%H%M%S-", time.localtime(now + s)) + str(os.getpid()) for s in range(60)]
if not os.fork():
    os.setgid({STRANGER}); os.setuid({STRANGER})
    for name in names:
        {plant}
    os._exit(0)
os.wait()
os.execv({KEYTRAIL!r}, ["keytrail", "run", "-q", "sh", "-c", "exit 7"])
"""
    ended = bare([story.PYTHON, "-c", planter], story.environment(TZ=os.environ.get("TZ", "UTC")), timeout=PATIENCE)
    assert ended.status == 7 and not ended.err, ended
    ours = [name for name in os.listdir("all") if os.lstat("all/" + name).st_uid == 0 and os.path.isdir("all/" + name)]
    assert len(ours) == 1 and kinds_of("all/" + ours[0]) == {"birth", "run", "ran"}, ours


@story.each(("the directory", "tr", "mv tr old; ln -s ../ours tr", "old"),
            ("one on the way", "way/tr", "mv way old; ln -s ../ours way", "old/tr"),
            ("by another of the name", "tr", "mv tr old; mkdir tr; chmod 777 tr", "old"),
            ("by none", "tr", "mv tr old", "old"))
def test_a_trace_that_is_moved_away_from_a_directory_of_a_stranger(place, swap, now):
    """No file is made where his link leads; what was begun is written to the end."""
    prepare()
    setpriv = story.which("setpriv")
    os.makedirs("ours/tr")
    os.makedirs("his/way")
    for name in ("his", "his/way"):
        os.chown(name, STRANGER, STRANGER)
    as_him = f"{setpriv} --reuid={STRANGER} --regid={STRANGER} --clear-groups"
    ended = run("-q", "-o", place, command=("sh", "-c", f"env KEYTRAIL=off {as_him} sh -c '{swap}'; /bin/true; /bin/true; exit 7"), cwd="his")
    assert ended.status == 7 and not ended.err, ended
    assert os.listdir("ours") == ["tr"] and not os.listdir("ours/tr"), (os.listdir("ours"), os.listdir("ours/tr"))
    made = [name for name in os.listdir("his") if name not in ("way", "tr", "old", "tr.key")]
    assert not made and (not os.path.isdir("his/tr") or os.path.islink("his/tr") or not os.listdir("his/tr")), made
    assert kinds_of("his/" + now) == {"birth", "run", "ran"}


def test_sudo_records_into_a_directory_of_its_caller():
    prepare()
    os.mkdir("tr")
    os.chown("tr", STRANGER, STRANGER)
    expect_refused(run("-o", "tr"))
    expect_refused(run("-o", "tr", env={"SUDO_UID": str(STRANGER + 1)}))
    assert run("-q", "-o", "tr", env={"SUDO_UID": str(STRANGER)}).status == 7


def test_a_sudo_user_means_nothing_to_others():
    prepare()
    setpriv = story.which("setpriv")
    os.mkdir("tr")
    os.chown("tr", STRANGER, STRANGER)
    os.chmod("tr", 0o755)
    ended = bare([setpriv, "--reuid=54322", "--regid=54322", "--clear-groups", KEYTRAIL, "run", "-o", "tr", "true"],
                 story.environment(SUDO_UID=str(STRANGER)))
    expect_refused(ended)


def test_what_strangers_put_into_a_directory_does_not_keep_it_from_us():
    prepare()
    as_stranger(write, shared("tr") + "/notes", "")
    assert run("-q", "-o", "tr").status == 7
    os.mkdir("files")
    write("files/notes", "")
    expect_refused(run("-o", "files"))


# ---- files that are written at the user's word -------------------------------------------

def trace():
    if not os.path.exists("trace"):
        assert run("-q", "-o", "trace").status == 7
    return "trace"


WRITERS = (("report", ["report"]), ("report as JSON", ["report", "-f", "json"]), ("pack", ["pack"]))
EACH_TRAP = [(f"{name}: {trap}", command, plant) for name, command in WRITERS for trap, plant in TRAPS]


@story.each(*EACH_TRAP)
def test_a_trap_where_the_output_goes(command, plant):
    prepare()
    as_stranger(plant, shared("all") + "/out")
    if os.path.isfile("all/out") and not os.path.islink("all/out"):
        os.link("all/out", "kept")
    ended = bare([KEYTRAIL, *command, trace(), "-o", "all/out"], timeout=PATIENCE)
    unharmed()
    if os.path.exists("kept"):  # replaced, and nothing written into what the stranger may have open
        assert ended.status == 0 and os.lstat("all/out").st_uid == 0 and read("kept") == PLANTED + "\n"
    else:
        expect_refused(ended)
    assert not [name for name in os.listdir("all") if not name.startswith("out")], os.listdir("all")


def test_a_hard_link_where_the_output_goes():
    prepare()
    os.link("victim", shared("all") + "/out")
    assert bare([KEYTRAIL, "pack", trace(), "-o", "all/out"]).status == 0
    unharmed()
    assert read("all/out").startswith('{"e":"pack"')


def test_the_output_goes_where_links_of_ours_lead():
    prepare()
    os.mkdir("deep")
    os.symlink("deep/file", "link")
    for _ in range(2):  # made, then replaced
        assert bare([KEYTRAIL, "pack", trace(), "-o", "link"]).status == 0
        assert os.path.islink("link") and read("deep/file").startswith('{"e":"pack"')
    assert os.listdir("deep") == ["file"]


@story.each(("standard output by its name", ">seen", "/dev/stdout"), ("a descriptor", "3>seen", "/dev/fd/3"),
            ("a pipe of the shell", "3>&1 >seen | cat >seen", "/proc/self/fd/3"), ("nowhere", "", "/dev/null"),
            ("a pipe of ours", "& cat pipe >seen", "pipe"))
def test_the_output_goes_to_what_is_no_file(redirection, output):
    as_root()
    os.mkfifo("pipe")
    ended = bare(["sh", "-c", f"{KEYTRAIL} pack {trace()} -o {output} {redirection}; wait"], timeout=PATIENCE)
    assert not ended.status and not ended.err, ended
    assert output == "/dev/null" or read("seen").startswith('{"e":"pack"'), ended


# ---- every command, in a directory full of traps --------------------------------------------

NAMES = ("run.jsonl", "tr.key", "out", "core", "libkeytrail.so", "libdw.so.1", "libunwind-x86_64.so.8", "keytrail-doctor-XXXXXX",
         "libc.so.6", "true", "sh", "elfutils.debuginfo", ".keytrail", "perl", "gconv-modules")


def spy():
    return story.compiled("""
#include <fcntl.h>
#include <unistd.h>
__attribute__((constructor)) static void loaded(void) { close(open("%s", O_CREAT | O_WRONLY, 0600)); }
""" % os.path.abspath("made"), "spy.so", flags=("-shared", "-fPIC"))


def full_of_traps():
    """A directory of the stranger's: pipes that hold up, libraries that tell on whoever loads them."""
    spying = spy()

    def plant():
        for name in NAMES:
            if ".so" in name or name in ("true", "sh", "perl"):
                shutil.copy(spying, "here/" + name)
            else:
                os.mkfifo("here/" + name)
        os.symlink(os.path.abspath("victim"), "here/link")

    os.mkdir("here")
    os.chown("here", STRANGER, STRANGER)
    as_stranger(plant)


@story.each(("run", ["run", "sh", "-c", "exit 7"], 7), ("run, told where", ["run", "-o", "tr", "sh", "-c", "exit 7"], 7),
            ("run with stacks", ["run", "--stacks", "sh", "-c", "exit 7"], 7), ("report", ["report", "../trace"], 0),
            ("report to a file", ["report", "-o", "told", "../trace"], 0), ("replay", ["replay", "../trace"], 0),
            ("pack", ["pack", "../trace", "-o", "packed"], 0), ("doctor", ["doctor"], 0), ("doctor for a command", ["doctor", "sh"], 0),
            ("doctor for a pipe", ["doctor", "./out"], 0), ("explain", ["explain"], 0), ("explain a code", ["explain", "KT201"], 0))
def test_every_command_in_a_directory_of_traps(command, status):
    prepare()
    trace()
    full_of_traps()
    before = {name: os.lstat("here/" + name).st_ino for name in os.listdir("here")}
    ended = bare([KEYTRAIL, *command], story.environment(TMPDIR=os.path.abspath("here")), cwd="here", timeout=PATIENCE)
    assert ended.status == status or (command[1:] == ["./out"] and ended.status == 1), ended
    unharmed()
    after = {name: os.lstat("here/" + name).st_ino for name in os.listdir("here")}
    assert {name: after.get(name) for name in before} == before, "a file of the stranger was replaced"
    assert not [name for name in after if name.startswith("keytrail-doctor-") and name not in before]


def test_doctor_tries_nothing_where_a_stranger_can_exchange_files():
    prepare()
    for name, owner, mode in (("his", STRANGER, 0o755), ("all", 0, 0o777)):
        os.mkdir(name)
        os.chmod(name, mode)
        os.chown(name, owner, owner)
        before = os.stat(name).st_mtime_ns
        ended = bare([KEYTRAIL, "doctor"], story.environment(TMPDIR=os.path.abspath(name)))
        assert b"and recorded" in ended.out, ended.out
        assert os.stat(name).st_mtime_ns == before, f"a file was made in {name}"
    shared("link-to")
    as_stranger(os.symlink, os.path.abspath("link-to"), shared("tmp") + "/link")
    before = os.stat("link-to").st_mtime_ns
    bare([KEYTRAIL, "doctor"], story.environment(TMPDIR=os.path.abspath("tmp/link")))
    assert os.stat("link-to").st_mtime_ns == before


def test_the_recorder_is_not_taken_from_where_we_stand():
    """Without /proc, the command does not know its own file by it."""
    prepare()
    os.mkdir("here")
    shutil.copy(spy(), "here/libkeytrail.so")
    os.mkdir("bin")
    shutil.copy(KEYTRAIL, "bin/keytrail")
    shutil.copy(LIBRARY, "bin/libkeytrail.so")
    script = "umount -l /proc || exit 70; cd here; exec keytrail run -q -o ../tr sh -c 'exit 7'"
    ended = bare(story.in_own_mounts(script), story.environment(PATH=os.path.abspath("bin") + ":" + story.PATH))
    assert ended.status == 7, ended
    unharmed()
    assert kinds_of("tr") == {"birth", "run", "ran"}


def test_a_device_named_by_a_script_is_not_opened():
    """Opening some does things: a tape rewinds, a watchdog begins to count."""
    prepare()
    strace = story.which("strace")
    write("script", "#!/dev/ptmx\n", 0o755)
    log = os.path.abspath("log")
    for command in (["doctor", "./script"], ["run", "-q", "-o", "tr", "./script"]):
        subprocess.run([strace, "-o", log, "-e", "trace=open,openat", KEYTRAIL, *command], capture_output=True, check=False)
        opened = [line for line in read(log).splitlines() if '"/dev/ptmx"' in line and "O_PATH" not in line]
        assert not opened, opened
