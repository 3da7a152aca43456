"""A map that does not belong to the script, or a source that does not belong to the map, tells no line: the place in the
script is told, marked as compiled. Each has its twin, of which the line is told as before."""
import json
import os
import shutil
import time

import story
from mappings import in_base64, map_between, map_of
from nodes import KEY, node
from story import asked, recorded

SOURCE = f"""// what the program needs
interface Settings {{
  name: string
}}

import {{ spawnSync }} from 'node:child_process'

export function need(settings: Settings): string | undefined {{
  return process.env[settings.name]
}}

export function start(): void {{
  spawnSync('/bin/true', [], {{ env: {{ A: '1' }} }})
}}

need({{ name: '{KEY}' }})
start()
"""
SCRIPT = f""""use strict";
Object.defineProperty(exports, "__esModule", {{ value: true }});
exports.need = need;
const node_child_process_1 = require("node:child_process");
function need(settings) {{
    return process.env[settings.name];
}}
function start() {{
    (0, node_child_process_1.spawnSync)('/bin/true', [], {{ env: {{ A: '1' }} }});
}}
need({{ name: '{KEY}' }});
start();
"""
LINE = "//# sourceMappingURL=app.js.map\n"
TOLD = ["src/app.ts:9", "src/app.ts:13"]
COMPILED = ["dist/app.js:6 (compiled)", "dist/app.js:9 (compiled)"]


def built(source=SOURCE, script=SCRIPT, **more):
    """Like tsc: dist/app.js, its map, and src/app.ts."""
    story.program(source, "src/app.ts")
    story.program(json.dumps(map_between(script, source, "../src/app.ts", **more)), "dist/app.js.map")
    return story.program(script + LINE, "dist/app.js")


def edit(path, old, new):
    with open(path) as file:
        text = file.read()
    assert old in text
    with open(path, "w") as file:
        file.write(text.replace(old, new, 1))


def sites(script="dist/app.js", then=lambda: None):
    ended = recorded([node(), script])
    assert ended.status == 0, ended.err
    then()
    asked("pack", "-o", "t.pack.jsonl", ended.trace)
    with open("t.pack.jsonl") as file:
        events = [json.loads(line) for line in file]
    read = next(e for e in events if e["e"] == "read" and e["name"] == KEY)
    launch = next(e for e in events if e["e"] == "exec" and e.get("path") == "/bin/true")
    return [e["site"].replace(os.getcwd() + "/", "") + (" (compiled)" if e.get("compiled") else "") for e in (read, launch)]


def moved_lines(told, by):
    return [f"{place.split(':')[0]}:{int(place.split(':')[1].split()[0]) + by}{' (compiled)' * place.endswith(')')}" for place in told]


WITH = {"sourcesContent": [SOURCE]}


@story.each(("tsc", {}), ("with the text of the source", WITH))
def test_what_belongs_together_is_told(more):
    built(**more)
    assert sites() == TOLD, sites()


@story.each(("tsc", {}), ("with the text of the source", WITH))
def test_a_script_that_was_edited_after_its_map(more):
    built(**more)
    edit("dist/app.js", "exports.need", "console.error('patched');\nexports.need")
    assert sites() == moved_lines(COMPILED, 1), sites()
    built(**more)
    edit("dist/app.js", "exports.need = need;\n", "")
    assert sites() == moved_lines(COMPILED, -1), sites()


def test_a_script_that_was_edited_below_keeps_its_lines():
    built(**WITH)
    with open("dist/app.js", "a") as file:
        file.write("console.error('patched')\n")
    assert sites() == TOLD, sites()


def test_no_time_of_a_file_counts():
    """Installers, images and version control set any."""
    for script, map_file, source in ((9, 1, 1), (1, 9, 1), (1, 1, 9), (0, 0, 0), (9, 9, 1)):
        built()
        for path, day in (("dist/app.js", script), ("dist/app.js.map", map_file), ("src/app.ts", source)):
            os.utime(path, (day * 86400, day * 86400))
        assert sites() == TOLD, (script, map_file, source, sites())


@story.each(("tsc", {}), ("with the text of the source", WITH))
def test_a_source_that_was_edited_after_the_build(more):
    built(**more)
    edit("src/app.ts", "interface", "// more\n// words\ninterface")
    assert sites() == COMPILED, sites()
    built(**more)
    edit("src/app.ts", "interface Settings {\n  name: string\n}\n\n", "")
    assert sites() == COMPILED, sites()


@story.each(("tsc", {}), ("with the text of the source", WITH))
def test_a_source_that_was_edited_below_keeps_its_lines(more):
    built(**more)
    with open("src/app.ts", "a") as file:
        file.write("// more\n" * 5)
    assert sites() == TOLD, sites()


def test_a_source_that_was_edited_after_the_run():
    built()
    assert sites(then=lambda: (time.sleep(0.01), edit("src/app.ts", "interface", "// more\ninterface"))) == COMPILED
    built(**WITH)
    assert sites(then=lambda: (time.sleep(0.01), edit("src/app.ts", "interface", "// more\ninterface"))) == COMPILED
    built(**WITH)
    assert sites(then=lambda: (time.sleep(0.01), os.utime("src/app.ts"))) == TOLD, "the text is as it was"


def test_a_source_with_other_ends_of_lines_is_the_same():
    built(**WITH)
    with open("src/app.ts", "w") as file:
        file.write("\ufeff" + SOURCE.replace("\n", "\r\n"))
    assert sites() == TOLD, sites()


@story.each(("tsc", {}, True), ("with the text of the source", WITH, True), ("without", {"sourcesContent": None}, False))
def test_where_the_script_alone_is_shipped(more, is_in_folder):
    """As in an image: the line in the editor is told, although the file is not here."""
    built(**more)
    shutil.rmtree("src")
    if is_in_folder:
        shutil.copytree("dist", "x/dist")
        assert sites("x/dist/app.js") == ["x/" + place for place in TOLD], sites("x/dist/app.js")
    assert sites() == TOLD, sites()


@story.each(("tsc", {}), ("with the text of the source", WITH))
def test_another_source_of_the_same_name(more):
    """The script was copied to where another project lies."""
    built(**more)
    shutil.copytree("dist", "x/dist")
    story.program("// another program\nimport { readFileSync } from 'fs'\n" + "console.log(readFileSync('/etc/hostname').toString())\n" * 20, "x/src/app.ts")
    assert sites("x/dist/app.js") == ["x/" + place for place in COMPILED], sites("x/dist/app.js")


def test_a_script_alone_that_was_edited():
    built()
    shutil.rmtree("src")
    edit("dist/app.js", "exports.need", "console.error('patched');\nexports.need")
    assert sites() == moved_lines(COMPILED, 1), sites()


def test_a_map_in_the_script():
    story.program(SOURCE, "src/app.ts")
    story.program(SCRIPT + f"//# sourceMappingURL={in_base64(map_between(SCRIPT, SOURCE, '../src/app.ts'))}\n", "dist/app.js")
    assert sites() == TOLD, sites()
    edit("dist/app.js", "exports.need", "console.error('patched');\nexports.need")
    assert sites() == moved_lines(COMPILED, 1), sites()


def test_one_segment_for_a_whole_minified_line():
    """As webpack's cheap-module-source-map has it in production. A line that a person may have written is told."""
    line = f"""process.env.{KEY};require("child_process").spawnSync("/bin/true",[],{{env:{{A:"1"}}}});"""
    for filler, told in (("var a=1;" * 80, ["dist/app.js:1 (compiled)"] * 2), ("", ["src/app.ts:7"] * 2)):
        story.program(filler + line + "\n" + LINE, "dist/app.js")
        story.program(json.dumps(map_of([(0, 0, 0, 6)], ["../src/app.ts"], sourcesContent=[None])), "dist/app.js.map")
        assert sites() == told, sites()


def test_a_number_that_is_too_large_refuses_the_whole_map():
    built()
    with open("dist/app.js.map") as file:
        made = json.load(file)
    for end in (";ggggggEAAA", ",gggggggggC", ";DAAA"):
        story.program(json.dumps({**made, "mappings": made["mappings"] + end}), "dist/app.js.map")
        assert sites() == COMPILED, (end, sites())
    story.program(json.dumps({**made, "mappings": made["mappings"] + ";;A"}), "dist/app.js.map")
    assert sites() == TOLD, sites()


def test_columns_count_the_units_of_utf16():
    source, script = (text.replace("'1'", "'\U0001f511 \u00e9\u00e9'").replace("return ", "/* \U0001f511\U0001f511 */ return ") for text in (SOURCE, SCRIPT))
    rows = map_between(script, source, "../src/app.ts")
    wide = [len("/* \U0001f511\U0001f511 */".encode("utf-16-le")) // 2 - len("/* \U0001f511\U0001f511 */")]
    assert wide == [2] and rows
    built(source, script)
    assert sites() == TOLD, sites()


# ---- bundlers' URLs, and folders of several packages -------------------------------------------------

def test_a_source_of_a_bundler_is_told_where_it_lies():
    text = json.dumps(map_between(SCRIPT, SOURCE, "webpack://my-app/./src/app.ts", sourcesContent=[SOURCE]))
    built()
    story.program(text, "dist/app.js.map")
    assert sites() == TOLD, sites()
    shutil.rmtree("src")
    assert sites() == ["./" + place for place in TOLD], sites()
    story.program("// another\n" + SOURCE, "src/app.ts")
    assert sites() == COMPILED, sites()


def test_a_package_of_a_workspace():
    """Its map has a sourceRoot, and it is reached by a link in node_modules."""
    script = SCRIPT.replace("need({", "exports.run = () => { need({").replace("start();", "start(); };")
    story.program(SOURCE, "packages/lib/src/app.ts")
    story.program(script + LINE, "packages/lib/dist/app.js")
    story.program(json.dumps(map_between(script, SOURCE, "app.ts", sourceRoot="../src/")), "packages/lib/dist/app.js.map")
    story.program('{"name": "lib", "main": "dist/app.js"}', "packages/lib/package.json")
    story.program("require('lib').run()\n", "packages/web/app.js")
    os.makedirs("node_modules")
    os.symlink("../packages/lib", "node_modules/lib")
    assert sites("packages/web/app.js") == ["packages/lib/" + place for place in TOLD], sites("packages/web/app.js")
