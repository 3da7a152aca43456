"""The runner of the tests itself: what it prints, in which order, and which tests it leaves for later."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import story

LONG = {"^(what took longest|the parts share)": "run every test's name, or the runner, many times"}

STORY = """import os, time
import story
LONG = {r"slow|row \\[2": "takes an hour"}
def test_quick(): pass
def test_fails(): raise AssertionError('a reason')
def test_skipped(): story.skip('no such thing here')
def test_slow(): pass
@story.each(("1",), ("2",))
def test_row(): pass
"""


def tree(text):
    """A tree of tests with one file of stories."""
    os.makedirs("tree/tests/some", exist_ok=True)
    for name in ("run", "story.py"):
        shutil.copy(os.path.join(story.ROOT, "tests", name), "tree/tests")
    with open("tree/tests/some/stories.py", "w") as file:
        file.write(text)
    return os.path.abspath("tree/tests/run")


def environment():
    return {**os.environ, "XDG_CACHE_HOME": os.path.abspath("cache")}


def ran(text, *words):
    done = subprocess.run([sys.executable, tree(text), *(words or ["some/"])], capture_output=True, text=True, env=environment())
    return done.returncode, done.stdout.splitlines(), done.stderr


def names(lines):
    return [match[1] for match in (re.match(r"(?:ok  |FAIL|skip: .*?) +\[\d+ of \d+\] some/stories: (.*?)(?:  \(.*)?$", l) for l in lines) if match]


def test_each_result_with_its_number_and_the_counts_last():
    status, said, _ = ran(STORY)
    assert status == 1, said
    assert said[-1] == "2 passed, 1 failed, 1 skipped", said
    assert sorted(re.search(r"\[(\d of 4)\]", line)[1] for line in said if "[" in line and " of " in line) == \
        [f"{n} of 4" for n in (1, 2, 3, 4, 4)], said
    assert sorted(names(said)) == ["fails", "fails", "quick", "row [1]", "skipped"], said
    assert any(re.match(r"skip: no such thing here  \[\d of 4\] some/stories: skipped$", line) for line in said), said
    assert "what took longest:" in said and said.index("what took longest:") > said.index("      | AssertionError: a reason")
    assert re.match(r" +2 +takes an hour", said[said.index("left to make check-long:") + 1]), said
    assert said[said.index("failed:") + 1] == "  some/stories: fails: AssertionError: a reason", said


def test_what_fails_among_others_and_passes_alone_has_passed_and_is_told():
    text = "import os\ndef test_other(): pass\ndef test_fails_once():\n" \
           "    if not os.path.exists(%r):\n        open(%r, 'w').close()\n        assert False, 'too busy'\n"
    status, said, _ = ran(text % (2 * (os.path.abspath("flag"),)))
    assert status == 0 and said[-1] == "2 passed, 0 failed, 0 skipped", said
    assert said[said.index("failed among others, passed alone:") + 1] == "  some/stories: fails once: AssertionError: too busy", said
    assert "      | AssertionError: too busy" in said, said


def test_many_failures_are_not_run_again():
    status, said, _ = ran("".join(f"def test_{n}(): assert False\n" for n in range(5)))
    assert status == 1 and said[-1] == "0 passed, 5 failed, 0 skipped", said
    assert len(names(said)) == 5, said


def test_long_tests_run_alone_and_are_listed_with_the_reason():
    assert sorted(names(ran(STORY, "--long", "some/")[1])) == ["row [2]", "slow"]
    assert ran(STORY, "--long", "-l", "some/")[1] == [f"some/stories: {name}  # takes an hour" for name in ("slow", "row [2]")]
    assert not [line for line in ran(STORY, "-l")[1] if "hour" in line]


def test_a_pattern_that_matches_nothing_is_an_error():
    status, said, why = ran(STORY, "no such test")
    assert status == 2 and not said and "no test matches" in why, (status, said, why)
    status, said, why = ran(STORY, "slow")
    assert status == 2 and not said and "add --long" in why, (status, said, why)


def test_the_parts_share_all_tests_and_no_test_twice():
    text = "import story\n" + "".join(f"def test_{n}(): pass\n" for n in range(60))
    shares = [ran(text, "-l", "--part", f"{k}/4")[1] for k in (1, 2, 3, 4)]
    assert sorted(sum(shares, [])) == sorted(ran(text, "-l")[1]), shares
    assert all(5 < len(share) < 30 for share in shares), [len(share) for share in shares]
    more = ran(text + "def test_another(): pass\n", "-l", "--part", "1/4")[1]
    assert {*shares[0]} <= {*more}, "a test changed its share because another one came"
    assert ran(text, "--part", "5/4")[0] == 2 and ran(text, "--part", "0/4")[0] == 2


ORDER = "import time\n" + "".join(f"def test_{n}(): time.sleep({s})\n" for n, s in (("a", 0.1), ("b", 0.3), ("c", 0.7)))


def test_what_took_longest_is_begun_first_the_next_time():
    assert names(ran(ORDER, "-j", "1", "some/")[1]) == ["a", "b", "c"]
    assert names(ran(ORDER, "-j", "1", "some/")[1]) == ["c", "b", "a"]
    with open("cache/keytrail/test-times.json") as file:
        assert json.load(file).keys() == {f"some/stories: {n}" for n in "abc"}
    for broken in ("", "[]", '{"some/stories: a": {}}'):
        with open("cache/keytrail/test-times.json", "w") as file:
            file.write(broken)
        assert names(ran("def test_a(): pass\n")[1]) == ["a"], broken


def test_a_signal_ends_the_tests_too():
    run = tree("import os, time\ndef test_sleeps():\n    open('%s', 'w').write(str(os.getpid())); time.sleep(60)\n"
               % os.path.abspath("pid"))
    process = subprocess.Popen([sys.executable, run, "some/"], env=environment(), stdout=subprocess.DEVNULL)
    while not (os.path.exists("pid") and open("pid").read()):
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 128 + signal.SIGTERM
    for _ in range(100):
        if not os.path.exists("/proc/" + open("pid").read()):
            return
        time.sleep(0.05)
    raise AssertionError("a test goes on alone")
