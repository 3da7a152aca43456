"""Native code: a place is told by function, file and line where elfutils can find them, by
function or by module and offset elsewhere, and the same after `keytrail pack`."""
import json
import os
import shutil
import subprocess
import time

import story
from story import asked, compiled, expect_fault, keytrail, recorded, with_key

KEY = "OPENAI_API_KEY"


def replayed(run_or_file):
    return asked("replay", getattr(run_or_file, "trace", run_or_file)).decode()


def places(run_or_file, name=KEY):
    """What replay says of the places where a name was asked for."""
    return [line.split(", at ", 1)[1] if ", at " in line else None
            for line in replayed(run_or_file).splitlines() if f"asks for {name}" in line]


def line_of(path, text):
    with open(path) as file:
        return next(n for n, line in enumerate(file, 1) if text in line)


LAUNCHER = r"""
#include <stdlib.h>
#include <unistd.h>
#include <sys/wait.h>
static void start(char **argv)
{
	char *none[] = {"PATH=/usr/bin:/bin", 0};
	execve(argv[1], argv + 1, none);
}
int main(int argc, char **argv)
{
	int status;
	if (!fork())
		start(argv);
	wait(&status);
	return status != 0;
}
"""

ASKER = r"""
#include <stdlib.h>
static const char *load_key(const char *name)
{
	return getenv(name);
}
int main(void)
{
	volatile int missing = !load_key("OPENAI_API_KEY");
	return missing;
}
"""


def test_a_finding_names_both_lines_of_c():
    asker = compiled(ASKER, "asker", flags=["-g", "-O0"])
    launcher = compiled(LAUNCHER, "launcher", flags=["-g", "-O0"])
    run = recorded([launcher, asker], with_key(KEY))
    first = expect_fault(run, "KT201", KEY, victim="asker", culprit="launcher")
    assert first["victim"]["site"] == f"{asker}.c:{line_of('asker.c', 'getenv(name)')}", first["victim"]
    assert first["victim"]["function"] == "load_key", first["victim"]
    assert first["culprit"]["site"] == f"{launcher}.c:{line_of('launcher.c', 'execve(')}", first["culprit"]
    text = asked("report", run.trace).decode()
    assert "asker.c:5 misses it" in " ".join(text.split()), text
    assert "launcher.c:" in text.splitlines()[0], text
    assert places(run) == ["asker.c:5 in load_key"], places(run)


def test_without_debug_information_the_function_is_named():
    run = recorded([compiled(ASKER, "asker", flags=["-O0"])], with_key(KEY))
    assert places(run) == ["load_key"], places(run)


def test_of_a_stripped_program_module_and_offset_stay():
    run = recorded([compiled(ASKER, "asker", flags=["-O0", "-s"])], with_key(KEY))
    assert places(run)[0].startswith("asker+0x"), places(run)
    assert [e["at"] for e in run.of("read")][0].endswith(places(run)[0])


def stripped_with(name, *commands):
    program = compiled(ASKER, name, flags=["-g", "-O0"])
    story.which("objcopy")
    subprocess.run(["objcopy", "--only-keep-debug", program, program + ".debug"], check=True)
    subprocess.run(["objcopy", "--strip-all", *commands, program], check=True)
    return program


def test_a_separate_debug_file_is_found_by_its_link():
    program = stripped_with("asker", "--add-gnu-debuglink=asker.debug")
    run = recorded([program], with_key(KEY))
    assert places(run) == ["asker.c:5 in load_key"], places(run)
    os.remove("asker.debug")
    assert places(run)[0].startswith("asker+0x"), places(run)


@story.each(("beside it", "asker.debug"), ("in .debug", ".debug/asker.debug"))
def test_a_pipe_in_place_of_the_debug_file_makes_nobody_wait(where):
    program = stripped_with("asker", "--add-gnu-debuglink=asker.debug")
    run = recorded([program], with_key(KEY))
    os.remove("asker.debug")
    os.makedirs(".debug", exist_ok=True)
    os.mkfifo(where)
    asked = story.keytrail("report", run.trace, timeout=15)
    assert asked.status == 0, asked.err
    assert places(run)[0].startswith("asker+0x"), places(run)


@story.each(("program in place", False), ("program gone", True))
def test_a_separate_debug_file_is_found_by_the_build_id(gone):
    if not os.access("/usr/lib", os.W_OK):
        story.skip("only root may install a debug file")
    program = stripped_with("asker")
    run = recorded([program], with_key(KEY))
    build = run.of("module")[0]["build"]
    where = f"/usr/lib/debug/.build-id/{build[:2]}/{build[2:]}.debug"
    if os.path.exists(where):
        story.skip("another test of this program is at work")
    os.makedirs(os.path.dirname(where), exist_ok=True)
    shutil.copy("asker.debug", where)
    try:
        if gone:
            os.remove(program)
        assert places(run) == ["asker.c:5 in load_key"], places(run)
    finally:
        os.remove(where)


def test_of_a_program_that_was_built_anew_nothing_is_told():
    program = compiled(ASKER, "asker", flags=["-g", "-O0"])
    run = recorded([program], with_key(KEY))
    compiled("int unused;\n" + ASKER.replace("load_key", "another"), "asker", flags=["-g", "-O0"])
    assert places(run)[0].startswith("asker+0x"), places(run)


@story.each(("untouched", False), ("touched", True))
def test_without_a_build_id_only_a_file_that_nobody_touched_is_believed(touched):
    program = compiled(ASKER, "asker", flags=["-g", "-O0", "-Wl,--build-id=none"])
    time.sleep(0.05)
    run = recorded([program], with_key(KEY))
    if touched:
        time.sleep(0.05)
        os.chmod(program, 0o755)
    assert (places(run) == ["asker.c:5 in load_key"]) != touched, places(run)


CPP = r"""
#include <cstdlib>
#include <dlfcn.h>
#include <stdexcept>
#include <string>
namespace shop {
struct Config {
	const char *load(const std::string &name)
	{
		const char *value = getenv(name.c_str());
		if (!value)
			throw std::runtime_error(name);
		return value;
	}
};
}
int main(int argc, char **argv)
{
	void *plugin = dlopen(argv[1], RTLD_NOW);
	auto *ask = (const char *(*)(const char *))dlsym(plugin, "ask");
	int missing = 0;

	try { shop::Config().load("OPENAI_API_KEY"); } catch (std::exception &) { missing++; }
	try { shop::Config().load("ANOTHER_API_KEY"); } catch (std::exception &) { missing++; }
	try { ask("PLUGIN_API_KEY"); } catch (std::exception &) { missing++; }
	return missing;
}
"""

PLUGIN = r"""
#include <cstdlib>
#include <stdexcept>
namespace plugged { template <class T> const char *look(T name)
{
	if (const char *value = getenv(name))
		return value;
	throw std::runtime_error(name);
} }
extern "C" const char *ask(const char *name) { return plugged::look<const char *>(name); }
"""


def built_cpp(compiler="g++", *flags):
    for name, text, more in (("host", CPP, ["-ldl", "-rdynamic"]), ("plugin", PLUGIN, ["-shared", "-fPIC"])):
        with open(name + ".cc", "w") as file:
            file.write(text)
        output = "plugin.so" if name == "plugin" else name
        subprocess.run([story.which(compiler), "-g", *flags, "-o", output, name + ".cc", *more], check=True)
    return [os.path.abspath("host"), os.path.abspath("plugin.so")]


@story.each(*(("-".join(row), *row) for row in
              (("g++", "-O0"), ("g++", "-O2"), ("clang++", "-O0"), ("clang++", "-O2"))))
def test_names_of_cpp_are_as_they_were_written(compiler, optimized):
    run = recorded(built_cpp(compiler, optimized), with_key(KEY))
    assert run.status == 2, (run.status, run.err)
    for name, file, words in ((KEY, "host.cc", "shop::Config::load"),
                              ("ANOTHER_API_KEY", "host.cc", "shop::Config::load"),
                              ("PLUGIN_API_KEY", "plugin.cc", "look<char const*>")):
        place, = places(run, name)
        assert place.startswith(f"{file}:{line_of(file, 'getenv(')} in "), place
        assert words in place, place


RUST = r"""
mod shop {
    #[inline(never)]
    pub fn load() -> Option<String> {
        std::env::var("OPENAI_API_KEY").ok()
    }
}
fn main() {
    std::process::exit(if shop::load().is_some() { 0 } else { 1 });
}
"""


def rust(*flags):
    path = ":".join([os.path.expanduser("~/.cargo/bin"), "/usr/local/cargo/bin", story.PATH])
    rustc = shutil.which("rustc", path=path) or story.skip("no rustc here")
    with open("app.rs", "w") as file:
        file.write(RUST)
    built = subprocess.run([rustc, *flags, "-o", "app", "app.rs"], capture_output=True, text=True,
                           env={**os.environ, "PATH": path, "RUSTC_BOOTSTRAP": "1"})  # for legacy names
    if built.returncode:
        story.skip(f"rustc cannot build here: {built.stderr.strip().splitlines()[-1]}")
    return os.path.abspath("app")


@story.each(("debug", "-g"), ("optimized", "-gO"))
def test_what_called_libc_for_a_rust_program(flags):
    run = recorded([rust(flags)], with_key(KEY))
    place, = places(run)
    assert "std::" in place and "17h" not in place and "_ZN" not in place, place


def test_a_packed_trace_needs_no_programs():
    asker = compiled(ASKER, "asker", flags=["-g", "-O0"])
    launcher = compiled(LAUNCHER, "launcher", flags=["-g", "-O0"])
    run = recorded([launcher, asker], with_key(KEY))
    here, told = run.report, replayed(run)
    expect_fault(run, "KT201", KEY)
    asked("pack", run.trace, "-o", "packed.jsonl")
    os.makedirs("elsewhere")
    os.rename("packed.jsonl", "elsewhere/packed.jsonl")
    for path in (asker, launcher, asker + ".c", launcher + ".c"):
        os.remove(path)
    shutil.rmtree(run.trace)
    assert json.loads(asked("report", "-f", "json", "elsewhere/packed.jsonl")) == here
    assert replayed("elsewhere/packed.jsonl") == told
    with open("elsewhere/packed.jsonl") as file:
        for line in file:
            json.loads(line)


def test_no_server_is_asked():
    program = compiled(ASKER, "asker", flags=["-O0", "-s"])
    run = recorded([program], with_key(KEY))
    begun = time.monotonic()
    told = subprocess.run([story.KEYTRAIL, "replay", run.trace], capture_output=True, text=True,
                          env=story.environment(DEBUGINFOD_URLS="http://10.255.255.1:8002", HOME=os.getcwd()))
    assert told.returncode == 0 and "asks for" in told.stdout, told
    assert time.monotonic() - begun < 5
    assert not os.path.exists(".cache") and not os.path.exists(".debuginfod_client_cache")


# ---- traces that lie ---------------------------------------------------------------

def lying_trace(module, build=None, offsets=(0x1139,)):
    """A trace whose only read was made in `module`."""
    lines = [{"e": "birth", "t": 1, "image": "7.1", "v": 1, "by": "exec", "pid": 7, "ppid": 1, "exe": "/bin/app",
              "boot": "00000000", "key": "00000000", "wall": 4102444800000, "cwd": os.getcwd(), "vars": 1, "env": {}}]
    if build:
        lines.append({"e": "module", "t": 2, "image": "7.1", "path": module, "build": build})
    for number, offset in enumerate(offsets):
        lines.append({"e": "read", "t": 3 + number, "image": "7.1", "fn": "getenv", "name": KEY, "found": False,
                      "at": f"{module}+0x{offset:x}"})
    with open("lying.jsonl", "w") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    return "lying.jsonl"


def expect_unnamed(trace, within=20):
    begun = time.monotonic()
    for command in (["replay", trace], ["report", trace], ["pack", trace, "-o", "packed"]):
        asked(*command)
    assert time.monotonic() - begun < within
    assert all("+0x" in place for place in places(trace)), places(trace)


def made(path, make):
    make(path)
    return os.path.abspath(path)


@story.each(*((label, label, make) for label, make in {
    "a pipe": os.mkfifo,
    "a directory": os.mkdir,
    "an empty file": lambda path: open(path, "w").close(),
    "a text": lambda path: shutil.copy(__file__, path),
    "a file of holes": lambda path: (open(path, "w").close(), os.truncate(path, 1 << 43)),
    "a link to itself": lambda path: os.symlink(path, path),
    "a link to a pipe": lambda path: (os.mkfifo(path + ".pipe"), os.symlink(path + ".pipe", path)),
    "a link to a terminal": lambda path: os.symlink("/dev/tty", path),
    "a link to endless zeros": lambda path: os.symlink("/dev/zero", path),
    "a link to kernel memory": lambda path: os.symlink("/proc/kcore", path),
    "a link to the kernel's log": lambda path: os.symlink("/proc/kmsg", path),
    "a link to our own memory": lambda path: os.symlink("/proc/self/mem", path),
}.items()))
def test_a_module_that_is(label, make):
    expect_unnamed(lying_trace(made("module", make)))


@story.each(("no path", "app"), ("an empty one", ""), ("a NUL", "/bin/sh\0x"), ("a long one", "/x" * 5000),
            ("formats", "/%s%n%s"), ("a new line", "/bin/\nsh"))
def test_a_module_with_the_name_of(name):
    expect_unnamed(lying_trace(name))


def test_offsets_beyond_the_file():
    program = compiled(ASKER, "asker", flags=["-g", "-O0"])
    expect_unnamed(lying_trace(program, None, (0, 1, 1 << 40, (1 << 64) - 1)))


@story.patience(300)
def test_a_program_with_bits_turned():
    """libdw may fall over such a file, in its own process; keytrail must not."""
    program = compiled(ASKER, "asker", flags=["-g", "-O0", "-Wl,--build-id=none"])
    with open(program, "rb") as file:
        whole = file.read()
    call = int(story.bare(["nm", program]).out.decode().split(" t load_key")[0].split()[-1], 16) + 20
    for round_ in range(60):
        torn = bytearray(whole[:len(whole) * (round_ % 4 + 1) // 4])
        for _ in range(1 + 4 * round_):
            torn[story.random.SystemRandom().randrange(len(torn))] = story.random.SystemRandom().randrange(256)
        with open("torn", "wb") as file:
            file.write(torn)
        told = keytrail("replay", lying_trace(os.path.abspath("torn"), None, (call, call + 40, 0x1000)), timeout=100)
        assert told.status == 0 and not told.err, (round_, told.status, told.err)
        assert told.out.count(b"asks for") == 3, (round_, told.out)
