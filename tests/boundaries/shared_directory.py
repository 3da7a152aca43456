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

LONG = {"^a file of any size": "files of gigabytes",
        r"^a strangers lines .*(a healthy run|nothing held|a shell)\]": "two verdicts are enough for make test",
        r"^(who has the key cannot block a file|a file name that can be guessed is not used) \[(an empty file|a file open to all|a closed file|a link to nothing|a link to a device)\]":
        "a few traps of each kind are enough for make test",
        r"^a finding across users is found \[(preexec|user|gosu|static setpriv)\]": "four ways are enough for make test"}

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


# ---- what is said across users ------------------------------------------------------------

LAUNCHES = """import os, subprocess, sys
probe, way, uid = sys.argv[1], sys.argv[2], int(sys.argv[3])
less = {k: v for k, v in os.environ.items() if k != "OPENAI_API_KEY"}
def drop():
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
if way == "fork":
    child = os.fork()
    if not child:
        drop()
        os.execve(probe, ["probe"], less)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
if way == "preexec":
    sys.exit(subprocess.run([probe], env=less, preexec_fn=drop).returncode)
if way == "user":
    sys.exit(subprocess.run([probe], env=less, user=uid, group=uid, extra_groups=[]).returncode)
if way == "exec":
    drop()
    os.execve(probe, ["probe"], less)
sys.exit(subprocess.run(sys.argv[4:] + [probe], env=less).returncode)
"""

GOSU = r"""
#include <grp.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	int uid = atoi(argv[1]);
	if (setgroups(0, NULL) || setgid(uid) || setuid(uid))
		return 99;
	execvp(argv[2], argv + 2);
	return 98;
}
"""


def launch(*words, trace, uid=SERVICE, command=None):
    """Root's Python, which holds the key, starts a program as another user, without it."""
    with open("launch.py", "w") as file:
        file.write(LAUNCHES)
    words = [story.PYTHON, "launch.py", os.path.abspath(command or "probe"), words[0], str(uid), *words[1:]]
    return bare([story.KEYTRAIL, "run", "-q", "-o", trace, "--", *words], environment())


def report(trace, as_uid=None):
    command = [story.KEYTRAIL, "report", "-f", "json", trace]
    run = bare(as_user(as_uid, *command) if as_uid else command)
    assert run.status == 0, run.err
    return json.loads(run.out)


def less_files(told):
    """What a report says, less whose the files are."""
    return {**told, "coverage": {k: v for k, v in told["coverage"].items() if k not in ("files", "users", "not_believed_lines")}}


def packed(trace):
    story.asked("pack", trace, "-o", "packed.jsonl")
    return report("packed.jsonl")


@story.each(*((way, way) for way in ("fork", "preexec", "user", "exec", "setpriv", "su", "gosu", "static setpriv")))
def test_a_finding_across_users_is_found(way):
    """The launcher's lines stand in root's file, the program's in its user's; what the launcher dropped is told."""
    trace = shared()
    compiled(ASKS)
    words = {"setpriv": ("by", "setpriv", "--reuid", str(SERVICE), "--regid", str(SERVICE), "--clear-groups"),
             "su": ("by", "su", "nobody", "-s", os.path.abspath("probe")),
             "gosu": ("by", compiled(GOSU, "gosu", flags=("-static",)), str(SERVICE)),
             "static setpriv": ("by", compiled(GOSU, "setpriv", flags=("-static",)), str(SERVICE))}.get(way, (way,))
    run = launch(*words, trace=trace)
    assert run.status == 3, (run.status, run.err)
    owners = {os.lstat(p).st_uid for p in glob.glob(trace + "/*.jsonl")}
    assert owners == {0, 65534 if way == "su" else SERVICE}, owners
    told = report(trace)
    assert told["verdict"] == "fault", told
    first = told["findings"][0]
    assert first["culprit"]["exe"].split("/")[-1].startswith("python") and first["severity"] == "fault", first
    assert first["culprit"]["site"].startswith("launch.py:") or "/launch.py:" in first["culprit"]["site"], first
    assert first["victim"]["user"] == (65534 if way == "su" else SERVICE), first
    assert not told["coverage"]["gaps"] or way in ("gosu", "static setpriv"), told["coverage"]
    assert not told["coverage"].get("not_believed_lines"), told["coverage"]
    assert less_files(packed(trace)) == less_files(told), "a pack is judged otherwise"
    shutil.copytree(trace, "copy")
    for path in (*glob.glob("copy/*"), "copy"):
        os.chown(path, OTHER, OTHER)
    copied = report("copy", OTHER)
    assert copied["verdict"] == "fault" and copied["findings"][0]["code"] == first["code"], "a copy is judged otherwise"


@story.each(("ends with an error", "return 3;", "failed", "fault"), ("aborts", "raise(6);", "failed", "fault"),
            ("is killed", "raise(9);", "unknown", "warning"), ("ends well", "return 0;", "well", "warning"))
def test_how_another_users_child_ended_is_learnt_from_who_waited(how, end, severity):
    trace = shared()
    compiled("#include <signal.h>\n#include <stdlib.h>\nint main(void) { getenv(\"OPENAI_API_KEY\"); " + how + " }")
    launch("fork", trace=trace)
    finding = [f for f in report(trace)["findings"] if f.get("victim", {}).get("user") == SERVICE]
    assert finding and (finding[0]["severity"], finding[0]["victim"]["end"]) == (severity, end), finding


# ---- a stranger's lines -----------------------------------------------------------------------

def line(e, t, image, **more):
    return json.dumps({"e": e, "t": t, "image": image, **more}, separators=(",", ":")) + "\n"


class Forger:
    """Knows all of root's trace, more than a stranger could, and writes one file of the stranger's."""

    def __init__(self, trace):
        self.trace = trace
        self.events = story.events_of(trace)
        self.births = [e for e in self.events if e["e"] == "birth"]
        self.launcher = next(b for b in self.births if "python" in b["exe"])
        self.probe = next(b for b in self.births if b["exe"].endswith("/probe"))
        self.t = self.probe["t"]

    def born(self, pid, t, uid=STRANGER, **more):
        image = f"{pid}.{t}"
        like = {k: self.probe[k] for k in ("v", "by", "exe", "boot", "key", "wall", "args", "argc", "cwd", "vars")}
        return line("birth", t, image, **{**like, "pid": pid, "ppid": self.probe["ppid"], "uid": uid, "env": {}, **more})

    def missed(self, image, t):
        return line("read", t, image, fn="getenv", name="OPENAI_API_KEY", found=False, at="x+0x1") + line("exit", t + 1, image, fn="exit", status=7)

    def about_an_image(self):
        """Reads, changes and ends of root's processes."""
        for b in (self.launcher, self.probe):
            yield self.missed(b["image"], self.t + 5)
            yield line("unset", b["t"] + 1, b["image"], fn="unsetenv", name="OPENAI_API_KEY", had=True)
            yield line("set", b["t"] + 1, b["image"], fn="setenv", name="OPENAI_API_KEY", value={"fp": "0" * 32, "len": 3})
            yield line("clear", b["t"] + 1, b["image"], fn="clearenv", vars=9)
            yield line("hears", b["t"] + 1, b["image"], what="os.environ")
            yield line("fold", b["t"] + 1, b["image"], n=99, of="set", name="OPENAI_API_KEY")
            yield line("fold", b["t"] + 1, b["image"], n=99, of="read", found=False, name="OPENAI_API_KEY")
            yield line("lost", b["t"] + 1, b["image"], n=9)
            yield line("exec", b["t"] + 2, b["image"], fn="execve", path="/bin/true", args=["x"], argc=1, target="dynamic", handed="kept", vars=0)
            yield line("more", b["t"], b["image"], of="birth", env={"OPENAI_API_KEY": {"fp": "0" * 32, "len": 3}})
            yield line("module", b["t"], b["image"], path=b["exe"], build="00")

    def births_again(self):
        for b in self.births:
            for uid in (STRANGER, 0):
                yield line("birth", b["t"], b["image"], **{**{k: v for k, v in b.items() if k not in ("e", "t", "image")}, "uid": uid, "env": {}})
            yield self.missed(b["image"], self.t + 5)

    def another_user(self):
        for uid, more in ((0, {}), (SERVICE, {}), (STRANGER, {"euid": 0}), (0, {"euid": STRANGER})):
            yield self.born(500 + uid % 7, self.t + uid + len(more), uid, **more)
            yield self.missed(f"{500 + uid % 7}.{self.t + uid + len(more)}", self.t + 99999)

    def a_parent(self):
        """A stranger's process that says it made root's."""
        for pid in (self.launcher["pid"], self.probe["ppid"], self.launcher["ppid"], 77):
            t = self.launcher["t"] - 1000
            yield self.born(pid, t, env={"OPENAI_API_KEY": {"fp": "1" * 32, "len": 51}}, ppid=1)
            for b in (self.launcher, self.probe):
                yield line("fork", t + 1, f"{pid}.{t}", fn="fork", child=b["pid"])
                for e in ("spawn", "exec"):
                    yield line(e, b["t"] - 1, f"{pid}.{t}", fn="execve", path=b["exe"], args=b["args"], argc=b["argc"], child=b["pid"], pid=b["pid"],
                               vfork=e == "exec", target="dynamic", handed="kept", vars=3, held=9, dropped=5, unchanged=3, env={},
                               lost={"OPENAI_API_KEY": {"fp": "1" * 32, "len": 51}})
                yield line("wait", self.t + 9, f"{pid}.{t}", fn="wait", child=b["pid"], status=9)

    def a_child(self):
        """A stranger's process that says root's made it."""
        for t in (self.launcher["t"] + 1, self.probe["t"] - 1, self.probe["t"] + 1):
            for pid in (self.probe["pid"], self.launcher["pid"], 88):
                yield self.born(pid, t)
                yield self.missed(f"{pid}.{t}", t + 2)
            for by in ("fork", "clone", "thread"):
                yield self.born(self.probe["pid"], t + 3, by=by, parent=self.launcher["image"])
                yield self.missed(f"{self.probe['pid']}.{t + 3}", t + 4)

    def of_the_run(self):
        pids = [e["pid"] for e in self.events if e["e"] == "run"] + [self.launcher["pid"]]
        for pid in pids:
            yield json.dumps({"e": "run", "t": 1, "v": 1, "pid": pid, "command": "x", "target": "static", "watch": ["OPENAI_API_KEY"], "wall": 1}) + "\n"
            yield json.dumps({"e": "ran", "t": self.t + 10 ** 9, "pid": pid, "status": 9}) + "\n"
            yield json.dumps({"e": "ran", "t": self.t + 10 ** 9, "pid": pid, "signal": 11}) + "\n"

    def of_the_trace(self):
        """Counters, packs, other boots, whose a line is."""
        yield '{"e":"pack","v":1,"version":"9","lost":9,"broken":9}\n'
        yield self.born(91, 5, boot=self.probe["boot"], wall=1)
        yield self.born(92, 6, boot="ffffffff", wall=self.probe["wall"] + 1)
        yield line("read", 7, self.probe["image"], name="OPENAI_API_KEY", found=False, owner=0)
        yield self.born(93, 8, owner=0, uid=STRANGER)
        yield self.born(94, 9, watch=["OPENAI_API_KEY", "PATH", "HOME"])

    def holders(self):
        """Who holds the names, and asks for others, in trees of the stranger's own."""
        for pid in range(600, 620):
            yield self.born(pid, pid, env={"OPENAI_API_KEY": {"fp": "1" * 32, "len": 51}, "OPENAI_APIKEY": {"fp": "1" * 32, "len": 51}}, ppid=599)


ATTACKS = [(name, name) for name in ("about_an_image", "births_again", "another_user", "a_parent", "a_child", "of_the_run", "of_the_trace", "holders")]
KINDS = ("a healthy run", "a fault", "nothing held", "a fault across users", "a shell")


def roots_run(kind, trace):
    """A run of root's, in a directory that others may write to."""
    compiled(ASKS)
    if kind == "a fault across users":
        return launch("fork", trace=trace)
    if kind == "a shell":
        with open("run.sh", "w") as file:
            file.write("/bin/true\nenv -u OPENAI_API_KEY ./probe\n./probe\nexit 3\n")
        return bare([story.KEYTRAIL, "run", "-q", "-o", trace, "--", "sh", "-c", "python3 -c 1; sh run.sh; exit 3"], environment())
    if kind == "a healthy run":
        code = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"
        env = environment()
    elif kind == "a fault":
        code = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:], env={'A': 'b'}).returncode)"
        env = environment()
    else:
        code = "import subprocess, sys; sys.exit(0 * subprocess.run(sys.argv[1:]).returncode)"
        env = story.environment()
    bare([story.KEYTRAIL, "run", "-q", "-o", trace, "--", story.PYTHON, "-c", code, os.path.abspath("probe")], env)


def plant(trace, lines, name="!x.jsonl", uid=STRANGER):
    with open("planted", "w") as file:
        file.writelines(lines)
    os.chmod("planted", 0o644)
    stranger_does('cp "$1" "$2"', os.path.abspath("planted"), f"{trace}/{name}", uid=uid)


def about_root(told):
    """The findings that speak of a process which no stranger's user stands behind."""
    def mentions(f):
        people = [f.get("victim"), f.get("culprit"), *f.get("path", ())]
        return any(p and p.get("user") != STRANGER for p in people) or not any(people)
    return [{**f, "summary": f["summary"].replace(", other users' apart,", "")} for f in told["findings"] if mentions(f)]


@story.patience(120)
@story.each(*((f"{attack}, {kind}", attack, kind) for attack, _ in ATTACKS for kind in KINDS))
def test_a_strangers_lines_change_nothing_that_is_said_of_others(attack, kind):
    trace = shared()
    roots_run(kind, trace)
    before = report(trace)
    plant(trace, getattr(Forger(trace), attack)())
    after = report(trace)
    gaps = [g for g in after["coverage"]["gaps"] if g.get("user") != STRANGER]
    assert gaps == before["coverage"]["gaps"], gaps
    assert about_root(after) == before["findings"], f"before {before['findings']}, after {about_root(after)}"
    if attack in ("about_an_image", "births_again", "another_user", "of_the_run"):
        assert after["coverage"]["not_believed_lines"], "nobody was told"
        assert after["verdict"] == before["verdict"] and less_files(after)["coverage"] == less_files(before)["coverage"]
        text = story.asked("report", trace).decode()
        assert f"of user {STRANGER}" in text and "not believed" in " ".join(text.split()), text
    assert less_files(packed(trace)) == less_files(after), "a pack is judged otherwise"


def test_a_stranger_claims_what_roots_static_program_became():
    """Root's sh starts a static program, and a stranger says that it went over to the stranger and missed the key."""
    trace = shared()
    compiled("int main(void) { return 0; }", "quiet", flags=("-static",))
    compiled(ASKS)
    program = os.path.abspath("quiet")
    bare([story.KEYTRAIL, "run", "-q", "-o", trace, "--", story.PYTHON, "-c",
          "import os, subprocess; subprocess.run(['./quiet'], env={'A': 'b'}); subprocess.run(['./probe'])"], environment())
    before = report(trace)
    forger = Forger(trace)
    made = next(e for e in forger.events if e["e"] in ("exec", "spawn") and e.get("path", "").endswith("quiet"))
    pid, t = made.get("child") or made["pid"], made["t"] + 10
    plant(trace, [forger.born(pid, t, ppid=forger.launcher["pid"], exe=program), forger.missed(f"{pid}.{t}", t + 5)])
    after = report(trace)
    assert not [f for f in after["findings"] if f["severity"] != "note" and f.get("culprit", {}).get("user") != STRANGER], after["findings"]
    assert after["verdict"] != "fault", after["verdict"]
    assert [f for f in about_root(after) if f["code"] == "KT901"] == [f for f in before["findings"] if f["code"] == "KT901"]


def test_counters_of_a_stranger_weaken_nothing():
    trace = shared()
    roots_run("a fault", trace)
    before = report(trace)
    head = '{"e":"segment","v":1,   "room":"00000000",      "used":"00000000",      "lost":"90000000",   "skipped":"00000000"}'
    plant(trace, [head + "\n", '{"e":"lost","n":5}\n', Forger(trace).born(91, 5)])
    after = report(trace)
    assert about_root(after) == before["findings"], about_root(after)
    assert after["coverage"]["lost_events"] >= 9
    assert less_files(packed(trace)) == less_files(after), "a pack is judged otherwise"


def test_strangers_do_not_speak_for_one_another():
    """Two who are no root, and one knows all of the other's lines."""
    trace = shared()
    compiled(ASKS)
    os.chmod("probe", 0o755)
    env = preloaded(story.environment(), trace, "key=" + KEY)
    bare(as_user(SERVICE, "sh", "-c", "OPENAI_API_KEY=x sh -c 'env -u OPENAI_API_KEY $0; exit 3' " + os.path.abspath("probe")), env)
    before = report(trace)
    assert [f for f in before["findings"] if f.get("victim", {}).get("user") == SERVICE], before
    mine, = [p for p in glob.glob(trace + "/*.jsonl") if os.stat(p).st_uid == SERVICE]
    lines = open(mine).read().replace(f'"uid":{SERVICE}', f'"uid":{STRANGER}')
    plant(trace, [lines, lines.replace('"found":false', '"found":true')])
    after = report(trace)
    theirs = [f for f in after["findings"] if f.get("victim", {}).get("user") == SERVICE]
    assert theirs == [f for f in before["findings"] if f.get("victim", {}).get("user") == SERVICE], theirs
    assert less_files(packed(trace)) == less_files(after), "a pack is judged otherwise"


# ---- files that are none, or too much ---------------------------------------------------------

ODD = (("a pipe", 'mkfifo "$1"', "pipe"), ("a link to a file", 'ln -s /etc/passwd "$1"', "link"), ("a link to root's own", 'ln -s "$2" "$1"', "link"),
       ("a link to a device", 'ln -s /dev/zero "$1"', "link"), ("a directory", 'mkdir "$1"', "directory"),
       ("a socket", 'python3 -c "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])" "$1"', "socket"))


@story.each(*ODD)
def test_what_is_no_file_is_passed_over_and_told(act, word):
    trace = shared()
    roots_run("a fault", trace)
    before = report(trace)
    stranger_does(act, trace + "/!x.jsonl", next(p for p in files(trace)))
    after = report(trace)
    assert less_files(after) == less_files(before)
    text = " ".join(story.asked("report", trace).decode().split())
    assert f"!x.jsonl of user {STRANGER} is a {word}" in text, text


@story.patience(120)
@story.each(("a sparse file", "truncate -s 4T x", False), ("a sparse file with a line at its end", "truncate -s 4T x; echo '{\"e\":\"x\"}' >>x", False),
            ("blank lines", "yes '' | head -c 300000000 >x", False), ("one line", "head -c 300000000 /dev/zero | tr '\\0' '{' >x", False),
            ("many lines", "yes '{\"e\":\"read\",\"image\":\"1.1\"}' | head -c 200000000 >x", True),
            ("lists of nothing", "python3 -c \"print(('{' + chr(34) + 'args' + chr(34) + ':[' + ','.join([chr(34)*2]*10000) + ']}' + chr(10)) * 4000)\" >x", True),
            ("noise", "head -c 100000000 /dev/urandom >x", True), ("a hole in a line", "printf '{\"e\":' >x; truncate -s 1G x; echo '\"read\"}' >>x", False),
            ("a thousand files", "for i in $(seq 1000); do truncate -s 1T x$i.jsonl; done; : >x", False))
def test_a_file_of_any_size_is_read_on_past(act, is_cut):
    """In bounded time and memory; and what was left out is told."""
    trace = shared()
    roots_run("a fault", trace)
    before = report(trace)
    stranger_does('cd "$1"; ' + act + "; mv x '!x.jsonl'; exit 0", trace)
    command = ["sh", "-c", 'ulimit -v 4000000; exec "$0" report -f json "$1"', story.KEYTRAIL, trace]
    ended = bare(command, timeout=60)
    assert ended.status == 0, ended.err
    after = json.loads(ended.out)
    assert about_root(after) == before["findings"], after["findings"]
    assert after["verdict"] == before["verdict"], after
    told = [f for f in after["coverage"]["files"] if f["file"] == "!x.jsonl"]
    assert is_cut == ("too large" in told[0].get("unread", "")), told
    assert (act == "truncate -s 4T x") == ("one hole" in told[0].get("unread", "")), told


def test_a_file_changes_while_it_is_read():
    """It grows, shrinks and goes; no report fails for that."""
    trace = shared()
    roots_run("a fault", trace)
    before = report(trace)
    act = "i=0; while [ $i -lt 400 ]; do i=$((i+1)); yes '{\"e\":\"read\",\"image\":\"1.1\"}' | head -c 3000000 >y.jsonl; : >y.jsonl; mv y.jsonl z.jsonl; rm z.jsonl; done"
    restless = subprocess.Popen(as_user(STRANGER, "sh", "-c", act), cwd=trace, stderr=subprocess.DEVNULL)
    try:
        for _ in range(20):
            assert about_root(report(trace)) == before["findings"]
    finally:
        restless.kill()
        restless.wait()


def test_a_file_that_may_not_be_read_is_told():
    trace = shared(mode=0o1777)
    bare(as_user(SERVICE, compiled(ASKS)), preloaded(environment(), trace, "key=" + KEY))
    bare(as_user(OTHER, os.path.abspath("probe")), preloaded(environment(), trace, "key=" + KEY))
    run = bare(as_user(SERVICE, story.KEYTRAIL, "report", "-f", "json", trace))
    assert run.status == 0 and b"may not be read" in run.err, run.err
    told = json.loads(run.out)
    assert told["verdict"] != "healthy"
    assert [f["user"] for f in told["coverage"]["files"] if f.get("unread")] == [0, OTHER], told["coverage"]


def test_a_second_name_of_somebody_elses_file():
    """A hard link, where the kernel allows it, brings root's lines of another trace into this one."""
    trace = shared()
    roots_run("a healthy run", trace)
    before = report(trace)
    other = shared("other")
    roots_run("a fault", other)
    for i, path in enumerate(files(other)):
        os.link(path, f"{trace}/x{i}.jsonl")
    assert less_files(report(trace)) == less_files(before)
    os.mkdir("backup", 0o755)
    for path in files(trace):
        os.link(path, "backup/" + os.path.basename(path))
    assert report("backup")["findings"], "a backup of one's own is a trace"
