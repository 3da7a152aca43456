"""Why a Node program ended: the error that nobody caught, or the line that called process.exit();
in every version, and nothing that a program does or prints changes."""
import os
import tempfile

import story
from nodes import LONG, VERSIONS, each_node, node, program  # noqa: F401
from story import bare, events_of, preloaded


def steady(err):
    """Less the frames of Node itself: a worker's end may overtake its error."""
    return [line for line in err.splitlines() if b"(node:" not in line]


def ended(version, text, *settings, name="app.js", flags=(), arguments=()):
    """The program bare and recorded, equal in all that can be seen; its events, and its path."""
    app = program(text, name)
    command, env, trace = [node(version), *flags, app, *arguments], story.environment(), tempfile.mkdtemp(dir=os.getcwd())
    alone, traced = bare(command, env), bare(command, preloaded(env, trace, *settings))
    assert (traced.status, traced.out, steady(traced.err)) == (alone.status, alone.out, steady(alone.err)), \
        f"recorded {traced.status} {traced.out!r} {traced.err!r}, bare {alone.status} {alone.out!r} {alone.err!r}"
    return alone.status, events_of(trace), app


def facts(event, app):
    """Class (of a raise), line, function and callers, without the program's path."""
    short = [c.replace(app, "") for c in event.get("callers", [])]
    return (event.get("type"), event.get("site", "").replace(app + ":", ""), event.get("in"), short)


def raised(version, text, **more):
    status, events, app = ended(version, text, **more)
    return status, [facts(e, app) for e in events if e["e"] == "raise"]


def left(version, text, **more):
    """The status, and where the `exit` says that the program called process.exit()."""
    status, events, app = ended(version, text, **more)
    exits = [e for e in events if e["e"] == "exit"]
    assert len(exits) == 1, exits
    return status, facts(exits[0], app)[1:], [facts(e, app) for e in events if e["e"] == "raise"]


# ---- errors that nobody caught ----------------------------------------------------------

def expect_raise(version, text, *wanted, status=1, **more):
    got, found = raised(version, text, **more)
    assert (got, found) == (status, [wanted]), (got, found)


@each_node
def test_an_error_in_a_callback(version):
    expect_raise(version, """class MyError extends TypeError {}
function f() {
  throw new MyError('secret text')
}
setTimeout(() => f(), 1)
""", "MyError", "3", "f", [":5"])


@each_node
def test_an_error_in_the_main_script(version):
    expect_raise(version, "function f(k) {\n  return k.length\n}\nfunction main() { f(process.env.NOPE) }\nmain()\n",
                 "TypeError", "2", "f", [":4 main", ":5"])


@each_node
def test_an_error_that_node_throws_is_told_where_the_program_called(version):
    expect_raise(version, "function load() {\n  return require('fs').readFileSync('/nonexistent')\n}\nload()\n",
                 "Error", "2", "load", [":4"])


@each_node
def test_an_async_main_that_fails(version):
    expect_raise(version, "async function main() {\n  await null\n  throw new RangeError('no key')\n}\nmain()\n",
                 "RangeError", "3", "main", [])


@each_node
def test_a_rejection_whose_stack_was_made_before(version):
    expect_raise(version, "async function main() {\n  const e = new RangeError('no key'); String(e.stack)\n  throw e\n}\nmain()\n",
                 "RangeError", "3", None, [])


@each_node
def test_an_es_module(version):
    expect_raise(version, "function f() {\n  throw new RangeError('no key')\n}\nf()\n", "RangeError", "2", "f", [":4"], name="app.mjs")


@each_node
def test_a_top_level_await(version):
    expect_raise(version, "async function f() {\n  await null\n  throw new RangeError('no key')\n}\nawait f()\n",
                 "RangeError", "3", "f", [":5"], name="app.mjs")


@each_node
def test_of_a_text_that_was_thrown_the_kind_is_told(version):
    expect_raise(version, "throw 'sk-proj-not-for-a-trace'\n", "string", "1", None, [])
    expect_raise(version, "async function main() { throw 'sk-proj-not-for-a-trace' }\nmain()\n", "string", "1", None, [])


@each_node
def test_a_syntax_error_is_told_where_it_stands(version):
    expect_raise(version, "\nfunction (\n", "SyntaxError", "2", None, [])


@each_node
def test_another_context(version):
    got, found = raised(version, """require('vm').runInNewContext('function inner() { throw new TypeError("x") }; inner()', {},
  { filename: 'inner.vm' })
""")
    assert (got, found[0][:2]) == (1, ("TypeError", "inner.vm:1")), found


@each_node
def test_a_library_is_told_by_its_outermost_frame(version):
    os.makedirs("node_modules/client/lib")
    program("exports.check = (k) => { if (!k) throw new Error('key') }\n", "node_modules/client/lib/check.js")
    program("const { check } = require('./lib/check')\nexports.Client = class Client {\n  constructor(k) { check(k) } }\n",
            "node_modules/client/index.js")
    status, events, app = ended(version, "const { Client } = require('client')\nfunction make() { return new Client() }\nmake()\n")
    (error,) = [e for e in events if e["e"] == "raise"]
    assert error["site"].endswith("/client/lib/check.js:1"), error
    assert [c.rsplit("/", 1)[1] for c in error["callers"]] == \
        ["index.js:3 Client", "app.js:2 make", "app.js:3"], error


@each_node
def test_a_worker_that_fails(version):
    status, found = raised(version, """const { Worker, isMainThread } = require('worker_threads')
if (isMainThread) new Worker(__filename, { env: { A: '1' } })
else setTimeout(function work() { throw new RangeError('w') }, 1)
""")
    assert (status, found) == (1, [("RangeError", "3", "work", [])]), found


@each_node
def test_a_class_may_have_any_name(version):
    expect_raise(version, "throw Object.assign(new Error('x'), { [Symbol.toStringTag]: 'sk-a b\\n\"' })\n",
                 "Error", "1", None, [])


RAISED_BY = (("throw new Error('x')", None), ("null.x", None), ("JSON.parse('{')", None), ("Promise.reject(new Error('x'))", None),
             ("require('fs').readFileSync('/no/such')", "node:fs"), ("require('fs').rmdirSync('/no/such')", "node:fs"),
             ("new URL('x')", "node:internal/url"))


@each_node
def test_what_raised_an_error(version):
    found = []
    for text, _ in RAISED_BY:
        _, events, _ = ended(version, text + "\n")
        found += [(text, e.get("by")) for e in events if e["e"] == "raise"]
    assert found == list(RAISED_BY), [f for f, wanted in zip(found, RAISED_BY) if f != wanted]


# ---- process.exit --------------------------------------------------------------------------

@each_node
def test_the_line_of_process_exit(version):
    text = "function leave() {\n  process.exit(3)\n}\nfunction main() { leave() }\nsetTimeout(main, 1)\n"
    assert left(version, text) == (3, ("2", "leave", [":4 main"]), []), left(version, text)
    text = "process.on('exit', function last() { process.exit(9) })\nprocess.exit(2)\n"
    assert left(version, text) == (9, ("1", "last", [":2"]), []), left(version, text)
    text = "(function r() { process.reallyExit(6) })()\n"
    assert left(version, text)[:2] == (6, ("1", "r", [":1"])), left(version, text)


@each_node
def test_a_handler_that_leaves_and_what_it_was_called_for(version):
    text = "process.on('uncaughtException', () => {\n  process.exit(7)\n})\nfunction bad() { null.x }\nsetTimeout(bad, 1)\n"
    assert left(version, text) == (7, ("2", None, []), [("TypeError", "4", None, [])]), left(version, text)
    text = "process.on('unhandledRejection', () => {\n  process.exit(8)\n})\nasync function bad() { null.x }\nbad()\n"
    assert left(version, text) == (8, ("2", None, []), [("TypeError", "4", None, [])]), left(version, text)


@each_node
def test_a_rejection_that_was_handled_is_no_end(version):
    text = """async function read() { throw new Error('x') }
read().catch((e) => {
  console.error(e.name)
  process.exit(1)
})
"""
    assert left(version, text) == (1, ("4", None, []), []), left(version, text)
    text = """for (let i = 0; i < 5; i++) { const p = Promise.reject(new Error('late')); setImmediate(() => p.catch(() => {})) }
process.on('unhandledRejection', () => {})
setImmediate(() => setImmediate(() => process.exit(1)))
"""
    assert left(version, text, flags=["--no-warnings"])[2] == [], "a rejection that got a handler is told"


@each_node
def test_an_exception_that_a_handler_survives_is_told_and_does_not_end_it(version):
    text = """process.on('uncaughtException', () => {})
let n = 0
setInterval(function tick() { if (n++ < 100) null.x; process.exit(0) }, 1).unref
"""
    status, _, found = left(version, text)
    assert status == 0 and len(found) < 9, (status, found)


# ---- how a runtime is left as it is -----------------------------------------------------------

@each_node
def test_with_ends_0_nothing_is_replaced(version):
    status, events, app = ended(version, "setTimeout(() => { null.x }, 1)\n", "ends=0")
    assert status == 1 and not [e for e in events if e["e"] == "raise"], events
    status, events, app = ended(version, "function leave() { process.exit(3) }\nleave()\n", "ends=0")
    assert [facts(e, app)[1:] for e in events if e["e"] == "exit"] == [("1", "leave", [":2"])], events


@each_node
def test_a_program_that_is_not_node_keeps_its_callbacks(version):
    app = program("null.x\n")
    copy = os.path.abspath("electron")
    if bare(["cp", "--reflink=auto", os.path.realpath(node(version)), copy]).status:
        story.skip("no room for a copy of Node")
    run = story.recorded([copy, app], story.environment())
    assert run.status == 1 and not run.of("raise"), run.of("raise")


# ---- traps ---------------------------------------------------------------------------------

ENDS = {
    "nothing left to do": ("0", ()), "a status of its own": ("process.exitCode = 4", ()),
    "a worker's end": ("new (require('worker_threads').Worker)('process.exit(5)', { eval: true })", ()),
    "a worker's natural end": ("new (require('worker_threads').Worker)('process.env.X', { eval: true, env: {} })", ()),
    "warnings only": ("Promise.reject(new Error('x')); 0", ("--unhandled-rejections=none",)),
    "abort": ("process.abort()", ()),
    "abort on error": ("function f() { null.x }; f()", ("--abort-on-uncaught-exception",)),
    "out of memory": ("const a = []; for (;;) a.push(new Array(1000).fill({ x: 1 }))", ("--max-old-space-size=20",)),
    "a signal": ("process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 1000)", ()),
    "a stack overflow": ("function f() { return f() + 1 }\nf()", ()),
    "a getter for every name": ("""throw new Proxy(new Error('x'), { get(t, k) { console.log(String(k)); return t[k] },
  getPrototypeOf() { console.log('asked'); return Error.prototype } })""", ()),
    "a stack of one's own": ("""Error.prepareStackTrace = (e, s) => { console.log('made', s.length); return 'mine' }
function f() { throw new Error('x') }
f()""", ()),
    "a constructor that throws": ("""class E extends Error { get constructor() { console.log('asked'); throw 1 } get stack() { console.log('stack'); return 's' } }
throw new E('x')""", ()),
    "source maps": ("function f() { throw new Error('x') }\nf()", ("--enable-source-maps",)),
    "many rejections": ("""process.on('unhandledRejection', () => {})
for (let i = 0; i < 20000; i++) { const e = new Error(i); e.stack; Promise.reject(e) }
setTimeout(() => process.exit(11), 1)""", ()),
}
DIFFERS = ("abort", "out of memory")  # addresses and sizes are printed


@story.each(*((f"{version}, {end}", version, end) for version in VERSIONS for end in ENDS))
def test_ends_as_bare(version, end):
    text, flags = ENDS[end]
    app = program(text)
    command, env = [node(version), *flags, app], story.environment()
    alone, traced = bare(command, env), story.recorded(command, env)
    assert traced.status == alone.status, (traced.status, alone.status, traced.err)
    if end not in DIFFERS:
        assert (traced.out, traced.err) == (alone.out, alone.err), (traced.out, traced.err, alone.out, alone.err)


WORKERS = """const { Worker, isMainThread } = require('worker_threads')
process.on('unhandledRejection', () => {})
const make = () => { for (let i = 0; i < 2000; i++) { const e = new Error('x' + i); e.stack; Promise.reject(e) } }
if (!isMainThread) {
  make(); process.env.NOT_THERE_TOKEN
  setTimeout(() => { throw new RangeError('w') }, 1)
} else {
  let left = 12
  for (let i = 0; i < 12; i++) {
    const w = new Worker(__filename, i % 2 ? { env: { A: '1' }, resourceLimits: { maxYoungGenerationSizeMb: 1 } } : {})
    w.on('error', () => {}); w.on('exit', () => { if (!--left) { make(); process.exit(11) } })
  }
}
"""


@each_node
def test_many_workers_that_fail_while_memory_is_collected(version):
    app = program(WORKERS)
    for _ in range(3):
        run = story.recorded([node(version), app], story.environment())
        assert (run.status, run.out, run.err) == (11, b"", b""), (run.status, run.err)
    assert {e["type"] for e in run.of("raise")} <= {"RangeError", "Error"}, run.of("raise")
    assert run.of("exit", status=11)[0]["site"] == app + ":11", run.of("exit")


@story.each(*((f"{version}, {option}", version, option) for version in VERSIONS
              for option in ("--build-snapshot", "--build_snapshot")))
def test_a_snapshot_is_built_and_run(version, option):
    app = program("""require('v8').startupSnapshot.setDeserializeMainFunction(() => {
  if (process.argv[2] === 'bad') (function bad() { throw new RangeError('q') })()
  console.log('main') })
""")
    env = story.environment()
    run = story.recorded([node(version), "--snapshot-blob", "s.blob", option, app], env)
    assert run.status == 0, run.err
    run = story.recorded([node(version), "--snapshot-blob", "s.blob", app], env)
    assert (run.status, run.out) == (0, b"main\n"), run.err
    run = story.recorded([node(version), "--snapshot-blob", "s.blob", app, "bad"], env)
    assert run.status == 1 and run.of("raise")[0]["type"] == "RangeError", run.of("raise")


@each_node
def test_a_single_executable_with_a_snapshot_is_prepared(version):
    program("require('v8').startupSnapshot.setDeserializeMainFunction(() => {})\n", "main.js")
    program('{"main": "main.js", "output": "sea.blob", "useSnapshot": true}', "sea.json")
    command = [node(version), "--experimental-sea-config", "sea.json"]
    alone, traced = bare(command), story.recorded(command)
    assert traced.status == alone.status, traced.err


# ---- whether the message speaks of a credential --------------------------------------------------

ABOUT = (
    ("a status", "throw new Error('401 invalid')\n", True),
    ("a class of the program", "class Own extends Error {}\nsetTimeout(() => { throw new Own('Incorrect API key provided: sk-verysecretvalue') }, 1)\n", True),
    ("a rejection", "Promise.reject(new Error('unauthorized'))\n", True),
    ("a text", "throw 'unauthorized'\n", True),
    ("another text", "throw new Error('disk full at block 14012')\n", False),
    ("nothing", "throw new Error()\n", False),
    ("a getter", "const e = new Error('x')\nObject.defineProperty(e, 'message', { get() { console.log('asked'); return 'y' } })\nthrow e\n", False),
)


@story.each(*((f"{title}, {version}", version, text, wanted) for title, text, wanted in ABOUT for version in VERSIONS))
def test_whether_a_message_speaks_of_a_credential(version, text, wanted):
    _, events, _ = ended(version, text)
    raises = [e for e in events if e["e"] == "raise"]
    assert [e.get("credential", False) for e in raises] == [wanted], raises
    assert not any(word in str(events) for word in ("verysecret", "Incorrect", "unauthorized")), events
