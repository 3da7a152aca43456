"""Code that lies in no file of its own: the place told is one that a person can find."""
import os
import py_compile
import shutil
import zipapp

import story
from story import PYTHON, environment, recorded, which

KEY = "OPENAI_API_KEY"
HELPER = f"import os\n\n\ndef ask():\n    if not os.environ.get('{KEY}'):\n        raise SystemExit(1)\n"


def site(*command):
    run = recorded(command, environment())
    assert run.status == 1, (run.status, run.err)
    (finding,) = [f for f in run.findings() if f["variable"] == KEY]
    return finding["victim"]["site"].replace(os.getcwd() + "/", "")


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
    assert site(PYTHON, "app.py") == "src/helper.py:5"


def test_a_cell_of_a_notebook():
    story.program(f"exec(compile({HELPER + 'ask()'!r}, '<ipython-input-3-1f>', 'exec'))\n", "app.py")
    assert site(PYTHON, "app.py") == "<ipython-input-3-1f>:5"


@story.each(("without a name", "", "app.rb:2"), ("with a name", ", binding, '/srv/template.erb', 7", "/srv/template.erb:8"))
def test_an_eval_of_ruby(name, place):
    """A text without a name has no file: the line of the eval is told."""
    story.program(f"x = 1\neval \"x = 2\\nexit 1 unless ENV['{KEY}']\"{name}\n", "app.rb")
    assert site(which("ruby"), "app.rb") == place
