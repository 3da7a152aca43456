"""A PHP program that takes its whole environment: later reads are of the copy, and are not heard."""
import os

import story
from story import bare, recorded, which

KEY = "OPENAI_API_KEY"
WITH_ENV = ("-d", "variables_order=EGPCS")


def program(text, name="app.php"):
    return story.program("<?php\n" + text, name)


def copies(text, flags=WITH_ENV, env=None):
    """What was copied at which line, and the run; the program is the same without us."""
    command = [which("php"), *flags, program(text)]
    alone = bare(command, env)
    run = recorded(command, env)
    assert (run.status, run.out, run.err) == (alone.status, alone.out, alone.err) and not run.status, (run.out, alone.out)
    return [(e["fn"], e["site"].split("/")[-1]) for e in run.of("copy")], run


@story.each(("plain", ()), ("compiled at run time", ("-d", "opcache.enable_cli=1", "-d", "opcache.jit_buffer_size=16M", "-d", "opcache.jit=1255")))
def test_every_form_of_copy(flags):
    program("return fn() => $_ENV;\n", "config.php")
    text = """function all() {
    return getenv();
}
all(); all();
foreach (getenv(null) as $name => $value);
array_map('getenv', [null]);
$f = require 'config.php';
"""
    for more in ({}, {KEY: story.openai_key()}):
        found, run = copies(text, (*WITH_ENV, *flags), story.environment(**more))
        assert found == [("getenv", "app.php:3"), ("getenv", "app.php:6"), ("getenv", "app.php:7"), ("$_ENV", "config.php:2")], found
        assert not run.of("read", name=KEY), run.of("read")
    assert [c.split("/")[-1] for c in run.of("copy")[0]["callers"]] == ["app.php:5"] and run.of("copy")[0]["in"] == "all", run.of("copy")[0]
    assert [c.split("/")[-1] for c in run.of("copy")[3]["callers"]] == ["app.php:8"], run.of("copy")[3]


def test_a_mention_in_the_program_itself():
    found, _ = copies("echo 1;\nfunction never_called() {\n    return $_ENV['HOME'];\n}\n")
    assert found == [("$_ENV", "app.php:4")], found


@story.each(("at once", ("-d", "auto_globals_jit=0")), ("when asked for", ("-d", "auto_globals_jit=1")))
def test_what_is_no_copy(flags):
    """PHP takes the environment for itself at its start."""
    found, _ = copies(f"getenv('{KEY}'); getenv('{KEY}', true); putenv('A=b'); putenv('A');\n"
                      "system('true'); proc_close(proc_open(['true'], [], $p)); shell_exec('true');\necho count($_SERVER['argv']);\n",
                      (*WITH_ENV, *flags))
    assert not found, found


def test_a_copy_to_start_a_child_is_none():
    program("function start() { return getenv(); }\n", "vendor/symfony/process/Process.php")
    found, _ = copies("require 'vendor/symfony/process/Process.php';\nstart();\n")
    assert not found, found


def test_a_package_that_copies_is_told_with_its_caller():
    program("namespace Acme;\nfunction load() { return read(); }\nfunction read() { return getenv(); }\n", "vendor/acme/settings/Settings.php")
    _, run = copies("require 'vendor/acme/settings/Settings.php';\nAcme\\load();\n")
    event, = run.of("copy")
    assert event["site"].endswith("settings/Settings.php:4"), event
    assert [c.split("/")[-1] for c in event["callers"]] == ["Settings.php:3 Acme\\load", "app.php:3"], event


def test_ends_0_replaces_nothing():
    app = program("getenv();\n")
    trace = os.path.abspath("trace")
    bare([which("php"), app], story.preloaded(story.environment(), trace, "ends=0"))
    events = story.events_of(trace)
    assert events and not [e for e in events if e["e"] == "copy"], events
