"""The report for editors and for a workflow of GitHub: a line for each finding, with file and line."""
import os
import re

import story
from story import asked, keytrail, recorded

NAME = "OPENAI_API_KEY"
START = f"""import os, subprocess, sys
def main():
    subprocess.run([sys.executable, "app.py"], env={{"A": "b"}})
main()
"""
APP = f"""import os
os.environ["{NAME}"]
"""


def service(folder="."):
    os.makedirs(folder, exist_ok=True)
    for name, text in (("start.py", START), ("app.py", APP)):
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    return recorded([story.which("python3"), "start.py"], story.environment(**{NAME: story.openai_key()}), cwd=folder)


def test_a_finding_is_told_at_file_and_line():
    run = service()
    first, = asked("report", "-f", "gcc", run.trace).decode().splitlines()
    assert re.fullmatch(r"start\.py:3: fault: start\.py:3 .* \[KT201\]", first), first
    command, = asked("report", "-f", "github", run.trace).decode().splitlines()
    assert command.startswith("::error file=start.py,line=3,title=KT201 env-replaced::start.py:3 "), command


def test_a_file_is_named_from_where_the_report_is_read():
    run = service("below")
    assert asked("report", "-f", "gcc", run.trace).startswith(b"below/start.py:3: fault: ")
    os.mkdir("beside")
    said = keytrail("report", "-f", "gcc", run.trace, cwd="beside").out.decode()
    assert said.startswith(os.path.abspath("below/start.py") + ":3: fault: "), said


@story.each(("a command", "\n::error file=x,line=1::y"), ("an old command", "##[error]x\r##[warning]y"),
            ("an end of the properties", "::x"), ("a property", ",line=9,title=x"), ("an escape", "%0A::error::x"),
            ("colours", "\x1b[31m"), ("an option", "-x y"))
def test_a_hostile_name_adds_no_command(folder):
    run = service(folder)
    command, = asked("report", "-f", "github", run.trace).splitlines()
    properties, _, message = command.partition(b" ")[2].partition(b"::")
    assert command.startswith(b"::error ") and b"\x1b" not in command and b"\r" not in command, command
    assert re.fullmatch(rb"file=[^,:]*start\.py,line=3,title=KT201 env-replaced", properties), command
    line, = asked("report", "-f", "gcc", run.trace).splitlines()
    assert b"start.py:3: fault: " in line and not line.startswith((b"::", b"-", b"#")) and b"\x1b" not in line, line


def test_a_healthy_run_is_told_by_silence():
    run = recorded(["true"], story.environment())
    for name in ("gcc", "github"):
        for line in asked("report", "-f", name, run.trace).splitlines():
            assert b"fault" not in line and not line.startswith(b"::error"), line
