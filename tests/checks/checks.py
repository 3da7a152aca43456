"""The checks hold here, and fail where something was broken on purpose."""
import os
import re
import shutil
import subprocess

import story

LONG = {r"^layers notice \[(?!base looks at trace|rules look at diagnosis|lib looks at state|process looks at runtimes|a way around|a folder without)": "a few folders are enough for make test"}


def ended(*command, cwd=None):
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd)
    return done.returncode, done.stdout + done.stderr


def script(name):
    return os.path.join(story.ROOT, "scripts", name)


# ---- pages -------------------------------------------------------------------

def test_the_tests_that_the_security_page_names_exist():
    with open(os.path.join(story.ROOT, "docs/security.md")) as page:
        rows = [line.rstrip(" |\n").rsplit("|", 1)[1] for line in page if line.startswith("| ") and line.count("|") == 4]
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert len(named) > 20, named
    status, titles = ended(os.path.join(story.ROOT, "tests/run"), "-l")
    _, long = ended(os.path.join(story.ROOT, "tests/run"), "-l", "--long")
    assert status == 0, titles
    gone = [name for name in named if name not in titles + long]
    assert not gone, gone


def rows(path, pattern):
    with open(os.path.join(story.ROOT, path)) as file:
        return re.findall(pattern, file.read(), flags=re.M)


def test_the_page_of_the_trace_has_every_event_and_field():
    with open(os.path.join(story.ROOT, "docs/trace-format.md")) as page:
        text = page.read()
    events = rows("include/keytrail/trace.h", r"\bEVENT\(\w+, \"([\w-]+)\"\)")
    fields = rows("src/trace/fields.def", r"^ROW\w*\(\"(\w+)\"")
    assert len(events) > 20 and len(fields) > 60, (events, fields)
    unknown = [name for name in events + fields if f"`{name}`" not in text and f'"{name}"' not in text]
    assert not unknown, unknown


# ---- layers ------------------------------------------------------------------

def test_layers_hold():
    status, said = ended(script("check-layers"))
    assert status == 0, said


@story.each(
    ("trace looks at model", "trace/sort_events.c", '#include "model/model.h"'),
    ("base looks at trace", "base/arena.c", '#include "trace/trace.h"'),
    ("base looks at commands", "base/arena.h", '#  include <commands/finding_pages.h>'),
    ("model looks at rules", "model/finding.h", '#include "rules/rule.h"'),
    ("rules look at diagnosis", "rules/rule.h", '#include "diagnosis/evaluation.h"'),
    ("evidence looks at rules", "diagnosis/evidence/culprit.c", '#include "rules/rule.h"'),
    ("rules look at formats", "rules/rule.h", '#include "formats/formats.h"'),
    ("formats look at rules", "formats/new.c", '#include "rules/rule.h"'),
    ("formats look at symbols", "formats/new.c", '#include "symbols/symbols.h"'),
    ("runtimes look at rules", "runtimes/new.c", '#include "rules/rule.h"'),
    ("the recorder looks at base", "recorder/new.c", '#include "base/str.h"'),
    ("a hook table looks at trace", "recorder/hooks/hooks.def", '#include "trace/event.h"'),
    ("commands look at the recorder", "commands/new.c", '#include "recorder/recorder.h"'),
    ("base looks at the recorder", "base/arena.c", '#include "recorder/recorder.h"'),
    ("lib looks at state", "recorder/lib/str.h", '#include "recorder/state/settings.h"'),
    ("secrets look at state", "recorder/secrets/new.c", '#include "recorder/state/process_globals.h"'),
    ("state looks at trace", "recorder/state/settings.h", '#include "recorder/trace/event_line.h"'),
    ("trace looks at process", "recorder/trace/unwind.c", '#include "recorder/process/redact/redact.h"'),
    ("trace looks at the recorder", "recorder/trace/unwind.c", '#include "recorder/recorder.h"'),
    ("process looks at runtimes", "recorder/process/image.c", '#include "recorder/runtimes/python/python.h"'),
    ("runtimes look at hooks", "recorder/runtimes/new.c", '#include "recorder/hooks/real.h"'),
    ("the recorder's header looks at hooks", "recorder/recorder.h", '#include "recorder/hooks/real.h"'),
    ("a way around by ..", "base/arena.c", '#include "../model/model.h"'),
    ("a folder without a layer", "helpers/new.c", '#include "base/str.h"'),
)
def test_layers_notice(file, line):
    shutil.copytree(os.path.join(story.ROOT, "src"), "tree/src")
    path = os.path.join("tree/src", file)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a") as source:
        source.write("\n" + line + "\n")
    status, said = ended(script("check-layers"), "tree")
    assert status == 1, f"status {status}, said {said!r}"
    assert "src/" + file in said, said


def test_layers_allow_what_they_should():
    for file, line in (("rules/kt000_new.c", '#include "runtimes/runtime.h"\n'
                                             '#include "diagnosis/evidence/culprit.h"'),
                       ("diagnosis/new.c", '#include "rules/rule.h"'),
                       ("commands/new.c", '#include "rules/rule.h"'),
                       ("recorder/new.c", '#include "recorder/recorder.h"\n#include <sys/mman.h>\n'
                                          '#include "keytrail/trace.h"\n#include "own.h"\n'
                                          '#include "recorder/hooks/real.h"'),
                       ("recorder/state/new.c", '#include "recorder/secrets/secret.h"\n'
                                                '#include "recorder/lib/str.h"\n'
                                                '#include "shared/utf8.h"'),
                       ("recorder/hooks/new.c", '#include "recorder/recorder.h"\n'
                                                '#include "recorder/runtimes/python/python.h"')):
        os.makedirs(os.path.dirname("tree/src/" + file), exist_ok=True)
        with open("tree/src/" + file, "w") as source:
            source.write(line + "\n")
    status, said = ended(script("check-layers"), "tree")
    assert status == 0, said


def objects(**sources):
    """Object files as the build lays them out: base_new=C is tree/obj/base/new.c.o."""
    os.makedirs("tree/src")
    for name, source in sources.items():
        path = "tree/obj/" + name.replace("_", "/") + ".c.o"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open("new.c", "w") as file:
            file.write(source)
        subprocess.run(["cc", "-c", "-o", path, "new.c"], check=True)
    return ended(script("check-layers"), "tree", "tree/obj")


def test_layers_hold_for_calls():
    status, said = ended(script("check-layers"), story.ROOT, *(os.path.join(story.BUILD, o) for o in ("obj", "pic")))
    assert status == 0, said


def test_layers_notice_a_call_that_no_include_shows():
    status, said = objects(base_new="void rise(void); void f(void) { rise(); }",
                           trace_new="void rise(void) {}")
    assert status == 1 and "src/base/new: calls rise of src/trace/new" in said, (status, said)


def test_layers_notice_a_call_upward_in_the_recorder():
    status, said = objects(recorder_trace_new="void rise(void); void f(void) { rise(); }",
                           recorder_hooks_new="void rise(void) {}")
    assert status == 1 and \
        "src/recorder/trace/new: calls rise of src/recorder/hooks/new" in said, (status, said)


@story.each(("the analyzer", "trace"), ("the recorder", "recorder_process"), ("hooks", "recorder_hooks"))
def test_layers_notice_a_ring_of_object_files(folder):
    status, said = objects(**{folder + "_one": "void two(void); void one(void) { two(); }",
                              folder + "_two": "void one(void); void two(void) { one(); }"})
    path = "src/" + folder.replace("_", "/") + "/one"
    assert status == 1 and "ring" in said and path in said, (status, said)


def test_layers_allow_calls_downward_and_names_of_the_other_program():
    status, said = objects(base_new="void help(void) {}",
                           trace_new="void help(void); void *memcpy(void *, void *, long);"
                                     "void f(void *p) { help(); memcpy(p, p, 1); }",
                           recorder_lib_mem="void *memcpy(void *to, void *p, long n) { return to; }",
                           recorder_hooks_new="void g(void); void h(void) { g(); }",
                           recorder_state_new="void g(void) {}")
    assert status == 0, said


# ---- format ------------------------------------------------------------------

def test_format_holds():
    status, said = ended(script("check-format"))
    if "skipped" in said:
        story.skip(said.strip())
    assert status == 0, said


def test_format_names_a_file_once_and_mends_it():
    with open("table.c", "w") as file:
        file.write("int  a;\nint  b;\n// clang-format off\nint  c;\n// clang-format on\n")
    status, said = ended(script("check-format"), "table.c")
    if "skipped" in said:
        story.skip(said.strip())
    assert (status, said) == (1, "table.c: not formatted: scripts/check-format --fix table.c\n")
    assert ended(script("check-format"), "--fix", "table.c") == (0, "")
    assert ended(script("check-format"), "table.c") == (0, "")
    assert "int  c;" in open("table.c").read()


@story.each(("no clang-format", None), ("another version", "15.0.6"))
def test_format_is_skipped_aloud_without(version):
    os.mkdir("bin")
    for command in ("dirname", "find", "sort"):
        os.symlink(story.which(command), f"bin/{command}")
    if version:
        with open("bin/clang-format", "w") as file:
            file.write(f"#!/bin/sh\necho clang-format version {version}\n")
        os.chmod("bin/clang-format", 0o755)
    done = subprocess.run(["/bin/sh", script("check-format")], env={"PATH": os.path.abspath("bin")},
                          capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "") and "skipped" in done.stdout, done


# ---- the recorder's symbols ---------------------------------------------------

def test_recorder_asks_and_offers_no_more_than_it_may():
    status, said = ended(script("check-recorder"), story.LIBRARY)
    assert status == 0, said


GOOD = """
extern char **environ __attribute__((weak));
__attribute__((visibility("default"))) char *getenv(const char *n) { return &environ ? (char *)n : 0; }
"""
ROWS = "/* hooks */\nHOOK(getenv, REQUIRED)\n"
LINK = ("-fPIC", "-shared", "-nostdlib", "-fvisibility=hidden", "-fno-stack-protector",
        "-Wl,-z,norelro", "-Wl,-z,noexecstack")


def checked(source, rows, flags):
    library = story.compiled(source, "guest.so", flags=flags)
    with open("hooks.def", "w") as file:
        file.write(rows)
    return ended(script("check-recorder"), library, "hooks.def")


def test_recorder_check_accepts_a_clean_library():
    status, said = checked(GOOD, ROWS, LINK)
    assert status == 0, said


@story.each(
    ("a strong import", GOOD + "extern void *dlsym(void *, char *); void *f(void) { return dlsym(0, 0); }"
     "__attribute__((visibility(\"default\"))) char *secure_getenv(char *n) { return f(); }",
     ROWS + "HOOK(secure_getenv, OPTIONAL)\n", LINK, "imports dlsym, and not weakly"),
    ("an import not on the list", GOOD.replace("? (char *)n", "? abort(), (char *)n") +
     "", ROWS, LINK, "imports abort"),
    ("a needed library", GOOD, ROWS, tuple(f for f in LINK if f != "-nostdlib") + ("-Wl,--no-as-needed", "-lm"),
     "needs the library"),
    ("a function beside the hooks", GOOD + "__attribute__((visibility(\"default\"))) void helper(void) {}",
     ROWS, LINK, "exports helper"),
    ("a hook that is missing", GOOD, ROWS + "HOOK(setenv, REQUIRED)\n", LINK, "does not export setenv"),
    ("an executable stack", GOOD, ROWS, LINK[:-1] + ("-Wl,-z,execstack",), "executable stack"),
    ("variables in a second page", GOOD + "char many[4096]; char *first(void) { return many; }", ROWS, LINK,
     "more than one page"),
    ("a table without rows", GOOD, "/* none */\n", LINK, "no rows"),
)
def test_recorder_check_notices(source, rows, flags, words):
    if "abort" in source:
        source = "extern void abort(void) __attribute__((weak));" + source
    status, said = checked(source, rows, flags)
    assert status == 1, f"status {status}, said {said!r}"
    assert words in said, said


def test_recorder_check_notices_text_relocations():
    source = GOOD + ('__asm__(".text\\n.globl jump\\n.hidden jump\\njump: movabs $environ, %rax\\n ret\\n");')
    status, said = checked(source, ROWS, LINK + ("-Wl,-z,notext",))
    assert status == 1 and "text relocations" in said, (status, said)


# ---- comments -------------------------------------------------------------------

@story.each(
    ("a clear comment", "/* The reader of a trace counts torn lines. */\n", 0),
    ("a comment that points", "/* What it does is what they said of it. */\n", 1),
    ("a clear comment beside code that points", 'int it; /* The count of lines. */ char *what = "it what";\n', 0),
)
def test_comments_that_point_are_noticed(text, wanted):
    with open("new.c", "w") as file:
        file.write(text)
    status, said = ended(script("measure-comments"), "4%", os.path.abspath("new.c"))
    assert status == wanted and bool(said) == bool(wanted), (status, said)


# ---- the build ------------------------------------------------------------------

def copied_tree():
    """The sources without what was built; enough to run make in."""
    shutil.copytree(story.ROOT, "tree", symlinks=True,
                    ignore=shutil.ignore_patterns(".git", "build", "__pycache__"))
    return os.path.abspath("tree")


def generated(tree, kind):
    status, said = ended(os.path.join(tree, "scripts", "registry"), kind)
    assert status == 0, said
    return said


def test_a_new_rule_format_and_page_are_found_without_an_edit():
    tree = copied_tree()
    with open(tree + "/src/rules/kt999_made_up.c", "w") as file:
        file.write('#include "rules/rule.h"\nconst struct rule rule_kt999;\n')
    with open(tree + "/src/formats/made_up.c", "w") as file:
        file.write('#include "formats/formats.h"\nconst struct format format_made_up = { 0 };\n')
    with open(tree + "/src/formats/shared_part.c", "w") as file:
        file.write("int shared_part;\n")
    os.makedirs(tree + "/docs/findings", exist_ok=True)
    with open(tree + "/docs/findings/KT999.md", "w") as file:
        file.write('# KT999 "made" up\\n??/ \n\ttext\n')
    assert "&rule_kt999," in generated(tree, "rules")
    formats = generated(tree, "formats")
    assert "&format_made_up," in formats and "shared_part" not in formats
    page = re.search(r'\{"KT999",\n((?:.*\n)*?)\t\},', generated(tree, "pages"))[1]
    with open("page.c", "w") as file:
        file.write("#include <stdio.h>\nint main(void) { fputs(" + page + ", stdout); return 0; }\n")
    program = story.compiled(open("page.c").read(), "page")
    assert ended(program)[1] == '# KT999 "made" up\\n??/ \n\ttext\n'


def test_install_puts_both_where_the_command_finds_the_library():
    make = story.which("make")
    stage = os.path.abspath("stage")
    status, said = ended(make, "-s", "-C", story.ROOT, "install", "BUILD=" + story.BUILD,
                         "DESTDIR=" + stage, "PREFIX=/opt/kt")
    assert status == 0, said
    place = stage + "/opt/kt"
    for file in ("bin/keytrail", "lib/keytrail/libkeytrail.so", "lib/keytrail/with-keytrail"):
        assert os.path.isfile(os.path.join(place, file)), file
    done = story.bare([place + "/bin/keytrail", "run", "-q", "-o", "t", "--", "/bin/sh", "-c", "exit 3"])
    assert done.status == 3, done.err
    births = [e for e in story.events_of("t") if e["e"] == "birth"]
    assert births, "nothing was recorded by the installed command"


def test_the_version_is_three_numbers():
    assert re.fullmatch(rb"keytrail \d+\.\d+\.\d+\n", story.asked("--version"))
