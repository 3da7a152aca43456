"""Node tells file, line, column and function: of what asked for a variable, set it, took it
away, started the next program or a worker thread; through the library alone, in every version."""
import os
import shutil

import story
from nodes import KEY, LONG, ONE, VERSIONS, each_node, lines, node, program, ran  # noqa: F401
from story import bare, expect_fault, expect_found, expect_healthy, expect_no_fault, recorded, skip

# ---- reads, sets and deletes ----------------------------------------------------

ACTS = f"""const env = process.env
env.{KEY}
function f() {{ return '{KEY}' in process.env }}
f()
Object.prototype.hasOwnProperty.call(process.env, '{KEY}')
env.NOT_THERE_TOKEN
const {{ {KEY} }} = process.env
class C {{ get k() {{ return process.env['{KEY}'] }} }}
new C().k
process.env.NEW_TOKEN = 'x'
Object.assign(process.env, {{ NEW_TOKEN: 'y' }})
delete process.env.NEW_TOKEN
eval('process.env.{KEY}')
setImmediate(async () => {{ await null; env.{KEY} }})
process.env.HOME
"""
READ_AT = ["2", "3", "5", "7", "8", "13", "14"]


def expect_acts(run, app, **fields):
    assert lines(run, app, "read", name=KEY, **fields) == READ_AT, lines(run, app, "read", name=KEY)
    assert all(e["found"] and e["value"]["from"] == "openai" and e["column"] and e["fn"].endswith("process.env")
               for e in run.of("read", name=KEY, **fields))
    places = {e["site"].rsplit(":")[-1]: e for e in run.of("read", name=KEY, **fields)}
    assert places["3"]["in"] == "f" and places["2"]["column"] == 5, places
    missed = run.of("read", name="NOT_THERE_TOKEN", **fields)
    assert [(e["site"], e["found"]) for e in missed] == [(f"{app}:6", False)], missed
    assert lines(run, app, "set", name="NEW_TOKEN", **fields) == ["10", "11"], run.of("set")
    assert lines(run, app, "unset", name="NEW_TOKEN", **fields) == ["12"], run.of("unset")
    assert run.of("unset", **fields)[0]["had"] is True
    assert not run.of("read", name="HOME"), "an ordinary name is told"


@each_node
def test_every_act_in_the_main_thread(version):
    run, app = ran(ACTS, version)
    assert len(run.of("hears", what="process.env")) == 1
    assert len({e["image"] for e in run.of("read")}) == 1
    expect_acts(run, app)


WORKER_ENVS = {"default": "undefined", "process.env": "process.env", "copy": "{ ...process.env }",
               "shared": "require('worker_threads').SHARE_ENV"}


@story.each(*((f"{version}, {mode}", version, mode) for version in VERSIONS for mode in WORKER_ENVS))
def test_every_act_in_a_worker(version, mode):
    worker = program(ACTS, "worker.js")
    run, app = ran(f"""const {{ Worker }} = require('worker_threads')
new Worker('./worker.js', {{
  env: {WORKER_ENVS[mode]} }})
""", version, "main.js")
    births = run.of("birth", by="thread")
    if mode == "shared":
        assert not births, births
        expect_acts(run, worker, image=run.of("birth")[0]["image"])
        return
    assert len(births) == 1 and births[0]["fn"] == "Worker", births
    assert births[0]["site"] == f"{app}:2" and births[0]["column"], births
    assert births[0]["parent"] == run.of("birth", by="exec")[0]["image"], births
    assert list(births[0]["env"]) == [KEY], births
    expect_acts(run, worker, image=births[0]["image"])
    expect_found(run, KEY)
    assert run.report["reason_code"] == "never-set" and "NOT_THERE_TOKEN" in run.report["reason"], run.report


@each_node
def test_who_made_a_worker_is_not_taken_for_it(version):
    run, app = ran("""const { Worker } = require('worker_threads')
for (let i = 0; i < 3; i++) new Worker('1', { eval: true, env: { A: '1' }, execArgv: ['--no-warnings'] })
require('child_process').spawnSync('/bin/true')
""", version)
    process = run.of("birth", by="exec")[0]["image"]
    assert [e["parent"] for e in run.of("birth", by="thread")] == [process] * 3, run.of("birth")
    assert [e["parent"] for e in run.of("birth", by="fork")] == [process], run.of("birth")


@each_node
def test_another_value_or_outcome_is_looked_at_however_often_it_was_read(version):
    run, app = ran(f"""for (let i = 0; i < 3000; i++) process.env.{KEY}
process.env.{KEY} = 'another-value-1'
process.env.{KEY}
delete process.env.{KEY}
process.env.{KEY}
""", version)
    reads = run.of("read", name=KEY)
    assert [e["found"] for e in reads][-2:] == [True, False], reads
    assert lines(run, app, "read", name=KEY)[-2:] == ["3", "5"], reads


@each_node
def test_what_a_worker_does_often_is_counted(version):
    text = (f"for (let i = 0; i < 5000; i++) {{ process.env.{KEY}\n process.env.NEW_TOKEN = 'x'\n"
            " delete process.env.NEW_TOKEN }\n")
    program(text, "worker.js")
    run, _ = ran("new (require('worker_threads').Worker)('./worker.js')\n", version)
    assert [e.get("n", 1) for e in run.of("read")] == [2 ** i for i in range(7)], run.of("read")  # then one in 8192
    for kind in ("set", "unset"):
        assert [e.get("n", 1) for e in run.of(kind)] == [*range(1, 65)], kind


@each_node
def test_each_worker_reads_for_itself_however_many_were_there_before(version):
    program(f"process.env.{KEY}\n", "worker.js")  # one at a time: each lies where the one before it did
    run, _ = ran(f"""const {{ Worker }} = require('worker_threads')
const start = (left) => left && new Worker('./worker.js', {{ env: {{ {KEY}: process.env.{KEY} }} }}).on('exit', () => start(left - 1))
start(80)
""", version)
    workers = [e["image"] for e in run.of("birth", by="thread")]
    assert len(workers) == 80, len(workers)
    assert set(workers) <= {e["image"] for e in run.of("read", name=KEY)}, "one that read it has no read"


@each_node
def test_a_worker_of_a_worker(version):
    run, app = ran(f"""const {{ Worker, workerData }} = require('worker_threads')
const depth = workerData || 0
if (depth === 2) process.env.{KEY}
if (depth < 2) new Worker(__filename, {{ workerData: depth + 1 }})
""", version)
    ids = [e["image"] for e in run.of("birth")]
    assert [e.get("parent") for e in run.of("birth")] == [None, *ids[:2]], run.of("birth")
    assert [e["image"] for e in run.of("read", name=KEY)] == ids[2:], run.of("read")
    expect_healthy(run, KEY)


@each_node
def test_one_read_is_told_once_however_long_its_value(version):
    run, app = ran("process.env.LONG_TOKEN\nfor (let i = 0; i < 8; i++) process.env.LONG_TOKEN\n",
                   version, LONG_TOKEN="x" * 5000)
    assert [(e["site"][-1], e.get("n", 1), e["value"]["len"]) for e in run.of("read", name="LONG_TOKEN")] == \
        [("1", 1, 5000), ("2", 1, 5000), ("2", 2, 5000), ("2", 4, 5000), ("2", 8, 5000)], run.of("read")


@each_node
def test_modules_and_the_words_of_their_names(version):
    os.mkdir("a b")
    run, app = ran(f"export const key = process.env.{KEY}\n", version, "app.mjs")
    assert lines(run, app, "read", name=KEY) == ["1"], run.of("read")
    run, app = ran(f"export const key = process.env.{KEY}\n", version, "a b/app.mjs")
    assert run.of("read", name=KEY)[0]["site"].endswith("a%20b/app.mjs:1"), run.of("read")


@story.each(("24", "24"), ("26", "26"))
def test_typescript(version):
    run, app = ran(f"""interface Settings {{
  key?: string
}}

const settings: Settings = {{ key: process.env.{KEY} }}
process.env.NEW_TOKEN = settings.key as string
""", version, "app.ts")
    assert lines(run, app, "read", name=KEY) == ["5"], run.of("read")
    assert lines(run, app, "set", name="NEW_TOKEN") == ["6"], run.of("set")


def test_a_name_that_is_too_long_is_no_place_rather_than_a_wrong_one():
    deep = "/".join(["d" * 60] * 6)
    os.makedirs(deep)
    program(f"module.exports = () => process.env.{KEY}\n", deep + "/long.js")
    run, app = ran(f"require('./{deep}/long.js')()\n", ONE)
    assert [e.get("site") for e in run.of("read", name=KEY)] == [None], run.of("read")


@each_node
def test_code_without_a_file(version):
    env = story.environment(**{KEY: story.openai_key()})
    run = recorded([node(version), "-e", f"\nprocess.env.{KEY}"], env)
    assert [e["site"] for e in run.of("read", name=KEY)] == ["[eval]:2"], run.of("read")
    run = recorded([node(version), "-p", f"new Function('return process.env.{KEY}')().length > 9"], env)
    assert run.out == b"true\n" and [e["site"] for e in run.of("read", name=KEY)] == ["[eval]:1"], run.of("read")


# ---- a listing is no read --------------------------------------------------------

LISTINGS = """const { execFileSync, spawnSync, spawn, fork } = require('child_process')
const copy = { ...process.env }
Object.keys(process.env), Object.values(process.env), Object.entries(process.env)
Object.assign({}, process.env), JSON.stringify(process.env), Reflect.ownKeys(process.env)
Object.getOwnPropertyDescriptors(process.env)
require('util').inspect(process.env)
for (const name in process.env) copy[name] = 1
for (const name in
  process.env) {
  copy[name] = 2
}
for (const [name, value] of Object.entries(process.env)) copy[name] = value
const { PATH, ...rest } = process.env
spawnSync('/bin/true')
execFileSync('/bin/true', [], { env: { ...process.env, MORE: '1' } })
spawn('/bin/true')
fork('/dev/null')
"""


@each_node
def test_a_listing_is_no_read(version):
    run, _ = ran(LISTINGS, version)
    assert not run.of("read", name=KEY), run.of("read", name=KEY)
    assert {v["name"]: v["readers"] for v in run.report["variables"]} == {KEY: 0}, run.report["variables"]


@each_node
def test_a_listing_in_a_worker_is_no_read(version):
    program(LISTINGS, "worker.js")
    run, _ = ran("new (require('worker_threads').Worker)('./worker.js')\n", version)
    assert run.of("birth", by="thread") and not run.of("read", name=KEY), run.of("read", name=KEY)


@each_node
def test_a_read_in_a_loop_over_the_names_is_a_read(version):
    run, app = ran("for (const name in process.env) {\n  process.env[name]\n}\n"
                   "for (const name of Object.keys(process.env)) process.env[name]\n", version)
    assert lines(run, app, "read", name=KEY) == ["2", "4"], run.of("read")


COPIES = """const copy = { ...process.env }
Object.assign({}, process.env)
Object.entries(process.env), Object.values(process.env)
JSON.stringify(process.env)
structuredClone(process.env)
const { PATH, ...rest } = process.env
for (const [name, value] of Object.entries(process.env)) copy[name] = value
function all() { return { ...process.env } }
for (let i = 0; i < 9; i++) all()
"""
NO_COPIES = """const { spawnSync, fork } = require('child_process')
Object.keys(process.env), Reflect.ownKeys(process.env)
for (const name in process.env) ;
Object.keys(process.env); process.env.HOME
Object.keys(process.env).filter((name) => name in process.env)
require('util').inspect(process.env)
spawnSync('/bin/true')
fork('/dev/null')
"""


@story.each(*((f"{version}, {whether}", version, whether) for version in VERSIONS for whether in ("with the key", "without")))
def test_a_copy_is_told_once_for_each_place(version, whether):
    app = program(COPIES + NO_COPIES)
    env = story.environment(**({KEY: story.openai_key()} if whether == "with the key" else {}))
    run = recorded([node(version), app], env)
    assert run.status == 0, run.err
    assert lines(run, app, "copy", fn="process.env") == ["1", "2", "3", "3", "4", "5", "6", "7", "8"], run.of("copy")
    assert run.of("copy")[-1]["in"] == "all" and run.of("copy")[-1]["callers"] == [app + ":9"], run.of("copy")
    assert not run.of("read", name=KEY, fn="process.env"), run.of("read")


@each_node
def test_a_copy_in_a_worker_is_of_its_environment(version):
    worker = program(COPIES + NO_COPIES, "worker.js")
    run, _ = ran("new (require('worker_threads').Worker)('./worker.js', { env: { A: '1' } })\n", version)
    (birth,) = run.of("birth", by="thread")
    assert lines(run, worker, "copy", image=birth["image"]) == ["1", "2", "3", "3", "4", "5", "6", "7", "8"], run.of("copy")


@each_node
def test_an_environment_put_together_for_a_child_is_told_where_it_is(version):
    os.makedirs("node_modules/starter")
    program("exports.start = (p) => require('child_process').spawnSync(p, { env: { ...process.env, A: '1' } })\n",
            "node_modules/starter/index.js")
    run, app = ran("require('starter').start('/bin/true')\n", version)
    (copy,) = run.of("copy")
    assert "/starter/index.js:1" in copy["site"] and copy["callers"] == [app + ":1"], copy


@each_node
def test_a_launcher_that_passes_all_on_is_no_reader(version):
    program(f"process.env.{KEY}\n", "worker.js")
    run, _ = ran("require('child_process').spawnSync(process.execPath, ['worker.js'])\n", version)
    expect_healthy(run, KEY)
    found = [v for v in run.report["variables"] if v["name"] == KEY]
    assert found[0]["readers"] == 1, found


# ---- what starts a program or a thread ----------------------------------------------

LAUNCHES = """const cp = require('child_process')
function start() { cp.spawnSync('/bin/true') }
start()
cp.execFileSync('/bin/true', [], { env: { A: '1' } })
cp.execSync('true')
cp.spawn('/bin/true')
cp.exec('true')
cp.execFile('/bin/true', () => {})
cp.fork('./none.js', { stdio: 'ignore' })
require('util').promisify(cp.execFile)('/bin/true')
setTimeout(() => cp.spawn('/bin/true', { env: {} }), 1)
"""


@each_node
def test_every_form_of_launch(version):
    program("", "none.js")
    run, app = ran(LAUNCHES, version)
    execs = [e for e in run.of("exec") if e["fn"] == "execvp"]
    places = sorted(int(e["site"].replace(app + ":", "")) for e in execs)
    assert places == [2, 4, 5, 6, 7, 8, 9, 10, 11], places
    first = next(e for e in execs if e["site"] == f"{app}:2")
    assert first["in"] == "start" and first["column"] == 23, first


@each_node
def test_cluster(version):
    run, app = ran("""const cluster = require('cluster')
if (cluster.isMaster) {
  cluster.fork()
} else {
  process.exit(0)
}
""", version)
    assert lines(run, app, "exec") == ["3"], run.of("exec")


@each_node
def test_a_rebuilt_environment_names_both_lines(version):
    worker = program(f"const read = () => process.env.{KEY}\nif (!read()) process.exit(1)\n", "worker.js")
    run, app = ran("""const { spawn } = require('child_process')
const env = { PATH: process.env.PATH }
spawn(process.execPath, ['worker.js'], { env })
  .on('exit', (status) => { process.exitCode = status })
""", version, "launch.js", status=1)
    first = expect_fault(run, "KT201", KEY, victim="node", culprit="node")
    assert first["victim"]["site"] == worker + ":1", first["victim"]
    assert first["culprit"]["site"] == app + ":3", first["culprit"]
    assert first["culprit"]["operation"] == "execvp", first["culprit"]


# ---- KT207 -----------------------------------------------------------------------------

def thread_of(env, version):
    worker = program(f"""'use strict'
function key() {{
  return process.env.{KEY}
}}
if (!key()) throw new Error('401')
""", "worker.js")
    main = program(f"""const {{ Worker, SHARE_ENV }} = require('worker_threads')
const env = {env}

new Worker('./worker.js', {{ env }}).on('error', (error) => {{
  console.error(error.message)
  process.exitCode = 1
}})
""", "main.js")
    return recorded([node(version), main], story.with_key(KEY)), main, worker


@each_node
def test_a_worker_with_an_environment_of_its_own_that_lacks_it(version):
    run, main, worker = thread_of("{ NODE_ENV: 'production' }", version)
    assert run.status == 1, run.err
    first = expect_fault(run, "KT207", KEY, victim="node", culprit="node")
    assert first["culprit"]["site"] == main + ":4" and first["culprit"]["operation"] == "Worker", first
    assert first["victim"]["site"] == worker + ":3", first
    assert first["confidence"] == "certain" and "Worker" in first["fix"], first
    assert [s["state"] for s in first["path"]] == ["present", "absent"], first["path"]
    assert [s.get("thread") for s in first["path"]] == [None, True] and "thread" not in first["culprit"], first
    coverage = run.report["coverage"]
    assert (coverage["images"], coverage["observed"], coverage["gaps"]) == (1, 1, []), coverage


@story.each(*((f"{version}, {env}", version, env) for version in VERSIONS
              for env in ("undefined", "process.env", "{ ...process.env, A: 1 }", "SHARE_ENV",
                          f"{{ {KEY}: process.env.{KEY} }}")))
def test_a_worker_that_has_it_is_healthy(version, env):
    run, _, _ = thread_of(env, version)
    assert run.status == 0, run.err
    expect_healthy(run, KEY)


@each_node
def test_what_such_a_worker_starts_lacks_it_too(version):
    program(f"if (!process.env.{KEY}) process.exit(1)\n", "tool.js")
    program("""const { spawnSync } = require('child_process')
if (spawnSync(process.execPath, ['tool.js']).status) throw new Error('401')
""", "worker.js")
    run, main = ran("""const { Worker } = require('worker_threads')
new Worker('./worker.js', { env: { PATH: '/bin' } })
  .on('error', () => { process.exitCode = 1 })
""", version, "main.js", status=1)
    first = expect_fault(run, "KT207", KEY, victim="node", culprit="node")
    assert first["culprit"]["site"] == main + ":2", first["culprit"]
    assert first["victim"]["site"].endswith("/tool.js:1"), first["victim"]


# ---- read too early ------------------------------------------------------------------------

def dotenv():
    shutil.copytree(story.fetched("dotenv", story.downloads("dotenv")[0]), "node_modules/dotenv")


@each_node
def test_imports_run_before_dotenv(version):
    dotenv()
    with open(".env", "w") as file:
        file.write(f"STRIPE_SECRET_KEY=sk_live_{story.random_text(32)}\n")
    client = program("const key = process.env.STRIPE_SECRET_KEY\nexport const has = () => Boolean(key)\n", "client.mjs")
    run, app = ran("""import dotenv from 'dotenv'
import { has } from './client.mjs'

dotenv.config({ quiet: true })
process.exit(has() ? 0 : 1)
""", version, "app.mjs", status=1)
    first = expect_fault(run, "KT401", "STRIPE_SECRET_KEY", victim="node", culprit="node")
    assert first["victim"]["site"] == client + ":1", first["victim"]
    assert first["culprit"]["site"] == f"{app}:4", first["culprit"]


@each_node
def test_who_asks_whether_it_is_there_has_not_got_it(version):
    run, _ = ran(f"process.exit('{KEY}' in process.env && Object.hasOwn(process.env, '{KEY}') ? 0 : 1)\n", version)
    assert run.report["verdict"] == "inconclusive" and "KT901" not in run.codes(), run.report
    app = program(f"process.exit('{KEY}' in process.env ? 0 : 1)\n", "alone.js")
    run = recorded([node(version), app], story.environment())
    first = expect_fault(run, "KT101", KEY, victim="node")
    assert first["victim"]["site"] == app + ":1", first


@each_node
def test_a_set_that_follows_at_once_is_no_excuse(version):
    """Another part of the program asked: the loader's own look is the same function's."""
    client = program("exports.key = process.env.STRIPE_SECRET_KEY\n", "client.cjs")
    run, app = ran("const { key } = require('./client.cjs'); process.env.STRIPE_SECRET_KEY = 'x-1234567'; process.exit(key ? 0 : 1)\n",
                   version, "app.cjs", status=1)
    first = expect_fault(run, "KT401", "STRIPE_SECRET_KEY", victim="node", culprit="node")
    assert first["victim"]["site"] == client + ":1" and first["culprit"]["site"] == app + ":1", first


@each_node
def test_dotenv_first_is_healthy(version):
    dotenv()
    with open(".env", "w") as file:
        file.write(f"STRIPE_SECRET_KEY=sk_live_{story.random_text(32)}\n")
    program("export const key = process.env.STRIPE_SECRET_KEY\n", "client.mjs")
    run, _ = ran("""import 'dotenv/config'
import { key } from './client.mjs'
process.exit(key ? 0 : 1)
""", version, "app.mjs")
    expect_no_fault(run)
    assert "KT401" not in run.codes("fault") + run.codes("warning"), run.codes()


# ---- a Node that cannot be asked --------------------------------------------------------------

def blinded(version):
    """A Node whose V8 lacks one of the functions that are looked for."""
    with open(node(version), "rb") as file:
        image = file.read()
    name = b"_ZN2v87Isolate9InContextEv\0"
    if name not in image:
        skip("V8 lies in a library of its own here")
    with open("node", "wb") as file:
        file.write(image.replace(name, b"_ZN2v87Isolate9InContextEx\0"))
    os.chmod("node", 0o755)
    return os.path.abspath("node")


@each_node
def test_without_its_symbols_libc_is_heard_and_the_report_says_so(version):
    app = program(f"process.env.{KEY}\n")
    run = recorded([blinded(version), app], story.with_key(KEY))
    assert run.status == 0, run.err
    assert not run.of("hears") and not run.of("read", fn="process.env"), run.of("read")
    found = run.of("read", name=KEY, fn="getenv")
    assert found and "site" not in found[0] and found[0]["at"], found
    gaps = run.report["coverage"]["gaps"]
    assert [g["reason"] for g in gaps] == ["thread-env"], gaps
    expect_healthy(run, KEY)


def test_with_its_symbols_there_is_no_gap():
    run, _ = ran(f"process.env.{KEY}\n", ONE)
    assert run.report["coverage"]["gaps"] == [], run.report["coverage"]


# ---- transparency -----------------------------------------------------------------------------

TORTURE = {
    "stack overflow": f"""
let deepest = 0
function down(n) {{ deepest = n; if (!process.env.{KEY}) console.log('gone'); down(n + 1) }}
for (let i = 0; i < 3; i++) try {{ down(0) }} catch (e) {{ console.log(e instanceof RangeError, e.message) }}
""",
    "contexts": f"""
const vm = require('vm')
for (let i = 0; i < 20; i++) {{
  const context = vm.createContext({{ process, console }})
  console.log(vm.runInContext('process.env.{KEY}.length', context))
  console.log(vm.runInNewContext("'NOT_THERE_TOKEN' in p.env", {{ p: process }}, {{ filename: 'x.vm' }}))
}}
""",
    "prepareStackTrace": f"""
Error.prepareStackTrace = () => {{ console.log('asked'); throw new Error('no') }}
Error.stackTraceLimit = 0
process.env.{KEY}; process.env.NOT_THERE_TOKEN; process.env.NEW_TOKEN = 'x'; delete process.env.NEW_TOKEN
console.log(Object.keys(process.env).length > 3)
require('child_process').spawnSync('/bin/true')
""",
    "proxies": f"""
const seen = []
const proxy = new Proxy(process.env, {{
  get(t, k, r) {{ seen.push(String(k)); return Reflect.get(t, k) }},
  has(t, k) {{ seen.push(String(k)); return Reflect.has(t, k) }},
  ownKeys(t) {{ seen.push('keys'); return Reflect.ownKeys(t) }} }})
console.log(proxy.{KEY}.length, '{KEY}' in proxy, Object.keys({{ ...proxy }}).includes('{KEY}'))
console.log(seen.slice(0, 3), require('util').types.isProxy(process.env))
const heir = Object.create(process.env)
console.log(heir.{KEY}.length, Object.keys(heir).length, Object.getOwnPropertyNames(heir).length)
""",
    "names": f"""
const odd = [Symbol('x'), Symbol.iterator, 0, -1, 1.5, 10n, null, undefined, '', '=', 'a=b', '\\0', '{KEY}\\0x',
  '\\ud800', 'é'.repeat(300), 'X'.repeat(5000) + '_TOKEN', '__proto__', 'constructor', 'toString']
for (const name of odd) {{
  for (const act of [() => process.env[name], () => name in process.env, () => delete process.env[name],
    () => {{ process.env[name] = 'v' }}, () => process.env[name], () => Object.hasOwn(process.env, name),
    () => delete process.env[name]])
    try {{ console.log(typeof name, String(act())) }} catch (e) {{ console.log(e.name, e.code, e.message) }}
}}
for (const value of [Symbol('v'), undefined, null, 1, {{}}, {{ toString() {{ throw new Error('mine') }} }}])
  try {{ process.env.ODD_TOKEN = value; console.log(process.env.ODD_TOKEN) }} catch (e) {{ console.log(e.message) }}
try {{ Object.defineProperty(process.env, 'GET_TOKEN', {{ get() {{ return 1 }} }}) }} catch (e) {{ console.log(e.code) }}
console.log(JSON.stringify(Object.getOwnPropertyDescriptor(process.env, '{KEY}')).length)
Object.freeze
try {{ Object.freeze(process.env) }} catch (e) {{ console.log(e.message) }}
""",
    "garbage": f"""
let kept = []
for (let i = 0; i < 200000; i++) {{
  kept.push({{ v: process.env.{KEY}, o: [process.env['T' + i % 50 + '_TOKEN'], '{KEY}' in process.env] }})
  if (kept.length > 500) kept = []
}}
console.log(kept.length)
""",
    "terminated workers": f"""
const {{ Worker }} = require('worker_threads')
const body = "for (;;) {{ process.env.{KEY}; process.env.A_TOKEN = 'x'; delete process.env.A_TOKEN;" +
  " ({{ ...process.env }}); '{KEY}' in process.env }}"
let left = 24
for (let i = 0; i < left; i++) {{
  const env = [undefined, {{ {KEY}: 'x' }}, require('worker_threads').SHARE_ENV][i % 3]
  const w = new Worker(body, {{ eval: true, env, resourceLimits: {{ maxOldGenerationSizeMb: 8 }} }})
  w.on('online', () => setTimeout(() => w.terminate(), i % 7))
  w.on('exit', (code) => {{ if (!--left) console.log('all ended', code) }})
}}
""",
    "async and generators": f"""
async function* g() {{ for (let i = 0; i < 3; i++) {{ await null; yield process.env.{KEY}.length }} }}
(async () => {{ for await (const n of g()) console.log(n) }})()
process.on('exit', () => console.log(process.env.{KEY}.length))
const r = new FinalizationRegistry(() => process.env.{KEY}); r.register({{}})
process.emitWarning = () => {{}}
queueMicrotask(() => console.log(process.env.{KEY} !== undefined))
""",
    "uncaught": f"""
process.env.{KEY}
function thrower() {{ process.env.NOT_THERE_TOKEN.length }}
thrower()
""",
}
FLAGS = {"garbage": ("--max-semi-space-size=1", "--max-old-space-size=24"), "stack overflow": ("--stack-size=800",)}


def same_as_bare(command, env):
    without, traced = bare(command, env), recorded(command, env)
    assert (traced.status, traced.out, traced.err) == (without.status, without.out, without.err), \
        (traced.status, without.status, traced.out[-500:], without.out[-500:], traced.err[-800:], without.err[-800:])
    return traced


@story.patience(240)
@story.each(*((f"{version}, {what}", version, what) for version in VERSIONS for what in TORTURE))
def test_nothing_is_noticed(version, what):
    app = program(TORTURE[what])
    traced = same_as_bare([node(version), *FLAGS.get(what, ()), app], story.environment(**{KEY: story.openai_key()}))
    assert traced.of("hears"), "it was not heard at all"
    if what == "stack overflow":
        assert traced.of("read", name=KEY), "nothing was recorded"


@story.patience(240)
@story.each(*((f"{version}, {what}", version, what) for version in VERSIONS
              for what in ("stack overflow", "contexts", "prepareStackTrace", "proxies", "names", "garbage")))
def test_nothing_is_noticed_in_a_worker(version, what):
    program(TORTURE[what], "worker.js")
    app = program("const { Worker } = require('worker_threads')\n"
                  "new Worker('./worker.js', { resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 1 } })\n"
                  "  .on('error', (e) => console.log(e.code, e.message))\n  .on('exit', (code) => console.log(code))\n")
    traced = same_as_bare([node(version), app], story.environment(**{KEY: story.openai_key()}))
    assert traced.of("birth", by="thread"), "it was not heard at all"


@story.each(*((version, version) for version in VERSIONS if version != "18"))  # which has none
def test_under_its_permission_model(version):
    flag = "--permission" if int(version) >= 24 else "--experimental-permission"
    app = program(f"console.log(process.env.{KEY}.length, process.permission.has('fs.write'))\n"
                  "try { require('child_process').spawnSync('/bin/true') } catch (e) { console.log(e.code) }\n"
                  "try { new (require('worker_threads').Worker)('1', { eval: true }) } catch (e) { console.log(e.code) }\n")
    command = [node(version), "--no-warnings", flag, f"--allow-fs-read={app}", app]
    traced = same_as_bare(command, story.environment(**{KEY: story.openai_key()}))
    assert lines(traced, app, "read", name=KEY) == ["1"], traced.of("read")


@each_node
def test_a_heap_that_overflows_ends_the_same(version):
    app = program(f"const all = []\nfor (;;) all.push(process.env.{KEY} + all.length, new Array(1000).fill(0))\n")
    command = [node(version), "--max-old-space-size=16", app]
    env = story.environment(**{KEY: story.openai_key()})
    without, traced = bare(command, env), recorded(command, env)
    assert traced.status == without.status, (traced.status, without.status)
    assert b"heap out of memory" in traced.err and b"heap out of memory" in without.err


@each_node
def test_no_secret_in_the_trace(version):
    key = story.openai_key()
    program(f"const {{ Worker }} = require('worker_threads')\nprocess.env.{KEY}\n"
            f"new Worker('process.env.{KEY}; process.env.B_TOKEN = process.env.{KEY}', {{ eval: true }})\n")
    run = recorded([node(version), "app.js"], story.environment(**{KEY: key}))
    assert len(run.of("birth")) == 2 and len(run.of("read", name=KEY)) >= 2
    for name in os.listdir(run.trace):
        with open(os.path.join(run.trace, name), "rb") as file:
            assert key[8:].encode() not in file.read(), name


@each_node
def test_a_worker_made_before_the_key_was_set(version):
    worker = program(f"if (!process.env.{KEY}) process.exit(1)\n", "worker.js")
    path = program(f"""const worker = new (require('worker_threads').Worker)('./worker.js')
process.env.{KEY} = 'sk-{'a' * 40}'
worker.on('exit', (code) => process.exit(code))
""", "main.js")
    run = recorded([node(version), path], story.environment())
    assert run.status == 1, (run.status, run.err)
    first = expect_fault(run, "KT207", KEY, victim="node", culprit="node")
    assert f"before main.js:2 sets {KEY}" in first["summary"], first
    assert (first["culprit"]["site"], first["victim"]["site"]) == (f"{path}:1", f"{worker}:1"), first
