"""The fix in the words of the tool that started `keytrail run`."""
import json
import os
import re

import story
from story import bare, compiled, keytrail

NAME = "OPENAI_API_KEY"
READS = f"import os\nos.environ['{NAME}']\n"
# As cron does: a job in a shell, with a small environment.
STARTS_JOB = r"""
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	setenv("SHELL", "/bin/sh", 1);
	return system(argv[1]) >> 8;
}
"""


def started_by(*programs):
    """A run at the end of a row of programs of these names, and its report."""
    with open("job.py", "w") as file:
        file.write(READS)
    job = f"{story.KEYTRAIL} run -q -o t -- {story.PYTHON} job.py; exit $?"
    for name in reversed(programs):
        path = compiled(STARTS_JOB, name)
        job = f"{path} '" + job.replace("'", "'\\''") + "'"
    bare(["sh", "-c", job + "; exit $?"], story.environment())
    return " ".join(keytrail("report", "t").out.decode().split())


@story.each(("cron", ("cron",), "cron starts a job with an almost empty environment: write `OPENAI_API_KEY=...` into the crontab"),
            ("of busybox", ("crond",), "cron starts a job with an almost empty environment: write `OPENAI_API_KEY=...` into the crontab"),
            ("a script of cron's", ("cron", "nightly"), "cron starts a job with an almost empty environment: write `OPENAI_API_KEY=...` into the crontab"),
            ("make", ("make",), "set it for make (`make OPENAI_API_KEY=...`)"),
            ("fish", ("fish",), "in fish: `set -gx OPENAI_API_KEY ...`"))
def test_the_fix_names_who_started_the_run(programs, fix):
    text = started_by(*programs)
    assert "KT101" in text and "fix " + fix in text, text
    story.asked("pack", "t", "-o", "p.jsonl")
    assert fix in " ".join(keytrail("report", "p.jsonl").out.decode().split())


@story.each(("a shell", ()), ("a program of another name", ("chronicle",)), ("one whose name holds a tool's", ("make-cron",)),
            ("a program with code of its own", ("cron", "node")))
def test_without_such_a_tool_the_fix_is_the_shells(programs):
    text = started_by(*programs)
    assert "KT101" in text and "crontab" not in text and "set it for make" not in text, text
    line, = [json.loads(line) for line in open("t/run.jsonl") if '"e":"run"' in line]
    assert line["above"][:1] == ["sh"] and all(len(name) < 16 for name in line["above"]), line
    assert re.findall("|".join(programs) or "sh", " ".join(line["above"])), line


def test_cron_of_systemd_is_no_unit_to_edit():
    event = {"e": "birth", "v": 1, "t": 1, "image": "7.1", "pid": 7, "exe": "/usr/bin/python3", "cgroup": "/system.slice/cron.service",
             "env": {}}
    read = {"e": "read", "t": 2, "image": "7.1", "name": NAME, "found": False, "site": "/srv/job.py:2"}
    end = {"e": "exit", "t": 3, "image": "7.1", "status": 1}
    with open("x.jsonl", "w") as file:
        file.writelines(json.dumps(e, separators=(",", ":")) + "\n" for e in (event, read, end))
    text = " ".join(keytrail("report", "--variable", NAME, "x.jsonl").out.decode().split())
    assert "crontab" in text and "systemctl edit" not in text, text
