"""The report shows the line of a place on a terminal alone, and no secret that stands in it."""
import json
import os
import pty
import subprocess

import story
from story import keytrail, recorded, which

KEY = "OPENAI_API_KEY"
LAUNCH = """import os
import subprocess
env = {"PATH": os.environ["PATH"]}
raise SystemExit(subprocess.call(["node", "worker.js"], env=env))  # no key
"""
WORKER = f"process.exit(process.env.{KEY} ? 0 : 1)\n"
CODE = 'subprocess.call(["...", "..."], env=env)'


def on_terminal(*arguments):
    """What a person sees, without the colours."""
    ours, theirs = pty.openpty()
    env = {**story.environment(COLUMNS="120"), "NO_COLOR": "1"}
    with subprocess.Popen([story.KEYTRAIL, *arguments], stdout=theirs, stderr=theirs, env=env) as run:
        os.close(theirs)
        text = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:
                more = b""
            if not more:
                break
            text += more
    os.close(ours)
    assert run.returncode == 0, text
    return text.decode().replace("\r\n", "\n")


def lost():
    """A launcher that starts Node without the key; both lines are known."""
    which("node")
    for name, text in (("launch.py", LAUNCH), ("worker.js", WORKER)):
        with open(name, "w") as file:
            file.write(text)
    run = recorded([story.PYTHON, "launch.py"], story.with_key(KEY))
    assert run.report["findings"][0]["culprit"]["site"].endswith("launch.py:4"), run.report["findings"]
    return run


def forged(run, site, cwd=None):
    """The same trace, with another place in the launcher. The caller believes his own files."""
    os.mkdir("forged")
    with open("forged/0.jsonl", "w") as file:
        for event in story.events_of(run.trace):
            if str(event.get("site", "")).endswith("launch.py:4"):
                event["site"] = site
            if cwd and "cwd" in event:
                event["cwd"] = cwd
            file.write(json.dumps(event) + "\n")
    return "forged"


def shown(run, site, **more):
    text = on_terminal("report", forged(run, site, **more))
    assert os.path.basename(site) in text.splitlines()[0], text
    return text


def expect_hidden(text, *secrets):
    lines = text.splitlines()
    source = [line for line in lines if line.startswith("  source")]
    assert not source or "worker.js" in source[0], text
    for secret in secrets:
        assert secret not in text, text


# ---- where ---------------------------------------------------------------------------

def test_both_lines_are_shown_on_a_terminal():
    text = on_terminal("report", lost().trace)
    assert f"  source  launch.py:4  raise SystemExit({CODE})\n" in text, text
    assert f"          worker.js:1  process.exit(process.env.{KEY} ? 0 : 1)\n" in text, text


def test_no_line_leaves_the_terminal():
    run = lost()
    assert CODE not in keytrail("report", run.trace).out.decode()
    assert CODE not in on_terminal("report", "--no-source", run.trace)
    assert CODE not in on_terminal("report", "-f", "json", run.trace)
    assert CODE not in on_terminal("report", "-o", "told", run.trace)
    with open("told") as file:
        assert CODE not in file.read()


def test_no_line_for_a_packed_trace():
    run = lost()
    assert keytrail("pack", run.trace, "-o", "packed.jsonl").status == 0
    with open("packed.jsonl") as file:
        assert "SystemExit(" not in file.read()
    assert CODE not in on_terminal("report", "packed.jsonl")
    assert CODE in on_terminal("report", run.trace)


# ---- what ----------------------------------------------------------------------------

@story.each(*((name, name, line, masked) for name, line, masked in (
    ("Makefile", "OPENAI_API_KEY = {key}", "OPENAI_API_KEY =..."),
    (".env", "export OPENAI_API_KEY={key}", "export OPENAI_API_KEY=..."),
    ("compose.yaml", "  OPENAI_API_KEY: {key}", "OPENAI_API_KEY:..."),
    ("deploy.sh", "OPENAI_API_KEY={key} node app.js", "OPENAI_API_KEY=..."),
    ("set.py", 'os.environ["OPENAI_API_KEY"] = "{key}"', 'os.environ["..."] = "..."'),
    ("set.mjs", "process.env.OPENAI_API_KEY = `{key}`", "process.env.OPENAI_API_KEY = `...`"),
    ("note.py", "os.environ.clear()  # was {key}", "os.environ.clear()"))))
def test_a_secret_in_the_line_is_masked(name, line, masked):
    key = story.openai_key()
    with open(name, "w") as file:
        file.write(line.format(key=key) + "\n")
    text = shown(lost(), os.path.abspath(name) + ":1")
    assert key not in text and f"{name}:1  {masked}\n" in text, text


def test_a_line_inside_a_literal_of_many_lines_is_not_shown():
    key = story.random_text(12)
    with open("text.py", "w") as file:
        file.write(f'TEXT = """\n{key}\n"""\n')
    expect_hidden(shown(lost(), os.path.abspath("text.py") + ":2"), key)


# ---- which files -----------------------------------------------------------------------

def source(name="other.py", text="secret_of_the_file()\n"):
    with open(name, "w") as file:
        file.write(text)
    return os.path.abspath(name)


def test_a_file_of_the_working_directory():
    path = source()
    assert "secret_of_the_file()" in shown(lost(), path + ":1")


def test_a_file_outside_the_working_directory():
    os.mkdir("app")
    path = source()
    run = lost()
    expect_hidden(shown(run, path + ":1", cwd=os.path.abspath("app")), "secret_of_the_file")


def test_dots_lead_out_of_the_working_directory():
    os.mkdir("app")
    source()
    run = lost()
    expect_hidden(shown(run, os.path.abspath("app") + "/../other.py:1", cwd=os.path.abspath("app")), "secret_of_the_file")


@story.each(("as recorded", None), ("in /etc", "/etc"), ("in /", "/"))
def test_etc_shadow(cwd):
    expect_hidden(shown(lost(), "/etc/shadow:1", **({"cwd": cwd} if cwd else {})), "root:")


def test_a_symbolic_link():
    os.symlink(source("real.py"), "other.py")
    expect_hidden(shown(lost(), os.path.abspath("other.py") + ":1"), "secret_of_the_file")


def test_a_symbolic_link_on_the_way():
    os.mkdir("app")
    source()
    os.symlink("..", "app/up")
    run = lost()
    expect_hidden(shown(run, os.path.abspath("app") + "/up/other.py:1", cwd=os.path.abspath("app")), "secret_of_the_file")


def test_a_pipe_is_not_waited_for():
    os.mkfifo("other.py")
    expect_hidden(shown(lost(), os.path.abspath("other.py") + ":1"))


def test_a_second_name_of_a_file():
    os.link(source("real.py"), "other.py")
    expect_hidden(shown(lost(), os.path.abspath("other.py") + ":1"), "secret_of_the_file")


def test_a_file_of_another_user():
    if os.geteuid():
        story.skip("only root gives a file away")
    path = source()
    os.chown(path, 12345, 12345)
    expect_hidden(shown(lost(), path + ":1"), "secret_of_the_file")


def test_a_file_that_changed_since():
    path = source()
    run = lost()
    source(text="another_line()\n")
    expect_hidden(shown(run, path + ":1"), "another_line")


def test_a_file_that_pretends_to_be_old():
    path = source()
    run = lost()
    source(text="another_line()\n")
    os.utime(path, (1, 1))
    expect_hidden(shown(run, path + ":1"), "another_line")


def test_a_line_that_is_not_there():
    path = source()
    expect_hidden(shown(lost(), path + ":99"), "secret_of_the_file")
