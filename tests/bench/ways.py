"""The ways to run a command: as it is, and watched by each tool that works here.

To add one, write one more row in `every_way`.
"""
import functools
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from typing import Callable

import story

PATIENCE = 90  # seconds, for one command


class Failed(Exception):
    """A command that did not do its work; says why in one line."""


@dataclass
class Way:
    name: str
    before: tuple = ()  # what stands before the command; {notes} is a file to write to
    adds: Callable = dict  # makes what it adds to the environment
    dear: int = 1  # takes part in one round of so many
    proof: bytes = b""  # what its notes must have when it saw something
    needs_root: bool = False
    alone: bool = False  # it watches everybody: the others wait until it is gone
    absent: str = field(default="", compare=False)  # why it cannot be measured here

    @property
    def tool(self):
        return self.before[0] if self.before else None

    def command(self, words):
        notes = os.path.join(os.getcwd(), "notes")
        return [word.format(notes=notes) for word in self.before] + list(words)

    def environment(self):
        return {**base_environment(), **self.adds()}


@functools.lru_cache(None)
def base_environment():
    return story.environment(OPENAI_API_KEY=story.openai_key(), ORDINARY="text")


def recorded():
    """What `keytrail run` adds for a command that it starts, into a fresh trace."""
    trace = os.path.join(tempfile.mkdtemp(prefix="trace-", dir=os.getcwd()), "t")
    shown = subprocess.run([story.KEYTRAIL, "run", "-q", "-o", trace, "--", "env"],
                           env=base_environment(), capture_output=True, text=True, check=True)
    lines = (line.partition("=") for line in shown.stdout.splitlines())
    return {name: value for name, _, value in lines if name in story.OURS}


def libc():
    """The C library that this Python runs with, which is everybody's."""
    with open("/proc/self/maps") as maps:
        found = re.search(r"\s(/\S*/libc(\.so\.6|-2\.\d+\.so))$", maps.read(), re.MULTILINE)
    return found.group(1) if found else "libc.so.6"


def uprobe():
    # Counting in the kernel is the cheapest that it can do with a name.
    return f"uprobe:{libc()}:getenv {{{{ @[str(arg0)] = count(); }}}}"


def every_way(empty):
    strace = ("-f", "-e", "trace=execve", "-o", "{notes}")
    return [
        Way("bare"),
        Way("empty preload", adds=lambda: {"LD_PRELOAD": empty}),
        Way("keytrail", adds=recorded),
        Way("strace", ("strace", *strace), dear=2, proof=b"execve("),
        Way("strace --seccomp-bpf", ("strace", "--seccomp-bpf", *strace), dear=2, proof=b"execve("),
        Way("ltrace", ("ltrace", "-f", "-e", "getenv", "-o", "{notes}"), dear=4, proof=b"getenv("),
        Way("bpftrace", ("bpftrace", "-o", "{notes}", "-e", uprobe(), "-c"), dear=4, proof=b"@[",
            needs_root=True, alone=True),
    ]


# ---- running -------------------------------------------------------------------

def end(process):
    """Ends a command that goes on, and whatever it started: it leads a group of its own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def started(way, words):
    command = way.command(words)
    if command[:1] == ["bpftrace"]:  # it takes one text, and cuts it at the blanks
        command[-len(words):] = [" ".join(words)]
    with open("said", "wb") as said:
        return subprocess.Popen(command, env=way.environment(), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=said, bufsize=0,
                                start_new_session=True)


def complaint():
    """What the last command that was started said on stderr, in one line."""
    with open("said", errors="replace") as said:
        lines = [line.strip() for line in said if line.strip()]
    return lines[0][:100] if lines else "it said nothing"


def next_line(process, patience=PATIENCE):
    """The next line that a command prints."""
    line, until = b"", time.monotonic() + patience
    while not line.endswith(b"\n"):
        if not select.select([process.stdout], [], [], max(0, until - time.monotonic()))[0]:
            raise Failed(f"no answer after {patience} s")
        piece = process.stdout.read(4096)
        if not piece:
            raise Failed(complaint())
        line += piece
    return line.decode(errors="replace").strip()


def numbers_in(line):
    try:
        return [float(word) for word in line.split()]
    except ValueError:
        raise Failed(line[:100])


class Asked:
    """A program that runs one way, and answers a line of numbers whenever it is asked."""

    def __init__(self, way, words, question):
        self.question = question
        self.process = started(way, words)

    def ask(self):
        try:
            self.process.stdin.write(f"{self.question}\n".encode())
        except BrokenPipeError:
            raise Failed(complaint())
        return numbers_in(next_line(self.process))

    def close(self):
        try:
            self.process.stdin.close()
            self.process.wait(timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            pass
        end(self.process)


class Anew(Asked):
    """A program that is started again for each answer."""

    def __init__(self, way, words):
        self.way, self.words = way, words

    def ask(self):
        process = started(self.way, self.words)
        try:
            return numbers_in(next_line(process))
        finally:
            end(process)

    def close(self):
        pass


# ---- which of them work here -----------------------------------------------------

def why_not(way, probe):
    """Why a tool cannot be measured here, or nothing."""
    if not way.tool:
        return ""
    if not shutil.which(way.tool):
        return f"no {way.tool} here"
    if way.needs_root and os.geteuid() != 0:
        return "needs root"
    if os.path.exists("notes"):
        os.unlink("notes")
    program = Asked(way, probe, 100)
    try:
        program.ask()
    except Failed as failed:
        return f"does not work here: {failed}"
    finally:
        program.close()
    with open("notes", "rb") as notes:
        return "" if way.proof in notes.read() else "does not work here: it ran, and saw nothing"


def version(tool):
    said = subprocess.run([tool, "--version"], capture_output=True, text=True)
    found = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
    return found.group() if found else "?"
