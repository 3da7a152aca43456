"""One process that lives long and does much: new values, new names, without an end.
Nothing is lost; what is only counted is told as such, and the miss at the end is there
with its line."""
import collections
import os
import signal

import story
from story import bare, compiled, preloaded, recorded, which

LONG = {r"^(400000|python|node|a token|more than).*(under run|sets\]|second\])": "other ways of the same length"}

KEY = story.openai_key()
MANY = 400000
WHOLE, NAMES = 64, 1024  # KT_CHANGES_TOLD, KT_NAMES_TOLD

HOST = r"""
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/seccomp.h>
#include <unistd.h>

static char *ask(const char *name) { return getenv(name); }
static void set(const char *name, const char *value) { setenv(name, value, 1); }
static void take(const char *name) { unsetenv(name); }

static void sets(int n)
{
	char value[64];

	for (int i = 0; i < n; i++) {
		sprintf(value, "value number %d", i);
		set("OPENAI_API_KEY", value);
	}
}

static void set_and_ask(int n)
{
	char value[64];

	for (int i = 0; i < n; i++) {
		sprintf(value, "value number %d", i);
		set("OPENAI_API_KEY", value);
		if (strcmp(ask("OPENAI_API_KEY"), value))
			_exit(9);
	}
}

static void names(int n)
{
	char name[64];

	for (int i = 0; i < n; i++) {
		sprintf(name, "TENANT_%d_TOKEN", i);
		if (ask(name))
			_exit(9);
	}
}

static void set_names(int n)
{
	char name[64];

	for (int i = 0; i < n; i++) {
		sprintf(name, "TENANT_%d_TOKEN", i);
		set(name, "x");
		if (!ask(name))
			_exit(9);
		take(name);
	}
}

/* an hour: in each second a thousand tenants ask for their names */
static void tenants(int seconds)
{
	char name[1000][32], value[32];

	for (int i = 0; i < 1000; i++) {
		sprintf(name[i], "TENANT_%d_TOKEN", i);
		sprintf(value, "of tenant %d", i);
		set(name[i], value);
	}
	for (int s = 0; s < seconds; s++)
		for (int i = s % 10; i < 1000; i += 10)
			if (!ask(name[i]))
				_exit(9);
}

/* few values of each of many names: there is nothing alike, but no room either */
static void crowd(int n)
{
	char name[64], value[64];

	for (int i = 0; i < n; i++) {
		sprintf(name, "TENANT_%d_TOKEN", i % 900);
		sprintf(value, "%d", i);
		set(name, value);
		if (!ask(name))
			_exit(9);
	}
}

static void *of_thread(void *n)
{
	sets(*(int *)n);
	return NULL;
}

static void threads(int n)
{
	pthread_t t[8];

	n /= 8;
	for (int i = 0; i < 8; i++)
		pthread_create(&t[i], NULL, of_thread, &n);
	for (int i = 0; i < 8; i++)
		pthread_join(t[i], NULL);
}

static void in_child_too(int n)
{
	int status;
	pid_t pid;

	sets(n / 2);
	pid = fork();
	if (!pid) {
		sets(n / 2);
		take("OPENAI_API_KEY");
		_exit(ask("OPENAI_API_KEY") ? 9 : 0);
	}
	waitpid(pid, &status, 0);
	if (status)
		_exit(9);
	sets(n / 2);
}

/* Nothing but read, write and exit: a system call of ours would kill, and so would malloc's */
static void strictly(int n)
{
	static char entry[100000][40];

	for (int i = 0; i < n; i++) {
		sprintf(entry[i], "TENANT_%d_TOKEN=%d", i % 900, i);
		if (i < 900)
			putenv(entry[i]);
	}
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
	for (int i = 0; i < n; i++) {
		putenv(entry[i]);
		ask("OPENAI_API_KEY");
	}
	take("OPENAI_API_KEY");
	syscall(SYS_exit, ask("OPENAI_API_KEY") ? 9 : 3);
}

static void until_killed(int n)
{
	sets(n);
	raise(SIGKILL);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*does)(int);
	} ways[] = {
		{"sets", sets}, {"set_and_ask", set_and_ask}, {"names", names}, {"set_names", set_names},
		{"tenants", tenants}, {"crowd", crowd}, {"threads", threads}, {"in_child_too", in_child_too},
		{"strictly", strictly}, {"until_killed", until_killed},
	};

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (!strcmp(argv[1], ways[i].name))
			ways[i].does(atoi(argv[2]));
	take("OPENAI_API_KEY");
	exit(ask("OPENAI_API_KEY") ? 9 : 3);
}
"""


def environment():
    return story.environment(OPENAI_API_KEY=KEY)


def played(command, how, settings=(), timeout=120, status=3):
    if how == "under run":
        run = recorded(command, environment(), timeout=timeout)
    else:
        trace = os.path.abspath("t")
        run = bare(command, preloaded(environment(), trace, *settings), timeout=timeout)
        run.trace = trace
    assert run.status == status, (run.status, run.err[-300:])
    return run


def host(*arguments, how="alone", **more):
    return played([compiled(HOST, flags=("-g", "-pthread")), *map(str, arguments)], how, **more)


def counted(run):
    """Events that are only counted, by kind."""
    numbers = collections.Counter()
    for fold in run.report["coverage"]["folded"]:
        numbers[fold["event"]] += fold["count"]
    return numbers


def expect_none_lost(run):
    coverage = run.report["coverage"]
    assert (coverage["lost_events"], coverage["broken_lines"]) == (0, 0), coverage
    assert not any(gap["reason"] == "lost-events" for gap in coverage["gaps"]), coverage["gaps"]


def expect_miss_at_the_end(run, name="OPENAI_API_KEY", site=None):
    """The removal and the miss, blamed with its place, as certain as ever."""
    expect_none_lost(run)
    first = story.expect_fault(run, "KT301", name)
    assert first["confidence"] == "certain" or any("variable" not in fold for fold in run.report["coverage"]["folded"]), first
    assert first["victim"].get("site"), first
    if site:
        assert site in first["victim"]["site"], first["victim"]
    return first


# ---- C --------------------------------------------------------------------------------

@story.patience(300)
@story.each(("alone", "alone"), ("under run", "under run"))
def test_400000_sets(how):
    run = host("sets", MANY, how=how)
    expect_miss_at_the_end(run, site="probe.c")
    told = len(run.of("set"))
    assert WHOLE < told < 2 * WHOLE
    # the last stand in the fold, and are counted there
    assert counted(run)["set"] + told in range(MANY, MANY + 7), (counted(run), told)
    assert len({e["value"]["fp"] for e in run.of("set")[-5:]}) == 5


@story.patience(300)
@story.each(("alone", "alone"), ("under run", "under run"))
def test_400000_sets_and_reads(how):
    run = host("set_and_ask", MANY, how=how)
    expect_miss_at_the_end(run)
    for kind in ("set", "read"):
        assert counted(run)[kind] + len(run.of(kind, name="OPENAI_API_KEY")) in range(MANY, MANY + 9), counted(run)
    last = {e["value"]["fp"] for e in run.of("set")[-5:]}
    assert last == {e["value"]["fp"] for e in run.of("read", found=True)[-5:]}, "the last reads are those of the last sets"
    assert "KT303" not in run.codes("fault")


@story.patience(300)
@story.each(("alone", "alone"), ("under run", "under run"))
def test_400000_names(how):
    run = host("names", MANY, how=how)
    expect_miss_at_the_end(run)
    names = {e["name"] for e in run.of("read")}
    assert {f"TENANT_{i}_TOKEN" for i in range(NAMES)} <= names
    assert {f"TENANT_{MANY - 1 - i}_TOKEN" for i in range(5)} <= names, "the last five"
    assert counted(run)["read"] + len(run.of("read")) in range(MANY, MANY + 9), counted(run)


@story.patience(300)
def test_400000_names_set_asked_and_taken():
    run = host("set_names", MANY)
    expect_miss_at_the_end(run)
    for kind in ("set", "read", "unset"):
        assert counted(run)[kind] + len(run.of(kind)) in range(MANY, MANY + 9), (kind, counted(run))
    assert len(run.of("swap")) < 100, f"{len(run.of('swap'))} swaps"


@story.patience(300)
@story.each(("alone", "alone"), ("under run", "under run"))
def test_1000_tenants_for_an_hour(how):
    run = host("tenants", 3600, how=how)
    expect_miss_at_the_end(run)
    assert {e["name"] for e in run.of("read")} >= {f"TENANT_{i}_TOKEN" for i in range(1000)}, "each tenant is told"
    assert len(run.of("set")) == 1000
    assert not counted(run)["set"]


@story.patience(300)
@story.each(("alone", "alone"), ("under run", "under run"))
def test_a_token_rotated_every_second(how):
    run = host("set_and_ask", 3600, how=how)
    expect_miss_at_the_end(run)


@story.patience(300)
@story.each(("alone", "alone"), ("under run", "under run"))
def test_more_than_there_is_room_for(how):
    """Nothing alike but a name's few values, faster than room can be made: counted, and not lost."""
    run = host("crowd", 50000, how=how)
    expect_miss_at_the_end(run)
    for kind in ("set", "read"):
        assert counted(run)[kind] + len(run.of(kind)) in range(50000, 50009), (kind, counted(run))


def test_a_small_maximum_says_since_when():
    run = host("crowd", 50000, settings=("max=65536",))
    expect_miss_at_the_end(run)
    assert run.report["coverage"]["full_since"].startswith("20"), run.report["coverage"]
    full = run.of("full")
    assert len(full) == 1 and full[0]["max"] == 65536, full
    assert b"full since 20" in story.asked("report", run.trace)
    assert b"full" in story.asked("replay", run.trace)
    doctor = bare([story.KEYTRAIL, "doctor"], {**environment(), "KEYTRAIL": "dir=" + run.trace})
    assert b"is full (64 KiB) since 20" in b" ".join(doctor.out.split()), doctor.out
    fresh = bare([story.KEYTRAIL, "doctor"], environment())
    assert b"full" not in fresh.out, fresh.out


BIRTHS = """import os, subprocess
for i in range(%d):
    os.environ["OPENAI_API_KEY"] = "q%%d" %% i
    subprocess.run(["/bin/true"])
for i in range(3000):
    os.environ["X_API_KEY"] = "v%%d" %% i
os.environ.get("%s")
raise SystemExit(1)
"""


@story.patience(300)
@story.each(("256 KiB", 262144, 200), ("1 MiB", 1 << 20, 900))
def test_a_trace_that_is_full_of_births(most, starts):
    """Processes leave room for a name that is missed at the end, and for the count of sets."""
    with open("births.py", "w") as file:
        file.write(BIRTHS % (starts, "LAST_API_KEY"))
    trace = os.path.abspath("t")
    run = bare([story.PYTHON, "births.py"], preloaded(environment(), trace, f"max={most}"))
    run.trace = trace
    missed = run.of("read", name="LAST_API_KEY")
    assert missed and missed[0]["site"].endswith("births.py:7"), missed
    assert [f["count"] for f in run.report["coverage"]["folded"] if f["event"] == "set"], run.report["coverage"]


@story.patience(300)
def test_threads():
    run = host("threads", MANY)
    expect_miss_at_the_end(run)
    # eight say the same values: each value is told anew for a thread that comes first
    assert counted(run)["set"] > MANY / 10


@story.patience(300)
def test_a_fork_in_the_middle():
    run = host("in_child_too", MANY)
    expect_none_lost(run)
    assert len(run.report["coverage"]["folded"]) == 2, run.report["coverage"]["folded"]
    assert [f["count"] for f in run.findings("fault") if f["code"] == "KT301"], run.codes()
    swaps = run.of("swap")
    assert len(swaps) <= 2, "before the fork it is said what stands there, and no more often"


def test_a_strict_seccomp_filter():
    """No system call is made, however many events find no room."""
    run = host("strictly", 50000, how="under run")
    expect_miss_at_the_end(run)
    assert counted(run)["set"] + len(run.of("set")) in range(50900, 50910), counted(run)


@story.patience(300)
@story.each(("alone", "alone"), ("under run", "under run"))
def test_killed_in_the_middle(how):
    run = host("until_killed", MANY, how=how, status=128 + signal.SIGKILL)
    expect_none_lost(run)
    assert counted(run)["set"] > MANY - 100
    report = story.asked("report", run.trace)
    assert b"more sets of OPENAI_API_KEY" in report, report


# ---- languages ----------------------------------------------------------------------------

PYTHON_HOST = """import os, sys
def sets(n):
    for i in range(n):
        os.environ["OPENAI_API_KEY"] = "value number %d" % i
def names(n):
    for i in range(n):
        os.environ.get("TENANT_%d_TOKEN" % i)
def rotates(n):
    for i in range(n):
        os.environ["OPENAI_API_KEY"] = "value number %d" % i
        assert os.environ["OPENAI_API_KEY"]
globals()[sys.argv[1]](int(sys.argv[2]))
del os.environ["OPENAI_API_KEY"]
sys.exit(9 if os.environ.get("OPENAI_API_KEY") else 3)
"""

NODE_HOST = """const [, , way, n] = process.argv;
const ways = {
  sets() { for (let i = 0; i < n; i++) process.env.OPENAI_API_KEY = 'value number ' + i; },
  names() { for (let i = 0; i < n; i++) process.env['TENANT_' + i + '_TOKEN']; },
  rotates() { for (let i = 0; i < n; i++) { process.env.OPENAI_API_KEY = 'value number ' + i; process.env.OPENAI_API_KEY; } },
};
ways[way]();
delete process.env.OPENAI_API_KEY;
process.exitCode = process.env.OPENAI_API_KEY ? 9 : 3;
"""


def written(name, text):
    with open(name, "w") as file:
        file.write(text)
    return os.path.abspath(name)


WAYS = (("400,000 sets", "sets", MANY), ("400,000 names", "names", MANY), ("a token every second", "rotates", 3600))


@story.patience(300)
@story.each(*WAYS)
def test_python(way, number):
    run = played([story.PYTHON, written("host.py", PYTHON_HOST), way, str(number)], "alone", timeout=200)
    expect_miss_at_the_end(run, site="host.py:14")
    kind = "read" if way == "names" else "set"
    assert counted(run)[kind] + len(run.of(kind)) in range(number, number + 20), counted(run)


@story.patience(300)
@story.each(*WAYS)
def test_node(way, number):
    run = played([which("node"), written("host.js", NODE_HOST), way, str(number)], "under run", timeout=200)
    expect_miss_at_the_end(run, site="host.js:9")
    kind = "read" if way == "names" else "set"
    assert counted(run)[kind] > number / 2, counted(run)
