"""Limits: whatever is scarce, COMMAND runs and its status is what `run` ends with."""
import os
import signal
import subprocess
import time

import story
from observe import as_root
from story import KEYTRAIL, bare

LONG = {r"^a trace that is large \[.*half a GiB": "traces of half a GiB"}

COMMAND = "sh -c 'exit 7'"
LARGE = b"the trace is large: keytrail report "


def under(limits, options="-o t", command=COMMAND, **more):
    """`run` of a shell that sets limits first, with nothing else in the way."""
    return bare(["sh", "-c", f"{limits}; exec {KEYTRAIL} run {options} -- {command}"], timeout=60, **more)


def expect_status(ended, lines, words=b""):
    assert ended.status == 7, f"status {ended.status}: {ended.err!r}"
    assert len(ended.err.splitlines()) == lines, ended.err
    assert words in ended.err, ended.err


# ---- what can run out when recording is to begin ---------------------------------------

def test_no_file_may_grow():
    """In a pipe, for a file could not take the line either."""
    for options in ("-o t", "-q -o t", "-q", ""):
        expect_status(under("ulimit -f 0", options), 1, b"unrecorded")
        assert not [name for name in os.listdir(".") if name.startswith(("t", "keytrail"))], os.listdir(".")
    assert under(":", "-q -o t").status == 7
    expect_status(under("ulimit -f 0", "-o t"), 1)  # with a directory and a key that are there
    assert os.path.exists("t.key")


def test_no_file_may_grow_and_the_command_meets_it_as_it_would():
    ended = under("ulimit -f 0", "-q -o t", "sh -c 'exec 2>/dev/null; (echo x >file); kill -l $?'")
    assert ended.out == b"XFSZ\n", ended
    ended = under("ulimit -f 0; trap '' XFSZ", "-q -o t", "sh -c 'exec 2>/dev/null; (echo x >file); echo $?'")
    assert ended.out in (b"1\n", b"2\n"), ended


@story.each(*((str(n), n) for n in range(3, 12)))
def test_few_descriptors(most):
    limits = f"ulimit -n {most}"
    alone = bare(["sh", "-c", f"{limits}; exec {COMMAND}"])
    if alone.status != 7:
        story.skip(f"with {most} descriptors no program can be loaded")
    ended = under(limits)
    assert ended.status == 7 and ended.err, ended
    assert len(under(limits, "-q -o t2").err.splitlines()) <= 1


def file_system(options, fill=""):
    """`run` in a small file system of its own."""
    as_root()
    mount = f"mount -t tmpfs -o {options} none /mnt; cd /mnt; {fill}"
    return lambda **more: bare(story.in_own_mounts(f"{mount}; exec {KEYTRAIL} run -o t -- {COMMAND}"), timeout=30, **more)


@story.each(("no space", "size=4k", "echo x >file"),
            ("no space later", "size=8k", "echo x >file"),
            ("no space after a while", "size=12k", "echo x >file"),
            ("no inodes", "nr_inodes=2", "echo x >file"), ("one inode", "nr_inodes=2", ":"), ("two inodes", "nr_inodes=3", ":"),
            ("three inodes", "nr_inodes=4", ":"), ("read-only", "size=1m", "mount -o remount,ro /mnt"))
def test_a_small_file_system(options, fill):
    ended = file_system(options, fill)()
    assert ended.status == 7, ended
    assert ended.err.startswith(b"keytrail: "), ended.err
    if b"summary" not in ended.err and b"more with" not in ended.err:
        assert len(ended.err.splitlines()) == 1, ended.err


def test_a_real_disk_that_is_full():
    as_root()
    story.which("mkfs.ext4")
    script = ("truncate -s 1M disk; mkfs.ext4 -q -O ^has_journal -N 16 disk; mount -o loop disk /mnt; cd /mnt;"
              "for pass in 1 2 3; do cat /dev/zero >>fill 2>/dev/null || sync; done;"
              f"exec {KEYTRAIL} run -o t -- {COMMAND}")
    ended = bare(story.in_own_mounts(script), timeout=30)
    if b"loop" in ended.err or b"mount" in ended.err:
        story.skip("no loop device here")
    assert ended.status == 7 and ended.err.startswith(b"keytrail: "), ended
    assert b"No space left" in ended.err or b"more with" in ended.err, ended.err


def as_nobody(script, shell="sh"):
    as_root()
    return bare([story.which("setpriv"), "--reuid=61234", "--regid=61234", "--clear-groups", story.which(shell), "-c", script], timeout=30)


@story.each(("told where", "-o t"), ("a directory of its own", ""), ("quiet", "-q -o t"))
def test_a_directory_that_may_not_be_written(options):
    as_root()
    os.chmod(".", 0o755)
    expect_status(as_nobody(f"exec {KEYTRAIL} run {options} -- {COMMAND}"), 1, b"unrecorded")
    os.mkdir("t", 0o755)  # root's, and readable
    os.chmod("t", 0o755)
    expect_status(as_nobody(f"exec {KEYTRAIL} run -o t -- {COMMAND}"), 1, b"unrecorded")


def test_a_directory_beside_which_no_key_can_be_put():
    """Recorded all the same: the key goes to the programs in KEYTRAIL."""
    as_root()
    os.chmod(".", 0o755)
    os.mkdir("t")
    os.chown("t", 61234, 61234)
    expect_status(as_nobody(f"exec {KEYTRAIL} run -q -o t -- {COMMAND}"), 1, b"t.key")
    assert [e for e in story.events_of("t") if e["e"] == "birth"] and [e for e in story.events_of("t") if e["e"] == "ran"]


def test_a_working_directory_that_is_gone():
    ended = bare(["sh", "-c", f"mkdir gone; cd gone; rmdir ../gone; exec {KEYTRAIL} run -- {COMMAND}"], timeout=30)
    assert ended.status == 7 and b"unrecorded" in ended.err.splitlines()[0], ended  # then sh misses it, too
    assert ended.err.count(b"keytrail: ") == 1, ended.err


def test_no_more_processes():
    as_root()
    os.chmod(".", 0o777)
    ended = as_nobody(f"ulimit -u 1; exec {KEYTRAIL} run -o t -- {COMMAND}", "bash")
    expect_status(ended, 1, b"another process")
    assert [e for e in story.events_of("t") if e["e"] == "birth"], "it could have been recorded"
    assert as_nobody(f"ulimit -u 1; exec {KEYTRAIL} run -o t2 -- /no/such/command", "bash").status == 127


def test_what_cannot_be_run_is_told_when_nothing_is_recorded_either():
    for command, status in (("no-such-command", 127), ("/etc/passwd", 126)):
        assert under("ulimit -f 0", "-o t", command).status == status


@story.each(("a file", "file"), ("within a file", "file/t"), ("within nothing", "no/such"), ("other files", "full"),
            ("a comma", "a,b"), ("a name that is too long", "n" * 300))
def test_a_wrong_name_is_refused(name):
    os.mkdir("full")
    for file in ("file", "full/file"):
        with open(file, "w"):
            pass
    ended = bare([KEYTRAIL, "run", "-o", name, "sh", "-c", "exit 7"])
    assert ended.status == 2 and len(ended.err.splitlines()) == 1, ended


@story.each(*((words, words) for words in ("explain", "explain KT201", "doctor", "replay t", "report t", "report -f json t",
                                           "report t -o out", "pack t -o out", "--help")))
def test_an_output_that_may_not_grow_is_told(words):
    assert under(":", "-q -o t").status == 7
    ended = bare(["sh", "-c", f"ulimit -f 0; exec {KEYTRAIL} {words} >seen"], timeout=30)
    assert ended.status == 2 and len(ended.err.splitlines()) == 1 and b"too large" in ended.err, ended
    assert not os.path.exists("out") and not [name for name in os.listdir(".") if name.startswith(".keytrail")]


# ---- the summary -------------------------------------------------------------------------

FILLS = (("a file that no memory holds", "truncate -s 4T t/zz.jsonl"),
         ("many files that no memory holds", "for i in 1 2 3 4 5 6 7 8 9; do truncate -s 400M t/$i.jsonl; done"),
         ("half a GiB of events", """yes '{"e":"read","t":1,"image":"1.1","name":"A_KEY"}' | head -c 500M >t/zz.jsonl"""),
         ("a line of half a GiB", "yes | tr -d '\\n' | head -c 500M >t/zz.jsonl"))


@story.each(*FILLS)
def test_a_trace_that_is_large(fill):
    """Summed up, or told to be too large; the status comes either way, and in time."""
    with open("fill", "w") as file:
        file.write(fill + " || exit 70; date +%s.%N; exit 7\n")
    ended = under(":", command="sh fill")
    if ended.status == 70:
        story.skip("no such file can be made here")
    assert ended.status == 7, ended
    assert LARGE + b"t\n" in ended.err or b"more with: keytrail report t" in ended.err, ended.err
    assert b"out of memory" not in ended.err, ended.err
    assert time.time() - float(ended.out) < 10, "the status came late"


class Summing:
    """`keytrail run` at work on its summary, stopped there."""

    def __init__(self, *options):
        with open("slow", "w") as file:  # torn lines enough to be at it for a while
            file.write('{"e":"read"\n' * 3000000)
        self.run = subprocess.Popen([KEYTRAIL, "run", *options, "-o", "t", "sh", "-c", "cp slow t/slow.jsonl; exit 7"],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True, env=story.environment())
        self.child = self.wait_for_child()
        os.kill(self.child, signal.SIGSTOP)

    def wait_for_child(self):
        path = f"/proc/{self.run.pid}/task/{self.run.pid}/children"
        while self.run.poll() is None:
            with open(path) as file:
                children = [int(word) for word in file.read().split()]
            for child in children:
                if self.has_copied() and self.is_bounded(child):
                    return child
            time.sleep(0.002)
        raise AssertionError(f"there was no child for the summary: {self.run.communicate()}")

    @staticmethod
    def has_copied():
        return os.path.exists("t/slow.jsonl") and os.path.getsize("t/slow.jsonl") == os.path.getsize("slow")

    @staticmethod
    def is_bounded(child):
        """The last of its limits is there: before that, it does not yet know that it must not outlive its parent."""
        try:
            with open(f"/proc/{child}/limits") as file:
                return any(line.split()[:5] == ["Max", "cpu", "time", "5", "5"] for line in file)
        except (FileNotFoundError, ProcessLookupError):
            return False

    def is_gone(self):
        for _ in range(200):
            try:
                with open(f"/proc/{self.child}/stat") as file:
                    if file.read().rpartition(") ")[2][0] in "ZX":
                        return True
            except (FileNotFoundError, ProcessLookupError):
                return True
            time.sleep(0.01)
        return False


def ended_within(summing, seconds):
    begun = time.monotonic()
    _, err = summing.run.communicate(timeout=30)
    assert time.monotonic() - begun < seconds, time.monotonic() - begun
    return err


def test_a_summary_that_takes_too_long():
    summing = Summing()
    err = ended_within(summing, 15)
    assert summing.run.returncode == 7 and len(err.splitlines()) == 1 and LARGE in err, (summing.run.returncode, err)
    assert summing.is_gone()


@story.each(*((signal.Signals(n).name, n) for n in (signal.SIGKILL, signal.SIGSEGV, signal.SIGXCPU, signal.SIGABRT)))
def test_a_summary_that_dies(number):
    summing = Summing()
    os.kill(summing.child, number)
    os.kill(summing.child, signal.SIGCONT)
    err = ended_within(summing, 15)
    assert summing.run.returncode == 7, (summing.run.returncode, err)
    assert len(err.splitlines()) == 1 and LARGE in err or number in (signal.SIGXCPU, signal.SIGABRT), err
    assert not [name for name in os.listdir(".") if name.startswith("core")]


@story.each(*((signal.Signals(n).name, n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)))
def test_who_cannot_wait_for_the_summary_gets_the_status(number):
    """Ctrl-C goes to the whole group; it ends the wait at once."""
    summing = Summing()
    os.killpg(summing.run.pid, number)
    err = ended_within(summing, 3)
    assert summing.run.returncode == 7, (summing.run.returncode, err)
    assert summing.is_gone()


@story.each(*((signal.Signals(n).name, n) for n in (signal.SIGUSR1, signal.SIGALRM, signal.SIGPIPE, signal.SIGTSTP)))
def test_other_signals_during_the_summary_change_nothing(number):
    summing = Summing()
    os.kill(summing.run.pid, number)
    os.kill(summing.child, signal.SIGCONT)
    err = ended_within(summing, 10)
    assert summing.run.returncode == 7 and b"more with" in err, (summing.run.returncode, err)


def test_no_summary_outlives_its_run():
    summing = Summing()
    os.kill(summing.run.pid, signal.SIGKILL)
    summing.run.communicate(timeout=10)
    assert summing.is_gone(), "the child of the summary goes on"


def test_nobody_reads_what_the_summary_says():
    ended = bare(["bash", "-c", f"{{ {KEYTRAIL} run -o t -- {COMMAND}; echo $? >status; }} 2>&1 | true"])
    assert not ended.err
    for _ in range(100):
        if os.path.exists("status") and os.path.getsize("status"):
            break
        time.sleep(0.05)
    with open("status") as file:
        assert file.read() == "7\n"


@story.each(("standard error", "2>&-"), ("all three", "<&- >&- 2>&-"), ("input and output", "<&- >&-"))
def test_streams_that_are_closed(closed):
    ended = bare(["sh", "-c", f"{KEYTRAIL} run -o t {closed} -- {COMMAND}"])
    assert ended.status == 7, ended
    for kind in ("run", "ran", "birth"):
        assert [e for e in story.events_of("t") if e["e"] == kind], kind
