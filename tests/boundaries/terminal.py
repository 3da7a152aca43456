"""What a hostile trace, program or file name may do to a terminal: nothing.

Every command is played with text from C0 and C1 controls, from marks that turn the direction of
writing and from characters without a width, in every field of a trace, in symbol names and in file
names. No output may hold one of them."""
import glob
import json
import os
import subprocess

import story
from story import compiled, recorded, with_key

KEY = "OPENAI_API_KEY"
# What a terminal obeys, or shows as something else than what stands there.
HOSTILE = ["\x07", "\x08", "\x1b]0;owned\x07", "\x7f", "\x85", "\x9b31m", "\x9d0;x\x9c", "\u061c", "\u200b", "\u200e",
           "\u2028", "\u202e", "\u2060", "\u2066", "\u2069", "\ufeff", "\U000e0041"]
SPOILT = "a" + "".join(HOSTILE) + "z"
FORBIDDEN = {c for text in HOSTILE for c in text if not (" " <= c <= "~")}


def outputs(*arguments, **options):
    """Standard output and error of one command, as text."""
    run = subprocess.run([story.KEYTRAIL, *arguments], capture_output=True, timeout=60,
                         env=story.environment(LC_ALL="C.UTF-8", **options))
    return (run.stdout + run.stderr).decode("utf-8", "surrogateescape")


def expect_clean(text, what):
    found = sorted({f"U+{ord(c):04X}" for c in text if c in FORBIDDEN or (c < " " and c not in "\n\t") or
                    "\x7f" <= c <= "\x9f" or "\ud800" <= c <= "\udfff"})
    assert not found, (what, found, text[:2000])


def hostile_events(name):
    birth = {"v": 1, "by": "exec", "exe": "/bin/" + name, "boot": "00000000", "key": "00000000", "wall": 4102444800000,
             "cwd": "/" + name, "args": ["app", name], "argc": 2, "vars": 1}
    value = {"fp": "00" * 16, "len": 3, "from": name}
    yield {"e": "run", "t": 1, "v": 1, "pid": 7, "command": name, "target": name, "watch": [name], "wall": 1,
           "version": name}
    yield {"e": "birth", "t": 2, "image": "7.2", "pid": 7, "ppid": 1, **birth, "env": {KEY: value, name: value}}
    yield {"e": "module", "t": 3, "image": "7.2", "path": "/lib/" + name, "build": name}
    yield {"e": "exec", "t": 4, "image": "7.2", "fn": name, "path": "/bin/" + name, "args": [name], "argc": 1,
           "at": f"/lib/{name}+0x10", "site": name + ".py:3", "in": name, "stack": [name, name], "frames": [name],
           "env": {}, "lost": {KEY: value, name: value}, "held": 9, "kept": 1, "dropped": 8}
    yield {"e": "birth", "t": 5, "image": "7.5", "pid": 7, "ppid": 1, "parent": "7.2", **birth, "env": {}}
    for asked in (KEY, name + "_API_KEY"):
        yield {"e": "read", "t": 6, "image": "7.5", "fn": name, "name": asked, "found": False, "site": name + ".js:1",
               "at": f"{name}+0x1", "in": name, "stack": [name]}
    yield {"e": "exit", "t": 7, "image": "7.5", "fn": "exit", "status": 1}
    yield {"e": "ran", "t": 8, "pid": 7, "status": 1}


def hostile_trace():
    """A trace whose lines hold the characters raw where JSON allows that, and escaped elsewhere."""
    os.mkdir("hostile")
    with open("hostile/x.jsonl", "w", encoding="utf-8") as file:
        for event in hostile_events(SPOILT):
            file.write(json.dumps(event, ensure_ascii=False).replace("\x7f", "\\u007f") + "\n")
    return "hostile"


READING = [["report"], ["report", "-f", "json"], ["report", "-f", SPOILT], ["report", "--variable", SPOILT],
           ["replay"], ["pack", "-o", "-"], ["diff"], ["check"]]


@story.each(*((" ".join(c).replace(SPOILT, "SPOILT"), c) for c in READING))
def test_a_hostile_trace_read_by(command):
    text = outputs(*command, hostile_trace())
    assert text
    expect_clean(text, command)


def test_a_packed_line_says_the_same_as_before():
    trace = hostile_trace()
    packed = [json.loads(line) for line in outputs("pack", "-o", "-", trace).splitlines()]
    names = [e["name"] for e in packed if e["e"] == "read"]
    assert names == [KEY, SPOILT + "_API_KEY"], names
    with open("packed", "w") as file:
        file.writelines(json.dumps(e) + "\n" for e in packed)
    assert outputs("report", "-f", "json", "packed") == outputs("report", "-f", "json", trace)


def test_names_of_files_and_arguments():
    name = SPOILT.replace("\x1b]0;owned\x07", "\x1b").replace("/", "")
    with open(name, "w") as file:
        file.write("no trace\n")
    for command in (["report", name], ["replay", name], ["pack", name, "-o", "-"], ["report", "/none/" + name],
                    ["explain", name], [name], ["run", "--" + name], ["run", "/none/" + name], ["run", "./" + name],
                    ["run", "-o", "/none/" + name, "true"], ["run", "-o", name, "true"], ["doctor", "--", "./" + name],
                    ["doctor", "--", "/none/" + name], ["report", "-o", "/none/" + name, hostile_trace()],
                    ["run", "true"]):
        expect_clean(outputs(*command, KEYTRAIL_LIB="/none/" + name if command == ["run", "true"] else ""), command)
        if os.path.isdir("hostile"):
            os.remove("hostile/x.jsonl")
            os.rmdir("hostile")


SYMBOLS = r"""
#include <stdlib.h>
int asked(void) __asm__("NAME");
__attribute__((noinline)) int asked(void) { return !getenv("OPENAI_API_KEY"); }
int main(void) { return asked(); }
"""


def test_symbols_and_source_files_of_a_program():
    spoilt = "f\x9b\u202e\u2066\x85\U000e0041x"
    source = f"s\x9b\u202e\u2066\x85x.c"
    with open(source, "w", encoding="utf-8") as file:
        file.write(SYMBOLS.replace("NAME", spoilt))
    built = subprocess.run(["cc", "-g", "-O0", "-o", "prog" + spoilt, source], capture_output=True)
    if built.returncode:
        story.skip("the compiler takes no such names")
    run = recorded(["./prog" + spoilt], with_key("OTHER_API_KEY"))
    expect_clean(run.err, "run")
    for command in (["report"], ["report", "-f", "json"], ["replay"], ["pack", "-o", "-"]):
        expect_clean(outputs(*command, run.trace), command)


def test_the_trace_itself():
    """`cat` of a trace that the recorder wrote: names, arguments, paths and places."""
    name = SPOILT.replace("/", "")
    reader = compiled(story.READER)
    os.mkdir(name)
    os.rename(reader, f"{name}/{name[:60]}")
    run = recorded([f"{name}/{name[:60]}", name + "_API_KEY", KEY, name], with_key(KEY))
    found = 0
    for file in glob.glob(run.trace + "/*.jsonl"):
        with open(file, encoding="utf-8", newline="\n") as lines:
            text = lines.read()
        expect_clean(text, file)
        found += sum(json.loads(line).get("name") == name + "_API_KEY" for line in text.splitlines() if line.strip())
    assert found, "the name stands in the trace, escaped"
