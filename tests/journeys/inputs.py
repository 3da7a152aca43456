"""What is read in place of a whole trace: a pipe, a cut file, a compressed one, nothing at all."""
import bz2
import glob
import gzip
import json
import lzma
import os
import re
import shutil
import signal
import subprocess
import time
import zipfile

import story
from story import compiled, keytrail, recorded

NAME = "OPENAI_API_KEY"
COMMANDS = ("report", "replay", "pack")


def trace():
    reader = compiled(story.READER, "reader")
    return recorded(["env", "A=b", reader, NAME], story.environment(**{NAME: story.openai_key()})).trace


def packed():
    story.asked("pack", trace(), "-o", "p.jsonl")
    with open("p.jsonl", "rb") as file:
        return file.read()


def write(name, content):
    with open(name, "wb") as file:
        file.write(content)


def words(run):
    return " ".join((run.out + run.err).decode().split())


# ---- pipes ------------------------------------------------------------------------------

@story.each(*((command, command) for command in COMMANDS))
def test_a_pipe_without_a_writer_is_refused(command):
    os.mkfifo("f")
    run = keytrail(command, "f", timeout=20)
    assert run.status == 2 and not run.out, run
    assert run.err.decode().splitlines() == ["keytrail: cannot read f: it is a pipe that nobody writes to; name the directory "
                                             "that keytrail run made, or a packed file"], run.err


@story.each(("at once", "cat p.jsonl >f"), ("later", "exec 9>f; sleep 0.5; cat p.jsonl >&9"),
            ("in parts", "exec 9>f; head -c 5000 p.jsonl >&9; sleep 0.3; tail -c +5001 p.jsonl >&9"))
def test_a_pipe_with_a_writer_is_read(writer):
    packed()
    os.mkfifo("f")
    process = subprocess.Popen(["sh", "-c", writer])
    wanted = story.asked("report", "p.jsonl")
    assert keytrail("report", "f", timeout=20).out == wanted
    process.wait()


@story.each(("substituted", 'exec "$0" report <(cat p.jsonl)'), ("substituted, later", 'exec "$0" report <(sleep 0.5; cat p.jsonl)'),
            ("standard input", 'cat p.jsonl | "$0" report /dev/stdin'), ("a file as standard input", '"$0" report /dev/stdin <p.jsonl'),
            ("standard input, later", '(sleep 0.5; cat p.jsonl) | "$0" report /dev/stdin'), ("a dash", 'cat p.jsonl | "$0" report -'),
            ("two", '"$0" report <(head -n 9 p.jsonl) <(tail -n +10 p.jsonl)'))
def test_the_pipes_of_a_shell_are_read(script):
    packed()
    run = story.bare([story.which("bash"), "-c", script, story.KEYTRAIL])
    assert run.status == 0 and run.out == story.asked("report", "p.jsonl"), run.err


# ---- files that are cut ------------------------------------------------------------------------

def test_a_cut_pack_is_told():
    whole = packed()
    for size in (len(whole) // 2, len(whole) - 1 - 10, whole.rindex(b"\n", 0, len(whole) - 1) + 9):
        write("cut.jsonl", whole[:size])
        run = keytrail("report", "cut.jsonl")
        assert run.status == 0 and run.err.decode() == ("keytrail: the end of cut.jsonl is missing: the file is cut; "
                                                        "copy it again, whole\n"), run.err
        report = json.loads(keytrail("report", "-f", "json", "cut.jsonl").out)
        assert report["verdict"] == "inconclusive" and report["reason_code"] == "lost-events", report
        assert "the end of the trace is missing" in report["reason"] and "not ended" not in words(run), report["reason"]
    write("whole.jsonl", whole)
    write("no-newline.jsonl", whole[:-1])
    for name in ("whole.jsonl", "no-newline.jsonl"):
        run = keytrail("report", name)
        assert not run.err and run.out.startswith(b"healthy"), (name, run)


@story.each(("the last", 1, "1 line of a packed file is missing"), ("two", 2, "2 lines of a packed file are missing"))
def test_a_pack_that_is_cut_between_two_lines_is_told(missing, told_):
    lines = packed().splitlines(keepends=True)
    parts = {"end.jsonl": lines[:-missing], "middle.jsonl": lines[:3] + lines[3 + missing:], "beginning.jsonl": lines[:1] + lines[1 + missing:]}
    for name, rest in parts.items():
        write(name, b"".join(rest))
        for command in ("report", "replay"):
            run = keytrail(command, name)
            assert run.status == 0 and run.err.decode() == f"keytrail: {told_}; copy it again, whole\n", (name, run.err)
        assert not keytrail("report", name).out.startswith(b"healthy"), name
        story.asked("pack", name, "-o", "again.jsonl")
        assert b"lost" in keytrail("report", "again.jsonl").out, name


def test_a_pack_in_another_order_or_of_an_older_version_is_whole():
    lines = packed().splitlines(keepends=True)
    old = re.sub(rb'"lines":[0-9]+,', b"", lines[0])
    assert old != lines[0]
    for whole in ([*lines[::-1]], [*lines, *lines], [old, *lines[1:-1]], [b"\n", *lines]):
        write("p2.jsonl", b"".join(whole))
        assert b"missing" not in keytrail("report", "p2.jsonl").err, whole[0]


def test_a_cut_file_of_a_trace_is_told():
    directory = trace()
    segment, = glob.glob(directory + "/[0-9]*.jsonl")
    shutil.copy(segment, "loose.jsonl")
    os.truncate("loose.jsonl", 100)
    assert b"cut" not in keytrail("report", directory).out
    blank = re.sub(rb"\n+", b"\n", open(segment, "rb").read())
    write("blank.jsonl", blank)
    assert not keytrail("report", "blank.jsonl").err, blank
    run = keytrail("report", "loose.jsonl")
    assert run.status == 2 and "it is cut: no whole line is in it" in words(run), run
    os.truncate(segment, 1000)
    text = words(keytrail("report", directory))
    assert "is cut: its end is missing" in text and "the end of the trace is missing" in text, text
    assert "recorded nothing" not in text.split("seen ")[0], text


def test_a_live_trace_with_a_torn_line_is_not_cut():
    """A process killed in mid-write leaves such a line; free space follows."""
    whole = packed()
    for rest in (b"\n" * 5000, b"\0" * 5000):
        write("torn.jsonl", whole + whole[:200].rstrip(b"\n") + rest)
        run = keytrail("report", "torn.jsonl")
        assert not run.err and b"1 broken line" in run.out, run


def test_a_pack_of_a_live_program_never_ends():
    """Nor does a trace of another boot: nobody can ask again."""
    process = subprocess.Popen([story.KEYTRAIL, "run", "-q", "-o", "t", "--", "sh", "-c", "sleep 60; true"], env=story.environment(), start_new_session=True)
    deadline = time.monotonic() + 20
    while '"e":"exec"' not in "".join(open(f).read() for f in glob.glob("t/*.jsonl")) and time.monotonic() < deadline:
        time.sleep(0.05)
    story.asked("pack", "t", "-o", "live.jsonl")
    assert "has not ended yet; ask again when it has ended" in words(keytrail("report", "t"))
    shutil.copytree("t", "old")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for file in glob.glob("old/*.jsonl"):
        write(file, re.sub(rb'"boot":"[0-9a-f]{8}"', b'"boot":"00000000"', open(file, "rb").read()))
    for name in ("live.jsonl", "old"):
        text = words(keytrail("report", name))
        assert "not ended yet" not in text and "ask again" not in text, text
        assert "the end of sh" in text and "was not recorded" in text and "record it again, to its end" in text, text


# ---- nothing ---------------------------------------------------------------------------------

def test_an_empty_file_is_told_as_one():
    write("x", b"")
    os.mkdir("d")
    run = keytrail("report", "x")
    assert run.status == 0 and not run.err and "the file is empty" in words(run), run
    assert "keytrail doctor -p PID" in words(run), run
    assert "the file is empty" not in words(keytrail("report", "d"))
    write("one", b'{"e":"birth"}\n')
    assert "the file is empty" not in words(keytrail("report", "one"))


def test_a_trace_that_a_service_was_to_make():
    os.makedirs("root's own/d")
    for path in ("root's own/x", os.path.abspath("root's own/x")):
        run = keytrail("report", path)
        settings = "KEYTRAIL='dir=" + os.path.abspath("root's own/x").replace("'", "'\\''") + "'"
        line, = run.err.decode().splitlines()
        assert run.status == 2 and line.endswith(f"if a service was to record there: keytrail doctor -p PID or, as its user, {settings} "
                                                 "keytrail doctor"), line
        command = line.rpartition("as its user, ")[2].replace(" keytrail doctor", f" {story.KEYTRAIL} doctor")
        told = story.bare(["sh", "-c", command])
        assert told.status == 0 and b"preloaded recorder writes to" in told.out, told.out
    empty = words(keytrail("report", "root's own/d"))
    assert "if a service was to record there: keytrail doctor -p PID or, as its user, KEYTRAIL=dir=... keytrail doctor" in empty, empty


def test_a_crashing_service_that_cannot_write():
    """It says nothing; report and doctor say why."""
    if os.geteuid():
        story.skip("only root changes users")
    os.mkdir("closed", 0o755)
    os.chmod(".", 0o755)
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    trace = os.path.abspath("closed/x")
    run = story.bare([*nobody, "env", "LD_PRELOAD=" + story.LIBRARY, "KEYTRAIL=dir=" + trace, "sh", "-c", "exit 3"])
    assert run.status == 3 and not run.err and not os.path.exists(trace)
    said = keytrail("report", trace).err.decode()
    settings = said.rpartition("as its user, ")[2].split()[0]
    told = story.bare([*nobody, "env", settings, story.KEYTRAIL, "doctor"])
    assert told.status == 1 and "may not be written by uid 65534" in words(told), told.out


def test_without_a_trace_here_that_of_preloaded_programs_is_named():
    env = story.environment(TMPDIR=os.getcwd())
    where = f"{os.getcwd()}/keytrail-{os.geteuid()}"
    os.mkdir("empty")
    for env, place in ((env, where), ({**env, "KEYTRAIL": f"dir={os.getcwd()}/a b"}, os.getcwd() + "/a b")):
        asked = {"env": env, "cwd": "empty"}
        before = story.bare([story.KEYTRAIL, "report"], **asked)
        assert before.status == 2 and b"or record one with keytrail run COMMAND" in before.err, before.err
        story.bare(["true"], {**env, "LD_PRELOAD": story.LIBRARY})
        line, = story.bare([story.KEYTRAIL, "report"], **asked).err.decode().splitlines()
        command = line.partition("preloaded programs: ")[2]
        assert place in command, line
        assert story.bare(["sh", "-c", command.replace("keytrail", story.KEYTRAIL, 1)]).status == 0, command


def test_a_printed_command_can_be_copied():
    os.mkdir("a b;c")
    run = story.bare([story.KEYTRAIL, "run", "-o", "a b;c/it's $HOME", "--", "true"], story.environment())
    command = run.err.decode().splitlines()[-1].partition("keytrail report ")[2]
    assert story.bare(["sh", "-c", f"{story.KEYTRAIL} report {command}"]).status == 0, run.err
    run = story.bare([story.KEYTRAIL, "run", "-o", "t", "--", "true"], story.environment())
    assert run.err.decode().endswith("keytrail report t\n"), run.err


# ---- other forms -----------------------------------------------------------------------------

def zipped(content):
    with zipfile.ZipFile("z", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("p.jsonl", content)
    with open("z", "rb") as file:
        return file.read()


@story.each(("gzip", gzip.compress, "compressed (gzip -dc)"), ("bzip2", bz2.compress, "compressed (bzip2 -dc)"),
            ("xz", lzma.compress, "compressed (xz -dc)"), ("zip", zipped, "an archive (unzip)"),
            ("zstd", lambda content: b"\x28\xb5\x2f\xfd\x04\x00" + gzip.compress(content), "compressed (zstd -dc)"),
            ("UTF-16", lambda content: content.decode().encode("utf-16"), "in UTF-16"))
def test_a_file_in_another_form_is_named(change, said):
    write("other", change(packed()))
    for command in COMMANDS:
        run = keytrail(command, "other")
        assert run.status == 2 and f"cannot read other: it is {said}" in words(run) and len(run.err.splitlines()) == 1, run
    with open("other", "rb") as file:
        piped = keytrail("report", "-", stdin=file.read())
    assert piped.status == 2 and said in words(piped), piped


def test_a_byte_order_mark_is_no_harm():
    write("marked", b"\xef\xbb\xbf" + packed())
    run = keytrail("report", "marked")
    assert run.status == 0 and run.out.startswith(b"healthy"), run
