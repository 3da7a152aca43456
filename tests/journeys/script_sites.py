"""Places in scripts that were named by a relative path: whole paths for programs that read a report, wherever the script went."""
import json
import os
import re
import time

import story
from story import KEYTRAIL, asked, compiled, each, program, recorded, which, with_key

KEY = "OPENAI_API_KEY"
LOSES = f"env -u {KEY} {os.path.join('$HERE', 'probe')} {KEY}"
LIBRARY = f"start() {{\n{LOSES}\n}}\n"


def write(name, text):
    os.chmod(program(text, name), 0o755)


def reported(*command, folder=None, **files):
    compiled(story.READER)
    for name, text in files.items():
        write(name.replace("__", "/").replace("_sh", ".sh"), text)
    here, trace = os.getcwd(), os.path.join(os.getcwd(), "t")
    run = story.bare([KEYTRAIL, "run", "-q", "-o", trace, "--", "sh", "-c", f"cd {folder or '.'} && exec \"$@\"", "sh", *command], with_key(KEY, HERE=here))
    assert run.status, (run.status, run.err)
    run.trace = trace
    return run


def site(run):
    told = run.report["findings"][0]["culprit"].get("site", "")
    asked("pack", "-o", "t.pack.jsonl", run.trace)
    packed = json.loads(asked("report", "-f", "json", "t.pack.jsonl"))
    assert packed["findings"][0]["culprit"].get("site", "") == told, (packed["findings"][0]["culprit"], told)
    return told


def at(place):
    return os.path.join(os.getcwd(), place)


BASH = "#!/bin/bash\n"


@each(("by its name", ("bash", "run.sh"), None), ("by its path", ("./run.sh",), None), ("from elsewhere", ("bash", "../run.sh"), "dd"),
      ("of a folder", ("bash", "-e", "./../run.sh"), "dd"))
def test_a_script_of_bash(command, folder):
    os.mkdir("dd")
    for goes in ("", "cd /", "cd .."):
        run = reported(*command, folder=folder, run_sh=f"{BASH}{goes}\n{LOSES}\n")
        told = site(run)
        assert os.path.normpath(told) == at("run.sh:3") and told.startswith("/"), told
        assert run.report["headline"].split(": ")[0].endswith("run.sh:3"), run.report["headline"]
        story.bare(["rm", "-rf", "t", "t.pack.jsonl"], {})


@each(("with a cd", "cd dd; . ./lib.sh; cd ..; start\n", "dd/lib.sh:2"), ("without", ". ./lib.sh; start\n", "lib.sh:2"),
      ("in its folder", 'cd "$(dirname "$0")"; source ./lib.sh; cd /; start\n', "lib.sh:2"))
def test_a_file_that_bash_reads(text, wanted):
    other = "dd/lib.sh" if wanted == "lib.sh:2" else "none.sh"
    write(wanted.split(":")[0], LIBRARY)
    write(other, "# another\n" if "cd dd" not in text else "")
    assert site(reported("bash", "run.sh", run_sh=BASH + text)) == at(wanted)


def test_a_file_of_which_it_is_not_certain():
    """The path is told as bash does, and no program is sent to another file of the name."""
    write("dd/lib.sh", LIBRARY)
    write("lib.sh", "# another\nnothing of this kind\n")
    run = reported("bash", "run.sh", run_sh=f"{BASH}d=dd; cd $d; . ./lib.sh; cd ..; start\n")
    assert site(run) == "./lib.sh:2", site(run)
    assert b"\n" + at("").encode() not in asked("report", "-f", "gcc", run.trace), asked("report", "-f", "gcc", run.trace)


def test_a_text_that_is_in_no_file():
    run = reported("bash", "run.sh", run_sh=f"{BASH}source <(cat lib.sh)\nstart\n", lib_sh="#\n\n" + LIBRARY)
    assert not re.search(r":\d+$", site(run)) and "/fd/" not in site(run), site(run)
    assert "63" not in run.report["headline"].replace(str(run.report["findings"][0]["victim"]["pid"]), ""), run.report["headline"]


def test_an_open_file_is_told_as_one():
    program(f"import os, sys\nsys.exit(0 if os.environ.get('{KEY}') else 1)\n", "app.py")
    run = recorded(["bash", "-c", f"{story.PYTHON} <(cat app.py); exit $?"], story.environment())
    assert run.report["headline"].startswith("/dev/fd/63:2 asks"), run.report["headline"]


@each(("perl", "perl", f"chdir '/';\nsub ask {{ exit 1 unless $ENV{{{KEY}}} }}\nask();\n", 2),
      ("ruby", "ruby", f"Dir.chdir '/'\ndef ask\n  exit 1 unless ENV['{KEY}']\nend\nask\n", 3))
def test_a_script_of_another_language(language, text, line):
    program(text, "app.x")
    run = recorded([which(language), "-w", "./app.x"], story.environment())
    assert run.report["findings"][0]["victim"]["site"] == at(f"app.x:{line}"), run.report["findings"][0]["victim"]


def test_a_script_without_a_line():
    write("run.sh", f"unset {KEY}\n./probe {KEY}; exit $?\n")
    compiled(story.READER)
    run = recorded(["dash", "run.sh"], with_key(KEY))
    os.utime("run.sh")
    assert run.report["findings"][0]["culprit"]["site"] == at("run.sh"), run.report["findings"][0]["culprit"]


# ---- files that were edited after the run ------------------------------------------------------------

def edit(name):
    with open(name) as file:
        text = file.read()
    time.sleep(0.02)
    with open(name, "w") as file:
        file.write("# one line more\n" + text)


def edited(run):
    """Is it told by both reports that the file of the culprit, and of the victim, was edited since?"""
    finding, text = run.report["findings"][0], asked("report", run.trace).decode()
    told = [finding.get(who, {}).get("edited", False) for who in ("culprit", "victim")]
    assert ("was written after the run, whose line is told" in text) == any(told), (told, text)
    return told


def test_a_script_that_was_edited_after_the_run():
    """The line is that of the run, whatever runs the script, and the report says so."""
    run = reported("bash", "run.sh", run_sh=f"{BASH}{LOSES}\n")
    assert edited(run) == [False, False]
    del run.__dict__["report"]
    edit("run.sh")
    assert edited(run) == [True, False] and run.report["findings"][0]["culprit"]["site"] == at("run.sh:2"), run.report


@each(("python", [story.PYTHON], f"import os, sys\nsys.exit(0 if os.environ.get('{KEY}') else 1)\n", "app.py"),
      ("ruby", ["ruby"], f"#\nexit(1) unless ENV['{KEY}']\n", "app.rb"))
def test_a_program_that_was_edited_after_the_run(command, text, name):
    program(text, name)
    run = recorded([which(command[0]), name], story.environment())
    assert edited(run) == [False, False]
    del run.__dict__["report"]
    edit(name)
    assert edited(run) == [False, True] and run.report["findings"][0]["victim"]["site"] == at(name + ":2"), run.report


def test_a_library_that_was_installed_after_the_run_is_not_told():
    program(f"import os\ndef ask():\n    return os.environ.get('{KEY}')\n", "site-packages/lib.py")
    program("import sys\nsys.path.insert(0, 'site-packages')\nimport lib\nsys.exit(0 if lib.ask() else 1)\n", "app.py")
    run = recorded([story.PYTHON, "app.py"], story.environment())
    edit("site-packages/lib.py")
    assert edited(run) == [False, False], run.report["findings"][0]
