"""What make does beside building: what is shown, installed and removed again."""
import os
import re
import subprocess

import story

# Without the words of the make that runs the tests.
QUIET = {**{n: v for n, v in os.environ.items() if not n.startswith("MAKE")}, "LC_ALL": "C"}


def make(*words, build=story.BUILD):
    done = subprocess.run([story.which("make"), "-C", story.ROOT, "--no-print-directory", "BUILD=" + build, *words],
                          capture_output=True, text=True, env=QUIET)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout + done.stderr


def test_what_make_check_checks_holds():
    make("check")


@story.patience(300)
def test_make_shows_a_short_line_for_each_file_and_the_command_when_asked():
    build = os.path.abspath("b")
    target = build + "/obj/base/arena.c.o"
    assert make(target, build=build) == "  CC  base/arena.c\n"
    assert make(target, build=build) == f"make: '{target}' is up to date.\n"
    os.unlink(target)
    assert re.search(r"(?m)^\S+ .*-c -o \S*/arena\.c\.o src/base/arena\.c$", make("V=1", target, build=build))
    os.unlink(target)
    assert make("-s", target, build=build) == ""
