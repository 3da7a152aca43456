"""What a birth costs, in counts, which are the same on a busy machine."""
import os

import story

# One more than was measured: 3.4 to 4.4 faults (fewer where the kernel keeps the library in large
# pieces) and 17 calls.
PAGE_FAULTS, SYSTEM_CALLS = 5.5, 18
FORKED_PAGE_FAULTS = 12.5  # measured: 10


def spawner():
    bench = os.path.join(story.ROOT, "tests/bench")
    with open(bench + "/spawn.c") as file:
        return story.compiled(file.read(), "spawn", flags=("-I" + bench,))


def faults(run):
    assert run.status == 0, run.err
    return float(run.out.split()[1])


def preload_of_nothing():
    return story.compiled("", "empty.so", flags=("-shared", "-fPIC"))


def test_a_birth_touches_few_pages():
    """Page faults of /bin/true, beside those of a preloaded library without content."""
    command, count = [spawner(), "/bin/true"], b"200\n"
    alone = story.bare(command, {**story.environment(), "LD_PRELOAD": preload_of_nothing()}, count)
    traced = story.recorded(command, {**story.environment(), "OPENAI_API_KEY": story.openai_key()}, stdin=count)
    more = faults(traced) - faults(alone)
    assert more <= PAGE_FAULTS, f"{more:.1f} page faults more than an empty preload"


def calls(run):
    assert run.status == 0, run.err
    with open("calls") as file:
        return sum(line.count("(") > 0 for line in file)


def test_a_birth_makes_few_system_calls():
    """System calls of the second image in a trace: the first one asks /proc as well."""
    command = [story.which("strace"), "-o", "calls", "/bin/true"]
    alone = calls(story.bare(command, {**story.environment(), "LD_PRELOAD": preload_of_nothing()}))
    traced = calls(story.recorded(command))
    assert traced - alone <= SYSTEM_CALLS, f"{traced - alone} system calls more than an empty preload"


FORKS = r"""
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
	struct rusage r;

	for (int i = 0; i < 100; i++)
		if (!fork())
			_exit(0);
		else
			wait(NULL);
	getrusage(RUSAGE_CHILDREN, &r);
	printf("100 %.2f\n", r.ru_minflt / 100.0);
	return 0;
}
"""


def test_a_forked_child_touches_few_pages():
    """Page faults of a child that ends at once: the mean of five runs, whose addresses differ."""
    command = [story.compiled(FORKS, "forks")]
    empty = {**story.environment(), "LD_PRELOAD": preload_of_nothing()}
    more = [faults(story.recorded(command)) - faults(story.bare(command, empty)) for _ in range(5)]
    assert sum(more) / len(more) <= FORKED_PAGE_FAULTS, f"{more} page faults more than an empty preload"
