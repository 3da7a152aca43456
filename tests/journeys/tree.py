"""A report of many processes stays short, and its tree folds what is equal."""
import os

import story
from story import bare, compiled, each, program, recorded

KEY = "OPENAI_API_KEY"
BIG = f"""import os, subprocess, sys
cut = {{k: v for k, v in os.environ.items() if k != "{KEY}"}}
start = lambda i: subprocess.Popen(["sh", "-c", sys.argv[2] % i], env=None if i % 3 else cut)
sys.exit(max(p.wait() for p in [start(i) for i in range(int(sys.argv[1]))]))
"""
MANY = """#include <spawn.h>
#include <sys/wait.h>
extern char **environ;
int main(void)
{
	for (int i = 0; i < 8000; i++) {
		pid_t pid;

		if (posix_spawn(&pid, "/bin/true", 0, 0, (char *[]){"true", 0}, environ) || wait(0) != pid)
			return 1;
	}
	return 0;
}
"""


def crowd(n, leaf="python3 leaf.py %d; exit $?"):
    for name, text in (("big.py", BIG), ("leaf.py", f"import os\nos.environ['{KEY}']\n")):
        with open(name, "w") as file:
            file.write(text)
    env = story.with_key(KEY)
    env["PATH"] = os.path.dirname(story.PYTHON) + ":" + env["PATH"]
    return recorded([story.PYTHON, "big.py", str(n), leaf], env)


def lines(run, *options, **env):
    return bare([story.KEYTRAIL, "report", *options, run.trace],
                story.environment(**{"LC_ALL": "C.UTF-8", **env})).out.decode().splitlines()


def test_equal_siblings_share_a_line():
    run = crowd(9)
    tree = [line.strip() for line in lines(run, "--tree") if " x sh -c" in line or "leaf.py *" in line]
    assert tree == ["├ 3 x sh -c 'python3 leaf.py *'  ○ big.py:3 took it away (KT203)",
                    "│ └ python3 leaf.py *  ○ asks in vain",
                    "└ 6 x sh -c 'python3 leaf.py *'  ●",
                    "└ python3 leaf.py *  ● reads it"], lines(run, "--tree")
    assert not [line for line in lines(run) if " x sh" in line], lines(run)


def test_the_c_locale_has_a_tree_as_well():
    told = lines(crowd(9), "--tree", LC_ALL="C")
    assert any(line.strip().startswith("|-3 x sh -c") for line in told), told
    assert all(line.isascii() for line in told), told


@story.patience(120)
def test_three_hundred_processes_in_thirty_lines():
    run = crowd(150, f"{compiled(story.READER)} {KEY} %d; exit $?")  # each a shell and a reader
    assert run.report["coverage"]["images"] > 300
    told = lines(run, "--tree")
    assert len(told) <= 30, told
    assert told[0].startswith("FAULT     big.py:3 starts"), told


ONCE = f"""#include <stdlib.h>
int main(void) {{ return !getenv("{KEY}"); }}
"""
SOME = "[ $(($1 % 7)) = 0 ]"  # 4 of 30 arguments


@each(("unset", f"{SOME} && unset {KEY}\nexec ./once $1", "w.sh:2"),
      ("env -u", f"{SOME} && exec env -u {KEY} ./once --job=$1\nexec ./once --job=$1", "w.sh:2"),
      ("a word", f"{SOME} && exec env -i ./once --job name$1\nexec ./once --job name$1", "w.sh:2"),
      ("a child", f"if {SOME}; then unset {KEY}; fi\n./once name-$1; exit $?", "w.sh:2"))
def test_one_line_that_takes_it_from_some_of_many_is_one_finding(text, line):
    compiled(ONCE, "once")
    os.chmod(program(f"#!/bin/sh\n{text}\n", "w.sh"), 0o755)
    run = recorded(["sh", "-c", "seq 30 | xargs -P2 -n1 ./w.sh"], story.with_key(KEY))
    finding, = run.report["findings"]
    assert finding["count"] == 4, finding
    assert finding["summary"].startswith(line) and "(4 of 30 processes)" in finding["summary"], finding
    told = [told.strip() for told in lines(run, "--tree")]
    assert len(told) <= 24, told
    assert [told for told in told if f"{line} took it away ({finding['code']})" in told], told


def test_two_lines_that_take_it_away_are_two_findings():
    compiled(ONCE, "once")
    os.chmod(program(f"""#!/bin/sh
if {SOME}; then env -u {KEY} ./once $1; exit 1
elif [ $1 = 3 ]; then env -i ./once $1; exit 1; fi
exec ./once $1
""", "w.sh"), 0o755)
    run = recorded(["sh", "-c", "seq 30 | xargs -P2 -n1 ./w.sh"], story.with_key(KEY))
    assert sorted(f["count"] for f in run.report["findings"]) == [1, 4], run.report["findings"]


@story.patience(240)
def test_eight_thousand_processes_in_thirty_lines():
    run = recorded([compiled(MANY, "many")], story.with_key(KEY), quiet=False)
    assert run.status == 0, run.err
    told = lines(run, "--tree")
    assert len(told) <= 30 and "└ 8000 x true  ●" in [line.strip() for line in told], told
    assert len(run.err.splitlines()) <= 10, run.err
