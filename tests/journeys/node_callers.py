"""Who called the line that asked: of each library on the way its outermost frame, and the first three
frames of the program; for reads in vain, sets, deletes and launches; in every version of Node."""
import os

import story
from nodes import KEY, LONG, VERSIONS, each_node, node, program, ran  # noqa: F401

CLIENT = "node_modules/@acme/client"


def packages():
    """A client that reads, sets and deletes through another library."""
    os.makedirs("node_modules/getter")
    os.makedirs(CLIENT + "/lib")
    program("""exports.get = (n) => process.env[n]
exports.set = (n, v) => { process.env[n] = v }
exports.del = (n) => { delete process.env[n] }
""", "node_modules/getter/index.js")
    program("""const env = require('getter')
exports.all = () => [1].map(() => { env.get('NOT_THERE_TOKEN'); env.set('NEW_TOKEN', 'x'); env.del('NEW_TOKEN') })
""", CLIENT + "/lib/settings.js")
    program("""const settings = require('./lib/settings')
exports.Client = class Client {
  constructor() { settings.all() } }
""", CLIENT + "/index.js")


APP = """const { Client } = require('@acme/client')
function make() { return new Client() }
function service() { return make() }
function main() { service() }
main()
"""


def callers(event):
    return [c.replace(os.getcwd() + "/", "") for c in event.get("callers", [])]


TOLD = [CLIENT + "/index.js:3 Client", "app.js:2 make", "app.js:3 service", "app.js:4 main"]


def expect_told(run, told, **fields):
    for kind, name in (("read", "NOT_THERE_TOKEN"), ("set", "NEW_TOKEN"), ("unset", "NEW_TOKEN")):
        (event,) = run.of(kind, name=name, **fields)
        assert "/getter/index.js:" in event["site"] and callers(event) == told, event
        assert event["place"], event


@each_node
def test_read_set_and_delete(version):
    packages()
    run, _ = ran(APP, version)
    expect_told(run, TOLD)
    assert not any("callers" in e for e in run.of("read", found=True) if "node_modules" not in e["site"]), run.of("read", found=True)


@each_node
def test_in_a_worker_with_an_environment_of_its_own(version):
    packages()
    program(APP, "app.js")
    run, _ = ran("new (require('worker_threads').Worker)('./app.js', { env: { A: '1' } })\n", version, "main.js")
    expect_told(run, TOLD, image=run.of("birth", by="thread")[0]["image"])


@each_node
def test_es_modules_and_promises(version):
    packages()
    run, _ = ran("""import client from '@acme/client'
async function make() { return new client.Client() }
const main = async () => { await make() }
await main()
""", version, "app.mjs")
    expect_told(run, [CLIENT + "/index.js:3 Client", "app.mjs:2 make", "app.mjs:3 main", "app.mjs:4"])


@each_node
def test_a_malformed_value_is_told_with_its_callers_and_a_right_one_of_a_library(version):
    packages()
    run, _ = ran(f"""const {{ get }} = require('getter')
function good() {{ get('{KEY}') }}
function bad() {{ get('QUOTED_TOKEN') }}
good()
bad()
process.env.{KEY}
process.env.QUOTED_TOKEN
""", version, QUOTED_TOKEN="'abcdefgh12345678'")
    library, own = run.of("read", name=KEY)
    assert callers(library) == ["app.js:2 good", "app.js:4"] and "callers" not in own, run.of("read")
    assert callers(run.of("read", name="QUOTED_TOKEN")[0]) == ["app.js:3 bad", "app.js:5"], run.of("read")


@each_node
def test_launches_and_workers(version):
    os.makedirs("node_modules/runner")
    program("exports.run = (p) => require('child_process').spawnSync(p)\n", "node_modules/runner/index.js")
    program("", "none.js")
    run, _ = ran("""const { run } = require('runner')
function build() { run('/bin/true') }
function main() { build() }
main()
function start() { new (require('worker_threads').Worker)('./none.js', { env: {} }) }
start()
""", version)
    (launch,) = run.of("exec", fn="execvp")
    assert "/runner/index.js:1" in launch["site"] and callers(launch) == ["app.js:2 build", "app.js:3 main", "app.js:4"], launch
    (birth,) = run.of("birth", by="thread")
    assert callers(birth) == ["app.js:6"], birth


@each_node
def test_one_way_is_told_once_and_then_has_a_number(version):
    packages()
    run, _ = ran("""const { get } = require('getter')
function a() { get('A_TOKEN'), get('B_TOKEN') }
a()
function b() { get('C_TOKEN') }
b()
""", version)
    places = [(e["name"], e["place"], callers(e)) for e in run.of("read", found=False)]
    first, second = places[0][1], places[2][1]
    assert first != second and places == [("A_TOKEN", first, ["app.js:2 a", "app.js:3"]), ("B_TOKEN", first, []),
                                          ("C_TOKEN", second, ["app.js:4 b", "app.js:5"])], places


@each_node
def test_far_out(version):
    packages()
    os.makedirs("node_modules/deep")
    program("exports.down = (n, f) => n ? exports.down(n - 1, f) : f()\n", "node_modules/deep/index.js")
    run, _ = ran("""const { get } = require('getter')
const lib = require('deep')
function main() { lib.down(40, () => get('FAR_TOKEN')) }
main()
""", version)
    (read,) = run.of("read", name="FAR_TOKEN")
    assert callers(read) == ["app.js:3", "node_modules/deep/index.js:1 exports.down", "app.js:3 main", "app.js:4"], read


@each_node
def test_the_cost_has_a_limit_and_then_the_innermost_frame_stands_alone(version):
    packages()
    run, app = ran("""const { get } = require('getter')
function ask(i) { get('N' + i + '_TOKEN') }
for (let i = 0; i < 20000; i++) ask(i)
""", version)
    reads = [e for e in run.of("read") if e.get("n", 1) == 1]
    assert callers(reads[0]) == ["app.js:2 ask", "app.js:3"], reads[0]
    assert all("/getter/index.js:1" in e["site"] for e in reads), "a read without its line"


@each_node
def test_a_secret_in_the_name_of_a_function_is_not_told(version):
    packages()
    secret = "sk-proj-" + story.random_text(40)
    run, _ = ran(f"""const {{ get }} = require('getter')
const f = {{ ['{secret}']() {{ get('NOT_THERE_TOKEN') }} }}
f['{secret}']()
""", version)
    (read,) = run.of("read", name="NOT_THERE_TOKEN")
    assert callers(read) == ["app.js:2 ***", "app.js:3"], read
