"""A trace directory that several users share, one of them a stranger who means
harm: real users, real files. Each hostile act has an innocent twin."""
import glob
import json
import os
import re
import shutil
import subprocess

import observe
import story
from observe import as_root, expect_same
from story import LIBRARY, bare, compiled, preloaded, which

STRANGER, SERVICE, OTHER = 61001, 61002, 61003
KEY = "5a" * 16

ASKS = r"""
#include <stdlib.h>
int main(void) { return getenv("OPENAI_API_KEY") ? 0 : 3; }
"""


def as_user(uid, *command):
    return [which("setpriv"), f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *command]


def stranger_does(script, *words, uid=STRANGER):
    done = subprocess.run(as_user(uid, "sh", "-ec", script, "sh", *words), capture_output=True)
    assert not done.returncode, done.stderr


def shared(name="t", mode=0o1777):
    """A directory in which everybody may put files; and the way there."""
    as_root()
    os.chmod(".", 0o1777)
    os.mkdir(name)
    os.chmod(name, mode)
    return os.path.abspath(name)


def files(trace):
    """Regular trace files that root wrote something into."""
    return [p for p in glob.glob(trace + "/*.jsonl") if os.path.isfile(p) and not os.path.islink(p)
            and os.lstat(p).st_uid == 0 and b'"e":"birth"' in open(p, "rb").read()]


def expect_recorded(trace, program, env):
    """The program is as ever, and what it did is in the trace."""
    before = len([e for e in story.events_of(trace) if e["e"] == "read"])
    expect_same(bare([program], environment()), bare([program], env))
    reads = [e for e in story.events_of(trace) if e["e"] == "read"]
    assert len(reads) == before + 1, f"the recorder was silenced: {os.listdir(trace)}"
    return reads[-1]


def environment(**more):
    return story.environment(OPENAI_API_KEY=story.openai_key(), **more)


# ---- names that a stranger takes first -------------------------------------------------

TAKES = (("a file", 'echo x >"$1"'), ("an empty file", ': >"$1"'), ("a file open to all", ': >"$1"; chmod 666 "$1"'),
         ("a closed file", ': >"$1"; chmod 0 "$1"'), ("a directory", 'mkdir "$1"'), ("a pipe", 'mkfifo -m 666 "$1"'),
         ("a link", 'ln -s "$2" "$1"'), ("a link to nothing", 'ln -s /nonexistent/x "$1"'), ("a link to a device", 'ln -s /dev/full "$1"'),
         ("a segment of the stranger's", 'cp "$3" "$1"'))


def boot():
    with open("/proc/sys/kernel/random/boot_id") as file:
        return file.read()[:8]


@story.each(*TAKES)
def test_a_file_name_that_can_be_guessed_is_not_used(act):
    trace, program = shared(), compiled(ASKS)
    open("victim", "w").close()
    with open("segment", "w") as file:
        file.write('{"e":"segment","v":1,   "room":"00000000",      "used":"00000000"}\n')
    for suffix in (".jsonl", ".append.jsonl"):
        stranger_does(act, f"{trace}/0-{boot()}{suffix}", os.path.abspath("victim"), os.path.abspath("segment"))
    expect_recorded(trace, program, preloaded(environment(), trace))
    assert not os.path.getsize("victim"), "a link was followed"


@story.each(*TAKES)
def test_who_has_the_key_cannot_block_a_file(act):
    """The key lies in the environment of all traced programs, the stranger's too."""
    trace, program = shared(), compiled(ASKS)
    env = preloaded(environment(), trace, "key=" + KEY)
    expect_recorded(trace, program, env)
    name, = files(trace)
    shutil.move(name, "segment")
    os.chmod("segment", 0o644)
    open("victim", "w").close()
    for path in (name, name.replace(".jsonl", ".append.jsonl")):
        stranger_does(act, path, os.path.abspath("victim"), os.path.abspath("segment"))
    for _ in range(3):
        expect_recorded(trace, program, env)
    assert not os.path.getsize("victim"), "a link was followed"
    for path in files(trace):
        assert os.stat(path).st_mode & 0o7777 == 0o600, oct(os.stat(path).st_mode)
        assert os.path.getsize(path) <= 128 << 10, "a file for each process, each a MiB"


def test_a_hard_link_to_a_file_of_ours_is_not_written():
    """Where the kernel does not forbid such links (fs.protected_hardlinks)."""
    trace, program = shared(), compiled(ASKS)
    env = preloaded(environment(), trace, "key=" + KEY)
    expect_recorded(trace, program, env)
    name, = files(trace)
    os.remove(name)
    for path in (name, name.replace(".jsonl", ".append.jsonl")):
        with open("victim" + os.path.basename(path), "w") as file:
            file.write("")
        os.link(file.name, path)
    expect_recorded(trace, program, env)
    assert not [v for v in glob.glob("victim*") if os.path.getsize(v)], "written through a hard link"


def test_a_file_that_others_may_write_is_not_used():
    """They could shorten it, which would kill us."""
    trace, program = shared(), compiled(ASKS)
    env = preloaded(environment(), trace, "key=" + KEY)
    expect_recorded(trace, program, env)
    name, = files(trace)
    os.chmod(name, 0o666)
    expect_recorded(trace, program, env)
    assert len(files(trace)) == 2


@story.each(*((oct(mask), mask) for mask in (0, 0o22, 0o77, 0o277, 0o777)))
def test_files_are_ours_alone_whatever_the_umask(mask):
    trace, program = shared(), compiled(ASKS)
    env = preloaded(environment(), trace, "key=" + KEY)
    for _ in range(2):
        command = as_user(SERVICE, "sh", "-c", f'umask {mask:o}; KEYTRAIL="$1" LD_PRELOAD={LIBRARY} exec {program}', "sh")
        bare([*command, env["KEYTRAIL"]], environment())
    mine = [p for p in glob.glob(trace + "/*.jsonl") if os.stat(p).st_uid == SERVICE]
    assert len(mine) == 1, mine
    assert os.stat(mine[0]).st_mode & 0o7777 == 0o600
    assert len([e for e in story.events_of(trace) if e["e"] == "read"]) == 2


def test_all_processes_of_a_user_share_one_file():
    """The innocent twin of all of these."""
    trace, program = shared(), compiled(ASKS)
    for uid in (SERVICE, OTHER, SERVICE, OTHER, 0, 0):
        bare(as_user(uid, program), preloaded(environment(), trace, "key=" + KEY))
    names = sorted(os.path.basename(p) for p in glob.glob(trace + "/*.jsonl"))
    assert [n.split("-")[0] for n in names] == ["0", str(SERVICE), str(OTHER)], names
    assert all(re.fullmatch(r"\d+-[0-9a-f]{8}-[0-9a-f]{16}\.jsonl", n) for n in names), names
    assert len({n.split("-")[2] for n in names}) == 3, "one part tells the others"


# ---- the directory itself ---------------------------------------------------------------

def test_a_strangers_link_in_place_of_a_named_directory():
    """In a directory like /tmp, with a kernel that follows such links (fs.protected_symlinks)."""
    as_root()
    program = compiled(ASKS)
    os.chmod(".", 0o1777)
    os.mkdir("precious", 0o755)
    stranger_does('ln -s "$1" t', os.path.abspath("precious"))
    expect_same(bare([program], environment()), bare([program], preloaded(environment(), os.path.abspath("t"), "key=" + KEY)))
    assert not os.listdir("precious"), "files were made where a stranger wished"
    os.symlink("precious", "mine")
    expect_recorded(os.path.abspath("mine"), program, preloaded(environment(), os.path.abspath("mine"), "key=" + KEY))


def default_traces(uid=0):
    return sorted(p for p in glob.glob(f"keytrail-{uid}*") if not p.endswith(".key") and os.path.isdir(p) and not os.path.islink(p)
                  and glob.glob(p + "/*.jsonl"))


@story.each(("its directory", "mkdir -m 777 keytrail-0"), ("its link", "ln -s /tmp keytrail-0"), ("its file", ": >keytrail-0"),
            ("its pipe", "mkfifo keytrail-0"), ("its key, a directory", "mkdir keytrail-0.key"), ("its key, a pipe", "mkfifo keytrail-0.key"),
            ("its key, a file", f"echo {KEY} >keytrail-0.key"), ("its key, a link", "ln -s /etc/machine-id keytrail-0.key"),
            ("both", "mkdir keytrail-0 keytrail-0.key"))
def test_a_default_directory_cannot_be_blocked(act):
    as_root()
    os.chmod(".", 0o1777)
    program = compiled(ASKS)
    stranger_does(act)
    command = ["sh", "-c", f"{program}; env -i {program}; env -i A=b sh -c '{program}; exit 4'"]
    expect_same(bare(command, environment()), bare(command, {**environment(), "LD_PRELOAD": LIBRARY}))
    trace, = default_traces()
    assert os.stat(trace).st_uid == 0 and os.stat(trace).st_mode & 0o7777 == 0o700, oct(os.stat(trace).st_mode)
    events = story.events_of(trace)
    assert len([e for e in events if e["e"] == "read"]) == 3, "children went elsewhere"
    keys = {e["key"] for e in events if e["e"] == "birth"}
    assert len(keys) == 1, "children have other keys"
    doctor = story.keytrail("doctor").out.decode()
    flat = " ".join(doctor.split())
    assert re.sub(r"\s", "", os.path.abspath(trace)) in re.sub(r"\s", "", flat), f"doctor does not tell of {trace}: {doctor}"


@story.each(("a directory", 'mkdir "$1"'), ("a pipe", 'mkfifo "$1"'), ("a key that the stranger knows", f'echo {KEY} >"$1"'))
def test_the_key_beside_a_named_directory_cannot_be_blocked(act):
    trace, program = shared(), compiled(ASKS)
    stranger_does(act, trace + ".key")
    env = preloaded(environment(), trace)
    command = ["sh", "-c", f"{program}; {program}; exit 4"]
    expect_same(bare(command, environment()), bare(command, env))
    events = story.events_of(trace)
    assert len([e for e in events if e["e"] == "read"]) == 2
    assert len({e["key"] for e in events if e["e"] == "birth"}) == 1, "a program and its children have several keys"
    stranger = preloaded(environment(), trace, "key=" + KEY)
    bare([program], stranger)
    assert len({e["key"] for e in story.events_of(trace) if e["e"] == "birth"}) == 2, "the stranger's key was used"
