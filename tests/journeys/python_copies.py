"""A Python program that copies its whole environment: later reads are of the copy, and are not heard."""
import os

import story
from pythons import LONG, each_python, program  # noqa: F401
from story import recorded

KEY = "OPENAI_API_KEY"


def copies(text, python=story.PYTHON, env=None):
    """The lines that copied, and the run; the program is the same without us."""
    app = program(text)
    bare = story.bare([python, app], env)
    run = recorded([python, app], env)
    assert (run.status, run.out, run.err) == (bare.status, bare.out, bare.err) and not run.status, (run.err, bare.err)
    for event in run.of("copy"):
        assert event["fn"] == "os.environ" and event["in"], event
    return [e["site"].replace(app, "app.py").split("/")[-1] for e in run.of("copy")], run


COPIES = """import os
a = os.environ.copy()
b = dict(os.environ)
c = {**os.environ}
d = {k: v for k, v in os.environ.items()}
e = list(os.environ.values())
f = {k.lower(): v for k, v in os.environ.items() if k.startswith("NONE")}
g = dict(os.environ.items())
h = {}; h.update(os.environ)
def function(**all): pass
function(**os.environ)
class Settings:
    def __init__(self):
        self.all = dict(os.environb)
Settings()
import configparser
configparser.ConfigParser(os.environ, interpolation=None)
for name, value in os.environ.items(): pass
"""
LINES = [2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 17, 18]


@each_python
def test_every_form_of_copy(python):
    """Whether a watched variable is there or not: who copies does not ask for it later."""
    for more in ({}, {KEY: story.openai_key()}):
        found, run = copies(COPIES, python, story.environment(**more))
        assert found == [f"app.py:{n}" for n in LINES], found
        assert not run.of("read", name=KEY), run.of("read")
    assert run.of("copy")[9]["in"] == "__init__" and run.of("copy")[9]["callers"][0].endswith("app.py:15 <module>"), run.of("copy")[9]


NONE = f"""import os, subprocess, urllib.request, unittest.mock, multiprocessing, sys
list(os.environ)
[k for k in os.environ]
len(os.environ), "X" in os.environ, os.environ.keys(), os.environ.items()
os.environ.get("{KEY}"), os.environ.get("HOME")
"{KEY}" in os.environ.keys()
str(os.environ)
os.environ == {{}}
for k in os.environ:
    os.environ[k]
subprocess.run(["/bin/true"])
subprocess.run(["/bin/true"], env=os.environ)
urllib.request.getproxies_environment()
with unittest.mock.patch.dict(os.environ, {{"OTHER": "x"}}):
    pass
os.environ.popitem()
os.environ.update(OTHER="x")
os.environ.setdefault("THIRD", "x")
os.environ.clear()
"""


@each_python
def test_what_is_no_copy(python):
    found, _ = copies(NONE, python)
    assert not found, found


def test_a_place_is_told_once():
    found, _ = copies("import os\ndef f():\n    return dict(os.environ)\nfor _ in range(1000):\n    f()\ndict(os.environ)\n")
    assert found == ["app.py:3", "app.py:6"], found


def test_of_a_library_the_user_is_told():
    program("import os\nclass Settings:\n    def __init__(self):\n        self.values = read()\ndef read():\n    return dict(os.environ)\n",
            "site-packages/settings/main.py")
    program("from .main import Settings\n", "site-packages/settings/__init__.py")
    found, run = copies('import sys\nsys.path.insert(0, "site-packages")\nimport settings\ndef configure():\n    settings.Settings()\nconfigure()\n')
    event, = run.of("copy")
    assert event["site"].endswith("/settings/main.py:6"), event
    assert [c.split("/")[-1] for c in event["callers"]] == ["main.py:4 __init__", "app.py:5 configure", "app.py:6 <module>"], event


def test_a_read_after_a_listing_is_a_read():
    found, run = copies(f"import os\nlist(os.environ)\nos.environ.get('{KEY}')\ndict(os.environ)\nos.environ.get('{KEY}')\n")
    assert found == ["app.py:4"] and [e["site"].split(":")[-1] for e in run.of("read", name=KEY)] == ["3", "5"], run.events


def test_in_threads():
    found, _ = copies("import os, threading\ndef f():\n    for _ in range(200): dict(os.environ); list(os.environ); os.environ.get('HOME')\n"
                      "ts = [threading.Thread(target=f) for _ in range(8)]\n[t.start() for t in ts]; [t.join() for t in ts]\n")
    assert found == ["app.py:3"], found
