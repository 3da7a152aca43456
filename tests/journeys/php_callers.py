"""Who called the line of a PHP program: the outermost frame of each library on the way, and the first
three of the program."""
import os

import story
from story import bare, recorded, which

KEY = "OPENAI_API_KEY"
JIT = ("-d", "opcache.enable_cli=1", "-d", "opcache.jit_buffer_size=16M", "-d", "opcache.jit=1255")
each_engine = story.each(("plain", ()), ("compiled at run time", JIT))


def program(text, name="app.php"):
    return story.program("<?php\n" + text, name)


def ran(text, env=None, flags=(), status=0):
    app = program(text)
    alone = bare([which("php"), *flags, app], env)
    run = recorded([which("php"), *flags, app], env)
    assert (run.status, run.out, run.err) == (alone.status, alone.out, alone.err), (run.err, alone.err)
    assert run.status == status, (run.out, run.err)
    return run


def short(place):
    """Less the directory; of a package the last two parts."""
    path, _, rest = place.partition(":")
    parts = path.split("/")
    return "/".join(parts[-2:] if "vendor" in parts or "php" in parts else parts[-1:]) + ":" + rest


def told(event):
    return [short(event["site"])] + [short(c) for c in event.get("callers", ())]


def client():
    """A package whose outer function asks through an inner one."""
    program("require __DIR__ . '/Inner.php';\nclass Client {\n static function ask($name) { return Inner::get($name); }\n}\n",
            "vendor/acme/client/Client.php")
    program("class Inner {\n static function get($name) {\n  return self::again($name); }\n"
            " static function again($name) { return getenv($name); }\n}\n", "vendor/acme/client/Inner.php")


USES_CLIENT = f"""require 'vendor/acme/client/Client.php';
function load() {{
    return Client::ask('{KEY}');
}}
class App {{ function main() {{
    array_map(fn($x) => load(), [1]);
}} }}
(new App)->main();
"""


@each_engine
def test_of_a_package_the_outermost_frame(flags):
    client()
    event, = ran(USES_CLIENT, flags=flags).of("read", name=KEY)
    assert told(event) == ["client/Inner.php:5", "client/Client.php:4 ask", "app.php:4 load", "app.php:7 {closure}",
                           "app.php:7 main"], event
    assert event["in"] == "again" and event["place"] == 1, event


@story.each(*((kind, value) for kind, value in (
    ("absent", None), ("empty", ""), ("quoted", "'sk-abc'"), ("with a line end", "sk-abc\n"))))
def test_who_asks_for_what_is_not_right(value):
    env = story.environment() if value is None else story.environment(**{KEY: value})
    client()
    event, = ran(USES_CLIENT, env).of("read", name=KEY)
    assert len(event["callers"]) == 4, event


def test_a_good_value_has_callers_in_a_library_alone():
    client()
    env = story.environment(**{KEY: story.openai_key()})
    event, = ran(USES_CLIENT, env).of("read", name=KEY)
    assert event["callers"] and event["place"], event
    event, = ran(f"getenv('{KEY}');\n", env).of("read", name=KEY)
    assert "callers" not in event and "place" not in event and event["site"], event


@each_engine
def test_changes_and_launches(flags):
    run = ran("function set() { putenv('A_TOKEN=x'); }\nfunction drop() { putenv('A_TOKEN'); }\n"
              "function go() { system('true'); proc_close(proc_open(['true'], [], $p)); }\nset();\ndrop();\ngo();\n", flags=flags)
    assert told(run.of("set")[0]) == ["app.php:2", "app.php:5"], run.of("set")
    assert told(run.of("unset")[0]) == ["app.php:3", "app.php:6"], run.of("unset")
    launches = [e for e in run.of("spawn") + run.of("exec") + run.of("fork") if "app.php" in e.get("site", "")]
    assert launches and all(e["in"] == "go" for e in launches), launches
    assert told(launches[0]) == ["app.php:4", "app.php:7"], launches


@each_engine
def test_generators_fibers_and_included_files(flags):
    program("function deep($n) { return getenv($n); }\nreturn deep('FILE_TOKEN');\n", "config/own.php")
    run = ran("""function values() { yield getenv('YIELD_TOKEN'); }
function all() { yield from values(); }
foreach (all() as $x);
$fiber = new Fiber(function () { Fiber::suspend(1); getenv('FIBER_TOKEN'); });
$fiber->start(); $fiber->resume();
require 'config/own.php';
array_map('getenv', ['MAP_TOKEN']);
spl_autoload_register(function ($c) { getenv('LOAD_TOKEN'); });
class_exists('Nothing');
eval("getenv('EVAL_TOKEN');");
""", flags=flags)
    read = {e["name"]: e for e in run.of("read") if "site" in e}
    assert told(read["FILE_TOKEN"]) == ["own.php:2", "own.php:3", "app.php:7"], read["FILE_TOKEN"]
    assert told(read["MAP_TOKEN"]) == ["app.php:8"], read["MAP_TOKEN"]
    assert told(read["LOAD_TOKEN"]) == ["app.php:9", "app.php:10"], read["LOAD_TOKEN"]
    assert told(read["YIELD_TOKEN"])[0] == "app.php:2" and read["YIELD_TOKEN"]["in"] == "values", read["YIELD_TOKEN"]
    assert told(read["YIELD_TOKEN"])[-1] == "app.php:4", read["YIELD_TOKEN"]
    assert told(read["FIBER_TOKEN"])[0] == "app.php:5" and read["FIBER_TOKEN"]["in"] == "{closure}", read["FIBER_TOKEN"]
    assert read["EVAL_TOKEN"]["callers"][0].endswith("app.php:11"), read["EVAL_TOKEN"]


def test_far_away():
    run = ran(f"function down($n) {{ return $n ? down($n - 1) : getenv('{KEY}'); }}\ndown(40);\nfunction x() {{ down(100000); }}\nx();\n")
    event, *_ = run.of("read", name=KEY)
    assert told(event)[:2] == ["app.php:2", "app.php:2 down"] and len(event["callers"]) == 3, event


# ---- real packages --------------------------------------------------------------------------

PACKAGES = "/usr/share/php/"


def package(name):
    path = f"{PACKAGES}{name}/autoload.php"
    return f"require '{path}';\n" if os.path.exists(path) else story.skip(f"no {name} here")


def test_laravels_env_helper():
    """Through phpdotenv's repository, and whatever PHP's options are."""
    program(f"return [\n 'key' => env('{KEY}'),\n];\n", "config/services.php")
    run = ran(package("Illuminate/Support") + package("Dotenv") +
              "function load() { return require 'config/services.php'; }\nif (!load()['key']) exit(1);\n", status=1)
    event, = run.of("read", name=KEY)
    assert "/Dotenv/Repository/" in event["site"], event
    assert told(event)[-3:] == ["services.php:3", "app.php:4 load", "app.php:5"], event
    victim = run.findings()[0]["victim"]
    assert short(victim["site"]) == "services.php:3" and [short(c) for c in victim["callers"]][0] == "app.php:4", victim


def test_phpdotenv_is_a_loader():
    """What it asks for while it loads is no loss: it sets what it asked for, or leaves the name alone."""
    with open(".env", "w") as file:
        file.write("OTHER_API_KEY=abcdefgh\n")
    run = ran(package("Dotenv") + "Dotenv\\Dotenv::createUnsafeImmutable(__DIR__)->load();\nexit(getenv('OTHER_API_KEY') ? 0 : 1);\n")
    asked = [e for e in run.of("read", name="OTHER_API_KEY") if not e["found"]]
    assert asked and asked[0]["callers"][-1].endswith("app.php:3"), run.of("read")
    assert not run.findings("fault") and not run.findings("warning"), run.findings()


def test_symfonys_dotenv():
    with open(".env", "w") as file:
        file.write("OTHER_API_KEY=abcdefgh\n")
    run = ran(package("Symfony/Component/Dotenv") +
              "(new Symfony\\Component\\Dotenv\\Dotenv())->usePutenv()->load(__DIR__ . '/.env');\n")
    changed, = run.of("set", name="OTHER_API_KEY")
    assert changed["callers"][-1].endswith("app.php:3") and changed["in"] == "populate", changed
