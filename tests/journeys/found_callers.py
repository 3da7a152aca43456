"""Who called a library that found a variable: the line to edit of a finding about its value."""
import os
import re

import nodes
import story
from story import each, environment, openai_key, program, recorded

ANTHROPIC = "sk-ant-api03-" + story.random_text(40)

PYTHON_CLIENT = """import os
def make():
    key = os.environ["OPENAI_API_KEY"]
    if "-ant-" in key or os.environ.get("REFUSES"):
        raise RuntimeError("401")
"""
PYTHON_APP = """import sys
sys.path.insert(0, "site-packages")
from openai import client

def start():
    client.make()

start()
"""
NODE_CLIENT = """
exports.make = () => {
  const key = process.env.OPENAI_API_KEY;
  if (key.includes('-ant-') || process.env.REFUSES) throw new Error('401');
};
"""
NODE_APP = """const client = require('openai');

function start() {
  client.make();
}

start();
"""


def python_app():
    program("", "site-packages/openai/__init__.py")
    program(PYTHON_CLIENT, "site-packages/openai/client.py")
    return [story.PYTHON, program(PYTHON_APP, "app.py")], "app.py:6", "site-packages/openai/client.py:3"


def node_app():
    program('{"name": "openai", "main": "client.js"}', "node_modules/openai/package.json")
    program(NODE_CLIENT, "node_modules/openai/client.js")
    return [nodes.node(), program(NODE_APP, "app.js")], "app.js:4", "node_modules/openai/client.js:3"


LANGUAGES = each(("Python", python_app), ("Node", node_app))


def below(site):
    return site.replace("file://", "").replace(os.getcwd() + "/", "")


@LANGUAGES
def test_a_found_read_of_a_library_tells_its_callers(app):
    command, own, client = app()
    run = recorded(command, environment(OPENAI_API_KEY=openai_key()))
    read, = (e for e in run.of("read", name="OPENAI_API_KEY") if "site" in e)
    assert below(read["site"]) == client and read["found"], read
    assert [below(c).split()[0] for c in read["callers"]][0] == own, read


@LANGUAGES
def test_another_providers_key_is_told_at_the_programs_line(app):
    """KT503."""
    command, own, client = app()
    run = recorded(command, environment(OPENAI_API_KEY=ANTHROPIC))
    first = run.report["findings"][0]
    assert first["code"] == "KT503", first
    assert below(first["victim"]["site"]) == own and below(first["victim"]["via"]) == client, first["victim"]
    assert own in run.report["headline"], run.report["headline"]


@LANGUAGES
def test_a_right_key_is_told_at_the_programs_line(app):
    """KT901."""
    command, own, client = app()
    run = recorded(command, environment(OPENAI_API_KEY=openai_key(), REFUSES="1"))
    assert run.report["verdict"] == "exonerated", (run.report["verdict"], run.codes())
    assert own in run.report["headline"] and not re.search("client", run.report["headline"]), run.report["headline"]


@LANGUAGES
def test_another_value_is_told_at_the_programs_line(app):
    """KT303."""
    command, own, client = app()
    run = recorded(["env", "OPENAI_API_KEY=" + openai_key(), *command], environment(OPENAI_API_KEY=openai_key(), REFUSES="1"))
    first = run.report["findings"][0]
    assert first["code"] == "KT303", run.codes()
    assert below(first["victim"]["site"]) == own, first["victim"]


@each(("Python", f"import os\nfor i in range(3):\n    os.environ['OPENAI_API_KEY']\n", [story.PYTHON]),
      ("Node", "for (let i = 0; i < 3; i++) process.env.OPENAI_API_KEY;\n", None))
def test_a_found_read_of_the_program_itself_has_its_line_alone(text, start):
    run = recorded([*(start or [nodes.node()]), program(text, "app")], environment(OPENAI_API_KEY=openai_key()))
    for read in run.of("read", name="OPENAI_API_KEY"):
        assert "callers" not in read, read


def test_a_library_alone_has_its_line_alone():
    """No line of the program is on the way: there is none to tell."""
    program("", "site-packages/tool/__init__.py")
    program("import os\ndef main():\n    os.environ['OPENAI_API_KEY']\nmain()\n", "site-packages/tool/__main__.py")
    run = recorded([story.PYTHON, "-m", "tool"], environment(OPENAI_API_KEY=openai_key(), PYTHONPATH="site-packages"))
    read, = (e for e in run.of("read", name="OPENAI_API_KEY") if "site" in e)
    assert below(read["site"]) == "site-packages/tool/__main__.py:3" and "callers" not in read, read
