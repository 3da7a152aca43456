"""A report of many processes stays short, and its tree folds what is equal."""
import os

import story
from story import bare, compiled, recorded

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
    assert tree == ["├ 3 x sh -c python3 leaf.py *  ○ big.py:3 took it away (KT203)",
                    "│ └ python3 leaf.py *  ○ asks in vain",
                    "└ 6 x sh -c python3 leaf.py *  ●",
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


@story.patience(240)
def test_eight_thousand_processes_in_thirty_lines():
    run = recorded([compiled(MANY, "many")], story.with_key(KEY), quiet=False)
    assert run.status == 0, run.err
    told = lines(run, "--tree")
    assert len(told) <= 30 and "└ 8000 x true  ●" in [line.strip() for line in told], told
    assert len(run.err.splitlines()) <= 10, run.err
