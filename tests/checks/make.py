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


def tree(top):
    return sorted(os.path.relpath(os.path.join(place, name), top)
                  for place, folders, files in os.walk(top) for name in folders + files)


def test_what_make_check_checks_holds():
    make("check")


def test_uninstall_removes_what_install_put_and_nothing_else():
    prefix = os.path.abspath("stage/opt/kt")
    for other in ("bin/other", "lib/other/keytrail"):
        os.makedirs(os.path.dirname(f"{prefix}/{other}"), exist_ok=True)
        open(f"{prefix}/{other}", "w").close()
    before = tree("stage")
    words = ("DESTDIR=" + os.path.abspath("stage"), "PREFIX=/opt/kt")
    make("install", *words)
    installed = sorted({*tree("stage")} - {*before})
    assert [i.replace("opt/kt/", "") for i in installed] == \
        ["bin/keytrail", "lib/keytrail", "lib/keytrail/http", "lib/keytrail/http/libkeytrail.so", "lib/keytrail/http/node.cjs",
         "lib/keytrail/libkeytrail.so", "lib/keytrail/with-keytrail"], installed
    make("uninstall", *words)
    assert tree("stage") == before
    make("uninstall", *words)  # nothing is there: nothing to say


def test_uninstall_leaves_what_others_put_beside_it():
    words = ("DESTDIR=" + os.path.abspath("stage"), "PREFIX=/opt/kt")
    make("install", *words)
    open("stage/opt/kt/lib/keytrail/of-others", "w").close()
    make("uninstall", *words)
    assert [f for f in tree("stage") if not os.path.isdir("stage/" + f)] == ["opt/kt/lib/keytrail/of-others"]


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
