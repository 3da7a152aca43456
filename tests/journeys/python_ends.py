"""Why a Python program ended: the exception that nobody caught, or the line that called exit."""
import os

import event_places
import story
from event_places import callers, raises
from pythons import LONG, each_python, program  # noqa: F401
from story import recorded

READER = """import os
def key():
    return os.environ["NO_SUCH_TOKEN"]
"""


def ended(text, *words, python=story.PYTHON, status=1, name="app.py", env=None):
    """Runs a program bare and recorded, which must be the same; answers the recorded run and the program."""
    app = program(text, name)
    program(READER, os.path.join(os.path.dirname(app), "reader.py"))
    bare = story.bare([python, app, *words], env)
    run = recorded([python, app, *words], env)
    assert (run.status, run.out, run.err) == (bare.status, bare.out, bare.err), (run.err, bare.err)
    assert run.status == status, run.err
    return run, app


def exit_place(run, fn="exit"):
    return event_places.exit_place(run, fn=fn)


# ---- exceptions that nobody catches ----------------------------------------------------------

@each_python
def test_the_cause_of_an_exception(python):
    text = """class Lost(Exception):
    @property
    def __cause__(self): raise SystemError("asked")
def f(error, cause):
    try:
        raise cause
    except Exception as e:
        raise error from e
"""
    for call, wanted in (("f(ImportError('x'), Lost())", "__main__.Lost"), ("f(OSError(2, 'x'), KeyError('x'))", "KeyError"),
                         ("f(Lost(), KeyError('x'))", "KeyError"), ("1/0", None), ("raise ImportError('x') from None", None)):
        run, _ = ended(text + call + "\n", python=python)
        assert [e.get("cause") for e in run.of("raise")] == [wanted], (call, run.of("raise"))


@each_python
def test_the_error_that_was_being_handled(python):
    text = """class Lost(Exception):
    @property
    def __context__(self): raise SystemError("asked")
    @property
    def __suppress_context__(self): raise SystemError("asked")
def f(error, handled, *of):
    try:
        raise handled
    except Exception:
        if of: raise error from of[0]
        raise error
"""
    for call, wanted in (("f(RuntimeError('x'), Lost())", (None, "__main__.Lost")), ("f(Lost(), KeyError('x'))", (None, "KeyError")),
                         ("f(RuntimeError('x'), Lost(), None)", (None, None)), ("f(RuntimeError('x'), Lost(), KeyError('x'))", ("KeyError", None)),
                         ("1/0", (None, None))):
        run, _ = ended(text + call + "\n", python=python)
        assert [(e.get("cause"), e.get("context")) for e in run.of("raise")] == [wanted], (call, run.of("raise"))


@each_python
def test_an_uncaught_exception(python):
    run, app = ended("import reader\ndef main():\n    reader.key()\nmain()\n", python=python)
    assert raises(run) == [("KeyError", "reader.py:3", "key")], run.of("raise")
    assert callers(run, run.of("raise")[0]) == ["app.py:3 main", "app.py:4 <module>"], run.events
    assert "NO_SUCH_TOKEN" not in str(run.of("raise")), "a message is told"


@story.each(
    ("a class of a module", "import json\njson.loads('{')\n", "json.decoder.JSONDecodeError", "app.py:2"),
    ("a class of the program", "class Lost(Exception): pass\ndef f():\n  raise Lost('x')\nf()\n", "__main__.Lost", "app.py:3"),
    ("a class in a function", "def f():\n  class Lost(Exception): pass\n  raise Lost\nf()\n", "__main__.f.<locals>.Lost", "app.py:3"),
    ("from another", "try:\n  1/0\nexcept ZeroDivisionError as e:\n  raise ValueError('x') from e\n", "ValueError", "app.py:4"),
    ("in asyncio.run", "import asyncio\nasync def f():\n  raise OSError(2, 'x')\nasyncio.run(f())\n", "FileNotFoundError", "app.py:3"),
    ("an assertion", "assert 0, 'x'\n", "AssertionError", "app.py:1"),
    ("a hook of the program", "import sys\nsys.excepthook = lambda *a: print('mine')\n1/0\n", "ZeroDivisionError", "app.py:3"),
    ("a hook that fails", "import sys\ndef f(*a): 1/0\nsys.excepthook = f\nint('x')\n", "ValueError", "app.py:4"),
    ("a finally on the way", "def f():\n  try:\n    1/0\n  finally:\n    print(1)\nf()\n", "ZeroDivisionError", "app.py:3"),
    ("a syntax error", "x = 1\nif x\n", "SyntaxError", "app.py:2"),
    ("an import of nothing", "import no_such_module_at_all\n", "ModuleNotFoundError", "app.py:1"),
    ("an exec of text", "exec('1/0')\n", "ZeroDivisionError", "<string>:1"),
    ("after a caught exit", "import sys\ntry:\n  sys.exit(3)\nexcept SystemExit: pass\nint('x')\n", "ValueError", "app.py:5"))
def test_whatever_is_raised(text, wanted, site):
    run, _ = ended(text)
    assert [r[:2] for r in raises(run)] == [(wanted, site)], run.of("raise")
    assert not any(e.get("site") for e in run.of("exit")), run.of("exit")


RAISED_BY = (("raise ValueError('x')\n", None), ("assert 0\n", None), ("with open('/dev/null'):\n  raise KeyError('x')\n", None),
             ("try:\n  1/0\nfinally:\n  raise ValueError\n", None), ("try:\n  raise KeyError\nfinally:\n  print(1)\n", None),
             ("int('x')\n", "operation"), ("{}['k']\n", "operation"), ("None + 1\n", "operation"), ("open('/no/such')\n", "operation"),
             ("with open('/dev/null'):\n  int('x')\n", "operation"), ("import shlex\nshlex.split('\"')\n", "shlex.py"),
             ("import json\njson.loads('{')\n", "decoder.py"))


@each_python
def test_what_raised_an_exception(python):
    found = [(text, ended(text, python=python)[0].of("raise")[0].get("by")) for text, _ in RAISED_BY]
    assert found == list(RAISED_BY), [f for f, wanted in zip(found, RAISED_BY) if f != wanted]


@each_python
def test_a_deep_recursion(python):
    run, app = ended("def f(n):\n    return f(n + 1)\nf(0)\n", python=python)
    assert raises(run) == [("RecursionError", "app.py:2", "f")], run.of("raise")
    assert len(run.of("raise")[0]["callers"]) == 3


@each_python
def test_no_code_of_the_program_is_run(python):
    """A metaclass, an exception and a traceback that would say so."""
    text = """import sys
class Meta(type):
    def __getattribute__(cls, name):
        if not listening: return super().__getattribute__(name)
        print("asked for", name, flush=True)
        return super().__getattribute__(name)
    __module__ = property(lambda cls: print("module", flush=True))
class Lost(Exception, metaclass=Meta):
    def __getattribute__(self, name):
        if listening: print("instance", name, flush=True)
        return super().__getattribute__(name)
    def __str__(self):
        print("str", flush=True); return ""
    __repr__ = __str__
    def __del__(self):
        pass
listening = False
sys.excepthook = lambda *a: None
def f():
    global listening
    e = Lost("secret")
    listening = True
    raise e
f()
"""
    run, _ = ended(text, python=python)
    assert [(r[0], r[1]) for r in raises(run)] == [("__main__.Lost", "app.py:23")], run.of("raise")
    assert b"module" not in run.out and b"str" not in run.out, run.out


def test_an_exception_of_the_standard_library_has_the_programs_line():
    run, _ = ended("import json\ndef f():\n    json.loads('{')\nf()\n")
    assert raises(run) == [("json.decoder.JSONDecodeError", "app.py:3", "f")], run.of("raise")


def test_of_a_library_both_lines_are_told():
    program("def ask():\n    inner()\ndef inner():\n    raise LookupError('x')\n", "site-packages/client/api.py")
    program("from .api import ask\n", "site-packages/client/__init__.py")
    run, app = ended("import sys\nsys.path.insert(0, 'site-packages')\nimport client\ndef main():\n    client.ask()\nmain()\n")
    event = run.of("raise")[0]
    assert event["site"].endswith("site-packages/client/api.py:4"), event
    assert [c.split("/")[-1] for c in event["callers"]] == ["api.py:2 ask", "app.py:5 main", "app.py:6 <module>"], event


def test_a_forked_child_tells_its_own():
    text = "import os\npid = os.fork()\nif not pid:\n    1/0\nos.waitpid(pid, 0)\n"
    run, _ = ended(text, status=0)
    event, = run.of("raise")
    assert event["image"] in {b["image"] for b in run.of("birth", by="fork")}, event


THREAD = """import reader, threading
def work():
    reader.key()
t = threading.Thread(target=work)
t.start(); t.join()
"""
CHILD = """import multiprocessing as m, reader, sys
def work():
    reader.key()
if __name__ == "__main__":
    p = m.get_context(sys.argv[1]).Process(target=work)
    p.start(); p.join()
    sys.exit(p.exitcode)
"""


def ended_somehow(text, *words, python, status):
    """The same, for a program that prints names of its own."""
    app = program(text)
    program(READER, "reader.py")
    run = recorded([python, app, *words])
    assert run.status == status, run.err
    return run


@each_python
def test_in_a_thread(python):
    run = ended_somehow(THREAD, python=python, status=0)
    assert raises(run) == [("KeyError", "reader.py:3", "key")], run.of("raise")
    assert run.of("raise")[0]["thread"] > 1


@each_python
def test_in_a_child_of_multiprocessing(python):
    for method in "fork", "spawn":
        run = ended_somehow(CHILD, method, python=python, status=1)
        assert raises(run) == [("KeyError", "reader.py:3", "key")], (method, run.of("raise"))
        child = run.of("birth")[-1]["image"] if method == "fork" else run.of("raise")[0]["image"]
        assert run.of("raise")[0]["image"] == child != run.of("birth")[0]["image"], run.of("raise")


def test_files_opened_in_a_handler_raise_nothing():
    run, _ = ended("import reader, threading\ndef work():\n  try:\n    reader.key()\n  except KeyError:\n    open('/dev/null').close()\n"
                   "work()\nt = threading.Thread(target=work); t.start(); t.join()\n", status=0)
    assert not run.of("raise"), run.of("raise")


def test_an_interrupt():
    run, _ = ended("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(5)\n", status=130)
    assert [r[0] for r in raises(run)] == ["KeyboardInterrupt"], run.of("raise")


def test_a_caught_exception_is_not_told():
    run, _ = ended("import reader\nfor _ in range(3):\n    try:\n        reader.key()\n    except KeyError:\n        pass\n", status=0)
    assert not run.of("raise"), run.of("raise")


# ---- who called exit ---------------------------------------------------------------------------

@each_python
def test_sys_exit_while_an_exception_is_handled(python):
    run, app = ended("import reader, sys\ntry:\n    reader.key()\nexcept KeyError:\n    sys.exit(3)\n", python=python, status=3)
    assert raises(run, handled=True) == [("KeyError", "reader.py:3", "key")], run.of("raise")
    assert exit_place(run) == ("app.py:5", "<module>"), run.of("exit")


EXITS = (
    ("sys.exit", "import sys\ndef f():\n  sys.exit(5)\nf()\n", 5, "app.py:3"),
    ("sys.exit of a text", "import sys\nsys.exit('gone')\n", 1, "app.py:2"),
    ("sys.exit of nothing", "import sys\nsys.exit()\n", 0, "app.py:2"),
    ("an alias of sys.exit", "from sys import exit as leave\nleave(5)\n", 5, "app.py:2"),
    ("raise SystemExit", "def f():\n  raise SystemExit(6)\nf()\n", 6, "app.py:2"),
    ("raise SystemExit, bare", "def f():\n  raise SystemExit\nf()\n", 0, "app.py:2"),
    ("exit", "def f():\n  exit(7)\nf()\n", 7, "app.py:2"),
    ("quit", "quit(7)\n", 7, "app.py:1"),
    ("argparse", "import argparse\np = argparse.ArgumentParser()\np.add_argument('x')\np.parse_args()\n", 2, "app.py:4"),
    ("a finally on the way", "import sys\ntry:\n  sys.exit(5)\nfinally:\n  print(1)\n", 5, "app.py:3"),
    ("a with on the way", "import sys, contextlib\nwith contextlib.suppress(KeyError):\n  sys.exit(5)\n", 5, "app.py:3"),
    ("raised again", "import sys\ntry:\n  sys.exit(5)\nexcept SystemExit:\n  raise\n", 5, "app.py:3"),
    ("caught, and another", "import sys\ntry:\n  sys.exit(3)\nexcept SystemExit: pass\nraise SystemExit(5)\n", 5, "app.py:5"),
    ("caught by name, and another", "import sys\ntry:\n  sys.exit(3)\nexcept SystemExit as e: pass\nsys.exit(5)\n", 5, "app.py:5"),
    ("made, then sys.exit", "import sys\ne = SystemExit(3)\nsys.exit(5)\n", 5, "app.py:3"),
    ("after a fork", "import os, sys\npid = os.fork()\nif pid: os.waitpid(pid, 0)\nsys.exit(5)\n", 5, "app.py:4"),
)


@each_python
def test_every_form_of_exit(python):
    for label, text, status, site in EXITS:
        run, _ = ended(text, python=python, status=status)
        assert exit_place(run)[0] == site, (label, run.of("exit"))


@each_python
def test_os__exit(python):
    text = "import os\ndef f():\n    os._exit(5)\nif not os.fork():\n    f()\nprint(os.wait()[1])\nf()\n"
    run, _ = ended(text, python=python, status=5)
    assert [e["site"].split("/")[-1] for e in run.of("exit", fn="_exit")] == ["app.py:3"] * 2, run.of("exit")


@each_python
def test_python_m(python):
    """The status is returned from main, which not every libc tells."""
    program("import sys\ndef f():\n    sys.exit(5)\nf()\n", "module.py")
    run = recorded([python, "-m", "module"])
    assert run.status == 5, run.err
    for event in run.of("exit"):
        assert event["site"].endswith("module.py:3") and event["in"] == "f", event
    run = recorded([python, "-c", "1"])
    assert not any("site" in e for e in run.of("exit")), run.of("exit")


def test_an_exit_that_was_caught_is_no_end():
    run, _ = ended("import sys\ntry:\n    sys.exit(3)\nexcept SystemExit:\n    pass\n", status=0)
    assert not any(e.get("site") for e in run.of("exit")), run.of("exit")


def test_another_threads_exit_is_no_end():
    run, _ = ended("import sys, threading\nt = threading.Thread(target=lambda: sys.exit(3))\nt.start(); t.join()\nraise SystemExit(5)\n",
                   status=5)
    assert exit_place(run)[0] == "app.py:4", run.of("exit")


def test_a_child_that_cannot_exec_calls_no_exit():
    text = "import subprocess\ntry:\n    subprocess.run(['/no/such/program'], preexec_fn=lambda: None)\nexcept OSError:\n    pass\n"
    for python in story.PYTHON, "/usr/bin/python3":
        run, _ = ended(text, status=0, python=python)
        assert not any(e.get("site") for e in run.of("exit")), run.of("exit")


# ---- the guest is not changed --------------------------------------------------------------------

LOOKS = """import sys, pickle, inspect, io, traceback, types
print(repr(sys.exit), sys.exit.__name__, sys.exit.__doc__, sys.exit.__module__, type(sys.exit), sys.exit.__self__)
print(isinstance(sys.exit, types.BuiltinFunctionType), callable(sys.exit), sys.exit == sys.exit, hash(sys.exit) == hash(sys.exit))
try: print(inspect.signature(sys.exit))
except ValueError as e: print(e)
print(pickle.dumps(sys.exit))
class Mine(SystemExit):
    def __init__(self, *a): super().__init__(*a)
class Plain(SystemExit): pass
for make in SystemExit, Mine, Plain:
    e = make(1, 2)
    print(e.code, e.args, repr(e), make.__mro__, make.__init__.__name__, SystemExit.__init__ is make.__init__)
print(SystemExit.__dict__['__init__'], SystemExit.__init__.__objclass__, SystemExit.__init__.__name__)
for call in (lambda: sys.exit(1, 2), lambda: sys.exit(status=1), lambda: SystemExit(code=1), lambda: sys.exit(), lambda: sys.exit(None),
             lambda: sys.exit((1, 2)), lambda: sys.exit(KeyError), lambda: sys.exit(SystemExit(4))):
    try: call()
    except BaseException as e: print(type(e), e.args, getattr(e, 'code', None), e.__context__, e.__cause__, traceback.format_exc())
try:
    try: 1/0
    except ZeroDivisionError: sys.exit(3)
except SystemExit as e: print(repr(e.__context__), e.__suppress_context__)
calls = []
sys.setprofile(lambda f, what, arg: calls.append((what, getattr(arg, '__name__', None))))
try: sys.exit(3)
except SystemExit: pass
sys.setprofile(None)
print(calls)
def counted():
    import gc
    gc.collect()
    before = sys.getrefcount(SystemExit), len(gc.get_objects())
    for _ in range(100):
        try:
            try: {}[1]
            except KeyError: sys.exit(1)
        except SystemExit: pass
        try: raise SystemExit(2)
        except SystemExit: pass
    gc.collect()
    print(sys.getrefcount(SystemExit) - before[0], abs(len(gc.get_objects()) - before[1]) < 3)
counted()
"""


@each_python
def test_sys_exit_looks_as_before(python):
    ended(LOOKS, python=python, status=0)


@each_python
def test_nothing_is_replaced_with_ends_0(python):
    app = program("import sys\ntry:\n    {}[1]\nexcept KeyError:\n    sys.exit(5)\n")
    trace = os.path.abspath("trace")
    story.bare([python, app], story.preloaded(story.environment(), trace, "ends=0"))
    events = story.events_of(trace)
    assert not any(e["e"] == "raise" or e["e"] == "exit" and "site" in e for e in events), events
    story.bare([python, program("1/0\n")], story.preloaded(story.environment(), trace, "ends=0"))
    assert [e["type"] for e in story.events_of(trace) if e["e"] == "raise"] == ["ZeroDivisionError"]


SUBINTERPRETERS = """import sys
try: import _interpreters as i
except ImportError:
    import _xxsubinterpreters as i
for _ in range(3):
    one = i.create()
    i.run_string(one, 'import os, sys\\ntry: sys.exit(3)\\nexcept SystemExit: pass\\nos.environ.get("NO_SUCH_TOKEN")')
    i.destroy(one)
sys.exit(5)
"""


@each_python
def test_subinterpreters(python):
    run, _ = ended(SUBINTERPRETERS, python=python, status=5)
    assert exit_place(run)[0] == "app.py:9", run.of("exit")


# ---- whether the message speaks of a credential --------------------------------------------------

TRAPS = "class Own(Exception):\n  @property\n  def args(self): print('asked')\n  def __str__(self): return 'fine'\n  __getattr__ = lambda self, name: print(name)\n"


@story.each(
    ("a status", "raise RuntimeError('401 invalid')\n", True),
    ("a text with a value", "raise ValueError('Incorrect API key provided: sk-verysecretvalue')\n", True),
    ("bytes", "raise ValueError(b'unauthorized')\n", True),
    ("another text", "raise RuntimeError('disk full at block 14012')\n", False),
    ("a number", "raise RuntimeError(401)\n", False),
    ("nothing", "raise RuntimeError\n", False),
    ("a text of a class's own", "class Text(str):\n  def __str__(self): print('asked')\n  encode = lower = __str__\nraise RuntimeError(Text('API key'))\n", True),
    ("properties of the program", TRAPS + "raise Own('401')\n", True),
    ("a long text", "raise RuntimeError('x' * 5000 + ' 401')\n", False),
    ("a lone surrogate", "raise RuntimeError('401 \\udc80')\n", False))
def test_whether_a_message_speaks_of_a_credential(text, wanted):
    run, _ = ended(text)
    assert [e.get("credential", False) for e in run.of("raise")] == [wanted], run.of("raise")
    assert not any(word in str(run.events) for word in ("invalid", "verysecret", "Incorrect", "unauthorized")), run.events


@each_python
def test_a_message_about_a_credential(python):
    run, _ = ended("raise RuntimeError('401 invalid key')\n", python=python)
    assert [e.get("credential") for e in run.of("raise")] == [True], run.of("raise")
