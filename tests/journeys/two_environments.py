"""A language has a copy of the environment beside libc's: what is set in one is not in the other."""
import os

import nodes
import pythons
import story
from nodes import VERSIONS, each_node, node as node_of  # noqa: F401
from pythons import each_python, program
from story import compiled, expect_fault, expect_healthy, expect_no_fault, recorded, which

LONG = {**nodes.LONG, **pythons.LONG}
KEY = "OPENAI_API_KEY"
VALUE = story.openai_key()
PY = story.PYTHON
READ = f"import os\nos.environ['{KEY}']\n"
NATIVE_SET = f"import ctypes\nctypes.CDLL(None).setenv(b'{KEY}', b'{VALUE}', 1)\n"

WORKER = f"""import os
key = os.environ['{KEY}']
"""


def ran(text, python=PY, **more):
    app = program(text)
    return recorded([python, app], story.environment(**more)), app


def touched(run, kind):
    return [(e["name"], e.get("environment")) for e in run.of(kind) if e["name"] == KEY]


def expect_copy(run, victim, culprit=None):
    first = expect_fault(run, "KT403", KEY)
    assert first["victim"]["site"] == victim, first["victim"]
    if culprit:
        assert first["culprit"]["site"] == culprit, first["culprit"]
    return first


# ---- Python --------------------------------------------------------------------

@each_python
def test_putenv_and_a_read_of_os_environ(python):
    run, app = ran(f"import os\nos.putenv('{KEY}', '{VALUE}')\nos.environ['{KEY}']\n", python)
    assert touched(run, "set") == [(KEY, "libc")] and touched(run, "read") == [(KEY, "copy")], run.events
    first = expect_copy(run, f"{app}:3")
    if run.of("set")[0].get("site"):  # from CPython 3.9 on
        assert first["culprit"]["site"] == f"{app}:2", first["culprit"]


@each_python
def test_a_set_of_os_environ_is_of_both(python):
    run, app = ran(f"import os\nos.environ['{KEY}'] = '{VALUE}'\nos.environ['{KEY}']\ndel os.environ['{KEY}']\n", python)
    assert touched(run, "set") == [(KEY, "both")], run.of("set")
    assert (KEY, "both") in touched(run, "unset") and (KEY, "libc") not in touched(run, "unset"), run.of("unset")
    expect_healthy(run, KEY)


CLIENT = f"""import os
class OpenAIError(Exception): pass
def client():
    if not os.environ.get('{KEY}'):
        raise OpenAIError('Missing credentials')
"""
REPLACED = (("by a dict", "os.environ = {'PATH': os.environ['PATH']}"),
            ("by a copy less the key", f"os.environ = os.environ.copy(); del os.environ['{KEY}']"),
            ("by setattr", "setattr(os, 'environ', {})"),
            ("of the module's dict", "vars(os)['environ'] = dict(HOME='/')"))


def with_client(text, python=PY):
    os.makedirs("site-packages/openai", exist_ok=True)
    with open("site-packages/openai/__init__.py", "w") as file:
        file.write(CLIENT)
    return ran("import os, sys\nsys.path.insert(0, 'site-packages')\n" + text, python, **{KEY: VALUE})


@story.each(*REPLACED)
def test_an_object_in_the_place_of_os_environ_lacks_the_key(how):
    run, app = with_client(how + "\nimport openai\nopenai.client()\n")
    first = expect_fault(run, "KT302", KEY)
    assert first["culprit"]["site"] == f"{app}:4" and first["victim"]["end"] == "failed-by-it", first
    assert "os.environ.update" in first["fix"], first


@each_python
def test_the_error_shows_an_object_in_the_place_of_os_environ(python):
    run, app = with_client("import openai\nos.environ = {}\nopenai.client()\n", python)
    first = expect_fault(run, "KT302", KEY)
    assert first["culprit"]["site"] == f"{app}:5", first["culprit"]
    run, app = ran(f"import os\nos.environ = {{}}\nos.environ['{KEY}']\n", python, **{KEY: VALUE})
    expect_fault(run, "KT302", KEY, severity="warning")


def test_an_object_in_the_place_of_os_environ_with_the_key_is_innocent():
    for how in ("os.environ = dict(os.environ)", "os.environ = os.environ.copy()",
                f"saved = os.environ\nos.environ = {{}}\nimport json\nos.environ = saved"):
        run, _ = with_client(how + "\nimport openai\nopenai.client()\n")
        assert run.status == 0, run.err
        expect_no_fault(run)
        assert not [f for f in run.report["findings"] if f["severity"] != "note"], run.report["findings"]


def test_a_mapping_of_the_programs_own_class_is_asked_nothing():
    run, _ = with_client("class Mine(dict):\n    def __getattribute__(self, name):\n        print('asked for', name)\n"
                         "        return dict.__getattribute__(self, name)\n"
                         "os.environ = Mine()\nimport json\nraise ValueError\n")
    assert not run.of("differ") and b"asked" not in run.out, run.out


def test_a_c_library_that_sets_and_a_read_of_os_environ():
    run, app = ran(NATIVE_SET + f"import os\nos.environ.get('{KEY}') or exit('no key')\n")
    assert touched(run, "set") == [(KEY, "libc")], run.of("set")
    expect_copy(run, f"{app}:4")


def test_a_c_library_that_sets_and_reads():
    library = ("#include <stdlib.h>\nint set(const char *v) { return setenv(\"OPENAI_API_KEY\", v, 1); }\n"
               "int missing(void) { return !getenv(\"OPENAI_API_KEY\"); }\n")
    path = compiled(library, "sdk.so", flags=["-shared", "-fPIC"])
    run, _ = ran(f"import ctypes\nsdk = ctypes.CDLL({path!r})\nsdk.set(b'{VALUE}')\nraise SystemExit(sdk.missing())\n")
    assert run.status == 0 and touched(run, "read") == [(KEY, "libc")], run.of("read")
    expect_healthy(run, KEY)


def test_a_forked_worker_reads_the_copy():
    run, app = ran(NATIVE_SET + f"import os\npid = os.fork()\nif not pid:\n    os.environ['{KEY}']\n"
                   "raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n")
    expect_copy(run, f"{app}:6")


@story.each(*((how, how) for how in ("env=os.environ", "env={**os.environ}", "env=dict(os.environ, MORE='1')")))
def test_a_child_that_gets_the_copy(how):
    worker = program(WORKER, "worker.py")
    run, app = ran(f"import os, subprocess, sys\nos.putenv('{KEY}', '{VALUE}')\n"
                   f"sys.exit(subprocess.run([sys.executable, '{worker}'], {how}).returncode)\n")
    expect_copy(run, f"{worker}:2", f"{app}:2")


@story.each(*((how, how) for how in ("subprocess.call([sys.executable, worker])", "os.system(f'{sys.executable} {worker}')",
                                     "os.spawnv(os.P_WAIT, sys.executable, [sys.executable, worker])")))
def test_a_child_that_gets_the_environment_of_libc(how):
    worker = program(WORKER, "worker.py")
    run, _ = ran(f"import os, subprocess, sys\nworker = '{worker}'\nos.putenv('{KEY}', '{VALUE}')\nsys.exit({how})\n")
    assert run.status == 0, run.err
    expect_healthy(run, KEY)


@story.each(*((how, how) for how in ("os.environ = dict(os.environ)", "os.environ = {**os.environ}",
                                     "os.environ = os.environ.copy()")))
def test_os_environ_is_another_object_and_a_child_misses(how):
    worker = program(WORKER, "worker.py")
    run, app = ran(f"import os, subprocess, sys\n{how}\nos.environ['{KEY}'] = '{VALUE}'\n"
                   f"sys.exit(subprocess.run([sys.executable, '{worker}']).returncode)\n")
    first = expect_copy(run, f"{worker}:2", f"{app}:4")
    assert "another object" in first["summary"], first["summary"]


def test_os_environ_is_another_object_and_a_child_is_given_it():
    worker = program(WORKER, "worker.py")
    run, _ = ran(f"import os, subprocess, sys\nos.environ = dict(os.environ)\nos.environ['{KEY}'] = '{VALUE}'\n"
                 f"sys.exit(subprocess.run([sys.executable, '{worker}'], env=os.environ).returncode)\n")
    assert run.status == 0, run.err
    expect_healthy(run, KEY)


def test_os_environ_is_another_object_with_the_same_content():
    worker = program(WORKER, "worker.py")
    run, _ = ran("import os, subprocess, sys\nos.environ = dict(os.environ)\n"
                 f"sys.exit(subprocess.run([sys.executable, '{worker}']).returncode)\n", **{KEY: VALUE})
    assert not run.of("differ"), run.of("differ")
    expect_healthy(run, KEY)


def test_a_mapping_of_the_programs_own_is_not_asked():
    text = ("import os, subprocess\nfrom collections.abc import Mapping\nclass Env(Mapping):\n"
            "    def __getitem__(self, key): print('asked'); return 'x'\n"
            "    def __iter__(self): print('listed'); return iter(['A_TOKEN'])\n"
            "    def __len__(self): return 1\n"
            "os.environ = Env()\nsubprocess.run(['/bin/true'])\n")
    app = program(text)
    bare, traced = story.bare([PY, app]), recorded([PY, app])
    assert (traced.out, traced.err, traced.status) == (bare.out, bare.err, 0), (traced.out, traced.err)


def test_unsetenv_is_not_heard_of_by_os_environ():
    run, _ = ran(f"import os\nos.unsetenv('{KEY}')\nos.environ['{KEY}']\n", **{KEY: VALUE})
    assert touched(run, "unset") == [(KEY, "libc")], run.of("unset")
    expect_healthy(run, KEY)


def test_unsetenv_and_a_child():
    worker = program(WORKER, "worker.py")
    run, app = ran(f"import os, subprocess, sys\nos.unsetenv('{KEY}')\n"
                   f"sys.exit(subprocess.run([sys.executable, '{worker}']).returncode)\n", **{KEY: VALUE})
    first = expect_fault(run, "KT301", KEY)
    if run.of("unset")[0].get("site"):
        assert first["culprit"]["site"] == f"{app}:2", first["culprit"]


def test_both_are_equal_again():
    worker = program(WORKER, "worker.py")
    run, _ = ran(f"import os, subprocess, sys\nown, os.environ = os.environ, dict(os.environ, {KEY}='{VALUE}')\n"
                 f"subprocess.run(['true'])\nos.environ = own\n"
                 f"sys.exit(subprocess.run([sys.executable, '{worker}']).returncode)\n")
    assert len(run.of("differ")) == 2 and not run.of("differ")[1]["env"], run.of("differ")
    assert "KT403" not in run.codes(), run.findings()


def test_a_program_that_starts_many_tells_a_difference_once():
    run, _ = ran(f"import os, subprocess\nos.putenv('{KEY}', '{VALUE}')\nfor i in range(20):\n    subprocess.run(['true'])\n")
    assert len(run.of("differ")) == 1, run.of("differ")
    expect_no_fault(run)


def test_the_line_of_a_putenv_is_not_that_of_the_next_act():
    run, app = ran(f"import os\nos.putenv('{KEY}', '{VALUE}')\nos.putenv('PLAIN', 'x')\n"
                   f"import ctypes\nctypes.CDLL(None).setenv(b'{KEY}', b'other', 1)\n")
    assert [e.get("site") for e in run.of("set", name=KEY)] == [f"{app}:2", None], run.of("set")


def test_no_value_is_in_the_trace():
    run, _ = ran(f"import os, subprocess\nos.environ = dict(os.environ, {KEY}='{VALUE}')\nsubprocess.run(['true'])\n")
    assert run.of("differ"), run.events
    for name in os.listdir(run.trace):
        with open(os.path.join(run.trace, name)) as file:
            assert VALUE not in file.read(), name


def test_the_same_with_and_without_the_recorder():
    app = program("import os, subprocess\nos.putenv('A_TOKEN', 'x')\nos.environ = {'B_TOKEN': 'y', 1: 2, b'c': None}\n"
                  "subprocess.run(['sh', '-c', 'echo $A_TOKEN.$B_TOKEN'])\n"
                  "try:\n    os.putenv('A=', 'x')\nexcept ValueError as e:\n    print(e)\n"
                  "try:\n    raise KeyError\nexcept KeyError:\n    os.system('true')\n    raise\n")
    bare, traced = story.bare([PY, app]), recorded([PY, app])
    assert (traced.out, traced.err, traced.status) == (bare.out, bare.err, bare.status), (traced.err, bare.err)


# ---- PHP -------------------------------------------------------------------------

def php(text, *flags):
    which("php")
    program("<?php\n" + text, "app.php")
    return recorded(["php", *flags, "app.php"])


def expect_first(run, severity, code):
    first = run.findings()[0]
    assert (first["severity"], first["code"], first["variable"]) == (severity, code, KEY), run.findings()
    return first


@story.each(("$_ENV", "$_ENV"), ("$_SERVER", "$_SERVER"))
def test_php_sets_an_array_and_asks_getenv(array):
    run = php(f"{array}['{KEY}'] = '{VALUE}';\nif (!getenv('{KEY}')) exit(1);\n")
    first = expect_first(run, "warning", "KT403")
    assert first["victim"]["site"].endswith("app.php:3") and array in first["summary"], first


@story.each(("a fallback", f"echo strlen(getenv('{KEY}') ?: $_ENV['{KEY}']);"),
            ("the array alone", f"echo strlen($_ENV['{KEY}']);"))
def test_php_that_looks_in_the_array(text):
    run = php(f"$_ENV['{KEY}'] = '{VALUE}';\n{text}\n")
    assert not run.findings("fault") + run.findings("warning"), run.findings()
    assert run.out == str(len(VALUE)).encode(), run.out


@story.each(("getenv", f"getenv('{KEY}')"), ("local only", f"getenv('{KEY}', true)"))
def test_php_that_calls_putenv(read):
    run = php(f"putenv('{KEY}={VALUE}');\nexit({read} ? 0 : 1);\n")
    assert run.status == 0 and not run.of("differ"), run.events
    expect_healthy(run, KEY)


def test_php_that_sets_an_array_and_starts_a_program():
    reader = compiled(story.READER)
    run = php(f"$_ENV['{KEY}'] = '{VALUE}';\nexec('{reader} {KEY}', $out, $status);\nexit($status);\n")
    expect_fault(run, "KT403", KEY, victim="probe", culprit="php")


def test_php_that_takes_it_away_by_putenv():
    reader = compiled(story.READER)
    run = recorded(["php", "-d", "variables_order=EGPCS", program(
        f"<?php\n$_ENV['MORE'] = 'x';\nputenv('{KEY}');\nexec('{reader} {KEY}', $out, $status);\nexit($status);\n", "app.php")],
        story.environment(**{KEY: VALUE})) if which("php") else None
    assert run.of("differ"), run.events
    expect_fault(run, "KT301", KEY, culprit="php")


def test_php_where_both_have_it():
    run = recorded(["php", program(f"<?php\n$_ENV['{KEY}'] = getenv('{KEY}');\nexit(getenv('{KEY}') ? 0 : 1);\n", "app.php")],
                   story.environment(**{KEY: VALUE})) if which("php") else None
    assert not run.of("differ"), run.of("differ")
    expect_healthy(run, KEY)


def test_php_asks_the_same_in_a_loop():
    run = php(f"$_ENV['{KEY}'] = '{VALUE}';\nfor ($i = 0; $i < 5000; $i++) getenv('{KEY}');\n")
    assert len(run.of("differ")) == 1, run.of("differ")


def test_php_is_the_same_with_odd_arrays():
    text = ("$_ENV[5] = 'x'; $_ENV['A_TOKEN'] = ['x']; $x = 'y'; $_ENV['B_TOKEN'] = &$x; $_ENV['C_TOKEN'] = null;\n"
            "$_SERVER = 'no array';\nforeach (['A', 'B', 'C', 'D'] as $n) var_dump(getenv($n . '_TOKEN'));\n"
            "unset($_ENV); exec('true'); var_dump(getenv('A_TOKEN')); var_dump($x);\n")
    run = php(text)
    bare = story.bare(["php", "app.php"])
    assert (run.out, run.err, run.status) == (bare.out, bare.err, bare.status), (run.out, bare.out)


# ---- Ruby ------------------------------------------------------------------------

def test_ruby_has_one_environment():
    which("ruby")
    text = (f"require 'fiddle'\nset = Fiddle::Function.new(Fiddle.dlopen(nil)['setenv'],\n"
            f"  [Fiddle::TYPE_VOIDP, Fiddle::TYPE_VOIDP, Fiddle::TYPE_INT], Fiddle::TYPE_INT)\n"
            f"set.call('{KEY}', '{VALUE}', 1)\nexit(ENV['{KEY}'] ? 0 : 1)\n")
    run = recorded(["ruby", program(text, "app.rb")])
    assert run.status == 0, run.err
    expect_healthy(run, KEY)


def test_ruby_keeps_a_hash_of_its_environment():
    """A copy that the program made itself: it says nothing of a second environment."""
    which("ruby")
    reader = compiled(story.READER)
    text = f"env = ENV.to_h\nenv['{KEY}'] = '{VALUE}'\nexit(system(env, '{reader} {KEY}') ? 0 : 1)\n"
    run = recorded(["ruby", program(text, "app.rb")])
    assert run.status == 0, run.err
    expect_healthy(run, KEY)


# ---- Node ------------------------------------------------------------------------

ADDON = """#include <stdlib.h>
void *napi_register_module_v1(void *env, void *exports)
{
	setenv("OPENAI_API_KEY", VALUE, 1);
	return exports;
}
"""


def test_node_sees_what_an_addon_set():
    which("node")
    addon = compiled(ADDON, "addon.node", flags=["-shared", "-fPIC", f'-DVALUE="{VALUE}"'])
    app = program(f"require({addon!r})\nif (!process.env.{KEY}) process.exit(1)\n", "app.js")
    run = recorded(["node", app])
    assert run.status == 0, run.err
    expect_healthy(run, KEY)


def test_node_whose_process_env_is_another_object_gives_it_to_children():
    which("node")
    reader = compiled(story.READER)
    app = program(f"process.env = {{ ...process.env, {KEY}: '{VALUE}' }}\n"
                  f"const r = require('child_process').spawnSync({reader!r}, ['{KEY}'])\nprocess.exit(r.status)\n", "app.js")
    run = recorded(["node", app])
    assert run.status == 0, run.err
    expect_healthy(run, KEY)


WORKERS = """const { Worker, isMainThread } = require('worker_threads')
const odd = { toString() { console.log('asked') } }
if (isMainThread) {
  SETS
  new Worker(__filename, OPTIONS).on('error', (e) => { console.log(e.message); process.exitCode = 1 })
} else if (!process.env.OPENAI_API_KEY) throw new Error('no key')
"""


def workers(version, sets, options="{}"):
    app = program(WORKERS.replace("SETS", sets).replace("OPTIONS", options), "app.js")
    run = recorded([node_of(version), app])
    assert b"asked" not in run.out, run.out
    return run, app


REPLACED = f"process.env = {{ ...process.env, OPENAI_API_KEY: '{VALUE}', A_TOKEN: odd, get B_TOKEN() {{ odd.toString() }}, C_TOKEN: 5 }}"


@each_node
def test_node_whose_process_env_is_another_object_makes_a_worker(version):
    run, app = workers(version, REPLACED)
    first = expect_copy(run, f"{app}:6", f"{app}:5")
    assert "another object for process.env" in first["summary"], first["summary"]
    assert [*run.of("differ")[0]["env"]] == [KEY], run.of("differ")


@each_node
def test_node_gives_the_object_to_the_worker_itself(version):
    run, _ = workers(version, REPLACED, "{ env: { ...process.env, B_TOKEN: 'x', A_TOKEN: 'y' } }".replace(
        "...process.env", f"{KEY}: process.env.{KEY}"))
    assert run.status == 0, run.out
    assert "KT403" not in run.codes(), run.findings()


@story.each(("a set", f"process.env.{KEY} = '{VALUE}'"), ("assigned", f"Object.assign(process.env, {{ {KEY}: '{VALUE}' }})"))
def test_node_that_sets_process_env_itself_makes_a_worker(sets):
    which("node")
    run, _ = recorded(["node", program(WORKERS.replace("SETS", sets).replace("OPTIONS", "{}"), "app.js")]), None
    assert run.status == 0 and not run.of("differ"), run.out
    expect_healthy(run, KEY)


@story.each(
    ("a getter of process", "Object.defineProperty(globalThis, 'process', { get() { console.log('asked'); return real } })"),
    ("a proxy as process", "globalThis.process = new Proxy(process, { getOwnPropertyDescriptor() { console.log('asked') } })"),
    ("a proxy as process.env", "process.env = new Proxy({}, { getOwnPropertyDescriptor() { console.log('asked') }, ownKeys() { console.log('asked'); return [] } })"),
    ("a getter of process.env", "Object.defineProperty(process, 'env', { get() { log.push(1); return { A_TOKEN: 'x' } } })"),
    ("null", "process.env = null"), ("a text", "process.env = 'A_TOKEN=x'"), ("no process", "delete globalThis.process"),
)
def test_node_is_asked_nothing_of_the_programs_own(text):
    which("node")
    app = program("const { Worker, isMainThread } = require('worker_threads')\nconst real = process, log = []\n"
                  f"if (isMainThread) {{\n  {text}\n  try {{ new Worker(__filename) }} catch (e) {{ console.log(e.message) }}\n"
                  "  console.log(log.length)\n} else console.log(process.env.PATH.length > 0)\n", "app.js")
    bare, traced = story.bare(["node", app]), recorded(["node", app])
    # behind it the frames of Node's own, where a message may meet the end of the worker
    errors = [run.err.partition(b"Emitted 'error' event")[0] for run in (traced, bare)]
    assert (traced.out, errors[0], traced.status) == (bare.out, errors[1], bare.status), (traced.out, bare.out)


NODE_CLIENT = f"""class OpenAIError extends Error {{}}
exports.client = () => {{ if (!process.env.{KEY}) throw new OpenAIError('Missing credentials') }}
"""


def with_node_client(version, text, name="app.js"):
    os.makedirs("node_modules/openai", exist_ok=True)
    with open("node_modules/openai/index.js", "w") as file:
        file.write(NODE_CLIENT)
    app = program(text, name)
    return recorded([node_of(version), app], story.environment(**{KEY: VALUE})), app


NODE_REPLACED = (("by an object", "process.env = { PATH: process.env.PATH }"),
                 ("by a copy less the key", f"process.env = {{ ...process.env }}; delete process.env.{KEY}"),
                 ("behind a comment", "// process.env = {}\nif (process.env == 1) 2\nprocess.env = {}"),
                 ("in one of two lines", "const { PATH } = process.env\nif (PATH) process.env = { PATH }\nelse process.env = {}"),
                 ("by defineProperty", "Object.defineProperty(process, 'env', { value: {} })"))


@each_node
def test_an_object_in_the_place_of_process_env_lacks_the_key(version):
    for title, how in NODE_REPLACED:
        for call in ("require('openai').client()", "(async () => { await null; require('openai').client() })()"):
            run, app = with_node_client(version, f"{how};\n{call}\n")
            assert run.status == 1, run.err
            first = expect_fault(run, "KT302", KEY)
            line = {"by defineProperty": 2, "behind a comment": 3, "in one of two lines": 4}.get(title, 1)
            assert first["culprit"]["site"].startswith(f"{app}:{line}") and first["victim"]["end"] == "failed-by-it", first


@story.each(("with the key", "process.env = { ...process.env }", "require('openai').client()"),
            ("put back", "const real = process.env; process.env = {}; process.env = real", "require('openai').client()"),
            ("caught", "process.env = {}", "try { require('openai').client() } catch {}"))
def test_an_object_in_the_place_of_process_env_is_innocent(how, call):
    which("node")
    app = program(f"{how};\n{call}\n", "app.js")
    os.makedirs("node_modules/openai", exist_ok=True)
    with open("node_modules/openai/index.js", "w") as file:
        file.write(NODE_CLIENT)
    run = recorded(["node", app], story.environment(**{KEY: VALUE}))
    assert run.status == 0, run.err
    assert not [f for f in run.report["findings"] if f["severity"] != "note"], run.report["findings"]


@story.each(*test_node_is_asked_nothing_of_the_programs_own.rows)
def test_node_is_asked_nothing_of_the_programs_own_at_an_error(text):
    which("node")
    app = program("const real = process, log = []\nreal.on('uncaughtException', () => console.log(log.length))\n"
                  f"real.on('unhandledRejection', () => console.log(log.length))\n{text}\n"
                  "Promise.reject(new Error('no'))\nsetTimeout(() => { throw new Error('no') }, 10)\n", "app.js")
    bare, traced = story.bare(["node", app]), recorded(["node", app])
    assert (traced.out, traced.err, traced.status) == (bare.out, bare.err, bare.status), (traced.out, bare.out)
