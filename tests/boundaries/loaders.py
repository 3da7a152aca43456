"""How a program comes into memory: by the kernel's choice of a loader, by a loader
that was started by hand, with headers that are odd or moved. It does what it does
bare; where the loader can load us, the program is seen under its own name."""
import os
import re
import struct
import subprocess

import story
from observe import expect_same
from story import bare, compiled, recorded, which

LONG = {"^odd headers": "a link of each kind"}

GLIBC = "/lib64/ld-linux-x86-64.so.2"
MUSL = "/lib/ld-musl-x86_64.so.1"
SOURCE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
int main(int argc, char **argv)
{
	int status = system("/bin/true; exit 3");

	printf("%s %s %d\n", argc > 1 ? argv[1] : "", getenv("OPENAI_API_KEY") ? "found" : "missing", WEXITSTATUS(status));
	return 42;
}
"""
KEY = story.openai_key()

# ---- programs whose headers are written anew -----------------------------------------

LOAD, DYNAMIC, INTERP, NOTE, PHDR = 1, 2, 3, 4, 6
FIELDS = ("type", "flags", "offset", "vaddr", "paddr", "filesz", "memsz", "align")
ROW = struct.Struct("<IIQQQQQQ")


class Program:
    """The bytes of an ELF program, its program headers, and what can be done to them."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = bytearray(file.read())
        self.table, = struct.unpack_from("<Q", self.bytes, 32)
        self.count, = struct.unpack_from("<H", self.bytes, 56)

    def headers(self):
        return [dict(zip(FIELDS, ROW.unpack_from(self.bytes, self.table + i * ROW.size))) for i in range(self.count)]

    def write_headers(self, headers):
        for i, header in enumerate(headers):
            ROW.pack_into(self.bytes, self.table + i * ROW.size, *(header[f] for f in FIELDS))

    def edit(self, kind, **fields):
        self.write_headers([{**h, **fields} if h["type"] == kind else h for h in self.headers()])

    def header_field(self, offset, value):
        struct.pack_into("<H", self.bytes, offset, value)

    def interpreter(self, text):
        header = next(h for h in self.headers() if h["type"] == INTERP)
        at, size = header["offset"], header["filesz"]
        self.bytes[at:at + size] = (text + bytes(size))[:size]

    def dynamic(self, tag, value):
        """The first table that has this tag begins with another word."""
        at = next(h for h in self.headers() if h["type"] == DYNAMIC)["offset"]
        while True:
            found, address = struct.unpack_from("<qQ", self.bytes, at)
            if found == tag:
                load = next(h for h in self.headers() if h["type"] == LOAD and 0 <= address - h["vaddr"] < h["filesz"])
                struct.pack_into("<I", self.bytes, address - load["vaddr"] + load["offset"], value)
            if not found:
                return
            at += 16

    def move_headers(self, count):
        """Puts `count` headers at the end of the file, in a part of their own, as tools do that need room for more."""
        headers = self.headers()
        top = max(h["vaddr"] + h["memsz"] for h in headers if h["type"] == LOAD)
        self.bytes += bytes(-len(self.bytes) % 4096)
        place = {"offset": len(self.bytes), "vaddr": (top + 0x1fff) & ~0xfff, "paddr": 0, "filesz": count * ROW.size,
                 "memsz": count * ROW.size, "flags": 4}
        headers = [{**h, **place} if h["type"] == PHDR else h for h in headers]
        last = max(i for i, h in enumerate(headers) if h["type"] == LOAD)
        headers.insert(last + 1, {**place, "type": LOAD, "align": 4096})
        headers += [dict.fromkeys(FIELDS, 0)] * (count - len(headers))
        self.table, self.count = len(self.bytes), count
        self.bytes += bytes(count * ROW.size)
        struct.pack_into("<Q", self.bytes, 32, self.table)
        self.header_field(56, count)
        self.write_headers(headers)

    def save(self, path):
        with open(path, "wb") as file:
            file.write(self.bytes)
        os.chmod(path, 0o755)
        return os.path.abspath(path)


def zero_hash(program):
    program.dynamic(4, 0), program.dynamic(0x6ffffef5, 0)


ODD = (
    ("as built", lambda p: None),
    ("no PT_PHDR", lambda p: p.edit(PHDR, type=0)),
    ("notes that are not loaded", lambda p: p.edit(NOTE, vaddr=0x70000000, memsz=256, align=4)),
    ("notes without end", lambda p: p.edit(NOTE, memsz=0x7fffffff, align=4)),
    ("notes around the end of memory", lambda p: p.edit(NOTE, vaddr=2**64 - 4096, memsz=2**63, align=4)),
    ("no PT_INTERP", lambda p: p.edit(INTERP, type=0)),
    ("an empty interpreter", lambda p: p.interpreter(b"")),
    ("an interpreter that is nowhere", lambda p: p.interpreter(b"/no/where")),
    ("an interpreter that is no loader", lambda p: p.interpreter(b"/bin/true")),
    ("an interpreter without end", lambda p: p.edit(INTERP, filesz=8)),
    ("a huge interpreter", lambda p: p.edit(INTERP, filesz=0x7fffffff)),
    ("an interpreter behind the end", lambda p: p.edit(INTERP, offset=0x7fffffff)),
    ("no PT_DYNAMIC", lambda p: p.edit(DYNAMIC, type=0)),
    ("hash tables without buckets", zero_hash),
    ("headers moved to the end", lambda p: p.move_headers(40)),
    ("a thousand headers", lambda p: p.move_headers(1000)),
    ("65,535 headers", lambda p: p.move_headers(65535)),
    ("headers of another size", lambda p: p.header_field(54, 64)),
    ("no headers", lambda p: p.header_field(56, 0)),
)

BUILDS = (
    ("glibc", "gcc", (), GLIBC),
    ("glibc, at a fixed address", "gcc", ("-no-pie",), GLIBC),
    ("glibc, linked for a high address", "gcc", ("-Wl,-Ttext-segment=0x600000000000",), GLIBC),
    ("glibc, static at any address", "gcc", ("-static-pie",), GLIBC),
    ("musl", "musl-gcc", (), MUSL),
    ("musl, at a fixed address", "musl-gcc", ("-no-pie",), MUSL),
)


def built(compiler, flags, loader):
    """The program; skips where this libc is not here."""
    try:
        program = compiled(SOURCE, "plain", which(compiler), flags)
    except subprocess.CalledProcessError:
        story.skip(f"{compiler} {' '.join(flags)} does not work here")
    return program if os.path.exists(loader) else story.skip(f"no {loader} here")


def births(run, program):
    return [b for b in run.of("birth", by="exec") if b["exe"] == program]


def same(command, program):
    """Bare and recorded agree. A program that the recorder can be in is seen under its own name."""
    env = story.environment(OPENAI_API_KEY=KEY)
    alone = bare(command, env)
    traced = expect_same(alone, recorded(command, env))
    if alone.status == 42 and births(traced, program):
        reads = [r for r in traced.of("read", name="OPENAI_API_KEY", found=True)]
        assert [r["at"].rsplit("+", 1)[0] for r in reads] == [program], reads
    return traced


# Becomes the command, or says why not: a shell would try what is in the file.
LAUNCHER = r"""
#include <stdio.h>
#include <unistd.h>
int main(int argc, char **argv) { execv(argv[1], argv + 1); perror("exec"); return 126; }
"""


@story.patience(240)
@story.each(*BUILDS)
def test_odd_headers(compiler, flags, loader):
    plain, launcher, seen = built(compiler, flags, loader), compiled(LAUNCHER, "launcher"), 0
    for what, change in ODD:
        program = Program(plain)
        if "interpreter" in what and not any(h["type"] == INTERP for h in program.headers()):
            continue
        change(program)
        path = program.save("odd")
        for command in ([path, "x"], ["./odd", "x"], [loader, path, "x"], [loader, "./odd", "x"]):
            try:
                seen += len(births(same([launcher, *command], path), path))
            except AssertionError as error:
                raise AssertionError(f"{what}: {command}: {error}") from error
    assert seen >= (0 if "-static-pie" in flags else 20), f"{seen} of these programs were seen"


# ---- a loader that is started by hand ---------------------------------------------------

OPTIONS = (
    ("plain", GLIBC, ()), ("--argv0", GLIBC, ("--argv0", "/bin/false")), ("--library-path", GLIBC, ("--library-path", "/tmp")),
    ("--preload", GLIBC, ("--preload", "libm.so.6")), ("--inhibit-cache", GLIBC, ("--inhibit-cache",)),
    ("two loaders", GLIBC, (GLIBC,)), ("by itself", GLIBC, None), ("musl: plain", MUSL, ()),
    ("musl: --argv0", MUSL, ("--argv0", "/bin/false")), ("musl: --argv0=", MUSL, ("--argv0=odd", "--")),
    ("musl: --library-path", MUSL, ("--library-path", "/tmp")), ("musl: by itself", MUSL, None))


@story.each(*OPTIONS)
def test_a_loader_by_hand(loader, options):
    program = built("musl-gcc" if loader == MUSL else "gcc", (), loader)
    if options is None:
        return same([loader], program)
    for name in (program, "./plain", os.path.relpath(program, "/")):
        traced = same([loader, *options, name, "x"], program)
        alone = bare([loader, *options, name, "x"])
        assert alone.status != 42 or len(births(traced, program)) == 1, f"{name}: {traced.of('birth')}"
    return None


@story.each(("glibc", "gcc", GLIBC), ("musl", "musl-gcc", MUSL))
def test_the_report_names_the_program_and_not_the_loader(compiler, loader):
    program = story.compiled(story.READER, "reader", which(compiler), ("-g",))
    if not os.path.exists(loader):
        story.skip(f"no {loader} here")
    run = recorded([loader, "./reader", "OPENAI_API_KEY"])
    assert run.status == 1
    assert run.report["verdict"] == "warning", run.report  # which of its lines ended it is not known
    first = run.findings()[0]
    assert first["code"] == "KT101" and first["victim"]["exe"].endswith("/reader"), first
    assert "ld-" not in json_text(first), first
    assert not run.report["coverage"]["gaps"], run.report["coverage"]["gaps"]
    assert births(run, program)


@story.each(("ldd", ["ldd", "./plain"]), ("ldd -v", ["ldd", "-v", "./plain"]), ("--list", [GLIBC, "--list", "./plain"]),
            ("--list, from a shell", ["sh", "-c", f"{GLIBC} --argv0 x --list ./plain; ./plain"]),
            ("LD_TRACE_LOADED_OBJECTS", ["sh", "-c", "LD_TRACE_LOADED_OBJECTS=1 ./plain; ./plain"]),
            ("musl: --list", [MUSL, "--list", "./plain"]))
def test_a_list_of_libraries_is_without_us(command):
    which(command[0])
    built("musl-gcc" if MUSL in command else "gcc", (), MUSL if MUSL in command else GLIBC)

    def listed(run):
        return run.status, re.sub(rb"0x[0-9a-f]+", b"0x", run.out), run.err

    traced, alone = recorded(command), bare(command)
    assert b"libc" in alone.out and listed(traced) == listed(alone), f"{listed(traced)}, bare {listed(alone)}"


def json_text(finding):
    return str({k: v for k, v in finding.items() if k != "path"})


# ---- what the kernel tells a program at its start -----------------------------------------

# Runs argv[2...] with one entry of the auxiliary vector taken away, as on a kernel that has none.
WITHOUT = r"""
#include <elf.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	long taken = atol(argv[1]), at, type;
	struct user_regs_struct regs;
	int status;
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execv(argv[2], argv + 2);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	ptrace(PTRACE_GETREGS, pid, 0, &regs);
	at = regs.rsp + 8 * (ptrace(PTRACE_PEEKDATA, pid, regs.rsp, 0) + 2);
	while (ptrace(PTRACE_PEEKDATA, pid, at, 0))
		at += 8;
	for (at += 8; (type = ptrace(PTRACE_PEEKDATA, pid, at, 0)); at += 16)
		if (type == taken)
			ptrace(PTRACE_POKEDATA, pid, at, AT_IGNORE);
	ptrace(PTRACE_DETACH, pid, 0, 0);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
"""


@story.each(*((f"{name}, {libc}", compiler, loader, number) for libc, compiler, loader in (("glibc", "gcc", GLIBC), ("musl", "musl-gcc", MUSL))
              for name, number in (("AT_SYSINFO_EHDR", 33), ("AT_EXECFN", 31), ("AT_BASE", 7), ("AT_RANDOM", 25),
                                   ("AT_PHDR", 3), ("AT_PHNUM", 5), ("AT_PAGESZ", 6), ("AT_SECURE", 23))))
def test_an_auxiliary_vector_without(compiler, loader, number):
    program, tracer = built(compiler, (), loader), compiled(WITHOUT, "without")
    for command in ([tracer, str(number), program, "x"], [tracer, str(number), loader, program, "x"]):
        if bare(command).status == 99:
            story.skip("nothing can be traced here")
        if bare(command).status == 42:  # glibc does not start without some of them
            same(command, program)
