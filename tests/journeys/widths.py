"""Reports and summaries fit the terminal: at any width, in any locale, piped or not."""
import os
import re

import story
from story import bare, keytrail, recorded, which

KEY = "OPENAI_API_KEY"


def lost():
    """A loss with a long command line, a name that nobody set, and a process that is killed."""
    which("node")
    long_name = "/".join(["a-directory-with-a-long-name"] * 3)
    os.makedirs(long_name, exist_ok=True)
    with open("launch.py", "w") as file:
        file.write(f"""import os, subprocess
subprocess.call(["node", "--max-old-space-size=512", "{long_name}/worker.js", "--port", "8080", "--verbose"],
                env={{"PATH": os.environ["PATH"]}})
raise SystemExit(1)
""")
    with open(long_name + "/worker.js", "w") as file:
        file.write(f"process.env.ANTHROPIC_API_KEY\nprocess.exit(process.env.{KEY} ? 0 : 1)\n")
    return recorded([story.PYTHON, "launch.py"], story.with_key(KEY), quiet=False)


WIDTHS = tuple((str(width), width) for width in (60, 80, 120))


@story.each(*WIDTHS)
def test_no_line_of_a_report_is_wider_than_the_terminal(width):
    run = lost()
    for options in ((), ("-v",), ("--tree",)):
        for locale in ("C", "C.UTF-8"):
            env = story.environment(COLUMNS=str(width), LC_ALL=locale)
            text = bare([story.KEYTRAIL, "report", *options, run.trace], env).out.decode()
            assert "\x1b" not in text, text
            assert all(len(line) <= width for line in text.splitlines()), text
            assert locale != "C" or text.isascii(), text
            first = " ".join(text.split("\n  path")[0].split())
            assert run.report["headline"] in first, text


def served():
    """A server that an interpreter runs from a deep directory loses the key of its worker, in another directory."""
    deep = "deep/" + "/".join(["environment-of-the-app"] * 3)
    os.makedirs(deep)
    with open(deep + "/gunicorn", "w") as file:
        file.write(f"#!{story.PYTHON}\nimport subprocess, sys\n"
                   f"subprocess.call([sys.executable, '{os.getcwd()}/{deep}/worker.py', '--workers', '2', 'app:app'], env={{'A': 'b'}})\nsys.exit(1)\n")
    with open(deep + "/worker.py", "w") as file:
        file.write(f"import os\nos.environ['{KEY}']\n")
    os.chmod(deep + "/gunicorn", 0o755)
    return recorded([f"{os.getcwd()}/{deep}/gunicorn", "-w", "2", "-c", "conf.py", "app:app"], story.with_key(KEY), quiet=False)


@story.each(*WIDTHS)
def test_a_path_keeps_the_useful_part_of_a_long_command(width):
    trace = served().trace
    for options in ((), ("--tree",)):
        text = bare([story.KEYTRAIL, "report", *options, trace], story.environment(COLUMNS=str(width))).out.decode()
        assert all(len(line) <= width for line in text.splitlines()), text
        hops = [line for line in text.splitlines() if re.search("p:app +[●○]", line)]
        assert len(hops) == 2 + 2 * len(options) and all("gunicorn" in h or "worker" in h for h in hops), text
        if width == 80:
            assert re.search(r"gunicorn -w 2 -c conf.py app:app +● present", text), text


def test_a_path_of_short_names_has_its_columns():
    trace = recorded(["env", "-i", "sh", "-c", "echo $X", "sh"], story.with_key(KEY), quiet=False).trace
    text = bare([story.KEYTRAIL, "report", "-v", trace], story.environment(COLUMNS="80")).out.decode()
    assert all(len(line) <= 80 for line in text.splitlines()), text


COMMANDS = ("run", "report", "replay", "pack", "explain", "doctor", "names")


@story.each(*((f"{command} at {width}", command, width) for command in COMMANDS for width in (40, 80, 120)))
def test_the_help_of_a_command_fits_too(command, width):
    text = bare([story.KEYTRAIL, command, "--help"], story.environment(COLUMNS=str(width))).out.decode()
    lines = text.splitlines()
    assert all(len(line) <= width for line in lines), text
    usage = lines[:lines.index("")]
    indent = " " * (4 if width < 60 else len(f"usage: keytrail {command} "))
    assert f"{usage[0]} ".startswith(f"usage: keytrail {command} ") and all(line.startswith(indent + line.strip()[0]) for line in usage[1:])
    assert all(line.count("[") == line.count("]") for line in usage), usage


def test_a_tree_in_ASCII_has_its_names_below_each_other():
    trace = recorded(["sh", "-c", "env sh -c 'env true; cat /dev/null; true'; ls >/dev/null; true"], story.with_key(KEY), quiet=False).trace
    plain, drawn = (bare([story.KEYTRAIL, "report", "--tree", "-v", trace], story.environment(LC_ALL=locale)).out.decode().splitlines()
                    for locale in ("C", "C.UTF-8"))
    assert len(plain) == len(drawn), (plain, drawn)
    for ascii_line, line in zip(plain, drawn):
        if "├" in line or "└" in line:
            assert ascii_line == line.replace("├ ", "|-").replace("└ ", "`-").replace("│", "|").replace("●", "+").replace("○", "-"), line
    assert any("|-" in line for line in plain) and any("`-" in line for line in plain), plain


@story.each(*WIDTHS)
def test_the_summary_of_a_run_has_the_whole_headline(width):
    run = lost()
    again = bare([story.KEYTRAIL, "run", "-o", "again", story.PYTHON, "launch.py"],
                 {**story.with_key(KEY), "COLUMNS": str(width)}).err.decode()
    told = again.splitlines()
    assert len(told) <= 10 and all(len(line) <= width for line in told), again
    assert run.report["headline"] in " ".join(again.split()), again


def test_a_healthy_run_is_told_in_twelve_lines():
    which("node")
    names = [f"SERVICE_{n}_TOKEN" for n in range(40)]
    with open("app.js", "w") as file:
        file.write(f"for (const n of {names}) process.env[n]\nprocess.env.{KEY}\n")
    run = recorded(["node", "app.js"], story.with_key(KEY), quiet=False)
    text = keytrail("report", run.trace).out.decode()
    assert len(text.splitlines()) <= 12, text
    assert len(run.err.splitlines()) <= 10, run.err
    whole = keytrail("report", "-v", run.trace).out.decode()
    assert all(name in whole for name in names), whole
    assert not re.search(r"SERVICE_39_TOKEN", text), text
