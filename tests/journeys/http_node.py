"""Requests of HTTP by Node, recorded with --http: fetch, http and https, with the line of the
program; and the program notices nothing."""
import json

import nodes
import story
from loopback import NAME, Server, certificate, expect_sent, line_of
from nodes import each_node, node, program
from story import bare, openai_key, recorded

LONG = {**nodes.LONG, r"^(http|fetch in a worker|clients of providers) \[.*plain\]": "TLS is enough for make test"}

FETCH = """
async function ask(url) {
  const answer = await fetch(url + '/v1/chat?x=1', { method: 'POST', body: '{}', // here
    headers: { authorization: 'Bearer ' + process.env.OPENAI_API_KEY } });
  console.log(answer.status, await answer.text());
}
ask(process.argv[2]);
"""

OLD = """
function ask(url) {
  const client = require(url.startsWith('https') ? 'https' : 'http');
  const request = client.request(url + '/v1/chat?x=1', { method: 'POST', headers: { Authorization: 'Bearer ' + process.env.OPENAI_API_KEY } }, // here
    (answer) => { console.log(answer.statusCode); answer.resume(); });
  request.end('{}');
}
ask(process.argv[2]);
"""

WORKER = """
const { Worker, isMainThread, workerData } = require('worker_threads');
if (isMainThread) new Worker(__filename, { workerData: process.argv[2] });
async function ask(url) {
  const answer = await fetch(url + '/v1/chat?x=1', { method: 'POST', body: '{}', // here
    headers: { authorization: 'Bearer ' + process.env.OPENAI_API_KEY } });
  console.log(answer.status, await answer.text());
}
if (!isMainThread) ask(workerData);
"""


def journey(version, text, tls, has_line=True):
    key, app = openai_key(), program(text)
    env = story.environment(**{NAME: key}, NODE_EXTRA_CA_CERTS=certificate()[0])
    for good, status in ((openai_key(), 401), (key, 200)):
        with Server(good, tls) as server:
            command = [node(version), app, server.url]
            alone, run = bare(command, env), recorded(command, env, http=True)
            assert (alone.status, alone.out, alone.err) == (run.status, run.out, run.err), (alone.err, run.err)
            first, second = server.seen
            assert first == second, (first, second)
            request = expect_sent(run, server, status, None)
        if has_line:
            assert request["site"] == f"{app}:{line_of(text)}" and request["in"] == "ask", request
        codes = {e.get("code") for e in run.of("response")}
        assert status == 200 or tls or "invalid_api_key" in codes, codes


both = story.each(*((f"{version}, {kind}", version, kind == "TLS") for version in ("18", "20", "22", "24", "26") for kind in ("plain", "TLS")))


@both
def test_fetch(version, tls):
    journey(version, FETCH, tls)


@both
def test_http(version, tls):
    journey(version, OLD, tls, has_line=int(version) > 20)


@both
def test_fetch_in_a_worker(version, tls):
    journey(version, WORKER, tls)


CLIENTS = {
    "openai": ("OPENAI_API_KEY", "authorization", "/v1/chat/completions", """
const OpenAI = require('PACKAGES/node_modules/openai');
async function ask(url) {
  const client = new OpenAI.OpenAI({ baseURL: url + '/v1', maxRetries: 0 });
  await client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] }); // here
}
ask(process.argv[2]).catch((error) => console.log(error.status));
"""),
    "@anthropic-ai/sdk": ("ANTHROPIC_API_KEY", "authorization", "/v1/messages", """
const { Anthropic } = require('PACKAGES/node_modules/@anthropic-ai/sdk');
async function ask(url) {
  const client = new Anthropic({ baseURL: url, maxRetries: 0 });
  await client.messages.create({ model: 'claude', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] });
}
ask(process.argv[2]).catch((error) => console.log(error.status));
"""),
}


@story.each(*((f"{name}, {kind}", name, kind == "TLS") for name in CLIENTS for kind in ("plain", "TLS")))
def test_clients_of_providers(name, tls):
    variable, header, path, text = CLIENTS[name]
    app = program(text.replace("PACKAGES", story.packages("node")))
    env = story.environment(**{variable: story.random_text(40)}, NODE_EXTRA_CA_CERTS=certificate()[0])
    with Server(None, tls) as server:
        run = recorded([node(), app, server.url], env, http=True)
    request, = run.of("request")
    credential, = request["credentials"]
    assert run.out == b"401\n" and {e["status"] for e in run.of("response")} == {401}, (run.out, run.err)
    assert (request["path"], credential["header"], credential["name"]) == (path, header, variable), request
    places = [request["site"], *(c.split(" ")[0] for c in request["callers"])]
    # This client's promises hide from V8 which function waits for them.
    assert name == "@anthropic-ai/sdk" or f"{app}:{line_of(text)}" in places, request


# ---- the program notices nothing -------------------------------------------------

LOOKS = r"""
const { Worker, isMainThread, SHARE_ENV, threadId } = require('worker_threads');
const Module = require('module');
const dc = require('diagnostics_channel');
const show = (what, value) => console.log(threadId ? 'worker' : 'main', what, JSON.stringify(value));
const keys = (object) => Object.getOwnPropertyNames(object).sort();
show('execArgv', process.execArgv);
show('argv', process.argv.slice(2));
show('NODE_OPTIONS', [process.env.NODE_OPTIONS, 'NODE_OPTIONS' in process.env, Object.keys(process.env).filter((k) => /NODE|keytrail:/.test(k))]);
show('cache', Object.keys(require.cache).map((f) => f.replace(/.*\//, '')));
show('paths', Object.keys(Module._pathCache).length);
show('children', module.children.length);
show('parent', [module.parent === null, require.main === module]);
show('preloads', process._preload_modules);
show('globals', keys(globalThis));
show('process', keys(process));
show('Error', [keys(Error), Error.stackTraceLimit, Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')]);
show('listeners', process.eventNames().map(String).sort());
show('handles', process._getActiveHandles().length - 3 * 0);
show('requests', process._getActiveRequests().length);
show('stack', new Error('x').stack.split('\n').length);
let called = 0;
for (const [object, names] of [[String.prototype, ['indexOf', 'slice', 'split']], [Map.prototype, ['get', 'set']], [WeakMap.prototype, ['get', 'set']],
  [Array.prototype, ['push', 'join']], [Reflect, ['apply']], [Error, ['captureStackTrace']]])
  for (const name of names) {
    const original = object[name];
    object[name] = function (...rest) { if (new.target === undefined && /node\.cjs/.test(originalStack())) called++; return Reflect_apply(original, this, rest); };
  }
const Reflect_apply = ((apply) => (f, t, a) => Function.prototype.call.call(Function.prototype.apply, f, t, a))(0);
const captured = Error;
function originalStack() { const h = new captured(); return h.stack; }
let prepared = 0;
const server = require('http').createServer((q, r) => r.end('{}')).listen(0, async () => {
  Error.prepareStackTrace = (e, s) => { prepared++; return String(e); };
  const before = prepared;
  const r = await fetch('http://localhost:' + server.address().port, { headers: { authorization: 'Bearer abc' } });
  await r.text();
  show('fetched', [r.status, prepared - before, called]);
  delete Error.prepareStackTrace;
  server.close();
  server.closeAllConnections?.();
  if (isMainThread)
    for (const env of [undefined, { NODE_OPTIONS: '--no-warnings', A: '1' }, SHARE_ENV])
      await new Promise((done) => new Worker(__filename, { env }).on('exit', (code) => { show('exit', code); done(); }));
  if (isMainThread)
    require('child_process').execFile(process.execPath, ['-p', 'JSON.stringify([process.env.NODE_OPTIONS, process.execArgv])'], (e, out) => show('child', out));
});
"""


@each_node
def test_the_program_notices_nothing(version):
    app = program(LOOKS)
    for options in (None, "--stack-trace-limit=20"):
        env = story.environment(**({"NODE_OPTIONS": options} if options else {}))
        alone = bare([node(version), app, "x"], env)
        run = recorded([node(version), app, "x"], env, http=True)
        assert alone.status == 0 and b"fetched [200" in alone.out, (alone.out, alone.err)
        assert run.out == alone.out and run.err == alone.err and run.status == alone.status, "\n".join(
            f"{a} | {b}" for a, b in zip(alone.out.decode().split("\n"), run.out.decode().split("\n")) if a != b)
        assert run.of("request"), "the adapter was not loaded"


ENDS = {
    "exit": ("process.exit(3)", 3),
    "exit code": ("process.exitCode = 4", 4),
    "uncaught": ("fetch('http://localhost:1').catch(() => { throw new TypeError('late') })", 1),
    "rejected": ("fetch('http://localhost:1')", 1),
    "handled": ("process.on('uncaughtException', (e) => console.log(e.name)); null.x", 0),
    "abort": ("fetch('http://localhost:1', { signal: AbortSignal.abort() }).catch((e) => console.log(e.name))", 0),
    "nothing": ("", 0),
}


@story.each(*((name, *row) for name, row in ENDS.items()))
def test_the_program_ends_as_before(text, status):
    app = program(text)
    alone = bare([node(), app])
    run = recorded([node(), app], http=True)
    assert alone.status == run.status == status, (alone.status, run.status)
    assert (run.out, run.err) == (alone.out, alone.err), (alone.err, run.err)


@story.each(("permission", ["--experimental-permission", "--allow-fs-read=/none"]), ("a file that is missing", ["missing.js"]),
            ("check", ["--check", "app.js"]), ("print", ["-p", "1 + 1"]), ("standard input", ["-"]), ("version", ["--version"]),
            ("a test runner", ["--test", "app.js"]))
def test_options_of_node_do_the_same(words):
    program("console.log(process.execArgv)")
    alone = bare([node(), *words], stdin=b"console.log(require.main === module)")
    run = recorded([node(), *words], stdin=b"console.log(require.main === module)", http=True)
    strip = lambda text: __import__("re").sub(rb"[0-9.]+", b"", text)  # noqa: E731
    assert (run.status, strip(run.out), strip(run.err)) == (alone.status, strip(alone.out), strip(alone.err)), (alone, run, run.err, alone.err)


TRACE_ENV = "fetch('http://localhost:1', { headers: { authorization: 'Bearer sk-verysecret' } }).catch(() => {})"


@story.each(("22", "22"), ("24", "24"))
def test_a_trace_of_the_environment_shows_no_value(version):
    run = recorded([node(version), "--trace-env", program(TRACE_ENV)], http=True)
    assert b"verysecret" not in run.out + run.err, run.err
