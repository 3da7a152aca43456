"""Many threads, many processes, many deaths: whatever was recorded is there."""
import os
import re
import subprocess

import story
from story import bare, compiled, preloaded, recorded

KEY = story.openai_key()
HEAD = r"""
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
"""


def environment():
    return story.environment(OPENAI_API_KEY=KEY)


def same(program, *arguments, flags=()):
    program = compiled(HEAD + program, flags=flags)
    alone = bare([program, *arguments], environment())
    run = recorded([program, *arguments], environment())
    assert alone.status == 0, (alone.status, alone.err)
    assert (run.status, run.out, run.err) == (alone.status, alone.out, alone.err), (run.status, run.out[-200:], run.err)
    return run


def lost(run):
    return run.report["coverage"].get("lost_events", 0)


# ---- threads -----------------------------------------------------------------------

THREADS = r"""
static pthread_barrier_t start;
static int reads;
static long wrong;
static void *work(void *number)
{
	pthread_barrier_wait(&start);
	for (int i = 0; i < reads; i++) {
		char name[40];

		snprintf(name, sizeof name, "T%ld_%d_TOKEN", (long)number, i);
		errno = 5;
		if (getenv(name) || errno != 5 || !getenv("OPENAI_API_KEY") || strcmp(getenv("HOME"), getenv("PWD_IS")))
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}
int main(int argc, char **argv)
{
	pthread_t t[64];

	reads = atoi(argv[1]);
	setenv("PWD_IS", getenv("HOME"), 1);
	pthread_barrier_init(&start, NULL, 64);
	for (long i = 0; i < 64; i++)
		if (pthread_create(&t[i], NULL, work, (void *)i))
			return 9;
	for (int i = 0; i < 64; i++)
		pthread_join(t[i], NULL);
	printf("%ld wrong\n", wrong);
	return 0;
}
"""


@story.each(("few reads", "8"), ("more names than one place may tell", "60"))
def test_64_threads_read_at_once(reads):
    run = same(THREADS, reads, flags=("-pthread",))
    names = {e["name"] for e in run.of("read") if re.match(r"T\d+_\d+_TOKEN", e["name"])}
    counted = sum(fold["count"] for fold in run.report["coverage"]["folded"])
    assert len(names) + counted >= 64 * int(reads), f"{len(names)} of {64 * int(reads)} reads, {counted} only counted"
    assert not lost(run), f"{lost(run)} lost"
    if reads == "8":
        assert len({e.get("thread", 1) for e in run.of("read")}) >= 60, "threads have no numbers of their own"
    assert len(run.of("birth")) == 1


# ---- processes -------------------------------------------------------------------------

PROCESSES = r"""
/* crowd COUNT HOW: that many processes alive at once; then all read, and end */
int main(int argc, char **argv)
{
	int count = atoi(argv[1]), gate[2], failed = 0, status;
	char c, end[16];

	if (argc > 3) { /* one of the crowd, after its exec */
		while (read(atoi(argv[3]), &c, 1) > 0)
			;
		return !getenv("OPENAI_API_KEY") || getenv("MISSING_TOKEN");
	}
	pipe(gate);
	sprintf(end, "%d", gate[0]);
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid < 0) {
			failed++;
		} else if (!pid) {
			close(gate[1]);
			if (!strcmp(argv[2], "exec"))
				execl(argv[0], argv[0], argv[1], argv[2], end, NULL), _exit(8);
			while (read(gate[0], &c, 1) > 0)
				;
			_exit(!getenv("OPENAI_API_KEY") || getenv("MISSING_TOKEN"));
		}
	}
	close(gate[1]);
	while (wait(&status) > 0)
		failed += status != 0;
	printf("%d failed\n", failed);
	return 0;
}
"""


@story.patience(300)
@story.each(("forked", "fork"), ("each an image", "exec"))
def test_1000_processes_at_once(how):
    run = same(PROCESSES, "1000", how)
    reads = {e["image"] for e in run.of("read", name="OPENAI_API_KEY", found=True)}
    assert len(reads) + lost(run) >= 1000, f"{len(reads)} of 1000 reads, {lost(run)} told as lost"
    assert not lost(run), f"{lost(run)} events lost, though there is room on the disk"
    assert len(run.of("birth", by="fork")) == 1000, f"{len(run.of('birth', by='fork'))} forks"
    if how == "exec":
        assert len(run.of("birth", by="exec")) == 1001, f"{len(run.of('birth', by='exec'))} images"
    assert run.report["coverage"]["images"] >= 1001


READS = r"""
int main(void)
{
	for (int i = 0; i < 50; i++) {
		char name[32];

		snprintf(name, sizeof name, "N%d_TOKEN", i);
		getenv(name);
	}
	return 0;
}
"""


@story.patience(240)
def test_three_that_begin_at_once():
    """In a directory that is new to all of them, none loses a word; again and again."""
    program = compiled(HEAD + READS)
    for number in range(60):
        trace = os.path.abspath(f"t{number}")
        env = preloaded(environment(), trace, "key=" + "0" * 32)
        started = [subprocess.Popen([program], env=env) for _ in range(3)]
        assert [process.wait(30) for process in started] == [0, 0, 0]
        events = story.events_of(trace)
        reads = sum(e["e"] == "read" for e in events)
        assert reads == 150, f"start {number}: {reads} of 150 reads, {sum(e['e'] == 'birth' for e in events)} of 3 births"


# ---- deaths ------------------------------------------------------------------------------

KILLS = r"""
/* kills COUNT FILE: workers that read and then say so in FILE; each is killed at some moment */
static char self[4096];
static _Atomic int *said;
static void work(int number)
{
	for (int i = 0; i < 40; i++) {
		char name[40];

		snprintf(name, sizeof name, "W%d_%d_TOKEN", number, i);
		getenv(name); /* its event is out when this returns */
		said[number] = i + 1;
		if (i % 8 == 7)
			setenv(name, name, 1), unsetenv(name);
	}
	for (;;)
		getenv("OPENAI_API_KEY");
}
int main(int argc, char **argv)
{
	int fd = open(argv[2], O_RDWR | O_CREAT, 0600), count = atoi(argv[1]);
	unsigned seed = atoi(argv[3]);

	ftruncate(fd, 65536);
	said = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (argc > 4)
		return work(atoi(argv[4])), 0;
	readlink("/proc/self/exe", self, sizeof self - 1);
	for (int i = 0; i < count; i += 4) {
		pid_t pid[4];

		for (int k = 0; k < 4; k++) {
			char number[16];

			sprintf(number, "%d", i + k);
			if (!(pid[k] = fork()))
				execl(self, self, argv[1], argv[2], argv[3], number, NULL), _exit(9);
		}
		for (int k = 0; k < 4; k++) {
			usleep(rand_r(&seed) % 3000);
			if (pid[k] <= 0)
				return 8; /* -1 would mean everybody */
			kill(pid[k], SIGKILL);
			waitpid(pid[k], NULL, 0);
		}
	}
	return 0;
}
"""


LONG = {r"kills \[1000": "fewer kills are enough for make test"}


@story.patience(400)
@story.each(("300", 300), ("1000", 1000))
def test_random_kills(count):
    program = compiled(HEAD + KILLS)
    seed = str(int.from_bytes(os.urandom(3), "little"))
    print("seed", seed)
    trace, said = os.path.abspath("t"), os.path.abspath("said")
    run = bare([program, str(count), said, seed], preloaded(environment(), trace), timeout=300)
    assert (run.status, run.out, run.err) == (0, b"", b""), (run.status, run.err)
    run.trace = trace
    names = {e["name"] for e in run.of("read")}
    missing = total = 0
    with open(said, "rb") as file:
        for number in range(count):
            done = int.from_bytes(file.read(4), "little")
            total += min(done, 40)
            missing += sum(f"W{number}_{i}_TOKEN" not in names for i in range(min(done, 40)))
    assert total > count, f"only {total} reads before they were killed"
    assert missing <= lost(run), f"{missing} of {total} reads are not there, {lost(run)} told as lost"
    # a disk that stalls while the segment grows costs some, told as such
    assert lost(run) <= total / 100, f"{lost(run)} of {total} events lost, though there is room on the disk"
    # one torn line for each death, at most, and everything else is whole
    assert run.report["coverage"].get("broken_lines", 0) <= count, run.report["coverage"]


def test_killed_while_the_segment_grows():
    """Birth is when room is made: kill there, again and again."""
    source = r"""
int main(int argc, char **argv)
{
	if (argc > 1)
		return 0;
	for (int i = 0; i < 400; i++) {
		pid_t pid = fork();

		if (!pid)
			execl(argv[0], argv[0], "x", NULL);
		for (volatile int spin = 0; spin < i * 500; spin++)
			;
		if (pid < 0)
			return 8;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return 0;
}
"""
    run = same(source)
    assert len(run.of("fork")) == 400, f"{len(run.of('fork'))} of 400 forks are told"
    assert not lost(run), f"{lost(run)} lost"
