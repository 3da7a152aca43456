"""Scripts that are compiled in memory, as tsx and ts-node do: the recorder reads the inline map that V8 keeps, and tells the
line of the source of misses, changes, launches, errors and ends; in every version of Node. A map that is too large is not
read, and no text of the source gets into a trace."""
import glob
import json

from mappings import in_base64, map_of, words
from nodes import KEY, LONG, VERSIONS, each_node, node, ran  # noqa: F401
from story import asked, each, environment, openai_key, program, recorded

# What a loader makes of app.ts: line N and its columns come from line 10 * N of the source.
LOADER = """const { readFileSync } = require('fs')
require.extensions['.ts'] = (module, file) => module._compile(readFileSync(file + '.compiled', 'utf8'), file)
"""
SECRET = "sk-proj-IT-IS-A-SECRET-IN-THE-SOURCE-0123456789abcdef"


def times_ten(code):
    return [(i, column, 0, (i + 1) * 10 - 1) for i, line in enumerate(code.split("\n")) for column in range(0, len(line) + 1, 4)]


def of_words(code):
    return [(i, column, 0, (i + 1) * 10 - 1) for i, line in enumerate(code.split("\n")) for column, _ in words(line)]


def compiled(code, source="app.ts", fill=0, name="app.ts"):
    """A program, and the command's script that loads it."""
    made = {**map_of(times_ten(code), [source]), "sourcesContent": [f"const key = '{SECRET}'" + " " * fill]}
    program("", name)
    program(code + "//# sourceMappingURL=" + in_base64(made) + "\n", name + ".compiled")
    return LOADER + f"require('./{name}')\n"


def places(run, kind, **fields):
    return [(e["site"].rsplit("/", 1)[1], e.get("generated"), e.get("map")) for e in run.of(kind, **fields) if "site" in e]


def lines(events):
    return [e["site"].rsplit("/", 1)[1] for e in events]


PROGRAM = f"""function ask(name) {{ return process.env[name] }}
ask('{KEY}')
ask('NO_TOKEN')
process.env.NEW_TOKEN = 'x'
delete process.env.NEW_TOKEN
require('child_process').spawnSync('/bin/true', [], {{ env: {{}} }})
new (require('worker_threads').Worker)('0', {{ eval: true, env: {{}} }}).on('exit', () => process.exit(3))
"""


@each_node
def test_each_event_has_the_line_of_the_source(version):
    run, _ = ran(compiled(PROGRAM), version, status=3)
    assert [p[:1] + p[2:] for p in places(run, "read", name=KEY)] == [("app.ts:10", None)], places(run, "read")
    (miss,) = run.of("read", name="NO_TOKEN")
    assert miss["generated"].startswith("1:") and miss["callers"][0].endswith("/app.ts:30"), miss
    assert places(run, "set", name="NEW_TOKEN")[0][0] == "app.ts:40", places(run, "set")
    assert places(run, "unset", name="NEW_TOKEN")[0][0] == "app.ts:50", places(run, "unset")
    assert lines(run.of("exec", path="/bin/true")) == ["app.ts:60"], run.of("exec")
    assert lines(run.of("birth", by="thread")) == ["app.ts:70"], run.of("birth", by="thread")
    assert lines(run.of("exit", status=3)) == ["app.ts:70"], run.of("exit")
    assert b"app.ts:10" in asked("report", "-v", run.trace)


@each_node
def test_of_an_error_too(version):
    run, _ = ran(compiled("""function need(name) {
  const value = process.env[name]
  if (!value) throw new Error(name)
}
function main() { need('OPENAI_API_KEY') }
main()
"""), version, status=1, **{KEY: ""})
    (error,) = run.of("raise")
    assert error["site"].endswith("/app.ts:30") and [c.rsplit("/", 1)[1] for c in error["callers"][:2]] == ["app.ts:50 main", "app.ts:60"], error
    run = recorded([node(version), "app.js"], environment())
    assert run.report["headline"].startswith("app.ts:20 asks for"), run.report["headline"]
    assert run.report["verdict"] == "fault", run.report


@each_node
def test_in_a_worker_with_an_environment_of_its_own(version):
    main = compiled(PROGRAM.split("process.env.NEW")[0], name="work.ts", source="work.ts")
    program(main, "worker.js")
    run, _ = ran("new (require('worker_threads').Worker)('./worker.js', { env: { A: '1' } })\n", version)
    (miss,) = run.of("read", name="NO_TOKEN")
    assert miss["site"].endswith("/work.ts:10") and miss["image"] == run.of("birth", by="thread")[0]["image"], miss


@each_node
def test_a_source_of_another_name_and_one_of_a_library(version):
    run, _ = ran(compiled("process.env.NO_TOKEN\n", "src/other.ts"), version)
    assert run.of("read", name="NO_TOKEN")[0]["site"].endswith("/src/other.ts:10"), run.of("read")
    run, _ = ran(compiled("process.env.NO_TOKEN\n", "node_modules/lib/index.ts"), version)
    assert "/node_modules/lib/index.ts:10" in run.of("read", name="NO_TOKEN")[0]["site"], run.of("read")


@each_node
def test_no_text_of_the_source_gets_into_the_trace(version):
    run, _ = ran(compiled(PROGRAM), version, status=3)
    for path in glob.glob(run.trace + "/*"):
        with open(path, "rb") as file:
            text = file.read()
        assert SECRET[:20].encode() not in text and b"data:" not in text and b"mappings" not in text, path


@each(("within the limit", 600_000, "app.ts:10", None), ("beyond it", 1_200_000, "app.ts:1", "inline"))
def test_a_map_of_any_size(fill, place, kind):
    run, _ = ran(compiled("process.env.NO_TOKEN\n", fill=fill), node_version(), name="app.js")
    (miss,) = run.of("read", name="NO_TOKEN")
    assert miss["site"].endswith("/" + place) and miss.get("map") == kind, miss
    if kind:
        assert b"app.ts:1 (compiled)" in asked("report", "-v", run.trace), asked("report", "-v", run.trace)


def node_version():
    return VERSIONS[-1]


def test_the_time_for_maps_is_limited():
    """Of 300 places in a map of 900 KB, which takes some ms each."""
    code = "".join(f"process.env.NO_{i}_TOKEN\n" for i in range(300))
    run, _ = ran(compiled(code, fill=600_000), node_version())
    events = [e for e in run.of("read") if e["name"].startswith("NO_")]
    mapped = [e for e in events if "generated" in e]
    assert len(events) == 300 and 1 <= len(mapped) < 40, (len(events), len(mapped))
    assert all(e.get("map") == "inline" for e in events if e not in mapped)


@each_node
def test_a_script_with_a_map_file_says_so_and_is_mapped_by_the_report(version):
    code = "process.env.NO_TOKEN;\n"
    program(json.dumps(map_of(of_words(code), ["app.ts"], sourcesContent=[None])), "app.map")
    run, _ = ran(code + "//# sourceMappingURL=app.map\n", version)
    (miss,) = run.of("read", name="NO_TOKEN")
    assert miss["site"].endswith("/app.js:1") and miss["map"] == "file", miss
    assert b"app.ts:10" in asked("report", "-v", run.trace)
    run, _ = ran("process.env.NO_TOKEN;\n", version, "plain.js")
    assert "map" not in run.of("read", name="NO_TOKEN")[0], run.of("read")


@each_node
def test_hostile_inline_maps_harm_nobody(version):
    urls = ["data:", "data:application/json", "data:application/json;base64", "data:application/json;base64,", "data:application/json,{",
            "data:application/json;base64,!!!!", "data:application/json;base64,e30=", "data:text/plain;base64,e30=", "x" * 10_000,
            in_base64({"mappings": "A" * 5000, "sources": ["x" * 3000]}), in_base64({"mappings": "AAAA", "sources": ["../" * 3000]}),
            "\u00e9.map", "data:application/json;base64,\u20ac"]
    calls = "".join(f"run({json.dumps(url)}, 'NO_{i}_TOKEN');" for i, url in enumerate(urls))
    run, _ = ran(f"""const vm = require('vm')
function run(url, name) {{ vm.runInThisContext(`process.env.${{name}}\\n//# source` + `MappingURL=${{url}}\\n`, {{ filename: `/app/${{name}}.js` }}) }}
globalThis.process = process
{calls}
""", version, **{KEY: openai_key()})
    assert len([e for e in run.of("read") if e["name"].startswith("NO_")]) == len(urls), run.of("read")
