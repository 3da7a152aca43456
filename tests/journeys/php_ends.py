"""Why a PHP program ended: the exception that nobody caught, a fatal error, or the line that called exit."""
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import story
from event_places import callers, exit_place, raises
from story import bare, each, recorded, which

JIT = ("-d", "opcache.enable_cli=1", "-d", "opcache.jit_buffer_size=16M", "-d", "opcache.jit=1255")
READER = """class Missing extends RuntimeException {}
function key() {
    $value = getenv('NO_SUCH_TOKEN');
    if (!$value) throw new Missing(
        'no key');
    return $value;
}
"""


def program(text, name="app.php"):
    return story.program("<?php\n" + text, name)


def ended(text, status=255, flags=(), settings=""):
    """Runs a program bare and recorded, which must be the same; answers the recorded run."""
    app = program(text)
    program(READER.replace("key()", "read_key()"), "reader.php")
    command = [which("php"), "-d", "log_errors=0", *flags, app]
    alone = bare(command)
    if not settings:
        run = recorded(command)
    else:
        env = story.preloaded(story.environment(), os.path.abspath("t"))
        env["KEYTRAIL"] += settings
        run = story.Run(command, subprocess.run(command, env=env, capture_output=True), os.path.abspath("t"))
    assert (run.status, run.out, run.err) == (alone.status, alone.out, alone.err), (run.out, alone.out)
    assert run.status == status, run.out
    return run


each_engine = each(("plain", ()), ("compiled at run time", JIT))


# ---- exceptions that nobody catches -----------------------------------------------------------


@each_engine
def test_an_uncaught_exception(flags):
    run = ended("require 'reader.php';\nfunction main() {\n    array_map(fn() => read_key(), [1]);\n}\nmain();\n", flags=flags)
    assert raises(run) == [("Missing", "reader.php:5", "read_key")], run.of("raise")
    assert callers(run, run.of("raise")[0]) == ["app.php:4 {closure}", "app.php:4 main", "app.php:6"], run.events
    assert "no key" not in str(run.events), "a message is told"
    assert exit_place(run) == ("", None), run.of("exit")


@each(
    ("a class of a namespace", "namespace A\\B;\nclass Lost extends \\Exception {}\nthrow new Lost;\n", "A\\B\\Lost", "app.php:4"),
    ("a wrong type", "declare(strict_types=1);\nfunction f(string $x) {}\nf(getenv('NO_SUCH_TOKEN'));\n", "TypeError", "app.php:3"),
    ("a return of a wrong type", "function f(): string {\n return null;\n}\nf();\n", "TypeError", "app.php:3"),
    ("of the language", "intdiv(1, 0);\n", "DivisionByZeroError", "app.php:2"),
    ("no such function", "\nnowhere();\n", "Error", "app.php:3"),
    ("from another", "try {\n intdiv(1, 0);\n} catch (Error $e) {\n throw new LogicException('x', 0, $e);\n}\n", "LogicException", "app.php:5"),
    ("thrown again", "try {\n intdiv(1, 0);\n} catch (Error $e) {\n throw $e;\n}\n", "DivisionByZeroError", "app.php:3"),
    ("made before", "$e = new Exception;\n\nthrow $e;\n", "Exception", "app.php:2"),
    ("a finally that throws and catches",
     "try {\n intdiv(1, 0);\n} finally {\n try { throw new Exception; } catch (Exception $e) {}\n}\n", "DivisionByZeroError", "app.php:3"),
    ("a destructor that throws and catches",
     "class D { function __destruct() {\n try { throw new LogicException; } catch (Exception $e) {}\n}}\n"
     "function f() { $d = new D; intdiv(1, 0); }\nf();\n", "DivisionByZeroError", "app.php:5"),
    ("a shutdown function that throws and catches",
     "register_shutdown_function(function () {\n try { throw new LogicException; } catch (Exception $e) {}\n});\nintdiv(1, 0);\n",
     "DivisionByZeroError", "app.php:5"),
    ("in a shutdown function", "register_shutdown_function(function () {\n throw new LogicException; });\n", "LogicException", "app.php:3"),
    ("in a generator", "function g() {\n yield 1; throw new LogicException; }\nforeach (g() as $x);\n", "LogicException", "app.php:3"),
    ("in a fiber", "(new Fiber(function () {\n throw new LogicException; }))->start();\n", "LogicException", "app.php:3"),
    ("in an eval", "eval('throw new LogicException;');\n", "LogicException", "app.php(2) : eval()'d code:1"),
    ("of a class without a name", "throw new class extends Exception {};\n", None, "app.php:2"),
    ("of a text that is no program", "eval('if (');\n", "ParseError", "app.php(2) : eval()'d code:1"),
    ("after many others", "for ($i = 0; $i < 100; $i++)\n try { throw new Exception(str_repeat('x', $i)); } catch (Exception $e) {}\n"
     "throw new LogicException;\n", "LogicException", "app.php:4"),
    ("no memory", "ini_set('memory_limit', '4M');\nstr_repeat('x', 1 << 24);\n", "E_ERROR", "app.php:3"),
    ("an error of the program's", "function f() { trigger_error('x', E_USER_ERROR); }\nf();\n", "E_USER_ERROR", "app.php:2"),
    ("a program that cannot be compiled", "function f() {}\nfunction f() {}\n", "E_COMPILE_ERROR", "app.php:3"),
    ("a program that is none", "if (\n", "ParseError", "app.php:3"))
def test_whatever_is_thrown(text, wanted, site):
    for flags in ((), JIT):
        run = ended(text, flags=flags)
        (kind, where, _), = raises(run)
        assert where == site and kind == (wanted or kind), run.of("raise")
        assert wanted or kind.startswith("Exception@anonymous"), kind
        assert "NO_SUCH" not in str(run.of("raise")), "a value or a message"


@each(("caught", "try { intdiv(1, 0); } catch (Error $e) {}\n"), ("a warning", "echo $nothing;\n"), ("a notice", "trigger_error('x');\n"),
      ("an error that a handler takes", "set_error_handler(fn() => true);\ntrigger_error('x', E_USER_ERROR);\n"),
      ("an exception that a handler takes", "set_exception_handler(function ($e) {});\nthrow new Exception;\n"),
      ("of nothing", "echo 1;\n"))
def test_what_ends_nothing(text):
    status = 255 if "exception_handler" in text else 0
    app = program(text)
    run = ended(text, bare([which("php"), app]).status)
    assert not run.of("raise") and exit_place(run) == ("", None), (status, run.of("raise"))


def test_a_handler_of_the_program_that_calls_exit():
    run = ended("require 'reader.php';\nset_exception_handler(function ($e) {\n    echo 'sorry';\n    exit(5);\n});\nread_key();\n", 5)
    assert raises(run, handled=True) == [("Missing", "reader.php:5", "read_key")], run.of("raise")
    assert exit_place(run) == ("app.php:5", "{closure}"), run.of("exit")


def test_of_a_package_both_lines_are_told():
    program("namespace Acme;\nclass Failure extends \\Exception {}\nclass Client { static function ask() { throw new Failure; } }\n",
            "vendor/acme/client/Client.php")
    run = ended("require 'vendor/acme/client/Client.php';\nfunction main() { Acme\\Client::ask(); }\nmain();\n")
    event, = run.of("raise")
    assert event["type"] == "Acme\\Failure" and event["site"].endswith("client/Client.php:4"), event
    assert [c.split("/")[-1] for c in event["callers"]] == ["app.php:3 main", "app.php:4"], event


# ---- calls of exit ----------------------------------------------------------------------------


@each(
    ("exit", "function leave() {\n    exit(3);\n}\nleave();\n", 3, ("app.php:3", "leave")),
    ("die", "\ndie('x');\n", 0, ("app.php:3", None)),
    ("exit without anything", "exit;\n", 0, ("app.php:2", None)),
    ("in a closure", "array_map(function ($x) {\n    exit($x); }, [4]);\n", 4, ("app.php:3", "{closure}")),
    ("in a shutdown function", "register_shutdown_function(function () {\n    exit(6); });\nexit(3);\n", 6, ("app.php:3", "{closure}")),
    ("in a catch", "try { intdiv(1, 0); } catch (Error $e) {\n    exit(7);\n}\n", 7, ("app.php:3", None)),
    ("in an included file", "file_put_contents('more.php', \"<?php\\nexit(8);\\n\");\nrequire 'more.php';\n", 8, ("more.php:2", None)),
    ("in a destructor", "class D { function __destruct() {\n exit(9); }}\n$d = new D;\n", 9, ("app.php:3", "__destruct")),
    ("in a generator", "function g() {\n yield exit(9); }\nforeach (g() as $x);\n", 9, ("app.php:3", "g")),
    ("a fatal error afterwards", "register_shutdown_function(fn() => nowhere());\nexit(3);\n", 255, ("", None)),
    ("the end", "echo 1;\n", 0, ("", None)))
def test_the_line_that_called_exit(text, status, wanted):
    for flags in ((), JIT):
        run = ended(text, status, flags)
        assert exit_place(run) == wanted, run.of("exit")


@each_engine
def test_callers_of_exit(flags):
    run = ended("function leave() { exit(3); }\nfunction main() {\n    leave();\n}\nmain();\n", 3, flags)
    assert callers(run, run.of("exit")[-1]) == ["app.php:4 main", "app.php:6"], run.of("exit")


def test_ends_0_replaces_nothing():
    for text, status in (("function leave() { exit(3); }\nleave();\n", 3), ("throw new Exception;\n", 255), ("trigger_error('', E_USER_ERROR);\n", 255)):
        run = ended(text, status, settings=",ends=0")
        assert run.of("exit") and exit_place(run) == ("", None) and not run.of("raise"), run.of("exit") + run.of("raise")


# ---- what the program could see ---------------------------------------------------------------


def test_the_just_in_time_compiler_stays_on():
    which("php")
    text = ("$s = function_exists('opcache_get_status') ? opcache_get_status(false) : 0;\nif (!$s || !isset($s['jit'])) exit(77);\n"
            "echo json_encode([$s['jit']['on'], $s['jit']['enabled']]);\nexit(3);\n")
    if bare(["php", *JIT, program(text)]).status == 77:
        story.skip("this php has no such compiler")
    run = ended(text, 3, JIT)
    assert run.out == b"[true,true]", run.out
    assert exit_place(run) == ("app.php:5", None), run.of("exit")


def test_a_program_sees_nothing_of_it():
    ended("""print_r([get_loaded_extensions(), get_loaded_extensions(true), count(get_defined_functions()['internal']), error_get_last()]);
print_r(ini_get_all(null, false));
set_error_handler(function (...$a) { print_r(array_slice($a, 0, 4)); });
echo $nothing;
try { intdiv(1, 0); } catch (Error $e) { echo $e; }
register_shutdown_function(function () { print_r(error_get_last()); });
debug_print_backtrace();
exit(3);
""", 3)


@story.patience(120)
@each(("an exception", "throw new LogicException('x');\n", "LogicException"), ("a fatal error", "trigger_error('x', E_USER_ERROR);\n", "E_USER_ERROR"),
      ("exit", "exit(3);\n", None))
def test_a_server_goes_on(text, wanted):
    """What ended a request is told; it is not why the server ends."""
    app = program(text)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    trace = os.path.abspath("trace")
    server = subprocess.Popen([which("php"), "-S", f"127.0.0.1:{port}", app], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env=story.preloaded(story.environment(), trace))
    try:
        for _ in range(3):
            asked(port)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()
    events = story.events_of(trace)
    assert {e["type"] for e in events if e["e"] == "raise"} == ({wanted} if wanted else set()), events
    assert not any("site" in e for e in events if e["e"] == "exit"), events


def asked(port):
    for _ in range(100):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).read()
        except urllib.error.HTTPError:
            return b""
        except OSError:
            time.sleep(0.1)
    raise AssertionError("PHP's server does not answer")


# ---- what the report makes of it --------------------------------------------------------------


@each(("a type", "declare(strict_types=1);\nfunction client(string $key) {}\nclient(getenv('OPENAI_API_KEY'));\n"),
      ("an exception", "$key = getenv('OPENAI_API_KEY');\nif (!$key) throw new RuntimeException('no key');\n"))
def test_a_worker_dies_of_its_key(text):
    program(text, "worker.php")
    app = program("exit(proc_close(proc_open(['php', 'worker.php'], [], $p, null, array_diff_key(getenv(), ['OPENAI_API_KEY' => 1]))));\n")
    run = recorded([which("php"), app], story.with_key("OPENAI_API_KEY"))
    assert run.report["verdict"] == "fault", run.findings()
    finding = run.findings("fault")[0]
    assert (finding["variable"], finding["victim"]["end"]) == ("OPENAI_API_KEY", "failed-by-it"), finding


def test_a_worker_dies_of_something_else():
    """A name is missed; then a text that is no JSON ends the program."""
    app = program("getenv('HF_TOKEN');\njson_decode('{', flags: JSON_THROW_ON_ERROR);\n")
    run = recorded([which("php"), app])
    assert run.of("raise") and run.of("read", name="HF_TOKEN", found=False), run.events
    assert run.status == 255 and not run.findings("fault") and not run.findings("warning"), run.findings()


RAISED_BY = (("throw new RuntimeException('x');", None), ("function f() { throw new Exception; }\nf();", None),
             ("new SplFileObject('/no/such');", "operation"), ("new DateTime('nonsense');", "operation"), ("intdiv(1, 0);", "operation"),
             ("array_map(function ($x) { throw new Exception; }, [1]);", None))


def test_what_threw_an_exception():
    found = [(text, ended(text + "\n").of("raise")[0].get("by")) for text, _ in RAISED_BY]
    assert found == list(RAISED_BY), [f for f, wanted in zip(found, RAISED_BY) if f != wanted]
