"""Why a program of C, C++ or Rust ended: abort, a failed assertion, an exception that nobody caught, a panic."""
import os
import re

import observe
import story
from story import bare, compiled, environment, events_of, preloaded, recorded, which

LONG = {r"^cxx \[([3-9]|1[01])\]|^rust \[(an index|caught, then|a hook|an error that)|musl-gcc": "a few of a kind are enough for make test"}
NO_CORE = ["sh", "-c", 'ulimit -c 0; exec "$@"', "sh"]


def built(text, name, compiler, *flags):
    path = os.path.abspath(name)
    with open(path, "w") as file:
        file.write(text)
    program = os.path.splitext(path)[0]
    built = bare([which(compiler), "-g", "-O1" if compiler != "rustc" else "-O", "-o", program, path, *flags], dict(os.environ))
    assert built.status == 0, built.err
    return program


def ended(program, *words, status=134, env=None):
    command = [*NO_CORE, program, *words]
    alone, run = bare(command, env), recorded(command, env)
    for each in alone, run:  # Rust tells the number of the thread
        each.err = re.sub(rb"\(\d+\) panicked", b"panicked", each.err)
    observe.expect_same(alone, run)
    assert run.status == status, (run.status, run.err)
    return run


def raises(run):
    return [(e["type"], e.get("fn")) for e in run.of("raise")]


def told(run):
    """What replay says of each raise, less time and pid."""
    lines = story.asked("replay", run.trace).decode().split("\n")
    return [m[1] for m in (re.match(r"\S+ +\d+ \S+ +((?:raises|calls abort|fails|panics).*)", line) for line in lines) if m]


C = r"""
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
static void *in_thread(void *x) { abort(); }
static void on_signal(int n) { abort(); }
static void stop(void) { abort(); }
int main(int argc, char **argv)
{
	pthread_t t;
	switch (atoi(argv[1])) {
	case 0: stop(); break;
	case 1: assert(argc == 7); break;
	case 2: pthread_create(&t, 0, in_thread, 0); pthread_join(t, 0); break;
	case 3: signal(SIGTERM, on_signal); raise(SIGTERM); break;
	case 4: signal(SIGABRT, SIG_IGN); stop(); break;
	case 5: if (!vfork()) abort(); break;
	}
	return 0;
}
"""

ABORTS = (("abort", 0, ("abort", "abort")), ("an assertion", 1, ("assert", "__assert_fail")), ("in a thread", 2, ("abort", "abort")),
          ("in a handler", 3, ("abort", "abort")), ("with the signal ignored", 4, ("abort", "abort")))


@story.each(*((f"{label}, {compiler}", compiler, way, wanted) for compiler in ("gcc", "musl-gcc") for label, way, wanted in ABORTS))
def test_c(compiler, way, wanted):
    run = ended(built(C, "probe.c", compiler, "-w", "-pthread"), str(way))
    assert raises(run) == [wanted], run.of("raise")
    assert b"argc == 7" not in b"".join(str(e).encode() for e in run.of("raise")), "the expression is told"
    if way == 1:
        event, = run.of("raise")
        assert event["site"].endswith("probe.c:15") and event["in"] == "main", event


def test_a_vfork_childs_abort_leaves_the_parent_as_it_is():
    run = ended(built(C, "probe.c", "gcc", "-w", "-pthread"), "5", status=0)
    assert run.of("exit", fn="return", status=0) and not run.of("raise"), run.events


def test_c_by_source():
    run = ended(built(C, "probe.c", "gcc", "-w", "-pthread"), "0")
    assert re.fullmatch(r"calls abort, at (\S*probe\.c:9 in stop|.*\+0x\w+)", told(run)[0]), told(run)


CXX = r"""
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
namespace api { struct Lost : std::runtime_error { using std::runtime_error::runtime_error; }; }
namespace { struct Hidden {}; }
template <typename T> struct Box { T value; };
__attribute__((noinline)) void ask() { throw api::Lost("no key"); }
void never() noexcept { ask(); }
struct Out { ~Out() { try { ask(); } catch (...) {} } };
static void handler() { std::exit(9); }
int main(int, char **argv)
{
	switch (std::atoi(argv[1])) {
	case 0: ask(); break;
	case 1: never(); break;
	case 2: throw 5;
	case 3: throw "no key";
	case 4: throw std::string("no key");
	case 5: throw Hidden();
	case 6: throw Box<int>();
	case 7: { std::thread t(ask); t.join(); } break;
	case 8: std::terminate();
	case 9: { std::thread t([] {}); } break; // destroyed before it was joined
	case 10: try { ask(); } catch (const std::exception &) { throw; } break;
	case 11: { Out out; throw std::logic_error("no key"); }
	case 12: for (int i = 0; i < 100000; i++) try { ask(); } catch (...) {} return 0;
	case 13: std::set_terminate(handler); ask();
	case 14: try { ask(); } catch (...) { std::exit(3); }
	case 15: { Out out; } return 0;
	}
}
"""

THROWS = {  # way: (what is told, the function that is told with it)
    0: ("api::Lost", "ask"), 1: ("api::Lost", "never|ask"), 2: ("int", "main"), 3: ("const char*", "main"),
    4: ("NSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE", "main"), 5: ("(anonymous)::Hidden", "main"), 6: ("3BoxIiE", "main"),
    7: ("api::Lost", "ask"), 8: ("abort", "main"), 9: ("abort", "main"), 10: ("api::Lost", "main"), 11: ("std::logic_error", "main"),
}


@story.each(*((str(way), way, *row) for way, row in THROWS.items()))
def test_cxx(way, type_, function):
    run = ended(built(CXX, "probe.cc", "g++", "-w", "-pthread"), str(way))
    assert [t for t, _ in raises(run)] == [type_], run.of("raise")
    assert "no key" not in str(run.events), "a message is told"
    event, = run.of("raise")
    assert "/probe+0x" in event["at"], event
    assert re.search(rf"probe\.cc:\d+ in ({function})|\+0x", told(run)[0]), told(run)


@story.each(("caught", 12, 0), ("caught in a destructor", 15, 0), ("a handler of terminate", 13, 9), ("exit in a catch", 14, 3))
def test_cxx_says_nothing_of(way, status):
    run = ended(built(CXX, "probe.cc", "g++", "-w", "-pthread"), str(way), status=status)
    assert not run.of("raise"), run.of("raise")


def test_an_exception_in_a_plugin_of_a_c_program():
    built(CXX.replace("int main", 'extern "C" int plugin') + 'extern "C" void begin() { ask(); }\n', "plugin.cc", "g++", "-w", "-shared", "-fPIC")
    os.rename("plugin", "plugin.so")
    program = built('#include <dlfcn.h>\nint main() { void (*f)(void) = (void (*)(void))dlsym(dlopen("./plugin.so", RTLD_NOW), "begin"); f(); }\n',
                    "host.c", "gcc", "-w", "-ldl")
    run = ended(program)
    assert raises(run) == [("api::Lost", None)] and "plugin.so+" in run.of("raise")[0]["at"], run.of("raise")


def test_ends_0_asks_the_cxx_library_nothing():
    trace = os.path.abspath("t")
    run = bare([*NO_CORE, built(CXX, "probe.cc", "g++", "-w", "-pthread"), "0"], preloaded(environment(), trace, "ends=0"))
    assert run.status == 134 and [e["type"] for e in events_of(trace) if e["e"] == "raise"] == ["abort"], events_of(trace)


RUST = r"""
#[inline(never)] fn key() -> String { std::env::var("NO_SUCH_TOKEN").expect("no key") }
fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("0") => { key(); }
        Some("1") => { let v: Vec<i32> = vec![]; println!("{}", v[std::env::args().count()]); }
        Some("2") => { std::thread::spawn(|| { key(); }).join().unwrap(); }
        Some("3") => { let _ = std::panic::catch_unwind(|| { key(); }); }
        Some("4") => { let _ = std::panic::catch_unwind(|| { key(); }); std::process::exit(3); }
        Some("5") => { std::panic::set_hook(Box::new(|_| std::process::exit(4))); key(); }
        Some("6") => std::process::abort(),
        Some("7") => { let _ = std::env::var("RUST_LIB_BACKTRACE").or_else(|_| std::env::var("RUST_BACKTRACE")); std::process::exit(101); }
        _ => {}
    }
}
"""


@story.each(("a panic", "0", 101, ["panic"]), ("an index", "1", 101, ["panic"]), ("in a thread", "2", 101, ["panic"]),
            ("caught", "3", 0, []), ("caught, then another end", "4", 3, []), ("a hook that exits", "5", 4, []), ("abort", "6", 134, ["abort"]),
            ("an error that wants a backtrace", "7", 101, []))
def test_rust(way, status, types):
    run = ended(built(RUST, "probe.rs", "rustc", "-g"), way, status=status)
    assert [t for t, _ in raises(run)] == types, run.of("raise")
    assert "no key" not in str(run.events), "a message is told"
    if way in "02":
        assert re.search(r"panics, at (\S*probe\.rs:2 in probe::key|.*\+0x)", told(run)[0]), told(run)


def test_rust_that_aborts():
    run = ended(built(RUST, "probe.rs", "rustc", "-C", "panic=abort"), "0")
    assert [t for t, _ in raises(run)] == ["panic"], run.of("raise")


def test_no_panic_where_others_ask_for_a_backtrace():
    asks = '#include <stdlib.h>\nint main(void)\n{\n\tif (getenv("RUST_BACKTRACE"))\n\t\tabort();\n\treturn 2;\n}\n'
    env = environment(RUST_BACKTRACE="1")
    run = ended(story.compiled(asks, "asks"), env=env)
    assert [r["type"] for r in run.of("raise")] == ["abort"], run.of("raise")
    run = ended(which("node"), "-e", "const e = {...process.env}; process.exit(101)", status=101, env=env)
    assert not run.of("raise"), run.of("raise")


def test_rust_with_a_backtrace_asked_for():
    run = ended(built(RUST, "probe.rs", "rustc"), "0", status=101, env=environment(RUST_BACKTRACE="1"))
    assert [t for t, _ in raises(run)] == ["panic"], run.of("raise")
