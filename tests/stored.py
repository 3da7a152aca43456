"""Stored traces: packed, and with everything in them replaced that differs between runs and machines, so that their
reports are the same everywhere. tests/reports/README.md tells how to make them."""
import hashlib
import json
import os
import re
import sys

import story

FOLDER = os.path.join(story.ROOT, "tests", "reports")
HOME = "/home/ann/shop"
PIDS = ("pid", "ppid", "child", "session", "of_pid", "by_pid")
MOST = 25000


def file_of(name):
    return os.path.join(FOLDER, re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:80] + ".jsonl")


class Renamed:
    """Numbers in the order of their first use."""

    def __init__(self, form):
        self.form, self.known = form, {}

    def __call__(self, key):
        return self.known.setdefault(key, self.form(len(self.known)))


def places():
    """What lies elsewhere on another machine, the longest first."""
    prefix = os.path.realpath(sys.prefix)
    found = [(os.getcwd(), HOME), (os.path.realpath(os.getcwd()), HOME), (story.CACHE, "/home/ann/.cache"), (os.path.realpath(story.CACHE), "/home/ann/.cache"),
             (os.path.realpath(sys.base_prefix), "/usr"), (prefix, "/usr"), (story.BUILD, "/usr/lib/keytrail"), (story.ROOT, "/usr/src/keytrail"),
             (os.path.expanduser("~"), "/home/ann")]
    return sorted({(old, new) for old, new in found if len(old) > 4}, key=lambda pair: -len(pair[0]))


def normal(lines):
    """The lines of a pack, less the machine and the moment."""
    pid = Renamed(lambda n: 1001 + n)
    fingerprint = Renamed(lambda n: hashlib.md5(b"value %d" % n).hexdigest())
    times = [json.loads(line).get("t", 0) for line in lines]
    base = min((t for t in times if t), default=0) - 1000000
    walls = [json.loads(line).get("wall", 0) for line in lines]
    first_wall = min((w for w in walls if w), default=0)

    def image(text):
        number, dot, rest = text.partition(".")
        return f"{pid(int(number))}{dot}{int(rest) - base}" if number.isdigit() and rest.isdigit() else text

    def value(key, v):
        if isinstance(v, dict):
            return {k: value(k, one) for k, one in v.items()}
        if isinstance(v, list):
            return [value(key, one) for one in v]
        if isinstance(v, bool) or v is None:
            return v
        if isinstance(v, int):
            if key in PIDS and v > 1:
                return pid(v)
            if key == "t":
                return v - base
            if key == "wall" or key == "changed" and v > 10 ** 12:
                return v - first_wall + 1767225600000  # the first second of 2026
            return 8765 if key == "port" and v > 10000 else v
        if key in ("image", "parent"):
            return image(v)
        if key in ("fp", "bare"):
            return fingerprint(v)
        fixed = {"boot": "b0070001", "key": "ke700001", "kernel": "Linux 6.1.0 x86_64", "libc": "glibc 2.36", "zone": "+0000"}
        if key in fixed:
            return fixed[key]
        for old, new in places():
            v = v.replace(old, new)
        v = re.sub(r"packages-([a-z-]+)-[0-9a-f]{12}", r"packages-\1", v)
        v = re.sub(r"\bpython3\.\d+", "python3", v)
        v = re.sub(r"(?<=/tmp/)\S*keytrail-test-\w+", "work", v)
        return re.sub(r"(localhost|127\.0\.0\.1):\d+", r"\1:8765", v)

    return [json.dumps(value("", json.loads(line)), separators=(",", ":"), ensure_ascii=False) for line in lines]


def reported(pack, *options, **more):
    env = {"PATH": story.PATH, "LC_ALL": "C.UTF-8", "COLUMNS": "80", "HOME": "/nonexistent", **more}
    return story.bare([story.KEYTRAIL, "report", *options, pack], env)


def store(name, run):
    """Writes the trace of a run among the stored traces, unless that is too large: then False."""
    pack = os.path.abspath("stored.jsonl")
    story.keytrail("pack", run.trace, "-o", pack)
    with open(pack) as file:
        lines = normal(file.read().splitlines())
    text = "\n".join(lines) + "\n"
    if len(text) > MOST:
        return False
    with open(file_of(name), "w") as file:
        file.write(text)
    return True
