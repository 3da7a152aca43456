"""CPython tells file and line: of what asked for a variable, set it, took it away, and
of what started the next program; through the library alone."""
import glob
import os

import story
from pythons import LONG, each_python, program  # noqa: F401
from story import compiled, expect_fault, expect_healthy, expect_no_fault, recorded

KEY = "OPENAI_API_KEY"


def ran(text, *flags, python=story.PYTHON, **more):
    path = program(text)
    run = recorded([python, *flags, path], story.environment(**{KEY: story.openai_key(), **more}))
    assert run.status == 0, run.err
    return run, path


def sites(run, kind, **fields):
    return [e.get("site") for e in run.of(kind, **fields)]


READS = f"""import os
a = os.environ["{KEY}"]
b = os.environ.get("{KEY}")
c = os.getenv("{KEY}")
d = "{KEY}" in os.environ
def f():
    return os.environb[b"{KEY}"]
f()
try:
    os.environ["NOT_THERE_TOKEN"]
except KeyError:
    pass
os.getenv("PATH")
"""


@each_python
def test_every_form_of_read(python):
    run, app = ran(READS, python=python)
    found = sites(run, "read", name=KEY, fn="os.environ")
    assert found == [f"{app}:{n}" for n in (2, 3, 4, 5, 7)], found
    assert run.of("read", site=f"{app}:7")[0]["in"] == "f"
    assert all(e["found"] and e["value"]["from"] == "openai" for e in run.of("read", name=KEY))
    missed = run.of("read", name="NOT_THERE_TOKEN")
    assert [(e["site"], e["found"]) for e in missed] == [(f"{app}:10", False)], missed


LISTINGS = """import os, subprocess
{**os.environ}
dict(os.environ)
os.environ.copy()
list(os.environ.items()), list(os.environ.values()), list(os.environ)
for name, value in os.environ.items():
    pass
for name in os.environ:
    pass
str(os.environ)
subprocess.run(["/bin/true"])
subprocess.run(["/bin/true"], env={**os.environ, "MORE": "1"})
"""


@each_python
def test_a_listing_is_no_read(python):
    run, _ = ran(LISTINGS, python=python)
    assert run.of("hears"), "it is not heard at all"
    assert not run.of("read", name=KEY), sites(run, "read", name=KEY)


def test_a_read_in_a_loop_over_the_names_is_a_read():
    run, app = ran("import os\nfor name in os.environ:\n    os.environ[name]\n")
    assert sites(run, "read", name=KEY) == [f"{app}:3"], run.of("read")


LAUNCHES = """import os, subprocess
subprocess.run(["/bin/true"])
subprocess.call("true", shell=True)
os.system("true")
os.posix_spawn("/bin/true", ["true"], os.environ)
os.wait()
if not os.fork():
    os.execv("/bin/true", ["true"])
os.wait()
"""


@each_python
def test_every_form_of_launch(python):
    run, app = ran(LAUNCHES, python=python)
    got = [e.get("site", "").replace(app + ":", "") for e in run.of("exec") + run.of("spawn")
           if e.get("site", "").startswith(app)]
    assert {"2", "3", "4", "5", "8"} <= set(got), got


@each_python
def test_sets_and_deletes(python):
    run, app = ran("import os\nos.environ['NEW_TOKEN'] = 'x'\ndel os.environ['NEW_TOKEN']\n", python=python)
    assert sites(run, "set", name="NEW_TOKEN") == [f"{app}:2"]
    assert sites(run, "unset", name="NEW_TOKEN")[:1] == [f"{app}:3"]


@story.each(*((flags, flags) for flags in ("-I", "-S", "-E", "-B", "-Xdev", "-O", "-u", "-Ximporttime")))
def test_whatever_the_flags(flags):
    run, app = ran(f"import os\nos.environ['{KEY}']\n", flags)
    assert sites(run, "read", name=KEY) == [f"{app}:2"], run.of("read")


def test_an_exception_passes_through_untouched():
    text = ("import os\ntry:\n    os.environ['NO_SUCH_TOKEN']\nexcept KeyError as e:\n"
            "    print(e.args, e.__context__, e.__suppress_context__)\n"
            "for bad in (1, None, 'a\\0b'):\n"
            "    try:\n        os.environ[bad]\n    except Exception as e:\n        print(type(e).__name__, e)\n"
            "    try:\n        os.environ[bad] = 'x'\n    except Exception as e:\n        print(type(e).__name__, e)\n"
            "try:\n    os.environ.__setitem__('X')\nexcept TypeError:\n    print('TypeError')\n")
    path = program(text)
    bare, traced = (story.bare([story.PYTHON, path]), recorded([story.PYTHON, path]))
    assert (traced.out, traced.err, traced.status) == (bare.out, bare.err, bare.status), (traced.out, bare.out)


@each_python
def test_the_signatures_of_the_environment_are_as_before(python):
    script = program("import inspect, os\nfor m in ('getitem', 'setitem', 'delitem', 'iter'):\n"
                     "    bound, plain = (getattr(o, f'__{m}__') for o in (os.environ, os._Environ))\n"
                     "    print(inspect.signature(bound), len(inspect.signature(plain).parameters), plain.__doc__)\n")
    run, alone = (start([python, script], story.environment()) for start in (recorded, story.bare))
    assert (run.status, run.out, run.err) == (alone.status, alone.out, alone.err), (run.out, alone.out, run.err)


def test_read_at_import_and_set_later():
    program(f"import os\nKEY = os.environ.get('{KEY}')\n", "client.py")
    program("import os\ndef load():\n    os.environ['OPENAI_API_KEY'] = 'sk-' + 'a' * 40\n", "settings.py")
    app = program("import client\nimport time\ntime.sleep(0.01)\nimport settings\nsettings.load()\n"
                  "raise SystemExit(0 if client.KEY else 1)\n")
    run = recorded([story.PYTHON, app])
    first = expect_fault(run, "KT401", KEY, victim="python")
    here = os.getcwd()
    assert first["victim"]["site"] == f"{here}/client.py:2", first["victim"]
    assert first["culprit"]["site"] == f"{here}/settings.py:3", first["culprit"]


def test_a_python_worker_that_misses_names_both_lines():
    worker = program(f"import os\nos.environ['{KEY}']\n", "worker.py")
    launcher = program("import os, subprocess, sys\n"
                       f"env = {{'PATH': os.environ['PATH']}}\nr = subprocess.run([sys.executable, '{worker}'],\n"
                       "                   env=env)\nsys.exit(r.returncode)\n", "launch.py")
    run = recorded([story.PYTHON, launcher], story.environment(**{KEY: story.openai_key()}))
    first = expect_fault(run, "KT201", KEY, victim="python", culprit="python")
    assert first["victim"]["site"] == worker + ":2", first["victim"]
    assert first["culprit"]["site"].startswith(launcher + ":"), first["culprit"]


def test_a_python_worker_that_gets_it_is_healthy():
    worker = program(f"import os\nos.environ['{KEY}']\n", "worker.py")
    run = recorded([story.PYTHON, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '{worker}'])"],
                   story.environment(**{KEY: story.openai_key()}))
    expect_healthy(run, KEY)


def test_python_dotenvs_probe_is_no_early_read():
    run = recorded([story.PYTHON, program(
        "import os\nif 'LOADED_TOKEN' not in os.environ:\n    os.environ['LOADED_TOKEN'] = 'value'\n"
        "os.environ['LOADED_TOKEN']\n")])
    expect_no_fault(run)
    assert "KT401" not in run.codes("fault") + run.codes("warning"), run.codes()


def test_threads_and_forks_are_heard():
    text = (f"import os, threading, multiprocessing as mp\n"
            f"def read():\n    os.environ['{KEY}']\n"
            "if __name__ == '__main__':\n"
            "    ts = [threading.Thread(target=read) for _ in range(8)]\n"
            "    [t.start() for t in ts]; [t.join() for t in ts]\n"
            "    p = mp.get_context('fork').Process(target=read); p.start(); p.join()\n"
            "    p = mp.get_context('spawn').Process(target=read); p.start(); p.join()\n")
    run, app = ran(text)
    images = {e["image"] for e in run.of("read", name=KEY, site=f"{app}:3")}
    assert len(images) == 3, images


# ---- an interpreter that a program loads later ---------------------------------------------

EMBEDS = r"""
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
	int failed = 0;
	for (int i = 0; i < atoi(argv[2]); i++) {
		void *lib = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
		if (!lib)
			return puts(dlerror()), 9;
		((void (*)(void))dlsym(lib, "Py_Initialize"))();
		failed |= ((int (*)(const char *))dlsym(lib, "PyRun_SimpleString"))(
			"import os; exec(compile(open('app.py').read(), os.path.abspath('app.py'), 'exec'))");
		failed |= ((int (*)(void))dlsym(lib, "Py_FinalizeEx"))();
	}
	return failed;
}
"""


def libraries():
    """Every libpython 3.8 or later, and the home that goes with it."""
    found = glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/lib/libpython3.*.so.1.0")) + \
        glob.glob("/usr/lib/x86_64-linux-gnu/libpython3.*.so.1.0")
    for path in sorted(found):
        minor = int(path.rsplit("libpython3.", 1)[1].split(".")[0].rstrip("m"))
        if minor >= 8:
            yield path.replace(os.path.expanduser("~/.pyenv/versions/"), ""), path


@story.each(*(libraries() or [("none", None)]))
def test_loaded_later(path):
    app = program(f"import os\nos.environ['{KEY}']\nos.system('true')\n")
    host = compiled(EMBEDS, "host", flags=("-ldl",))
    home = os.path.dirname(os.path.dirname(path)) if ".pyenv" in path else "/usr"
    for more in ({}, {"PYTHONMALLOC": "debug"}):
        run = recorded([host, path, "1"], story.environment(**{KEY: story.openai_key(), "PYTHONHOME": home, **more}))
        assert run.status == 0, run.err
        assert sites(run, "read", fn="os.environ") == [app + ":2"], run.of("read")
        assert sites(run, "spawn", fn="system") == [app + ":3"], run.of("spawn")


@story.each(*(libraries() or [("none", None)]))
def test_begun_again(path):
    app = program(f"import os\nos.environ['{KEY}']\n")
    home = os.path.dirname(os.path.dirname(path)) if ".pyenv" in path else "/usr"
    env = story.environment(**{KEY: story.openai_key(), "PYTHONHOME": home})
    run = recorded([compiled(EMBEDS, "host", flags=("-ldl",)), path, "5"], env)
    assert run.status == 0, run.err
    assert sites(run, "read", fn="os.environ") == [app + ":2"] * 3, run.of("read")  # the 1st, 2nd and 4th
    assert run.of("read", fn="os.environ")[-1]["n"] == 4


LATE = """import multiprocessing, os, sys
def work():
    sys.exit("401" if "OPENAI_API_KEY" not in os.environ and not os.environ.get("OPENAI_API_KEY") else 0)
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=work)
    child.start()
    os.environ["OPENAI_API_KEY"] = "sk-" + "a" * 40
    child.join()
    sys.exit(child.exitcode)
"""


@story.each(*((method, method) for method in ("fork", "spawn", "forkserver")))
def test_set_after_the_child_was_started(method):
    app = program(LATE)
    run = recorded([story.PYTHON, app, method], story.environment())
    assert run.status == 1, run.err
    first = expect_fault(run, "KT401", KEY, victim="python", culprit="python")
    assert f"before app.py:8 sets {KEY}" in first["summary"], first
    assert first["victim"]["site"] == f"{app}:3", first
    assert first["culprit"]["site"] == f"{app}:7", first


AGAIN_AND_AGAIN = f"""import os, sys
def lend():
    os.environ["{KEY}"] = "sk-" + "t" * 40
    del os.environ["{KEY}"]
for _ in range(int(sys.argv[1])):
    lend()
if not os.environ.get("{KEY}"):
    sys.exit("401")
"""


@story.each(*((str(n), n) for n in (3, 70, 1000, 20000)))
def test_taken_away_again_and_again(times):
    app = program(AGAIN_AND_AGAIN)
    for more in ({}, {KEY: story.openai_key()}):
        run = recorded([story.PYTHON, app, str(times)], story.environment(**more))
        assert run.status == 1, run.err
        first = expect_fault(run, "KT301", KEY, victim="python", culprit="python")
        assert (first["culprit"]["site"], first["victim"]["site"]) == (f"{app}:4", f"{app}:7"), first
        assert len(run.of("unset")) < 100, "a loop fills the trace"
