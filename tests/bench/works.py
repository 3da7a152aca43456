"""What is measured. A work is opened for each way, and all of them are then asked
in turn for a little of it: what the machine does meanwhile hits all alike.

To add one, write one more row in `every_work`.
"""
import dataclasses
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Callable

import story
import ways
from ways import Failed

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass
class Column:
    """One number of a work, and how it is told."""
    key: str
    title: str
    unit: str
    scale: float = 1  # the program's numbers are divided by this
    compare: str = "ratio"  # with bare: "ratio", or "difference" in the column's unit
    target: str = ""  # what we would like, of keytrail
    bound: float = None  # the same as a number
    inside: bool = False  # says nothing of tools that watch from another process


@dataclass
class Work:
    key: str
    columns: list
    open: Callable  # way -> something to ask for numbers, and to close
    rounds: int  # how often all are opened ...
    turns: int  # ... and each is asked then
    # Ways that sit out: name -> why.
    without: dict = field(default_factory=dict)
    dear: int = 1  # a dear tool takes part in so many times fewer rounds than it says
    enough: int = 70  # seconds, however slow the machine; one turn is always made


def compiled(name, *flags):
    subprocess.run([shutil.which("gcc") or "cc", "-O2", "-D_GNU_SOURCE", "-o", name,
                    os.path.join(HERE, name.partition(".")[0] + ".c"), *flags], check=True)
    return os.path.abspath(name)


def share(way, count, ltrace=10, strace=2):
    """Dear tools are asked for less: it is the time for one that is told."""
    return max(1, count // {"ltrace": ltrace, "strace": strace}.get(way.name, 1))


# ---- spawns ----------------------------------------------------------------------

def spawning(spawn, count, *words):
    return lambda way: ways.Asked(way, [spawn, *words], share(way, count))


def spawn_columns(title, unit, scale, key, target="", bound=None):
    return [Column(key, title, unit, scale, target=target, bound=bound),
            Column(key + "_faults", title + ", page faults", "", compare="difference",
                   inside=True)]


# ---- reads -----------------------------------------------------------------------

READS = {"ltrace": 100, "bpftrace": 20000}  # of each name, at most


def reading(count, *words):
    return lambda way: ways.Asked(way, [*words], min(count, READS.get(way.name, count)))


# ---- stacks ----------------------------------------------------------------------

def with_stacks(way):
    """What `keytrail run --stacks` adds."""
    def adds():
        added = way.adds()
        return {**added, "KEYTRAIL": added["KEYTRAIL"] + ",stacks=1"}
    return dataclasses.replace(way, adds=adds) if way.name == "keytrail" else way


def with_http(way):
    """What `keytrail run --http` adds."""
    def adds():
        added = way.adds()
        library = os.path.join(os.path.dirname(story.LIBRARY), "http", os.path.basename(story.LIBRARY))
        return {**added, "KEYTRAIL": added["KEYTRAIL"] + ",http=1", "LD_PRELOAD": library}
    return dataclasses.replace(way, adds=adds) if way.name == "keytrail" else way


NO_HTTP = {tool: "knows no requests" for tool in ("empty preload", "strace", "strace --seccomp-bpf", "ltrace", "bpftrace")}


# ---- a server --------------------------------------------------------------------

# A server that stood idle while others had their turn needs some thousand requests
# until it is as fast as before; two starts of it differ by two in a hundred.
WARM, REQUESTS, CONNECTIONS = 3000, 6000, 16


def on_last_cpu():
    """The load keeps to one CPU, so that a server's other one is its own."""
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cpus[-1:])


class Server:
    """A server of node, started for each round: no two starts are laid out alike."""

    def __init__(self, node, load, way):
        self.load, self.way = load, way
        self.process = ways.started(way, [node, os.path.join(HERE, "server.js")])
        self.port = ways.next_line(self.process)

    def request(self, count, connections=CONNECTIONS, path="/"):
        count = share(self.way, count, ltrace=50, strace=10)
        done = subprocess.run([self.load, self.port, str(count), str(connections), path],
                              capture_output=True, text=True, timeout=ways.PATIENCE,
                              preexec_fn=on_last_cpu)
        if done.returncode:
            raise Failed(done.stderr.strip()[:100])
        return ways.numbers_in(done.stdout)

    def ask(self):
        self.request(WARM)
        return self.request(REQUESTS)

    def close(self):
        try:
            self.request(1, 1, "/end")
            self.process.wait(timeout=10)
        except (Failed, subprocess.TimeoutExpired):
            pass
        ways.end(self.process)


def opens():
    """A program whose calls of libc end in a library that does nothing."""
    instant = compiled("opens_instant.so", "-shared", "-fPIC")
    return compiled("opens", instant, "-Wl,-rpath," + os.path.dirname(instant))


NO_SYSTEM_CALL = "sees system calls, and none is made"

NGINX = """daemon off; master_process off; pid {port}.pid; error_log stderr crit; events {{}}
http {{ access_log off; client_body_temp_path t; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
keepalive_requests 100000000; server {{ listen 127.0.0.1:{port}; location / {{ return 200 ok; }} }} }}
"""


class Nginx(Server):
    """The same of nginx. A worker that is its own master, so that the way watches the worker."""

    def __init__(self, nginx, load, way):
        self.load, self.way = load, way
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        with open(self.port + ".conf", "w") as conf:
            conf.write(NGINX.format(port=self.port))
        self.process = ways.started(way, [nginx, "-p", os.getcwd(), "-c", os.path.abspath(conf.name)])
        for _ in range(500):
            with socket.socket() as client:
                if not client.connect_ex(("127.0.0.1", int(self.port))):
                    return
            time.sleep(0.02)
        raise Failed(ways.complaint())

    def close(self):
        ways.end(self.process)


def server_columns(key, title, target, bound):
    return [Column(key, f"{title}, requests a second", "", target=target, bound=bound),
            Column(f"{key}_p50", "a request to it, median", "us"),
            Column(f"{key}_p99", "a request to it, 99th percentile", "us")]


def works_with_http(spawn, load, node, nginx):
    """What --http costs, for what is here."""
    works = []
    if node:
        works += [
            Work("node_http", spawn_columns("--http: start of node", "ms", 1e6, "node_http"),
                 lambda way: ways.Asked(with_http(way), [spawn, node, "-e", "0"], 1), 8, 6, NO_HTTP),
            Work("node_server_http", server_columns("node_server_http", "--http: node server", "at least 0.95x", 0.95),
                 lambda way: Server(node, load, with_http(way)), 20, 3, NO_HTTP, enough=120)]
    if nginx:
        works.append(Work("nginx_http", server_columns("nginx_http", "--http: nginx", "at least 0.95x", 0.95),
                          lambda way: Nginx(nginx, load, with_http(way)), 20, 3, NO_HTTP, enough=60))
    return works


NO_CALL = "sees system calls, and getenv is none"
NO_STACK = "takes no stack here"
NO_PLACE = "knows no lines of a language"


def language_reads(key, what, program, script):
    """Reads of a language's own, where it is here."""
    if not shutil.which(program):
        print(f"{what}: not measured, no {program} here\n")
        return []
    return [Work(f"{key}_reads", [
        Column(key, f"{what}, ordinary name", "ns", compare="difference"),
        Column(f"{key}_watched", f"{what}, watched name, again", "ns", compare="difference")],
        reading(50000, program, os.path.join(HERE, script)), 4, 6,
        {"strace": NO_CALL, "strace --seccomp-bpf": NO_CALL})]


def first_places(key, what, words, target, bound):
    """What is done once at each place of a program in a language."""
    return Work(f"{key}_places", [
        Column(f"{key}_miss", f"{what}, first miss at a place", "us", 1e3, compare="difference",
               target=target, bound=bound),
        Column(f"{key}_find", f"{what}, first found by a library at a place", "us", 1e3, compare="difference",
               target=target, bound=bound),
        Column(f"{key}_copy", f"{what} copied, first at a place", "us", 1e3, compare="difference"),
        Column(f"{key}_raise", f"uncaught exception of {key}", "us", 1e3, compare="difference")],
        lambda way: ways.Anew(way, words), 4, 4,
        {tool: NO_PLACE for tool in ("strace", "strace --seccomp-bpf", "ltrace", "bpftrace")})


# ---- all -------------------------------------------------------------------------


def every_work():
    spawn, reads, load = compiled("spawn"), compiled("reads"), compiled("load")
    events, memory, node = compiled("events"), compiled("memory"), shutil.which("node")
    works = [
        Work("spawn", spawn_columns("spawn of /bin/true", "us", 1e3, "spawn", "at most 1.12x", 1.12),
             spawning(spawn, 25, "/bin/true"), 8, 12),  # in a row, as a script or a build does
        Work("reads", [
            Column("getenv", "getenv, ordinary name", "ns", compare="difference",
                   target="at most +5 ns", bound=5),
            Column("getenv_watched", "getenv, watched name, again", "ns",
                   compare="difference", target="at most +40 ns", bound=40)],
             reading(500000, reads), 4, 6,
             {"strace": NO_CALL, "strace --seccomp-bpf": NO_CALL}),
        Work("opens", [
            Column("open", "open, ordinary path", "ns", compare="difference",
                   target="at most +10 ns", bound=10),
            Column("stat", "stat, ordinary path", "ns", compare="difference",
                   target="at most +10 ns", bound=10)],
             reading(500000, opens()), 4, 6,
             {"strace": NO_SYSTEM_CALL, "strace --seccomp-bpf": NO_SYSTEM_CALL, "bpftrace": "looks at getenv alone"}),
        Work("stacks", [
            Column("event_new", "--stacks: a new event, 24 calls deep", "us", 1e3,
                   compare="difference", target="at most +60 us", bound=60),
            Column("event_again", "--stacks: the same one again", "ns", compare="difference",
                   target="at most +40 ns", bound=40)],
             lambda way: ways.Anew(with_stacks(way), [events]), 2, 6,
             {tool: NO_STACK for tool in ("strace", "strace --seccomp-bpf", "ltrace", "bpftrace")}),
        Work("build", spawn_columns("configure script, 150 tests", "ms", 1e6, "build"),
             spawning(spawn, 1, os.path.join(HERE, "configure")), 8, 1),
        Work("python", spawn_columns("start of python", "ms", 1e6, "python", "at most 1.03x", 1.03),
             spawning(spawn, 2, sys.executable, "-c", "pass"), 8, 6),
        Work("python_reads", [
            Column("environ", "os.environ, ordinary name", "ns", compare="difference",
                   target="at most +350 ns", bound=350),
            Column("environ_watched", "os.environ, watched name, again", "ns",
                   compare="difference")],
             reading(50000, sys.executable, os.path.join(HERE, "reads.py")), 4, 6,
             {"strace": NO_CALL, "strace --seccomp-bpf": NO_CALL}),
        first_places("python", "os.environ", [sys.executable, os.path.join(HERE, "places.py")], "at most +5 us", 5),
        *language_reads("ruby", "Ruby's ENV", "ruby", "reads.rb"),
        *language_reads("php", "PHP's getenv", "php", "reads.php"),
        Work("memory", [
            Column("rss", "C program, resident memory", "KiB", compare="difference",
                   target="at most +200 KiB", bound=200, inside=True),
            Column("pss", "C program, its share of memory", "KiB", compare="difference",
                   inside=True),
            Column("private", "C program, memory of its own", "KiB", compare="difference",
                   inside=True)],
             lambda way: ways.Anew(way, [memory]), 8, 6),
    ]
    if not node:
        print("start and reads of node, server under load: not measured, no node here\n")
        return works
    return works[:-1] + [
        Work("node", spawn_columns("start of node", "ms", 1e6, "node", "at most 1.03x", 1.03),
             spawning(spawn, 1, node, "-e", "0"), 8, 6),
        Work("node_reads", [
            Column("process_env", "process.env, ordinary name", "ns", compare="difference",
                   target="at most +250 ns", bound=250),
            Column("process_env_watched", "process.env, watched name, again", "ns",
                   compare="difference", target="at most +2,500 ns", bound=2500)],
             reading(50000, node, os.path.join(HERE, "reads.js")), 4, 6,
             {"strace": NO_CALL, "strace --seccomp-bpf": NO_CALL}),
        first_places("node", "process.env", [node, os.path.join(HERE, "places.js")], "at most +30 us", 30),
        Work("http", server_columns("http", "node server", "at least 0.99x", 0.99),
             lambda way: Server(node, load, way), 60, 3, dear=6, enough=200),
        *works_with_http(spawn, load, node, shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin"))] + works[-1:]
