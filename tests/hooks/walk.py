"""Every interposed function, called from C: the trace against events that
were written by hand in walk.expected."""
import os
import re

import story

LONG = {r"(64|64_2|_chk|_2)\]|\[__[^a]": "its twin of another name is enough for make test"}
HERE = os.path.dirname(os.path.abspath(__file__))
FIRST = "first-value"  # what WALK_API_KEY holds
SHOWN = ("fn", "name", "found", "kept", "had", "path", "errno", "n", "status", "signal", "group", "vfork",
         "probe", "write", "by", "same", "held", "unchanged", "dropped", "changed", "added", "handed")


def blocks():
    """walk.expected: `# NAME` and the lines below it."""
    with open(os.path.join(HERE, "walk.expected")) as file:
        text = re.sub(r"^;.*\n", "", file.read(), flags=re.M)
    return {name: body.split("\n") for name, body in re.findall(r"# (\S+)\n((?:.+\n)*)", text)}


def word(event, key):
    value = event.get(key)
    if value is None or (key == "had" and isinstance(value, dict)):
        return None
    if isinstance(value, bool):
        return key if value else f"not-{key}"
    return f"{key}={os.path.basename(value) if key == 'path' else value}"


def lists(event):
    """env=NAME,NAME: the watched variables of a list, in order."""
    return [f"{key}={','.join(event[key]) or '-'}" for key in ("env", "lost", "had")
            if isinstance(event.get(key), dict)]


def told(event):
    return " ".join([event["e"]] + [w for w in (word(event, k) for k in SHOWN) if w] + lists(event))


def environment():
    here = os.getcwd()
    return {"PATH": here, "HOME": here, "WALK_API_KEY": FIRST}


@story.each(*((name, name) for name in sorted(blocks())))
def test_walk(name):
    host = os.path.join(HERE, "walk.host.c")
    with open(host) as file:
        walk = story.compiled(file.read(), "walk", flags=["-I" + story.ROOT + "/src", "-lutil"])
    trace = os.path.abspath("trace")
    run = story.bare([walk, name], story.preloaded(environment(), trace))
    assert not run.err, run.err
    events = story.events_of(trace)
    assert events[0]["e"] == "birth" and events[0]["pid"] > 0, events[0]
    got = [told(e) for e in events[1:]
           if e["e"] != "module" and e.get("fn") != "return"]  # musl tells no return of main
    wanted = [line for line in blocks()[name] if line]
    assert got == wanted, "got:\n" + "\n".join(got) + "\nwanted:\n" + "\n".join(wanted)


def test_every_row_of_the_table_has_a_walk_that_names_it():
    rows = story.hooks()
    assert len(rows) > 30, rows
    for hook, event in rows.items():
        assert hook in blocks(), f"walk.expected has no block `# {hook}`"
        named = {line.split()[0] for line in blocks()[hook] if f"fn={hook}" in line.split()} or {"nothing"}
        assert event.lower() in named, f"hooks.def says {event} of {hook}; in walk.expected {named} name it"
    missing = set(blocks()) - set(rows) - {"swap"}
    assert not missing, f"walks of functions that are not in the table: {missing}"


def test_a_read_says_module_and_offset_of_the_call():
    program = story.compiled(story.READER)
    trace = os.path.abspath("trace")
    story.bare([program, "WALK_API_KEY"], story.preloaded(environment(), trace))
    at = next(e["at"] for e in story.events_of(trace) if e["e"] == "read")
    module, offset = at.rsplit("+", 1)
    assert module == program, at
    symbols = story.bare(["objdump", "-d", program]).out.decode()
    # the call that ends where the offset points into
    call = re.search(r"^ +([0-9a-f]+):.*call.*<getenv@plt>", symbols, re.M)
    start = int(call.group(1), 16)
    assert start <= int(offset, 16) < start + 5, (at, call.group(0))


def test_a_module_is_told_once_in_an_image_with_its_build_id():
    program = story.compiled(r"""
        #include <stdlib.h>
        #include <sys/wait.h>
        int main(void) {
            getenv("WALK_API_KEY"), getenv("OTHER_API_KEY");
            if (!fork()) { getenv("WALK_API_KEY"); _Exit(0); }
            wait(0);
        }""", flags=["-Wl,--build-id=0x00c0ffee"])
    trace = os.path.abspath("trace")
    story.bare([program], story.preloaded(environment(), trace))
    told_modules = [e for e in story.events_of(trace) if e["e"] == "module"]
    assert [(e["path"], e["build"]) for e in told_modules] == [(program, "00c0ffee")] * 2, told_modules
    assert len({e["image"] for e in told_modules}) == 2, told_modules


def test_a_module_without_a_build_id_is_told_without():
    program = story.compiled(story.READER, flags=["-Wl,--build-id=none"])
    trace = os.path.abspath("trace")
    story.bare([program, "WALK_API_KEY"], story.preloaded(environment(), trace))
    told_modules = [e for e in story.events_of(trace) if e["e"] == "module"]
    assert [(e["path"], e.get("build")) for e in told_modules] == [(program, None)], told_modules


def test_equal_reads_are_told_at_powers_of_two():
    program = story.compiled(r"""
        #include <stdlib.h>
        int main(void) { for (int i = 0; i < 1000; i++) getenv("WALK_API_KEY"); }""")
    trace = os.path.abspath("trace")
    story.bare([program], story.preloaded(environment(), trace))
    counts = [e.get("n", 1) for e in story.events_of(trace) if e["e"] == "read"]
    assert counts == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512], counts
