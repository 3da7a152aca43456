"""Runs a command bare and recorded, and compares everything that can be seen
from outside and, by a probe, from inside.

A command is run bare twice and recorded once, each time in the same, freshly
prepared directory. What differs between the two bare runs is not compared, and
`Comparison.left_out` says what that was.
"""
import functools
import hashlib
import os
import re
import shutil
import stat
import subprocess
import tempfile

import story
from story import OURS

AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
NOISE = re.compile(rb"ld\.so|cannot be preloaded|libkeytrail|wrong ELF class")


def as_root():
    if os.geteuid():
        story.skip("this needs root")


def expect_same(alone, traced):
    """Status and both outputs of two runs are equal, and no loader complained."""
    assert not NOISE.search(traced.err), f"the loader complained: {traced.err!r}"
    for what in ("status", "out", "err"):
        was, is_ = getattr(alone, what), getattr(traced, what)
        assert is_ == was, f"{what} recorded {is_!r}, bare {was!r}"
    return traced


def gaps(run):
    """What the report says was not observed: (program, reason)."""
    return sorted((os.path.basename(g.get("exe", "")), g["reason"]) for g in run.report["coverage"]["gaps"])


def expect_gap(run, exe, *reasons):
    """A program that nobody saw is told, with one of these reasons."""
    found = gaps(run)
    assert any(e == exe and r in reasons for e, r in found), f"no gap {exe}: {'/'.join(reasons)} in {found}"


def born(run, exe):
    """The births by exec of programs of that name."""
    return [b for b in run.of("birth", by="exec") if os.path.basename(b["exe"]) == exe]


def less_ours(entries):
    return [e for e in entries if e.partition(b"=")[0].decode("utf-8", "replace") not in OURS]


def recorded_by_all(command, env=None, **more):
    """`keytrail run` into a directory that every user may write into."""
    trace = os.path.join(tempfile.mkdtemp(prefix="trace-", dir=os.getcwd()), "t")
    for path in (os.getcwd(), os.path.dirname(trace)):
        os.chmod(path, 0o755)
    os.mkdir(trace)
    os.chmod(trace, 0o1777)
    run = story.bare([story.KEYTRAIL, "run", "-q", "-o", trace, "--", *command], env, **more)
    run.trace = trace
    return run


# ---- where the trace lies, and whose it is -------------------------------------------

PLACES = ("tmpfs", "ext4", "overlay", "ordinary user")
SECOND_PLACES = {r"\b(ext4|ordinary user)\]$": "two places of a trace are enough for make test"}
FOLDERS = {"tmpfs": "/dev/shm", "ext4": "/var/tmp", "ordinary user": "/var/tmp"}


class World:
    """Runs commands bare and recorded, as some user, the trace on some file system."""

    def __init__(self, place):
        self.place, self.start = place, []

    def __enter__(self):
        if self.place == "overlay":
            self.mount_overlay()
        else:
            self.top = tempfile.mkdtemp(prefix="keytrail-test-", dir=FOLDERS[self.place])
        kind = story.bare(["stat", "-f", "-c", "%T", self.top]).out.decode().strip()
        if self.place not in (*kind.replace("ext2/ext3", "ext4").replace("overlayfs", "overlay").split(), "ordinary user"):
            story.skip(f"{self.top} is {kind} here")
        if self.place == "ordinary user":
            as_root()
            story.which("setpriv")
            self.start = AS_NOBODY
            os.chmod(os.getcwd(), 0o777)
            os.chmod(self.top, 0o777)
        return self

    def mount_overlay(self):
        as_root()
        for folder in ("lower", "upper", "work", "over"):
            os.mkdir(folder)
        self.top = os.path.abspath("over")
        layers = ",".join(f"{name}dir={os.path.abspath(name)}" for name in ("lower", "upper", "work"))
        if run_as_root("mount", "-t", "overlay", "-o", layers, "none", self.top, check=False).returncode:
            story.skip("cannot mount an overlay here")

    def __exit__(self, *_):
        if self.place == "overlay":
            run_as_root("umount", "-l", self.top)
        else:
            shutil.rmtree(self.top, ignore_errors=True)

    def bare(self, command, env=None, **more):
        return story.bare([*self.start, *command], env, **more)

    def recorded(self, command, env=None, watch=(), **more):
        folder = tempfile.mkdtemp(dir=self.top)
        os.chmod(folder, 0o777)
        options = ["-q", "-o", folder + "/t", *(w for name in watch for w in ("-w", name))]
        run = story.bare([*self.start, story.KEYTRAIL, "run", *options, "--", *command], env, **more)
        run.trace, run.command = folder + "/t", command
        return run


world = None  # of the test that is being told


def everywhere(function):
    """A test (and each of its rows) once for every place, in `world`."""
    @functools.wraps(function)
    def told(place, *arguments):
        global world
        with World(place) as world:
            function(*arguments)

    rows = getattr(function, "rows", [(None,)])
    told.rows = [(f"{row[0]}, {place}" if row[0] else place, place, *row[1:]) for row in rows for place in PLACES]
    return told


# ---- programs that show what they were given ----------------------------------------

SHOW = r"""
/* Writes its environment as it lies there: each entry and a zero. */
#include <stdio.h>
#include <string.h>
extern char **environ;
int main(void)
{
	for (char **e = environ; e && *e; e++)
		fwrite(*e, 1, strlen(*e) + 1, stdout);
	return 0;
}
"""

PROBE = r"""
/* What a program finds when it wakes, appended to a file: probe FILE [STATUS] */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
extern char **environ;

static int threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	int n = 0;

	for (struct dirent *d; tasks && (d = readdir(tasks));)
		n += d->d_name[0] != '.';
	if (tasks)
		closedir(tasks);
	return n;
}

int main(int argc, char **argv)
{
	int first_errno = errno, first_free = open("/dev/null", O_RDONLY), open_fd[256], flags[256], n = 0;
	struct itimerval timer;
	sigset_t mask, pending;
	struct rlimit limit;
	char cwd[PATH_MAX];
	struct stat st;
	stack_t stack;
	mode_t mode;
	FILE *out;

	close(first_free);
	for (int fd = 0; fd < 256; fd++)
		if ((flags[n] = fcntl(fd, F_GETFD)) >= 0)
			open_fd[n++] = fd;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	sigpending(&pending);
	mode = umask(0);
	umask(mode);
	if (!(out = fopen(argv[1], "a")))
		return 99;
	fprintf(out, "errno %d\nfirst free %d\n", first_errno, first_free);
	for (int i = 0; i < n; i++) {
		fstat(open_fd[i], &st);
		fprintf(out, "descriptor %d flags %d type %o status %x at %ld\n", open_fd[i], flags[i],
			st.st_mode & S_IFMT, fcntl(open_fd[i], F_GETFL), S_ISREG(st.st_mode) ? (long)lseek(open_fd[i], 0, SEEK_CUR) : 0L);
	}
	for (int s = 1; s < 65; s++) {
		struct sigaction a;

		if (!sigaction(s, NULL, &a))
			fprintf(out, "signal %d %s%s%s flags %x\n", s, sigismember(&mask, s) ? "blocked " : "",
				sigismember(&pending, s) ? "pending " : "",
				a.sa_handler == SIG_IGN ? "ignored" : a.sa_handler == SIG_DFL ? "default" : "handled", a.sa_flags);
	}
	sigaltstack(NULL, &stack);
	getitimer(ITIMER_REAL, &timer);
	fprintf(out, "alternative stack %x\ntimer %d\numask %o\ncwd %s\n", stack.ss_flags, timer.it_value.tv_sec || timer.it_value.tv_usec,
		mode, getcwd(cwd, sizeof cwd));
	for (int r = 0; r < RLIM_NLIMITS; r++)
		if (!getrlimit(r, &limit))
			fprintf(out, "limit %d %lx %lx\n", r, (long)limit.rlim_cur, (long)limit.rlim_max);
	fprintf(out, "threads %d\nnice %d\nscheduler %d\npersonality %x\nsecure %lu\n", threads(), getpriority(PRIO_PROCESS, 0),
		sched_getscheduler(0), personality(0xffffffff), getauxval(AT_SECURE));
	fprintf(out, "users %d %d groups %d %d leads session %d group %d\n", getuid(), geteuid(), getgid(), getegid(),
		getsid(0) == getpid(), getpgrp() == getpid());
	fprintf(out, "dumpable %d no new rights %d seccomp %d subreaper %d name ", prctl(PR_GET_DUMPABLE), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
		prctl(PR_GET_SECCOMP), prctl(PR_GET_CHILD_SUBREAPER, &n) ? -1 : n);
	prctl(PR_GET_NAME, cwd);
	fprintf(out, "%s\n", cwd);
	for (int i = 0; i < argc; i++)
		fprintf(out, "argument %s\n", argv[i]);
	for (char **e = environ; *e; e++)
		if (strncmp(*e, "LD_PRELOAD=", 11) && strncmp(*e, "KEYTRAIL=", 9))
			fprintf(out, "variable %s\n", *e);
	fclose(out);
	return argc > 2 ? atoi(argv[2]) : 0;
}
"""


# ---- a whole comparison ---------------------------------------------------------------

SMALL = 32768  # bytes up to which a file of text is compared line by line


def tree(top):
    """Every file below: name to kind, mode, owner, and what it holds or a hash of it."""
    found = {}
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(folder, name)
            info = os.lstat(path)
            if stat.S_ISREG(info.st_mode):
                with open(path, "rb") as file:
                    holds = file.read()
                if len(holds) > SMALL or b"\0" in holds:
                    holds = hashlib.sha256(holds).hexdigest().encode()
            else:
                holds = os.fsencode(os.readlink(path)) if stat.S_ISLNK(info.st_mode) else b""
            found[os.path.relpath(path, top)] = (oct(info.st_mode), info.st_uid, info.st_gid, holds)
    return found


class Comparison:
    """Two bare runs and a recorded one of the same command."""

    def __init__(self):
        self.left_out = []  # what the bare runs already differ in
        self.wrong = []
        self.traced = None

    def value(self, what, first, second, traced):
        if first != second:
            self.left_out.append(what)
        elif traced != first:
            self.wrong.append(f"{what}: recorded {traced!r}, bare {first!r}")

    def text(self, what, first, second, traced):
        """Line by line, so that one line with a pid hides only itself."""
        if first == second:
            return self.value(what, first, second, traced)
        lines = [t.splitlines() for t in (first, second, traced)]
        if not len(lines[0]) == len(lines[1]) == len(lines[2]):
            if len(lines[0]) == len(lines[1]):
                self.wrong.append(f"{what}: {len(lines[2])} lines recorded, {len(lines[0])} bare: {traced!r}, bare {first!r}")
            elif sorted(set(lines[0])) != sorted(set(lines[1])):
                self.left_out.append(what)
            return None
        if sorted(lines[0]) == sorted(lines[1]):  # only their order varies
            self.left_out.append(f"order of {what}")
            return self.value(what, sorted(lines[0]), sorted(lines[1]), sorted(lines[2]))
        for number, (a, b, c) in enumerate(zip(*lines), 1):
            self.value(f"{what}, line {number}", a, b, c)
        return None

    def files(self, first, second, traced):
        both = {*first} & {*second}
        names = [sorted({*t} - both) for t in (first, second, traced)]
        if names[0] or names[1]:  # names drawn by lot: as many, at least
            self.value("number of files", *map(len, names))
            self.left_out.append(f"names of files such as {(names[0] + names[1])[0]}")
        else:
            self.value("files", *names)
        for name in sorted(both & {*traced}):
            self.value(f"kind, mode and owner of {name}", *(t[name][:3] for t in (first, second, traced)))
            self.text(f"content of {name}", *(t[name][3] for t in (first, second, traced)))
        self.value("files that are gone", [], [], sorted(both - {*traced}))


def observe(command, env=None, stdin=None, prepare=None, timeout=120, start=()):
    """Compares all of a command; raises when anything differs. `prepare` fills
    the directory that it runs in; `start` comes before it in both ways to run."""
    env = story.environment() if env is None else env
    here, runs = os.path.join(os.getcwd(), "here"), []
    for way in (story.bare, story.bare, story.recorded):
        shutil.rmtree(here, ignore_errors=True)
        os.mkdir(here)
        os.chmod(here, 0o777 if start else 0o755)
        os.chmod(os.getcwd(), 0o755)
        if prepare:
            prepare(here)
        run = way([*start, *command], {**env, "HOME": here, "TMPDIR": here}, stdin=stdin, cwd=here, timeout=timeout)
        run.files = tree(here)
        runs.append(run)
    told = Comparison()
    told.traced = runs[2]
    told.value("status", *(r.status for r in runs))
    told.text("stdout", *(r.out for r in runs))
    told.text("stderr", *(r.err for r in runs))
    told.files(*(r.files for r in runs))
    if NOISE.search(runs[2].err):
        told.wrong.append(f"the loader complained: {runs[2].err!r}")
    for what in told.left_out:
        print(f"differs between bare runs, not compared: {what}")
    assert not told.wrong, "\n".join(told.wrong)
    return told


def run_as_root(*command, check=True):
    """A tool of the test itself, not of what is tested."""
    return subprocess.run(command, check=check, capture_output=True, env={**os.environ, "PATH": story.PATH})
