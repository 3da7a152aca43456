"""Locked memory: what mlockall and its kin answer, and what they lock of the host,
is what it is bare, although our mapping is larger than many a limit."""
import observe
import story
from observe import everywhere
from story import compiled, which

LONG = {**observe.SECOND_PLACES, r"^mlockall of an ordinary user .*overlay": "two places of a trace are enough for make test"}

LOCKER = r"""
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long field(const char *file, const char *key)
{
	char line[256];
	long n = -1;
	FILE *f = fopen(file, "r");

	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, key, strlen(key)))
			sscanf(line + strlen(key), "%ld", &n);
	if (f)
		fclose(f);
	return n;
}

static long locked(void) { return field("/proc/self/status", "VmLck:"); }

/* How many more KiB can be mapped, or locked: exactly what is left of the limit. */
static long left(int lock)
{
	long n = 0, step = 4;
	void *at[8192];

	for (; n < 8192; n++) {
		at[n] = mmap(NULL, step << 10, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (at[n] == MAP_FAILED)
			break;
		if (lock && mlock(at[n], step << 10)) {
			munmap(at[n], step << 10);
			break;
		}
	}
	for (long i = 0; i < n; i++)
		munmap(at[i], step << 10);
	return n * step;
}

#define SAY(call) do { errno = 77; int r_ = (call); printf("%s = %d, errno %d\n", #call, r_, errno); } while (0)
#define ABOUT(what, is) fprintf(stderr, "%s %ld\n", what, (long)(is))

static void *wait_for_ever(void *unused) { pause(); return NULL; }

int main(int argc, char **argv)
{
	struct rlimit limit = {atol(argv[1]) << 10, atol(argv[1]) << 10};
	const char *how = argv[2];
	pthread_attr_t small;
	pthread_t thread;

	getenv("OPENAI_API_KEY");
	if (strchr(how, 'c') && chroot("."))
		return 9;
	setvbuf(stdout, NULL, _IONBF, 0);
	if (setrlimit(RLIMIT_MEMLOCK, &limit))
		return 8;
	if (!strchr(how, 'r'))
		setgid(65534), setuid(65534);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	if (strchr(how, 't') && pthread_create(&thread, &small, wait_for_ever, NULL))
		return 7;
	SAY(mlockall(MCL_CURRENT));
	ABOUT("current", locked());
	if (strchr(how, 'q'))
		return 0;
	ABOUT("left to lock", left(1));
	getenv("LATER_TOKEN");
	SAY(munlockall());
	ABOUT("none", locked());
	SAY(mlockall(MCL_CURRENT | MCL_ONFAULT));
	ABOUT("current on fault", locked());
	SAY(mlockall(MCL_FUTURE));
	ABOUT("future", left(0));
	SAY(mlockall(MCL_CURRENT | MCL_FUTURE));
	ABOUT("current and future", locked());
	ABOUT("future", left(0));
	SAY(mlockall(MCL_CURRENT)); /* and no longer what comes */
	ABOUT("no future", left(0));
	SAY(system("exit 3"));
	if (!fork()) {
		getenv("CHILD_TOKEN");
		SAY(mlockall(MCL_CURRENT));
		ABOUT("child", locked());
		exit(0);
	}
	wait(NULL);
	SAY(munlockall());
	SAY(mlockall(0));
	SAY(mlockall(MCL_ONFAULT));
	SAY(mlockall(64));
	limit.rlim_cur = 0;
	setrlimit(RLIMIT_MEMLOCK, &limit);
	SAY(mlockall(MCL_CURRENT));
	return 0;
}
"""


PAGE = 4  # KiB; the loader keeps a few words for each library, and may need one page more


def said(run):
    """What the calls answered, and what was locked by them, in KiB."""
    assert run.status == 0, f"the program itself failed: {run.status}"
    return run.out.decode().splitlines() + run.err.decode().splitlines()


def agree(was, is_):
    (what, number), (what_too, number_too) = was.rsplit(" ", 1), is_.rsplit(" ", 1)
    return was == is_ or "errno" not in was and what == what_too and abs(int(number) - int(number_too)) <= PAGE


def expect_same(world, command):
    """Two locked pages more or less would show."""
    env = story.environment(OPENAI_API_KEY=story.openai_key())
    alone = world.bare(command, env)
    if alone.status in (8, 9):
        story.skip(("no such limit can be set here", "chroot needs root")[alone.status - 8])
    traced = world.recorded(command, env)
    differing = [f"recorded {b}, bare {a}" for a, b in zip(said(alone), said(traced)) if not agree(a, b)]
    assert not differing and len(said(alone)) == len(said(traced)), "\n".join(differing)
    return traced


def total(world, program, how):
    """All that is mapped into the program, in KiB, which is what the limit is compared with."""
    lines = said(world.bare([program, "8192", "q" + how]))
    assert "mlockall(MCL_CURRENT) = 0, errno 77" in lines, lines
    return int(lines[-1].split()[-1])


@everywhere
@story.each(*((f"{libc}, {threads}", compiler, how) for libc, compiler in (("glibc", "gcc"), ("musl", "musl-gcc"))
              for threads, how in (("one thread", "-"), ("threads", "t"))))
def test_mlockall_of_an_ordinary_user(compiler, how):
    program = compiled(LOCKER, "locker", which(compiler), ("-pthread",))
    for limit in (0, 64, 8192, 7777):
        traced = expect_same(observe.world, [program, str(limit), how])
        assert traced.of("read", name="LATER_TOKEN") and traced.of("read", name="CHILD_TOKEN"), "nothing was recorded after the lock"
    size = total(observe.world, program, how)
    assert size > 64, size
    for limit in (size - 2 * PAGE, size + 2 * PAGE):
        expect_same(observe.world, [program, str(limit), how])


@everywhere
def test_mlockall_of_who_may():
    """Root is not refused, yet nothing of ours counts as locked; where it has no right to, it is refused the same."""
    program = compiled(LOCKER, "locker", flags=("-pthread",))
    expect_same(observe.world, [program, "8192", "r"])
    expect_same(observe.world, [program, "64", "r"])


@everywhere
def test_mlockall_without_proc():
    program = compiled(LOCKER, "locker", flags=("-pthread",))
    expect_same(observe.world, [program, "8192", "c"])
