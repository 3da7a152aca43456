"""The ways to run a command: as it is, and watched by each tool that works here.

To add one, write one more row in `every_way`.
"""
import functools
import os
import re
import shutil
import signal
import subprocess
import tempfile
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
    dear: int = 1  # asked for this many times less than the cheap ones
    proof: bytes = b""  # what its notes must have when it saw something
    needs_root: bool = False
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
        Way("strace", ("strace", *strace), dear=3, proof=b"execve("),
        Way("strace --seccomp-bpf", ("strace", "--seccomp-bpf", *strace), dear=3, proof=b"execve("),
        Way("ltrace", ("ltrace", "-f", "-e", "getenv", "-o", "{notes}"), dear=6, proof=b"getenv("),
        Way("bpftrace", ("bpftrace", "-o", "{notes}", "-e", uprobe(), "-c"), dear=5, proof=b"@[",
            needs_root=True),
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
    return subprocess.Popen(command, env=way.environment(), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            errors="replace", start_new_session=True)


def first_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[0].strip()[:100] if lines else "it said nothing"


def output(way, words, patience=PATIENCE):
    """What a command prints when it is run this way."""
    process = started(way, words)
    try:
        out, err = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        end(process)
        raise Failed(f"not done after {patience} s")
    finally:
        end(process)
    if not out.strip():
        raise Failed(first_line(err))
    return out


def numbers(way, words):
    """The numbers in the last line that a program prints."""
    line = output(way, words).strip().splitlines()[-1]
    try:
        return [float(word) for word in line.split()]
    except ValueError:
        raise Failed(first_line(line))


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
    try:
        numbers(way, probe)
    except Failed as failed:
        return f"does not work here: {failed}"
    with open("notes", "rb") as notes:
        return "" if way.proof in notes.read() else "does not work here: it ran, and saw nothing"


def version(tool):
    said = subprocess.run([tool, "--version"], capture_output=True, text=True)
    found = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
    return found.group() if found else "?"
