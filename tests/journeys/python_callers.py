"""Who called the line of a Python program: the outermost frame of each library on the way, and the first
three of the program."""
import os

import story
from pythons import LONG, each_python, program  # noqa: F401
from story import recorded

KEY = "OPENAI_API_KEY"


def ran(text, python=story.PYTHON, env=None, name="app.py", status=0):
    app = program(text, name)
    run = recorded([python, app], env)
    assert run.status == status, run.err
    return run


def short(place):
    """Less the directory: the last two parts of a path of a library, else the last."""
    path, _, rest = place.partition(":")
    parts = path.split("/")
    return "/".join(parts[-2:] if "site-packages" in parts else parts[-1:]) + ":" + rest


def told(event):
    return [short(event["site"])] + [short(c) for c in event.get("callers", ())]


def client(name="client"):
    """A library whose outer function asks through an inner one."""
    program("from .outer import ask\n", f"site-packages/{name}/__init__.py")
    program("from . import inner\ndef ask(name):\n    return inner.get(name)\n", f"site-packages/{name}/outer.py")
    program("import os\ndef get(name):\n    return again(name)\ndef again(name):\n    return os.environ.get(name)\n",
            f"site-packages/{name}/inner.py")


USES_CLIENT = f"""import sys
sys.path.insert(0, "site-packages")
import client
def load():
    return client.ask("{KEY}")
def main():
    load()
main()
"""


@each_python
def test_of_a_library_the_outermost_frame(python):
    client()
    run = ran(USES_CLIENT, python=python)
    event, = run.of("read", name=KEY)
    assert told(event) == ["client/inner.py:5", "client/outer.py:3 ask", "app.py:5 load", "app.py:7 main", "app.py:8 <module>"], event
    assert event["in"] == "again" and event["place"] == 1, event


def test_of_two_libraries_both():
    client()
    program("import client\ndef run(name):\n    return step(name)\ndef step(name):\n    return client.ask(name)\n",
            "site-packages/agent/__init__.py")
    run = ran(f'import sys\nsys.path.insert(0, "site-packages")\nimport agent\nagent.run("{KEY}")\n')
    event, = run.of("read", name=KEY)
    assert told(event) == ["client/inner.py:5", "client/outer.py:3 ask", "agent/__init__.py:3 run", "app.py:4 <module>"], event


@story.each(*((kind, value) for kind, value in (
    ("absent", None), ("empty", ""), ("quoted", "'sk-abc'"), ("with a line end", "sk-abc\n"), ("a placeholder", "your-api-key"))))
def test_who_asks_for_what_is_not_right(value):
    env = story.environment() if value is None else story.environment(**{KEY: value})
    client()
    event, = ran(USES_CLIENT, env=env).of("read", name=KEY)
    assert len(event["callers"]) == 4, event


def test_a_good_value_has_callers_in_a_library_alone():
    client()
    env = story.environment(**{KEY: story.openai_key()})
    event, = ran(USES_CLIENT, env=env).of("read", name=KEY)
    assert len(event["callers"]) == 4 and event["place"], event
    event, = ran(f"import os\nos.environ['{KEY}']\n", env=env).of("read", name=KEY)
    assert "callers" not in event and "place" not in event and event["site"], event


ACTS = """import os, subprocess
def change():
    os.environ["NEW_TOKEN"] = "x"
    del os.environ["NEW_TOKEN"]
def start():
    subprocess.run(["/bin/true"])
    os.system("true")
def main():
    change()
    start()
main()
"""


@each_python
def test_of_changes_and_launches(python):
    run = ran(ACTS, python=python)
    for kind, site, inner in (("set", "app.py:3", "app.py:9 main"), ("unset", "app.py:4", "app.py:9 main"),
                              ("spawn", "app.py:7", "app.py:10 main")):
        event = [e for e in run.of(kind) if e.get("site", "").endswith(site)][0]
        assert told(event) == [site, inner, "app.py:11 <module>"], event
    launches = [e for kind in ("exec", "spawn", "fork") for e in run.of(kind) if e.get("site", "").endswith("app.py:6")]
    assert any(told(e) == ["app.py:6", "app.py:10 main", "app.py:11 <module>"] for e in launches), launches


def test_a_place_is_told_once():
    run = ran("import os\ndef go():\n    os.system('true')\nfor _ in range(5):\n    go()\nos.system('true')\n")
    events = run.of("spawn")
    assert [("callers" in e, e.get("place")) for e in events] == [(True, 1)] + [(False, 1)] * 4 + [(False, None)], events


def test_a_forked_child_counts_for_itself():
    run = ran("import os\ndef go(name):\n    os.environ.get(name)\ndef main():\n    go('A_TOKEN')\n    if not os.fork():\n"
              "        go('A_TOKEN')\n        os._exit(0)\n    os.wait()\nmain()\n")
    events = run.of("read", name="A_TOKEN")
    assert [len(e["callers"]) for e in events] == [2, 2] and len({e["image"] for e in events}) == 2, events


@story.each(("10 frames", 10), ("27 frames", 27), ("60 frames", 60))
def test_far_out(depth):
    """click is 11 frames deep, node-config 27."""
    program(f"import os\ndef ask(n={depth}):\n    return ask(n - 1) if n else os.environ.get('{KEY}')\n", "site-packages/deep.py")
    event, = ran('import sys\nsys.path.insert(0, "site-packages")\nimport deep\ndef main():\n    deep.ask()\nmain()\n').of("read", name=KEY)
    if depth < 60:
        assert told(event)[1:] == ["site-packages/deep.py:3 ask", "app.py:5 main", "app.py:6 <module>"], event
    else:
        assert told(event)[1:], "nobody"


def test_at_import():
    """Ten modules that import one another: 60 frames of importlib lie between."""
    for n in range(10):
        program(f"import part{n + 1}\n" if n < 9 else f"import os\nos.environ.get('{KEY}')\n", f"site-packages/part{n}.py")
    event, = ran('import sys\nsys.path.insert(0, "site-packages")\nimport part0\n').of("read", name=KEY)
    assert told(event)[-2:] == ["site-packages/part5.py:1 <module>", "app.py:3 <module>"], event  # of nine libraries four are told
    event, = ran(f"import os\nexec(compile('import os; os.environ.get(\"{KEY}\")', 'inner.py', 'exec'))\n").of("read", name=KEY)
    assert told(event) == ["inner.py:1", "app.py:2 <module>"], event


@story.each(("expandvars", "os.path.expandvars('$ABSENT_API_KEY')"), ("a with block", "import contextlib\n  with contextlib.ExitStack() as s: s.callback(os.getenv, 'ABSENT_API_KEY')"),
            ("a mock", "import unittest.mock as m\n  with m.patch.dict(os.environ, {'ABSENT_API_KEY': 'x'}): pass"),
            ("a thread", "import threading\n  t = threading.Thread(target=lambda: os.environ.get('ABSENT_API_KEY')); t.start(); t.join()"))
def test_the_standard_library_is_nobody(text):
    run = ran(f"import os\ndef f():\n  {text}\nf()\n")
    events = [e for kind in ("read", "set", "unset") for e in run.of(kind, name="ABSENT_API_KEY")]
    assert events and all(short(e["site"]).startswith("app.py:") for e in events), events
    assert not any("/lib/python3" in c and "packages" not in c for e in events for c in e.get("callers", ())), events


def test_the_standard_library_alone_is_somebody():
    run = recorded([story.PYTHON, "-m", "timeit", "-n1", "-r1", "-s", "import os", "os.environ.get('ABSENT_API_KEY')"])
    event, = run.of("read", name="ABSENT_API_KEY")
    assert event["site"].startswith("<timeit-src>"), event
