"""Code that lies in no file of its own: the place told is one that a person can find."""
import json
import os
import py_compile
import shutil
import zipapp

import story
from story import PYTHON, asked, environment, recorded, which

KEY = "OPENAI_API_KEY"
HELPER = f"import os\n\n\ndef ask():\n    if not os.environ.get('{KEY}'):\n        raise SystemExit(1)\n"


def site(*command):
    run = recorded(command, environment())
    assert run.status == 1, (run.status, run.err)
    asked("pack", "-o", "t.pack.jsonl", run.trace)
    told = []
    for report in (run.report, json.loads(asked("report", "-f", "json", "t.pack.jsonl"))):
        (finding,) = [f for f in report["findings"] if f["variable"] == KEY]
        told.append(finding["victim"]["site"].replace(os.getcwd() + "/", "") + " (compiled)" * finding["victim"].get("compiled", False))
    os.remove("t.pack.jsonl")
    assert told[0] == told[1], told
    return told[0]


def test_a_zipapp():
    story.program("import helper\nhelper.ask()\n", "app/__main__.py")
    story.program(HELPER, "app/helper.py")
    zipapp.create_archive("app", "app.pyz")
    assert site(PYTHON, "app.pyz") == "app.pyz/helper.py:5"


def test_bytecode_without_its_source():
    """The path is that of the source where it was compiled."""
    py_compile.compile(story.program(HELPER, "src/helper.py"), cfile="helper.pyc")
    shutil.rmtree("src")
    story.program("import helper\nhelper.ask()\n", "app.py")
    assert site(PYTHON, "app.py") == "src/helper.py:5 (compiled)"


def test_bytecode_beside_its_source():
    """With the source it is a line like any other."""
    story.program(HELPER, "helper.py")
    story.program("import helper\nhelper.ask()\n", "app.py")
    story.bare([PYTHON, "-m", "compileall", "-b", "."], environment())
    assert site(PYTHON, "app.py") == "helper.py:5"
    assert site(PYTHON, "app.pyc") == "helper.py:5"


@story.each(("a name without a folder", "template.j2", "template.j2:5 (compiled)"), ("a path", "/srv/none/template.j2", "/srv/none/template.j2:5 (compiled)"),
            ("a file that is there", "real.j2", "real.j2:5"), ("no file", "<template>", "<template>:5"))
def test_a_text_that_a_program_compiles(name, place):
    story.program(HELPER, "real.j2")
    story.program(f"exec(compile({HELPER + 'ask()'!r}, '{name}', 'exec'))\n", "app.py")
    assert site(PYTHON, "app.py") == place


def test_nothing_is_marked_where_the_program_itself_is_not():
    """The trace may be of a container, whose files lie elsewhere."""
    story.program(HELPER + "ask()\n", "app.py")
    run = recorded([PYTHON, "app.py"], environment())
    os.remove("app.py")
    assert "compiled" not in run.findings()[0]["victim"], run.findings()


def test_a_script_that_node_compiles():
    text = f"if (!process.env.{KEY}) process.exit(1)"
    story.program(f"require('vm').runInThisContext({text!r}, {{ filename: __dirname + '/views/page.js' }})\n", "app.js")
    assert site(which("node"), "app.js") == "views/page.js:1 (compiled)"
    story.program(text, "views/page.js")
    assert site(which("node"), "app.js") == "views/page.js:1"


def test_a_cell_of_a_notebook():
    story.program(f"exec(compile({HELPER + 'ask()'!r}, '<ipython-input-3-1f>', 'exec'))\n", "app.py")
    assert site(PYTHON, "app.py") == "<ipython-input-3-1f>:5"


@story.each(("without a name", "", "app.rb:2"), ("with a name", ", binding, '/srv/template.erb', 7", "/srv/template.erb:8 (compiled)"))
def test_an_eval_of_ruby(name, place):
    """A text without a name has no file: the line of the eval is told."""
    story.program(f"x = 1\neval \"x = 2\\nexit 1 unless ENV['{KEY}']\"{name}\n", "app.rb")
    assert site(which("ruby"), "app.rb") == place
