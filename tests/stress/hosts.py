"""Trouble around the trace: full disks, limits, refused directories. The program
never notices, the trace stays readable, and what was lost is counted and told."""
import glob
import json
import os
import shutil
import statistics
import subprocess

import observe
import story
from observe import AS_NOBODY, as_root, expect_same
from story import LIBRARY, bare, compiled, preloaded, recorded, which

LONG = {r"^under a limit \[(file size (0|4095|262143)|address space (20000000|68000000|80000000)|descriptors [145]|data 100000\]|stack 131072)": "a few limits of each kind are enough for make test"}

KEY = story.openai_key()

WORK = r"""
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
extern char **environ;

/* work READS [LIMIT VALUE]: reads that many names, starts a shell between, says what came of it */
static long find(int i)
{
	char name[40];

	snprintf(name, sizeof name, "N%d_TOKEN", i);
	return getenv(name) != NULL;
}
int main(int argc, char **argv)
{
	int reads = atoi(argv[1]), status;
	long found = 0;
	char text[64] = "";
	pid_t pid;

	if (argc > 3) {
		struct rlimit limit = {strtoul(argv[3], NULL, 0), strtoul(argv[3], NULL, 0)};

		setrlimit(atoi(argv[2]), &limit);
	}
	for (int i = 0; i < reads; i++)
		found += find(i);
	errno = 77;
	found += find(reads);
	printf("found %ld errno %d\n", found, errno);
	fflush(stdout);
	setenv("N1_TOKEN", "value", 1);
	for (int i = 0; i < 3; i++) {
		char *child[] = {"sh", "-c", "echo child $N1_TOKEN; exit 7", NULL};

		pid = -1;
		if (i == 0 && !(pid = fork()))
			execl("/bin/sh", "sh", "-c", child[2], NULL), _exit(errno);
		if (i == 1 && !(pid = vfork()))
			execve("/bin/sh", child, environ), _exit(errno);
		if (i == 2)
			printf("spawn %d\n", posix_spawn(&pid, "/bin/sh", NULL, NULL, child, environ));
		status = -1;
		if (pid > 0)
			waitpid(pid, &status, 0);
		printf("status %x\n", status);
		fflush(stdout);
	}
	printf("first free %d\n", open("/dev/null", O_RDONLY));
	return 5;
}
"""
FSIZE, STACK, AS, NOFILE, NPROC, DATA = 1, 3, 9, 7, 6, 2


def environment():
    return story.environment(OPENAI_API_KEY=KEY)


def readable(run):
    """The report can be had, and says what it says."""
    return run.report


def lost(run):
    return readable(run)["coverage"].get("lost_events", 0)


def only_counted(run):
    """Events that are not there: lost, or folded into the count of others like them."""
    return lost(run) + sum(f["count"] for f in readable(run)["coverage"].get("folded", []))


class SmallDisk:
    """A file system of a few kilobytes, mounted here."""

    def __init__(self, size, kind="tmpfs"):
        self.size, self.kind = size, kind

    def __enter__(self):
        as_root()
        os.mkdir("small")
        self.path = os.path.abspath("small")
        if self.kind == "tmpfs":
            mount = ["mount", "-t", "tmpfs", "-o", f"size={self.size}", "none", self.path]
        else:
            with open("image", "wb") as file:
                file.truncate(self.size)
            made = observe.run_as_root("mkfs.ext4", "-q", "-O", "^has_journal", "-m", "0", "-F", "image", check=False)
            if made.returncode:
                story.skip("no mkfs.ext4 here")
            mount = ["mount", "-o", "loop", os.path.abspath("image"), self.path]
        if observe.run_as_root(*mount, check=False).returncode:
            story.skip(f"cannot mount a small {self.kind} here")
        return self.path

    def __exit__(self, *_):
        observe.run_as_root("umount", "-l", self.path)


def fill(path, leave=0):
    """Fills the file system, then gives some bytes back."""
    with open(path + "/filler", "wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            pass
        size = file.tell()
        file.truncate(max(0, size - leave))
        if leave:
            os.fsync(file.fileno())


def under(trace, command, **settings):
    """Runs with the library alone, into a directory that is as it is."""
    run = bare(command, preloaded(environment(), trace, *(f"{k}={v}" for k, v in settings.items())))
    run.trace = trace
    return run


# ---- full disks ----------------------------------------------------------------------

@story.patience(240)
@story.each(*((f"{kind}, {leave >> 10} KiB left", kind, leave) for kind in ("tmpfs", "ext4")
              for leave in (0, 4096, 8192, 16384, 65536, 262144, 300 << 10)))
def test_a_full_disk(kind, leave):
    program = compiled(WORK)
    alone = bare([program, "3000"], environment())
    with SmallDisk(4 << 20, kind) as disk:
        os.mkdir(disk + "/t")
        fill(disk, leave)
        run = expect_same(alone, under(disk + "/t", [program, "3000"]))
        if glob.glob(disk + "/t/*.jsonl") and any(os.path.getsize(p) for p in glob.glob(disk + "/t/*.jsonl")):
            seen = len({e["name"] for e in run.of("read")})
            assert seen + only_counted(run) >= 3001, f"{seen} of 3001 reads are there, {only_counted(run)} counted"
        # and when there is space again, it goes on
        os.unlink(disk + "/filler")
        again = expect_same(alone, under(disk + "/t", [program, "20"]))
        assert again.of("read", name="N19_TOKEN"), "nothing is recorded when there is space again"
        readable(again)


@story.patience(240)
def test_a_disk_that_fills_while_many_write():
    """Four at once, into a disk too small for them all."""
    program = compiled(WORK)
    alone = bare([program, "4000"], environment())
    with SmallDisk(1 << 20) as disk:
        os.mkdir(disk + "/t")
        started = [subprocess.Popen([program, "4000"], env=preloaded(environment(), disk + "/t"), stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE) for _ in range(4)]
        for process in started:
            out, err = process.communicate(timeout=60)
            assert (process.returncode, out, err) == (alone.status, alone.out, alone.err), (process.returncode, out, err)
        run = under(disk + "/t", ["true"])
        assert only_counted(run) > 0, "more was said than fits, and nothing is counted"


def test_the_wrapper_on_a_full_disk():
    """keytrail run runs the command as ever, and says in one line when it cannot record it."""
    with SmallDisk(1 << 20) as disk:
        fill(disk)
        run = bare([story.KEYTRAIL, "run", "-q", "-o", disk + "/t", "--", "sh", "-c", "echo x; exit 3"], environment())
        assert (run.status, run.out) == (3, b"x\n") and run.err.count(b"\n") <= 1, (run.status, run.out, run.err)


# ---- directories that will not do --------------------------------------------------------

@story.each(("read-only", 0o500), ("unreadable", 0), ("not to be searched", 0o600))
def test_a_directory_without_rights(mode):
    as_root()
    os.chmod(".", 0o755)
    program = compiled(WORK)
    os.mkdir("t", 0o700)
    os.chown("t", 65534, 65534)
    os.chmod("t", mode)
    command = [*AS_NOBODY, program, "100"]
    expect_same(bare(command, environment()), under(os.path.abspath("t"), command))
    # setpriv itself still has root's rights, whatever user it is
    assert {n.split("-")[0] for n in os.listdir("t")} <= {"0", "65534"}, os.listdir("t")


@story.each(("not there, nor its parent", "no/such/place"), ("a file", "file"), ("below a file", "file/t"), ("a link to a directory", "link"),
            ("a link to nothing", "nothing"), ("a ring of links", "ring"), ("a long name", "x" * 300), ("a device", "/dev/null"),
            ("in /proc", "/proc/t"), ("relative", "./t"), ("a name too long for us", "/tmp/" + "y/" * 600))
def test_a_place_that_is_no_directory(name):
    program = compiled(WORK)
    open("file", "w").close()
    os.mkdir("real")
    os.symlink("real", "link")
    os.symlink("gone", "nothing")
    os.symlink("ring", "ring")
    path = name if name.startswith(("/", "./")) else os.path.abspath(name)
    before = set(os.listdir("."))
    expect_same(bare([program, "50"], environment()), under(path, [program, "50"]))
    assert set(os.listdir(".")) <= before | {os.path.basename(path) + ".key"}, set(os.listdir(".")) - before


def test_a_read_only_file_system():
    program = compiled(WORK)
    with SmallDisk(1 << 20) as disk:
        os.mkdir(disk + "/t")
        observe.run_as_root("mount", "-o", "remount,ro", disk)
        expect_same(bare([program, "50"], environment()), under(disk + "/t", [program, "50"]))


def test_the_files_are_somebody_elses():
    """Links, directories and pipes where our files should be; none is followed or waited for."""
    program = compiled(WORK)
    alone = bare([program, "50"], environment())
    key = "0" * 32
    expect_same(alone, under(os.path.abspath("model"), [program, "50"], key=key))
    name, = os.listdir("model")  # the same in every trace of this key
    for kind in ("link", "folder", "pipe", "theirs", "empty"):
        trace = os.path.abspath(kind)
        os.mkdir(trace)
        for suffix in (".jsonl", ".append.jsonl"):
            path = f"{trace}/{name}".replace(".jsonl", suffix)
            if kind == "link":
                os.symlink(os.path.abspath("victim"), path)
            elif kind == "folder":
                os.mkdir(path)
            elif kind == "pipe":
                os.mkfifo(path)
            else:
                open(path, "w").close()
                if kind == "theirs":
                    os.chown(path, 65534, 65534) if os.geteuid() == 0 else None
        with open("victim", "w") as file:
            file.write("mine")
        run = expect_same(alone, under(trace, [program, "50"], key=key))
        assert open("victim").read() == "mine", "a link was followed"
        assert run.of("birth"), f"silenced by a {kind}"


@story.each(("the directory goes", "rm -rf $T"), ("the segment goes", "rm -f $T/*.jsonl"), ("all files go", "rm -f $T/*"),
            ("it is renamed", "mv $T $T.away"), ("it becomes read-only", "chmod 500 $T"), ("its first page is overwritten", "head -c 4096 /dev/urandom > $T/new; "
             "for f in $T/*.jsonl; do dd if=$T/new of=$f conv=notrunc 2>/dev/null; done"),
            ("its counters are overwritten", "for f in $T/*.jsonl; do dd if=/dev/zero of=$f bs=1 seek=32 count=96 conv=notrunc 2>/dev/null; done"),
            ("its rights go", "chmod 0 $T $T/*"))
def test_the_trace_vanishes_meanwhile(how):
    """What a user may do to a live trace short of truncating it."""
    program = compiled(WORK)
    trace = os.path.abspath("t")
    os.mkdir(trace)
    script = f"{program} 20; env -u LD_PRELOAD -u KEYTRAIL T={trace} sh -c '{how}' ; {program} 2000; exit $?"
    alone = bare(["sh", "-c", script.replace(how, "true")], environment())
    expect_same(alone, under(trace, ["sh", "-c", script]))
    os.chmod(trace, 0o700) if os.path.isdir(trace) else None
    for place in (trace, trace + ".away"):
        if glob.glob(place + "/*.jsonl"):
            story.asked("report", place)


# ---- limits ---------------------------------------------------------------------------------

@story.each(*((f"{name} {value}", number, value) for name, number, values in (
    ("file size", FSIZE, ("0", "1", "4095", "4096", "65536", "262143", "1000000")),
    ("address space", AS, ("8000000", "20000000", "60000000", "68000000", "80000000", "1000000000")),
    ("descriptors", NOFILE, ("0", "1", "3", "4", "5")),
    ("data", DATA, ("0", "100000", "10000000")), ("stack", STACK, ("65536", "131072"))) for value in values))
def test_under_a_limit(number, value):
    """Set by the program itself, and by the shell before it."""
    program = compiled(WORK)
    before = ["setrlimit", str(number), value]
    set_before = [story.PYTHON, "-c", "import os, resource, sys; resource.setrlimit(int(sys.argv[1]), (int(sys.argv[2]),) * 2);"
                                      " os.execv(sys.argv[3], sys.argv[3:])", *before[1:], program, "100"]
    for command in ([program, "100", str(number), value], set_before):
        alone = bare(command, environment())
        if number == AS and alone.status not in (5, 0) and command is set_before:
            continue  # nothing starts under this limit
        run = recorded(command, environment())
        expect_same(alone, run)
        readable(run)
        if command is not set_before:
            assert run.of("read", name="N99_TOKEN") or lost(run), "the reads under the limit are neither there nor told as lost"


def test_no_more_processes():
    as_root()
    os.chmod(".", 0o777)
    program = compiled(WORK)
    command = [*AS_NOBODY, program, "100", str(NPROC), "1"]
    expect_same(bare(command, environment()), observe.recorded_by_all(command, environment()))


# ---- walls after the start ---------------------------------------------------------------------

AFTER = WORK.replace("int main(", "static int work(", 1) + r"""
static void filter(void)
{
	/* what printf needs, and exit: else the process is killed */
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_newfstatat, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_brk, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof rules / sizeof *rules, rules};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(98);
}
int main(int argc, char **argv)
{
	long found = 0;

	printf("begun\n"); /* so that malloc is ready */
	getenv("N0_TOKEN");
	setenv("N0_TOKEN", "value", 1);
	if (!strcmp(argv[1], "closefrom"))
		closefrom(0), open("/dev/null", O_RDWR);
	else if (!strcmp(argv[1], "close_range"))
		syscall(SYS_close_range, 3, ~0U, 0);
	else if (!strcmp(argv[1], "cloexec"))
		syscall(SYS_close_range, 3, ~0U, 4);
	else if (!strcmp(argv[1], "chroot"))
		mkdir("jail", 0700), chroot("jail"), chdir("/");
	else if (!strcmp(argv[1], "setuid"))
		setgid(65534), setuid(65534);
	else if (!strcmp(argv[1], "all"))
		closefrom(3), mkdir("jail", 0700), chroot("jail"), chdir("/"), setgid(65534), setuid(65534);
	if (!strcmp(argv[1], "seccomp") || !strcmp(argv[1], "all")) {
		filter();
		for (int i = 0; i < 5000; i++)
			found += find(i);
		setenv("N1_TOKEN", "value", 1);
		unsetenv("N1_TOKEN");
		printf("%ld\n", found);
		fflush(stdout);
		_exit(5);
	}
	char *words[] = {"work", "3000", NULL};
	return work(2, words);
}
"""


@story.each(*((how, how) for how in ("closefrom", "close_range", "cloexec", "chroot", "setuid", "seccomp", "all")))
def test_after_the_start(how):
    if how in ("chroot", "setuid", "all"):
        as_root()
    program = compiled(AFTER, flags=("-Wl,-z,now",))
    command = [program, how]
    alone, run = bare(command, environment()), recorded(command, environment())
    assert alone.status == 5, (alone.status, alone.err)
    expect_same(alone, run)
    names = {e["name"] for e in run.of("read")}
    assert "N2999_TOKEN" in names or only_counted(run), "the reads behind the wall are neither there nor told"
    assert "N50_TOKEN" in names, "nothing was recorded behind the wall"


STRANGER = r"""
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	int bad = 0, status;

	getenv("FIRST_TOKEN");
	if (!strcmp(argv[1], "setuid"))
		setgid(65534), setuid(65534);
	else if (!strcmp(argv[1], "seteuid"))
		setegid(65534), seteuid(65534);
	else if (!strcmp(argv[1], "chroot"))
		chroot(argv[2]), chdir("/");
	else if (!strcmp(argv[1], "back and forth"))
		seteuid(65534);
	for (int i = 0; i < 600; i++) {
		pid_t pid;

		if (!strcmp(argv[1], "back and forth"))
			seteuid(i & 1 ? 0 : 65534);
		pid = fork();

		if (!pid) {
			char name[40];

			sprintf(name, "CHILD%d_TOKEN", i);
			getenv(name);
			_exit(0);
		}
		waitpid(pid, &status, 0);
		bad += status != 0;
	}
	printf("%d\n", bad);
	return 0;
}
"""


@story.each(*((how, how) for how in ("nothing", "setuid", "seteuid", "back and forth", "chroot")))
def test_a_stranger_to_its_own_trace(how):
    """A process that has changed user or root still records where it began to; nothing that it wrote is written over."""
    as_root()
    program = compiled(STRANGER)
    os.chmod(".", 0o755)
    trace = os.path.abspath("t")
    os.mkdir(trace)
    os.chmod(trace, 0o1777)
    os.makedirs("cell" + trace)  # a directory of the same name in the other root
    os.chmod("cell" + trace, 0o1777)
    run = expect_same(bare([program, how, os.path.abspath("cell")], environment()), under(trace, [program, how, os.path.abspath("cell")]))
    assert run.of("birth", by="exec") and run.of("read", name="FIRST_TOKEN"), "what was recorded first is gone"
    told = len({e["name"] for e in run.of("read")}) - 1
    assert told + lost(run) >= 600, f"{told} of 600 children are there, {lost(run)} told as lost"
    assert not run.report["coverage"]["broken_lines"], "lines written over"
    assert not os.listdir("cell" + trace), f"files in the other root: {os.listdir('cell' + trace)}"


# ---- room ----------------------------------------------------------------------------------------

@story.each(*((size, size) for size in ("0", "1", "4096", "4k", "64k", "300000", "1m")))
def test_a_small_maximum(size):
    """What does not fit is counted, in the report and in the trace."""
    program = compiled(WORK)
    trace = os.path.abspath("t")
    run = under(trace, [program, "4000"], max=size)
    expect_same(bare([program, "4000"], environment()), run)
    limit = int(size.rstrip("km")) << (10 * "bkm".find(size[-1]) if size[-1] in "km" else 0)
    for path in glob.glob(trace + "/*.jsonl"):
        assert os.path.getsize(path) <= max(limit, 4096), f"{path} has {os.path.getsize(path)} bytes"
    if glob.glob(trace + "/*.jsonl"):
        seen = len({e["name"] for e in run.of("read")})
        assert only_counted(run) >= 4001 - seen, f"{4001 - seen} reads are not there, {only_counted(run)} counted"
    report = story.keytrail("report", "-f", "json", trace)
    if report.status == 0 and json.loads(report.out)["coverage"].get("lost_events"):
        assert json.loads(report.out)["verdict"] != "healthy", "healthy, with events lost"


def test_many_distinct_names():
    """However many names a program asks for: each is told, or counted."""
    program = compiled(WORK)
    run = recorded([program, "20000"], environment())
    seen = len({e["name"] for e in run.of("read")})
    assert seen + only_counted(run) >= 20001, f"{20001 - seen} reads are not there, {only_counted(run)} counted"


def test_a_default_maximum_is_large_enough_for_ordinary_work():
    run = recorded(["sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do /bin/true; done"], environment())
    assert not lost(run) and not observe.gaps(run), observe.gaps(run)


# ---- many users ------------------------------------------------------------------------------------

def test_several_users_in_one_directory():
    as_root()
    os.chmod(".", 0o755)
    program = compiled(WORK)
    trace = os.path.abspath("t")
    os.mkdir(trace)
    os.chmod(trace, 0o1777)
    env = preloaded(environment(), trace, "key=" + "0" * 32)
    started = [subprocess.Popen(["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", program, "100"], env=env,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE) for uid in (1001, 1002, 1003, 65534, 0) for _ in range(3)]
    alone = bare([program, "100"], environment())
    for process in started:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (alone.status, alone.out, alone.err), (out, err)
    files = {os.path.basename(p) for p in glob.glob(trace + "/*.jsonl")}
    assert {f.split("-")[0] for f in files} == {"1001", "1002", "1003", "65534", "0"}, files
    for path in glob.glob(trace + "/*"):
        uid = int(os.path.basename(path).split("-")[0])
        assert os.stat(path).st_uid == uid and os.stat(path).st_mode & 0o077 == 0, f"{path} may be read by others"
    reads = [e for e in story.events_of(trace) if e["e"] == "read" and e["name"] == "N99_TOKEN"]
    assert len(reads) == 15, f"{len(reads)} of 15 processes are there to the end"
    assert not json.loads(story.asked("report", "-f", "json", trace))["coverage"].get("lost_events")


def default_place(env):
    return os.path.join(env["TMPDIR"], f"keytrail-{os.geteuid()}")


@story.each(("somebody else's", "theirs"), ("a link", "link"), ("a link to nothing", "nothing"), ("a file", "file"), ("a pipe", "pipe"),
            ("open to all", "open"))
def test_a_default_directory_that_is_not_ours_alone(kind):
    program = compiled(WORK)
    env = environment()
    place = default_place(env)
    os.mkdir("elsewhere")
    if kind == "theirs":
        as_root()
        os.mkdir(place)
        os.chown(place, 65534, 65534)
    elif kind == "open":
        os.mkdir(place)
        os.chmod(place, 0o777)
    elif kind in ("link", "nothing"):
        os.symlink(os.path.abspath("elsewhere" if kind == "link" else "gone"), place)
    elif kind == "file":
        open(place, "w").close()
    else:
        os.mkfifo(place)
    expect_same(bare([program, "50"], env), bare([program, "50"], {**env, "LD_PRELOAD": LIBRARY}))
    if kind == "open":
        return  # our own, though careless: recorded or not, the program is as ever
    assert not os.listdir("elsewhere"), "recorded through a link"
    if os.path.isdir(place) and not os.path.islink(place):
        assert not os.listdir(place), "recorded into somebody else's directory"
    assert not os.path.exists("gone"), "made what a link names"


def test_a_default_directory_is_private():
    env = environment()
    bare(["sh", "-c", "/bin/true"], {**env, "LD_PRELOAD": LIBRARY})
    assert os.stat(default_place(env)).st_mode & 0o7777 == 0o700
    assert [e for e in story.events_of(default_place(env)) if e["e"] == "birth"], "nothing was recorded"


@story.each(("no map", "-U"), ("a map to root", "-r"))
def test_owners_that_read_as_65534(options):
    """In a user namespace without a map, every file seems to be nobody's."""
    program = compiled(WORK)
    env = environment()
    command = ["unshare", *options.split(), program, "50"]
    alone = bare(command, env)
    if alone.status != 5:
        story.skip(f"unshare {options} is not allowed here")
    expect_same(alone, bare(command, {**env, "LD_PRELOAD": LIBRARY}))
    trace = os.path.abspath("t")
    for _ in range(2):
        run = expect_same(alone, under(trace, command))
        readable(run)


# ---- time -----------------------------------------------------------------------------------------------

CALLS = r"""
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}
int main(void)
{
	for (int i = 0; i < 3000; i++) {
		char name[32];
		double begun;

		snprintf(name, sizeof name, "N%d_TOKEN", i);
		begun = now();
		getenv(name);
		setenv("X_TOKEN", name, 1);
		printf("%.6f\n", now() - begun);
		if (i % 60 == 0) {
			pid_t pid;

			begun = now();
			if (!(pid = fork()))
				_exit(0);
			printf("%.6f\n", now() - begun);
			wait(NULL);
		}
	}
	return 0;
}
"""


@story.patience(240)
@story.each(("room enough", None), ("a full disk", 0), ("a small maximum", "4096"))
def test_no_call_takes_long(kind):
    """No call of the host is 10 ms slower. Any single call may be interrupted by the
    machine, so the third longest of each run counts, and the best of five runs."""
    program = compiled(CALLS)

    def third_longest(run):
        return sorted(float(line) for line in run.out.split())[-3]

    def measured(trace, **settings):
        alone = min(third_longest(bare([program], environment())) for _ in range(5))
        traced = min(third_longest(under(trace, [program], **settings)) for _ in range(5))
        assert traced < alone + 10, f"{traced:.1f} ms, bare {alone:.1f} ms"

    if kind == 0:
        with SmallDisk(1 << 20) as disk:
            os.mkdir(disk + "/t")
            fill(disk)
            measured(disk + "/t")
    else:
        measured(os.path.abspath("t"), **({"max": kind} if kind else {}))
