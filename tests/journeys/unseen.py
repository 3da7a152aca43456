"""What was not seen of a run: why, and what to do about it, in a command to copy."""
import contextlib
import json
import os
import re
import signal
import subprocess
import time

import story
from story import compiled, keytrail, recorded

WAITS = "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n"


def words(run):
    return " ".join((run.out + run.err).decode().split())


def gap_words():
    with open(os.path.join(story.ROOT, "src/model/gap.def")) as file:
        return re.findall(r'^GAP\(\w+, "([a-z-]+)"', file.read(), flags=re.M)


def test_every_reason_is_explained():
    listed = story.asked("explain").decode()
    assert len(gap_words()) >= 9
    for word in gap_words():
        page = story.asked("explain", word).decode()
        assert f"\n\n{word}: " in "\n\n" + page and "What to do" in page and f"\n{word} " in listed, page
        assert story.asked("explain", word.upper()).decode() == page
    near = keytrail("explain", "no-libary")
    assert near.status == 2 and b"did you mean no-library?" in near.err, near.err
    assert keytrail("explain", "atic").status == 2  # no number of a code


@story.each(("in the line of unseen", "/still: statically linked, no recorder can enter it; what it starts is recorded"),
            ("in the verdict", "could not be observed (static); what it starts is recorded"))
def test_a_gap_says_what_to_do(said):
    still = compiled(WAITS.replace("for (;;) pause();", "return 3;"), "still", flags=("-static",))
    text = words(keytrail("report", recorded(["sh", "-c", still + "; exit 3"], story.environment()).trace))
    assert " ".join(said.split()) in text, text
    assert "keytrail explain static" in text and "doctor -- COMMAND" not in text, text


def test_a_root_without_the_recorder():
    root = story.old_debian()
    run = story.bare([story.KEYTRAIL, "run", "-o", "t", "--", story.which("chroot"), root, "/bin/sh", "-c", "exit 3"], story.environment())
    assert run.status == 3
    text = words(keytrail("report", "t"))
    assert "put libkeytrail.so into its root or container, or record there: keytrail explain no-library" in text, text
    doctor = words(keytrail("doctor", "chroot", root, "/bin/sh"))
    assert "part what chroot starts is recorded when the recorder reaches it -> put the recorder into the new root" in doctor, doctor


@story.each(("that lives", True), ("that has ended", False))
def test_a_process_without_the_recorder(lives):
    """Of one that lives, the doctor knows more; another program may have the pid of one that ended."""
    still = compiled(WAITS, "still", flags=("-static",))
    process = subprocess.Popen([story.KEYTRAIL, "run", "-q", "-o", "t", "--", "sh", "-c", still + " & wait"],
                               env=story.environment(), start_new_session=True)
    try:
        pid, deadline = None, time.monotonic() + 20
        while not pid and time.monotonic() < deadline:
            time.sleep(0.05)
            pid = next((p for p in os.listdir("/proc") if p.isdigit() and exe_of(p) == still), None)
        assert pid and any(e["e"] == "exec" and e.get("path") == still for e in story.events_of("t"))
        if not lives:
            os.kill(int(pid), signal.SIGKILL)
            process.wait()
        text = words(keytrail("report", "t"))
        assert (f"why: keytrail doctor -p {pid}" in text) == lives, text
        assert ("keytrail explain static" in text) != lives, text
        if lives:
            told = keytrail("doctor", "-p", pid)
            assert told.status == 1 and b"is statically linked" in told.out, told.out
            story.asked("pack", "t", "-o", "p.jsonl")
            assert "doctor -p" not in words(keytrail("report", "p.jsonl"))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def exe_of(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None


def test_a_loss_out_of_sight_names_the_program_to_look_at():
    """No gap is known: then the program that was started is what doctor is asked about."""
    event = {"e": "birth", "v": 1, "t": 1, "image": "7.1", "pid": 7, "exe": "/srv/my app/x;y", "env": []}
    with open("x.jsonl", "w") as file:
        file.write(json.dumps(event, separators=(",", ":")) + "\n")
    text = words(keytrail("report", "x.jsonl", "--variable", "OPENAI_API_KEY"))
    command = re.search(r"keytrail doctor (.*?) seen", text)
    assert command is None or command[1] == "'/srv/my app/x;y'", text
    assert "COMMAND" not in text, text
