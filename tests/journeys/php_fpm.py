"""PHP's server for FastCGI: what a request reads, copies and dies of is told with its line, and the server goes on."""
import glob
import os
import signal
import socket
import struct
import subprocess
import time

import story

KEY = "OPENAI_API_KEY"


def server():
    found = sorted(glob.glob("/usr/sbin/php-fpm*"))
    return found[-1] if found else story.skip("no php-fpm here")


def record(kind, content):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def length(n):
    return bytes([n]) if n < 128 else struct.pack(">I", n | 1 << 31)


def pair(name, value):
    return length(len(name)) + length(len(value)) + name.encode() + value.encode()


def asked(path, script):
    """One request, over FastCGI; answers the body."""
    parameters = {"SCRIPT_FILENAME": script, "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/", "REQUEST_URI": "/", "SERVER_PROTOCOL": "HTTP/1.1"}
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(20)
        s.connect(path)
        s.sendall(record(1, struct.pack(">HB5x", 1, 0)) + record(4, b"".join(pair(*p) for p in parameters.items())) + record(4, b"") + record(5, b""))
        answer = b""
        while part := s.recv(65536):
            answer += part
    body = b""
    while len(answer) >= 8:
        _, kind, _, size, padding = struct.unpack(">BBHHBx", answer[:8])
        if kind == 6:
            body += answer[8:8 + size]
        answer = answer[8 + size + padding:]
    return body.partition(b"\r\n\r\n")[2]


def program(text, name):
    with open(name, "w") as file:
        file.write("<?php\n" + text)
    os.chmod(name, 0o644)
    return os.path.abspath(name)


def served(scripts, env, settings=""):
    """The bodies of one request for each script, and the events; of bare workers without events."""
    here = os.getcwd()
    os.chmod(here, 0o755)
    path = os.path.join(here, "socket")
    with open("fpm.conf", "w") as file:
        file.write(f"[global]\nerror_log = {here}/log\ndaemonize = no\n[www]\nlisten = {path}\npm = static\npm.max_children = 1\nclear_env = no\n"
                   + ("user = root\ngroup = root\n" if os.geteuid() == 0 else "") + settings)
    command = [server(), "-n", "-F", "-y", "fpm.conf", *(["-R"] if os.geteuid() == 0 else [])]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            if os.path.exists(path):
                break
            time.sleep(0.05)
        return [asked(path, script) for script in scripts]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        if os.path.exists(path):
            os.unlink(path)


@story.patience(120)
def test_requests():
    scripts = [
        program(f"function read_key() {{ return getenv('{KEY}'); }}\nfunction a() {{ var_dump(read_key()); }}\na();\n", "reads.php"),
        program("class Missing extends Exception {}\nfunction f() {\n throw new Missing('secret text'); }\nf();\n", "throws.php"),
        program("function f() {\n exit(3); }\nf();\n", "exits.php"),
        program("echo count(getenv()) > 3;\n", "copies.php"),
        program("echo isset($_SERVER['REQUEST_URI']);\n", "mentions.php"),
        program("echo 'well';\n", "works.php"),
    ]
    env = story.environment()
    trace = os.path.abspath("trace")
    bare = served(scripts, env)
    told = served(scripts, story.preloaded(env, trace))
    assert told == bare and bare[-1] == b"well", (told, bare)
    events = story.events_of(trace)
    line = lambda e: e.get("site", "").split("/")[-1]
    reads = [e for e in events if e["e"] == "read" and e["name"] == KEY]
    assert [(line(e), e["in"]) for e in reads] == [("reads.php:2", "read_key")], reads
    assert [c.split("/")[-1] for c in reads[0]["callers"]] == ["reads.php:3 a", "reads.php:4"], reads
    assert [(e["type"], line(e), e["in"]) for e in events if e["e"] == "raise"] == [("Missing", "throws.php:4", "f")], events
    assert not any("site" in e for e in events if e["e"] == "exit"), events
    copies = [(e["fn"], line(e)) for e in events if e["e"] == "copy"]
    assert ("getenv", "copies.php:2") in copies and copies[-1] == ("$_ENV or $_SERVER", "mentions.php:2"), copies
    assert "secret text" not in str(events)
