"""What a root ran beside: label, control group, session and terminal."""
import json
import os
import pty
import re
import subprocess

import story
from story import KEYTRAIL, bare, compiled, each, environment, events_of, preloaded, recorded, with_key


def births(trace):
    return [e for e in events_of(trace) if e["e"] == "birth"]


def own_cgroup():
    with open("/proc/self/cgroup") as file:
        return next((line[3:-1] for line in file if line.startswith("0::")), None)


def test_a_root_tells_session_and_control_group_and_its_children_do_not():
    run = recorded(["sh", "-c", "/bin/true; /bin/echo; exit 0"], environment())
    root, *others = births(run.trace)
    assert root["session"] == os.getsid(0) and root.get("cgroup") == own_cgroup(), root
    assert root["root"] == f"{os.stat('/').st_dev}:{os.stat('/').st_ino}", root
    assert others and not any({"session", "cgroup", "tty", "root"} & set(e) for e in others), others


def test_a_preloaded_service_is_a_root():
    trace = os.path.abspath("trace")
    bare(["/bin/true"], preloaded(environment(), trace))
    root, = births(trace)
    assert root["session"] == os.getsid(0) and "tty" not in root, root


def test_the_controlling_terminal():
    pid, fd = pty.fork()
    if not pid:
        os.execve(KEYTRAIL, ["keytrail", "run", "-q", "-o", "trace", "--", "/bin/sh", "-c", "tty"], environment())
    said = b""
    while True:
        try:
            said += os.read(fd, 100)
        except OSError:
            break
    assert os.waitpid(pid, 0)[1] == 0
    root = births("trace")[0]
    assert "/dev/" + root["tty"] == said.decode().strip() and root["session"] == pid, (root, said)


def test_a_program_whose_name_looks_like_the_end_of_its_name():
    program = compiled("int main(void) { return 0; }", "x) S 1 2 3 34816 (")
    trace = os.path.abspath("trace")
    assert bare([program], preloaded(environment(), trace)).status == 0
    root, = births(trace)
    assert "tty" not in root, root


@each(("an ordinary name", "web-1", "web-1"), ("a key", "sk-proj-abcdefghijklmnopqrstuvwx0123456789", None),
      ("a name that is too long", "x" * 300, None))
def test_a_label(label, shown):
    trace = os.path.abspath("trace")
    bare(["sh", "-c", "/bin/true; exit 0"], preloaded(environment(), trace, "label=" + label))
    told = [e.get("label") for e in births(trace)]
    assert len(told) == 2
    assert told == [shown] * 2 if shown else label not in told, told


def test_reports_of_merged_traces_say_which_host():
    reader = compiled("#include <stdlib.h>\nint main(void) { return !getenv(\"OPENAI_API_KEY\"); }")
    for host in ("web", "worker"):
        subprocess.run([KEYTRAIL, "run", "-q", "-o", host, "env", "-u", "OPENAI_API_KEY", reader],
                       env={**with_key("OPENAI_API_KEY"), "KEYTRAIL": "label=" + host}, check=False)
    report = json.loads(story.asked("report", "-f", "json", "web", "worker"))
    labels = {f[role]["label"] for f in report["findings"] for role in ("victim", "culprit")}
    assert labels == {"web", "worker"} or labels == {"web"} or labels == {"worker"}, report["findings"]
    assert report["findings"], report
    text = story.asked("report", "web", "worker").decode()
    assert all(re.search(rf"pid \d+ in {label}", text) for label in labels), text
