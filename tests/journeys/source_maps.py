"""Compiled scripts, and maps that lie beside them or in them: the place told is the line of the source, by report,
replay, pack and the summary; a script without a map is told as compiled; and no hostile file is read. The scripts
here are written by hand, each with its map: journeys/typescript.py has those of real compilers."""
import json
import os
import shutil
import time

import story
from mappings import in_base64, map_of
from nodes import KEY, node
from story import asked, recorded

# Line 2 asks, and is line 41 of the source; line 3 starts a program, and is line 50.
SCRIPT = """"use strict";
process.env.OPENAI_API_KEY;
require("child_process").spawnSync("/bin/true", [], { env: { A: "1" } });
"""
ROWS = [(1, 0, 0, 40), (2, 0, 0, 49)]


def write(name, text):
    return story.program(text, name)


def run(script, status=0):
    ended = recorded([node(), script])
    assert ended.status == status, ended.err
    return ended


def packed(ended):
    asked("pack", "-o", "t.pack.jsonl", ended.trace)
    with open("t.pack.jsonl") as file:
        return [json.loads(line) for line in file]


def sites(ended):
    """Where the variable was asked for and the program was started, by the packed trace, and by replay of trace and pack."""
    events = packed(ended)
    read = next(e for e in events if e["e"] == "read" and e["name"] == KEY)
    launch = next(e for e in events if e["e"] == "exec" and e.get("path") == "/bin/true")
    for trace in (ended.trace, "t.pack.jsonl"):
        told = asked("replay", trace).decode()
        for event in (read, launch):
            place = f"at {os.path.basename(event['site'])}" + (f":{event['column']}" if "column" in event else "")
            assert place + (" (compiled)" if event.get("compiled") else "") in told, (place, told)
    return [e["site"].replace(os.getcwd() + "/", "") + (" (compiled)" if e.get("compiled") else "") for e in (read, launch)]


def expect(script, source="src/app.ts"):
    ended = run(script)
    assert sites(ended) == [f"{source}:41", f"{source}:50"], sites(ended)
    return ended


def expect_compiled(script):
    ended = run(script)
    assert sites(ended) == [f"{script}:2 (compiled)", f"{script}:3 (compiled)"], sites(ended)


def named(url):
    return SCRIPT + f"//# sourceMappingURL={url}\n"


def test_a_map_beside_the_script_or_named_by_its_last_line():
    write("dist/app.js", SCRIPT)
    write("dist/app.js.map", json.dumps(map_of(ROWS, ["../src/app.ts"])))
    expect("dist/app.js")
    write("dist/other.js", named("maps/%5Bother%5D%20a.map"))
    write("dist/maps/[other] a.map", json.dumps(map_of(ROWS, ["app.ts"], sourceRoot="../../src")))
    expect("dist/other.js")
    write("dist/short.js", "0;" + SCRIPT.strip() + "//# sourceMappingURL=short.map\n//# debugId=12\n")
    write("dist/short.map", json.dumps(map_of(ROWS, ["../src/app.ts"])))
    expect("dist/short.js")
    write("dist/absolute.js", named(f"file://{os.getcwd()}/dist/maps/x.map"))
    write("dist/maps/x.map", ")]}'\n" + json.dumps(map_of(ROWS, [f"file://{os.getcwd()}/src/app.ts"])))
    expect("dist/absolute.js")


def test_a_map_in_the_script():
    write("dist/app.js", named(in_base64(map_of(ROWS, ["../src/app.ts"]))))
    expect("dist/app.js")
    write("dist/module.mjs", SCRIPT.replace('require("child_process").spawnSync', "(await import('child_process')).spawnSync")
          + f"//# sourceMappingURL={in_base64(map_of(ROWS, ['../src/app.ts']))}\n//# debugId=12\n")
    expect("dist/module.mjs")


def test_a_map_of_sections():
    part = {"version": 3, "sections": [
        {"offset": {"line": 0, "column": 0}, "map": map_of([(0, 0, 0, 7)], ["../no.ts"])},
        {"offset": {"line": 1, "column": 0}, "map": map_of([(line - 1, 0, 1, at) for line, _, _, at in ROWS], ["../no.ts", "../src/app.ts"])}]}
    write("dist/app.js", SCRIPT)
    write("dist/app.js.map", json.dumps(part))
    expect("dist/app.js")


def test_columns_of_a_script_of_one_line():
    text = f'process.env.{KEY};require("child_process").spawnSync("/bin/true",[],{{env:{{A:"1"}}}})\n'
    write("dist/app.js", text)
    write("dist/app.js.map", json.dumps(map_of([(0, 0, 0, 40), (0, text.index("require"), 0, 49)], ["../src/app.ts"])))
    expect("dist/app.js")


def test_sources_of_a_bundler_lie_below_the_project():
    write("dist/app.js", SCRIPT)
    write("dist/app.js.map", json.dumps(map_of(ROWS, ["webpack://my-app/./src/app.ts"])))
    expect("dist/app.js", "./src/app.ts")


def test_the_report_and_the_summary_tell_the_source():
    write("dist/app.js", SCRIPT + "process.exit(3)\n")
    write("dist/app.js.map", json.dumps(map_of(ROWS, ["../src/app.ts"])))
    ended = recorded([node(), "dist/app.js"], quiet=False)
    assert b"src/app.ts:41" in ended.err and b"dist/app.js:2" not in ended.err, ended.err
    assert ended.report["headline"].count("src/app.ts:41"), ended.report
    assert b"src/app.ts:41" in asked("report", ended.trace), asked("report", ended.trace)


def test_a_source_in_node_modules_is_a_library():
    """Its caller in the same bundle is the program."""
    write("dist/app.js", f"""function ask() {{ return process.env.{KEY} }}
function load() {{ return ask() }}
if (!load()) process.exit(1)
""")
    write("dist/app.js.map", json.dumps(map_of([(0, 0, 0, 9), (1, 0, 1, 20), (2, 0, 1, 30)], ["../node_modules/openai/client.js", "../src/app.ts"])))
    ended = run("dist/app.js", 1)
    (finding,) = ended.findings()
    assert finding["victim"]["site"].endswith("/src/app.ts:21"), finding
    assert finding["victim"]["via"].endswith("/node_modules/openai/client.js:10"), finding


def test_callers_in_a_script_of_one_line():
    """A library of five functions, and the program that calls it, in one line."""
    parts = [f"function a(){{return process.env.{KEY}}}", *(f"function {x}(){{return {y}()}}" for x, y in ("ba", "cb", "dc", "ed")), "function main(){return e()}",
             "if(!main())process.exit(1);"]
    rows, at = [], 0
    for i, part in enumerate(parts):
        rows.append((0, at, int(i > 4), 10 * i))
        at += len(part)
    write("dist/app.js", "".join(parts) + "\n//# sourceMappingURL=app.js.map\n")
    write("dist/app.js.map", json.dumps(map_of(rows, ["../node_modules/openai/client.js", "../src/app.ts"])))
    ended = run("dist/app.js", 1)
    (finding,) = ended.findings()
    assert finding["victim"]["site"].endswith("/src/app.ts:51") and finding["victim"]["via"].endswith("/node_modules/openai/client.js:1"), finding
    read = next(e for e in packed(ended) if e["e"] == "read" and e["name"] == KEY)
    assert "caller_columns" not in read and [c.split("/")[-1] for c in read["callers"]] == [
        "client.js:11 b", "client.js:21 c", "client.js:31 d", "client.js:41 e", "app.ts:51 main", "app.ts:61"], read


def test_a_library_of_its_own_file_is_left_as_it_is():
    write("node_modules/lib/index.js", named(in_base64(map_of(ROWS, ["../src/app.ts"]))))
    write("app.js", "require('lib')\n")
    ended = run("app.js")
    assert sites(ended) == ["node_modules/lib/index.js:2", "node_modules/lib/index.js:3"], sites(ended)


def test_a_compiled_script_without_a_map_says_so():
    write("tsc.js", SCRIPT.replace('"use strict";', 'Object.defineProperty(exports, "__esModule", { value: true });'))
    expect_compiled("tsc.js")
    write("named.js", named("gone.js.map"))
    expect_compiled("named.js")
    write("broken.js", SCRIPT)
    write("broken.js.map", "{\"version\":3")
    expect_compiled("broken.js")
    write("long.js", SCRIPT.replace("process.env", "var a = 1;" * 50 + "process.env"))
    ended = run("long.js")
    assert sites(ended) == ["long.js:2 (compiled)", "long.js:3"], sites(ended)


def test_a_script_that_a_person_wrote_does_not():
    """Neither a directory `dist`, nor one long line, nor a mention of maps makes a script compiled."""
    write("dist/app.js", SCRIPT)
    assert sites(run("dist/app.js")) == ["dist/app.js:2", "dist/app.js:3"]
    write("long.js", SCRIPT.replace("process.env", f"'{'x;' * 20}{'x' * 2000}'; process.env").replace("x;", "x,"))
    assert sites(run("long.js")) == ["long.js:2", "long.js:3"]
    write("mention.js", SCRIPT.replace('"use strict";', '"//# sourceMappingURL=x.map"') + "'//# sourceMappingURL=y.map z'\n")
    assert sites(run("mention.js")) == ["mention.js:2", "mention.js:3"]


def test_the_mark_is_told_apart_for_programs():
    write("tsc.js", SCRIPT.replace('"use strict";', 'Object.defineProperty(exports, "__esModule", { value: true });') + "process.exit(3)\n")
    ended = run("tsc.js", 3)
    (finding,) = [f for f in ended.findings() if f["variable"] == KEY]
    assert finding["victim"]["site"].endswith("/tsc.js:2") and finding["victim"]["compiled"], finding
    assert b"tsc.js:2 (compiled)" in asked("report", ended.trace)
    assert b"tsc.js:2: " in asked("report", "-v", "-f", "gcc", ended.trace), asked("report", "-v", "-f", "gcc", ended.trace)
    ignored = asked("report", "--ignore", f"{KEY}@tsc.js:2", ended.trace)
    assert b"ignored 1 finding" in ignored, ignored


def test_an_end_in_a_compiled_script_is_judged_as_any():
    """It asks, and ends at that line for want of the variable."""
    write("tsc.js", f'Object.defineProperty(exports, "__esModule", {{ value: true }});\nif (!process.env.{KEY}) process.exit(1)\n')
    run_of_it = recorded([node(), "tsc.js"])
    assert run_of_it.report["headline"].startswith("tsc.js:2 (compiled) asks for") and run_of_it.report["verdict"] == "fault", run_of_it.report["headline"]


def test_a_module_that_a_bundler_evaluates():
    """webpack's devtool `eval`: what runs is what webpack made of the file."""
    write("app.js", "\n".join(f"eval({json.dumps(text)})" for text in (
        f"function ask() {{\n  return process.env.{KEY}\n}}\nglobalThis.ask = ask\n//# sourceURL=webpack://my-app/./src/ask.ts?1f2e\n",
        "\nif (!ask()) process.exit(1)\n//# sourceURL=webpack://my-app/./src/main.ts?\n")))
    ended = run("app.js", 1)
    (finding,) = ended.findings()
    assert finding["victim"]["site"] == "./src/ask.ts:2" and finding["victim"]["compiled"], finding
    assert finding["victim"]["callers"][0] == "./src/main.ts:2 (compiled)" or finding["victim"]["callers"][0] == "./src/main.ts:2", finding
    assert "?" not in json.dumps(finding), finding
    (read,) = [e for e in packed(ended) if e["e"] == "read" and e["name"] == KEY]
    assert read["site"] == "./src/ask.ts:2" and read["compiled"] and read["callers"][0].startswith("./src/main.ts:2 (compiled)"), read


def test_a_module_that_was_loaded_anew_under_a_query():
    write("app.mjs", "await import('./dist/app.mjs?v=1')\n")
    script = SCRIPT.replace('require("child_process").spawnSync', "(await import('child_process')).spawnSync")
    write("dist/app.mjs", script)
    assert sites(run("app.mjs")) == ["dist/app.mjs:2", "dist/app.mjs:3"]
    write("dist/app.mjs.map", json.dumps(map_of(ROWS, ["../src/app.ts"])))
    assert sites(run("app.mjs")) == ["src/app.ts:41", "src/app.ts:50"]


def test_files_that_were_changed_since_are_not_believed():
    write("dist/app.js", named("app.js.map"))
    write("dist/app.js.map", json.dumps(map_of(ROWS, ["../src/app.ts"])))
    ended = run("dist/app.js")
    time.sleep(0.01)
    os.utime("dist/app.js", (0, 0))  # the inode still tells
    assert sites(ended) == ["dist/app.js:2 (compiled)", "dist/app.js:3 (compiled)"], sites(ended)


def test_a_packed_trace_is_not_joined_to_files_of_this_host():
    write("dist/app.js", SCRIPT)
    ended = run("dist/app.js")
    packed(ended)
    write("dist/app.js.map", json.dumps(map_of(ROWS, ["../src/app.ts"])))
    os.utime("dist/app.js.map", (0, 0))
    assert b"at app.js:2:" in asked("replay", "t.pack.jsonl"), asked("replay", "t.pack.jsonl")


def test_no_strange_file_is_read_as_a_map():
    """A pipe would wait for ever; a link of another user, or to another user's file, is not followed."""
    write("app.js", SCRIPT)
    os.mkfifo("app.js.map")
    assert sites(run("app.js")) == ["app.js:2", "app.js:3"]
    os.remove("app.js.map")
    write("elsewhere.map", json.dumps(map_of(ROWS, ["src/app.ts"])))
    os.symlink("elsewhere.map", "app.js.map")
    assert sites(run("app.js")) == ["app.js:2", "app.js:3"]
    os.remove("app.js.map")
    os.link("elsewhere.map", "app.js.map")
    assert sites(run("app.js")) == ["app.js:2", "app.js:3"]
    os.remove("app.js.map")
    if os.geteuid() == 0:
        shutil.copy("elsewhere.map", "app.js.map")
        os.chown("app.js.map", 12345, 12345)
        assert sites(run("app.js")) == ["app.js:2", "app.js:3"]
        os.chown("app.js.map", 0, 0)
        time.sleep(0.01)
        assert sites(run("app.js")) == ["src/app.ts:41", "src/app.ts:50"]


def test_what_a_map_says_commands_no_terminal():
    write("app.js", SCRIPT)
    write("app.js.map", json.dumps(map_of(ROWS, ["src/\x1b[2Japp\u202e.ts"])))
    ended = run("app.js")
    assert b"\x1b" not in asked("replay", ended.trace) + asked("report", ended.trace)
    assert any(e.get("site", "").endswith(".ts:41") for e in packed(ended))
