"""The command itself: refusals in one line, packing, wrappers, reading a trace from anywhere."""
import glob
import json
import os
import re
import shutil
import stat
import subprocess

import story
from story import bare, compiled, keytrail, recorded

NAME = "OPENAI_API_KEY"


def lost():
    """A run in which a C program gives its child a new environment."""
    reader = compiled(story.READER, "reader")
    env = story.environment(**{NAME: story.openai_key()})
    return recorded(["env", "-i", reader, NAME], env)


def kept():
    reader = compiled(story.READER, "reader")
    return recorded(["env", "A=b", reader, NAME], story.environment(**{NAME: story.openai_key()}))


# ---- refusals -----------------------------------------------------------------

def bad_files():
    os.makedirs("empty")
    os.makedirs("no-trace")
    with open("no-trace/readme.txt", "w") as file:
        file.write("hello\n")
    with open("text", "w") as file:
        file.write("not a trace\nat all\n")
    for name, content in (("zeros", bytes(5000)), ("noise", os.urandom(5000)), ("nothing.jsonl", b"")):
        with open(name, "wb") as file:
            file.write(content)
    os.symlink("nowhere", "dangling")
    os.mkfifo("pipe")


@story.each(
    ("no command", []), ("unknown command", ["frobnicate"]), ("unknown option", ["--frobnicate"]),
    ("report: no trace named", ["report"]), ("report: no such file", ["report", "no-such-file"]),
    ("report: a directory that is no trace", ["report", "no-trace"]),
    ("report: a file that is no trace", ["report", "text"]),
    ("report: unknown option", ["report", "--frobnicate", "t"]),
    ("report: unknown format", ["report", "-f", "frobnicate", "t"]),
    ("report: option without its value", ["report", "-f"]), ("report: variable without its name", ["report", "--variable"]),
    ("report: a variable without letters", ["report", "--variable", "", "t"]),
    ("report: a pattern of variables", ["report", "--variable", "OPENAI*", "t"]),
    ("report: nothing to ignore", ["report", "--ignore", "", "t"]), ("report: ignore no place", ["report", "--ignore", "A@", "t"]),
    ("report: ignore no name", ["report", "--ignore", "@a.py:3", "t"]), ("report: ignore a pattern", ["report", "--ignore", "A*", "t"]),
    ("report: ignore a value", ["report", "--ignore", "A=b", "t"]), ("report: an empty trace", ["report", "t", ""]),
    ("report: an empty output", ["report", "-o", "", "t"]), ("report: an empty format", ["report", "--format=", "t"]),
    ("report: among the files of the trace", ["report", "-o", "t/out", "t"]), ("report: over its trace", ["report", "-o", "t.jsonl", "t.jsonl"]),
    ("report: a part of a trace", ["report", "t/run.jsonl"]), ("replay: a part of a trace", ["replay", "t/run.jsonl"]),
    ("report: to a pipe that nobody reads", ["report", "-o", "pipe", "t"]), ("pack: to such a pipe", ["pack", "-o", "pipe", "t"]),
    ("report: a run with a tab", ["report", "--run", "\t1", "t"]), ("report: a run with a sign", ["report", "--run", "+1", "t"]),
    ("doctor: a pid with a sign", ["doctor", "-p", "+1"]), ("doctor: a pid with a tab", ["doctor", "-p", "\t1"]),
    ("names: a blank", ["names", " "]), ("names: a pattern", ["names", "OPENAI*"]), ("names: a value", ["names", "A=b"]),
    ("replay: a variable without letters", ["replay", "--variable", "", "t"]),
    ("replay: a variable with its value", ["replay", "--variable", "A=b", "t"]),
    ("replay: a pattern of variables", ["replay", "--variable", "OPENAI?", "t"]), ("replay: an empty trace", ["replay", ""]),
    ("pack: a pattern of names", ["pack", "t", "--only", "OPENAI[_]"]), ("pack: an empty name", ["pack", "t", "--only="]),
    ("report: a variable with its value", ["report", "--variable", "A=B", "t"]),
    ("report: no such run", ["report", "--run", "99", "t"]), ("report: a run that is no number", ["report", "--run", "x", "t"]),
    ("report: a strictness that is none", ["report", "--exit-code=lax", "t"]), ("report: a colour", ["report", "--color=blue", "t"]),
    ("report: a file of zeros", ["report", "zeros"]), ("report: a file of noise", ["report", "noise"]),
    ("report: a device without end", ["report", "/dev/zero"]), ("report: a link to nowhere", ["report", "dangling"]),
    ("report: a directory as output", ["report", "-o", "empty", "t"]), ("report: standard input without a trace", ["report", "-"]),
    ("report: one good and one bad", ["report", "t", "text"]),
    ("replay: a pid that is no number", ["replay", "--pid", "x", "t"]), ("replay: a file that is no trace", ["replay", "text"]),
    ("report: unwritable output", ["report", "-o", "/no/such/dir/out", "t"]),
    ("replay: no such file", ["replay", "no-such-file"]), ("replay: nothing named", ["replay"]),
    ("diff: one trace", ["diff", "t"]), ("diff: no such file", ["diff", "t", "no-such-file"]),
    ("pack: no name for the output", ["pack", "-"]), ("pack: an empty directory", ["pack", "empty"]),
    ("pack: into the trace", ["pack", "t", "-o", "t/out"]), ("pack: over the trace", ["pack", "t.jsonl", "-o", "t.jsonl"]),
    ("pack: over another file", ["pack", "text.jsonl"]), ("pack: of no such name", ["pack", "t", "--only", "NO_SUCH"]),
    ("pack: unwritable output", ["pack", "t", "-o", "/no/such/dir/out"]),
    ("pack: no such trace", ["pack", "no-such-file", "-o", "out"]),
    ("check: no policy", ["check", "t"]), ("check: no such policy", ["check", "-p", "no-such-file", "t"]),
    ("explain: unknown code", ["explain", "KT000"]), ("explain: unknown id", ["explain", "env-replacd"]),
    ("explain: two codes", ["explain", "KT201", "KT202"]),
    ("explain: an empty code", ["explain", ""]), ("names: an empty name", ["names", ""]),
    ("names: in no row", ["names", "NO_SUCH_NAME_AT_ALL"]), ("names: misspelt", ["names", "OPEN_API_KEY"]),
    ("doctor: no pid", ["doctor", "-p"]), ("doctor: a pid that is no number", ["doctor", "-p", "x"]),
    ("doctor: two pids", ["doctor", "-p", "1", "--pid=2"]), ("report: two runs", ["report", "--run", "1", "--run", "2", "t"]),
    ("report: two formats", ["report", "-f", "json", "-f", "text", "t"]), ("pack: two files", ["pack", "-o", "a", "-o", "b", "t"]),
    ("run: two directories", ["run", "-o", "a", "-o", "b", "true"]),
    ("report: two strictnesses", ["report", "--exit-code=strict", "--exit-code=lax", "t"]),
    ("doctor: pid 0", ["doctor", "-p", "0"]), ("doctor: no such process", ["doctor", "-p", "999999999"]),
    ("doctor: no such command", ["doctor", "--", "no-such-command"]), ("doctor: an empty command", ["doctor", ""]),
    ("no name of a command", [""]), ("version: more words", ["--version", "extra"]), ("help: an empty name", ["help", ""]),
    ("--help: unknown command", ["--help", "reprot"]), ("run: a role without a name", ["run", "-w", ":key", "true"]),
    ("run: an empty role", ["run", "-w", "A:", "true"]), ("run: an empty directory", ["run", "-o", "", "true"]),
    ("run: a variable of the shell", ["run", "-w", "$A", "true"]),
    ("help: unknown command", ["help", "reprot"]),
    ("a word that is no command", ["version"]), ("a short option that is none", ["-x"]),
    ("run: no command", ["run"]), ("run: nothing after --", ["run", "--"]),
    ("run: unknown option", ["run", "--frobnicate", "true"]),
    ("run: unwritable directory", ["run", "-o", "/proc/no/such", "--", "true"]),
    ("run: a directory without its name", ["run", "-o"]), ("run: nothing to watch", ["run", "-w", "", "true"]),
    ("run: two names in one -w", ["run", "-w", "A B", "true"]), ("run: a list in -w", ["run", "-w", "A,B", "true"]),
    ("run: a value in -w", ["run", "-w", "A=b", "true"]), ("run: a role that is none", ["run", "-w", "A:boss", "true"]),
    ("run: a comma in the directory", ["run", "-o", "a,b", "--", "true"]),
    ("run: a file where the directory should be", ["run", "-o", "text", "--", "true"]),
)
def test_refuses_in_one_line(arguments):
    if arguments[:1] in (["diff"], ["check"]):
        story.need_command(arguments[0])
    bad_files()
    if {"t", "t.jsonl", "text.jsonl", "t/run.jsonl"} & set(arguments):
        shutil.copytree(kept().trace, "t")
        with open("text.pack.jsonl", "w") as file:
            file.write("mine\n")
        for name in ("t.jsonl", "text.jsonl"):
            with open(name, "wb") as file:
                file.write(b"".join(open("t/" + f, "rb").read() for f in os.listdir("t")))
    run = keytrail(*arguments)
    assert run.status == 2, f"status {run.status}, stderr {run.err!r}"
    assert not run.out, run.out
    lines = run.err.decode().splitlines()
    assert len(lines) == 1 and len(lines[0]) > 10, lines
    assert "\x1b" not in lines[0] and not lines[0].startswith("keytrail: error"), lines
    assert not re.search(r" [:;,]|  | on ;|A=b", lines[0]), lines  # a blank where a word was


def test_what_is_no_program_is_named():
    os.mkdir("folder")
    os.mkfifo("pipe")
    with open("script", "w") as file:
        file.write("echo hi\n")
    for path, advice, doctor in (("./folder", b"it is a directory", b"./folder is no file"), ("./pipe", b"check that it is a program", b"./pipe is no file"),
                                 ("./script", b"chmod +x, or name its interpreter", b"chmod +x, if it is a program")):
        run = keytrail("run", path, timeout=20)
        assert run.status == 126 and len(run.err.splitlines()) == 1 and advice in run.err, run
        told = keytrail("doctor", path, timeout=20)
        assert told.status == 1 and doctor in told.out and (b"chmod" in told.out) == (path == "./script"), told.out
    assert keytrail("help", "help").out == keytrail("help").out


def test_a_pipe_with_a_reader_is_written_to():
    trace = kept().trace
    os.mkfifo("pipe")
    for command in ("report", "pack"):
        reader = subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE)
        said = keytrail(command, "-o", "pipe", trace, timeout=20)
        assert said.status == 0 and len(reader.communicate(timeout=20)[0]) > 50, said
    story.bare([story.which("bash"), "-c", f"{story.KEYTRAIL} report -o >(cat >out) {trace}; sleep 0.3"])
    assert os.path.getsize("out") > 50


def test_an_empty_command_is_not_found():
    run = keytrail("run", "")
    assert run.status == 127 and run.err.decode().splitlines() == ["keytrail: run: the COMMAND is empty: a variable of the shell may be unset"], run


def test_a_line_of_the_ignore_file_that_is_no_name_is_refused():
    trace = kept().trace
    for line, status in (("OPENAI_API_KEY@", 2), ("@a.py:3", 2), ("STRIPE*", 2), ("# @a.py", 0), ("A@node_modules/@scope/a.js:3", 0)):
        with open(".keytrailignore", "w") as file:
            file.write("ACME_API_KEY\n" + line + "\n")
        run = keytrail("report", trace)
        assert run.status == status and (b".keytrailignore" in run.err) == (status == 2), (line, run)


def test_help_of_a_command_either_way():
    for words in (("help", "report"), ("--help", "report"), ("-h", "report")):
        assert story.asked(*words) == story.asked("report", "--help"), words


@story.each(("an empty directory", "empty"), ("an empty file", "nothing.jsonl"))
def test_a_trace_without_events_is_inconclusive(path):
    bad_files()
    run = keytrail("report", "-f", "json", path)
    assert run.status == 0 and not run.err, run.err
    assert json.loads(run.out)["reason_code"] == "nothing-recorded", run.out
    assert b"keytrail doctor -p PID" in " ".join(keytrail("report", path).out.decode().split()).encode()


ASSIGNED = b"write NAME=... keytrail run COMMAND, or keytrail run env NAME=... COMMAND"
QUOTED = b"leave the quotes out, or write keytrail run sh -c '...'"


@story.each(
    ("an assignment", ["ACME_API_KEY={}", "true"], ASSIGNED), ("two assignments", ["A=b", "ACME_API_KEY={}", "true"], ASSIGNED),
    ("an assignment alone", ["ACME_API_KEY={}"], ASSIGNED), ("an empty value", ["ACME_API_KEY=", "true"], ASSIGNED),
    ("a value with a slash", ["ACME_API_KEY=/{}/b c", "true"], ASSIGNED), ("a path as value", ["DIR_=/etc/passwd", "true"], ASSIGNED),
    ("a long value", ["ACME_API_KEY=" + 9 * "{}" + 300 * "x", "true"], ASSIGNED), ("lines", ["ACME_API_KEY={}\nb\n", "true"], ASSIGNED),
    ("a quoted assignment", ["ACME_API_KEY={} true"], ASSIGNED),
    ("a quoted command line", ["echo hi there"], QUOTED), ("a quoted path", ["/bin/echo hi /etc/passwd"], QUOTED),
    ("a quoted script", ["echo a\necho {}\n" + 300 * "x"], QUOTED), ("a key in a quoted line", ["mysql -p{} db"], QUOTED),
    ("no such command", ["no-such-command"], b"in PATH?"), ("no name before =", ["=b"], b"in PATH?"),
    ("a digit before =", ["1A=b"], b"in PATH?"), ("a blank elsewhere", ["no-such-command", "a b"], b"in PATH?"))
def test_a_command_that_is_none_gets_advice(words, advice):
    key = story.openai_key()
    run = keytrail("run", "--", *(word.format(*9 * [key]) for word in words))
    assert run.status == (126 if len(words[0]) > 255 else 127) and not run.out, run
    line, = run.err.splitlines()
    assert advice in line and key.encode() not in line and len(line) < 250, line


def test_a_program_with_such_a_name_is_run():
    for name in ("A=b", "a b"):
        shutil.copy(story.which("true"), name)
        assert keytrail("run", "-q", f"./{name}").status == 0, name
        path = story.environment(PATH=os.getcwd())
        assert bare([story.KEYTRAIL, "run", "-q", name], path).status == 0, name


def test_the_command_gets_back_what_a_full_file_does_to_it():
    fills = "head -c 1000000 /dev/zero > zeros; kill -l $?"
    run = keytrail("run", "-q", "sh", "-c", f"ulimit -f 1; exec 2>/dev/null; ({fills})")
    assert run.out == b"XFSZ\n", run


def test_without_a_trace_the_newest_here_is_read():
    reader = compiled(story.READER, "reader")
    found = story.environment(**{NAME: story.openai_key()})
    for env in (story.environment(), found):
        bare([story.KEYTRAIL, "run", "-q", reader, NAME], env)
    os.makedirs("keytrail-empty")
    if not os.geteuid():
        os.rename(kept().trace, "keytrail-of-others")
        os.chown("keytrail-of-others", 65534, 65534)
    newest = max((t for t in os.listdir() if t.startswith("keytrail-2") and os.path.isdir(t)),
                 key=lambda t: os.stat(t).st_mtime_ns)
    for command in ("report", "replay"):
        run = keytrail(command)
        assert run.status == 0 and run.err.decode() == f"keytrail: {command}: reading {newest}\n", run
        assert run.out == keytrail(command, newest).out


def test_refuses_a_trace_that_it_may_not_read():
    if os.geteuid() == 0:
        # root reads everything: ask as somebody else
        setpriv = story.which("setpriv")
        run = kept()
        os.chmod(run.trace, 0o700)
        os.chmod(os.getcwd(), 0o755)
        ended = bare([setpriv, "--reuid=65534", "--regid=65534", "--clear-groups",
                      story.KEYTRAIL, "report", run.trace])
        if b"ermission denied" in ended.err and b"setpriv" in ended.err:
            story.skip("another user cannot run the command here")
    else:
        run = kept()
        os.chmod(run.trace, 0)
        ended = keytrail("report", run.trace)
        os.chmod(run.trace, 0o700)
    assert ended.status == 2 and len(ended.err.splitlines()) == 1, (ended.status, ended.err)


@story.each(*((c or "keytrail", [c] * bool(c)) for c in
              ("", "run", "report", "replay", "diff", "pack", "check", "explain", "doctor")))
def test_helps(command):
    if command:
        story.need_command(*command)
    for option in ("-h", "--help"):
        run = keytrail(*command, option)
        assert run.status == 0 and not run.err and len(run.out) > 40, (run.status, run.err)


def test_explains_every_finding_that_can_be_reported():
    listed = story.asked("explain").decode()
    codes = sorted(name[:5].upper() for name in os.listdir(os.path.join(story.ROOT, "src/rules")) if name.startswith("kt"))
    assert len(codes) > 30, codes
    for code in codes:
        assert code in listed, f"explain does not list {code}"
        page = story.asked("explain", code).decode()
        assert code in page and len(page) > 300, code


def test_explains_every_reason_of_an_inconclusive_verdict():
    with open(os.path.join(story.ROOT, "docs/judgement.md")) as page:
        table = page.read().partition("| doubt | reason_code |")[2].partition("\n\n")[0]
    words = set(re.findall(r"\| `([a-z-]+)` \|", table))
    assert len(words) > 7, words
    listed = story.asked("explain").decode()
    for word in sorted(words):
        assert f"\n{word} " in listed, f"explain does not list {word}"
        page = story.asked("explain", word).decode()
        assert word in page and "Confirm it" in page and "What to do" in page, page


def test_an_inconclusive_report_names_its_page():
    run = recorded(["true"])
    assert b"keytrail explain " + run.report["reason_code"].encode() in story.asked("report", run.trace), run


def test_explains_by_number_and_by_id():
    page = story.asked("explain", "KT201")
    assert page == story.asked("explain", "201") == story.asked("explain", "env-replaced") == story.asked("explain", "kt201")


@story.each(("command", ["reprot"], "report"), ("option", ["report", "--fromat", "json"], "--format"),
            ("id", ["explain", "env-replacd"], "env-replaced"), ("code", ["explain", "KT2011"], "KT201"),
            ("format", ["report", "-f", "jsn", "t"], "json"), ("help", ["hlep"], "help"))
def test_a_misspelt_word_is_answered_with_the_nearest(arguments, word):
    run = keytrail(*arguments)
    assert run.status == 2 and f"did you mean {word}?" in run.err.decode(), run


def test_help_is_the_help_of_a_command():
    assert story.asked("help") == story.asked("--help")
    assert story.asked("help", "report") == story.asked("report", "--help")


@story.each(("a short page", "cat", b"KT201"), ("no pager", "", b"KT201"), ("a pager that is not there", "/no/such", b"KT201"),
            ("a pager that leaves early", "true", b""))
def test_a_page_on_a_terminal(pager, shown):
    env = story.environment(PAGER=pager, TERM="xterm")
    run = bare([story.which("script"), "-qec", f"{story.KEYTRAIL} explain 201; echo status $?", "/dev/null"], env)
    assert shown in run.out and b"status 0" in run.out, run


# ---- answers -------------------------------------------------------------------------

def test_exit_code_of_a_report():
    assert keytrail("report", "--exit-code", lost().trace).status == 1
    assert keytrail("report", "--exit-code", kept().trace).status == 0
    assert keytrail("report", lost().trace).status == 0


def test_what_is_ignored_does_not_reach_the_status():
    trace = lost().trace
    assert keytrail("report", "--exit-code=strict", trace).status == 1
    run = keytrail("report", "--exit-code=strict", "--ignore", NAME, trace)
    assert run.status == 0 and b"ignored: " + NAME.encode() in run.out, run.out
    with open(".keytrailignore", "w") as file:
        file.write(NAME + "\n")
    assert keytrail("report", "--exit-code=strict", trace).status == 0


EXITS_BELOW = """#include <stdlib.h>
int main(void)
{
	if (!getenv("OPENAI_API_KEY"))
		exit(3);
}
"""


@story.each(("with symbols", ["-g"]), ("stripped", ["-s"]))
def test_the_summary_the_report_and_a_pack_agree(flags):
    """`run` looks for no symbols: what these tell is for people, and no part of the judgement."""
    run = recorded([compiled(EXITS_BELOW, "service", flags=flags)], quiet=False)
    told = run.report
    assert (told["verdict"], run.codes()) == ("warning", ["KT101"]), told
    assert b"keytrail: warning: " in run.err, run.err
    assert keytrail("pack", run.trace, "-o", "packed.jsonl").status == 0
    packed = json.loads(keytrail("report", "-f", "json", "packed.jsonl").out)
    assert packed["verdict"] == told["verdict"] and packed["findings"] == told["findings"], packed


def test_two_traces_are_judged_together():
    """The web server has the key, the worker in a trace of its own has not."""
    reader = compiled(story.READER, "reader")
    with_key = story.environment(**{NAME: story.openai_key()})
    bare([story.KEYTRAIL, "run", "-q", "-o", "web", "--", reader, NAME], with_key)
    bare([story.KEYTRAIL, "run", "-q", "-o", "worker", "--", reader, NAME], story.environment())

    def codes(*traces):
        told = json.loads(keytrail("report", "-f", "json", *traces).out)
        return [finding["code"] for finding in told["findings"] if finding["severity"] != "note"]

    assert codes("worker") == ["KT101"], codes("worker")
    assert codes("web", "worker") == ["KT102"], codes("web", "worker")
    assert codes("worker", "web") == ["KT102"], codes("worker", "web")


def test_a_second_run_into_one_trace_is_judged_by_itself():
    """Mended, and recorded again: the summary is of this run, the report of the newest."""
    reader = compiled(story.READER, "reader")

    def said(*command):
        return bare([story.KEYTRAIL, "run", "-o", "t", "--", *command, reader, NAME],
                    story.environment(**{NAME: story.openai_key()})).err

    def judged(*options):
        return keytrail("report", "--exit-code", *options, "t")

    assert b"fault: " in said("env", "-i")
    one = judged()
    assert one.status == 1 and b"run 1 of" not in one.out, one.out
    assert b"healthy" in said()
    two = judged()
    assert two.status == 0 and b"run 2 of 2" in two.out, two.out
    assert b"fault: " in said("env", "-i")
    three = judged()
    assert three.status == 1 and b"run 3 of 3" in three.out, three.out
    assert judged("--run", "2").status == 0
    everything = judged("--run", "all")
    assert everything.status == 1 and b"all 3 runs" in everything.out, everything.out
    told = json.loads(judged("-f", "json").out)
    assert (told["run"], told["runs"], told["ignored"]) == (3, 3, 0), told


def test_diff_finds_where_two_runs_part():
    story.need_command("diff")
    same, other = kept(), lost()
    apart = keytrail("diff", same.trace, other.trace)
    assert apart.status == 1 and NAME.encode() in apart.out, (apart.status, apart.out)
    assert keytrail("diff", same.trace, same.trace).status == 0


def test_replay_tells_the_events_in_order():
    text = story.asked("replay", lost().trace).decode()
    assert NAME in text and "reader" in text and len(text.splitlines()) >= 3, text


def test_replay_tells_of_one_variable_or_process():
    reader = compiled(story.READER, "reader")
    run = recorded(["sh", "-c", f"{reader} {NAME}; {reader} ACME_API_KEY; true"], story.environment(ACME_API_KEY="x" * 20))
    whole = story.asked("replay", run.trace).decode().splitlines()

    def told(*options):
        lines = story.asked("replay", *options, run.trace).decode().splitlines()
        rest = iter(whole)
        assert lines and all(line in rest for line in lines), (lines, whole)  # the same lines, in order
        return lines

    def naming(words):  # arguments may have a name, too
        return [line for line in whole if re.search(words, line)]

    assert told("--variable", NAME) == naming(f"asks for {NAME}")
    handed_on = "becomes|asks for|, holding ACME_API_KEY"
    assert told("--variable", NAME, "--variable", "ACME_API_KEY") == naming(handed_on)
    first, second = (next(e for e in run.of("read") if e["name"] == name) for name in (NAME, "ACME_API_KEY"))
    pids = [read["image"].split(".")[0] for read in (first, second)]
    of_first = told("--pid", pids[0])
    assert [line for line in of_first if "becomes" not in line] == naming(rf"\b{pids[0]}\b"), (of_first, whole)
    assert not any("becomes" in line and "reader ACME_API_KEY" in line for line in of_first), of_first
    assert len(told("--pid", pids[0], "--pid", pids[1])) > len(of_first)
    only, = told("--pid", pids[0], "--variable", NAME)
    assert "not there" in only, only


def test_replay_tells_requests_and_answers():
    image = {"t": 5, "image": "7.1"}
    value = {"fp": "0123456789abcdef" * 2, "len": 51, "from": "openai"}
    credential = {"header": "authorization", "scheme": "Bearer", "value": value, "name": NAME, "held": "now"}
    sent = {"e": "request", **image, "number": 1, "method": "POST", "host": "a.example", "port": 443, "tls": True, "path": "/v1"}
    events = [{"e": "birth", "v": 1, **image, "pid": 7, "exe": "/bin/app"}, {**sent, "credentials": [credential]},
              {"e": "response", **image, "request": 1, "status": 401, "scheme": "Bearer", "code": "invalid_api_key", "n": 2},
              {**sent, "number": 2, "tls": False, "port": 8080, "incoming": True, "peer": "127.0.0.1:9"}]
    with open("sent.jsonl", "w") as f:
        f.writelines(json.dumps(event) + "\n" for event in events)
    told = story.asked("replay", "sent.jsonl").decode()
    for words in ("sends request 1: POST https://a.example/v1, with authorization Bearer 01234567 (51 bytes, openai), the value of " + NAME,
                  "has the answer 401 to request 1: invalid_api_key, which asks for Bearer, 2 times by now",
                  "receives request 2: POST http://a.example:8080/v1 from 127.0.0.1:9, without a credential"):
        assert words in told, (words, told)
    assert len(story.asked("replay", "--variable", NAME, "sent.jsonl").splitlines()) == 1


@story.each(("a misspelt name", ["--variable", NAME[:-1] + "X"], "did you mean " + NAME), ("no such name", ["--variable", "Q"], "nothing on Q"),
            ("no pid", ["--pid", "12x"], "number of a process"), ("zero", ["--pid", "0"], "number of a process"),
            ("a negative pid", ["--pid", "-1"], "number of a process"), ("many digits", ["--pid", 40 * "9"], "number of a process"),
            ("no such pid", ["--pid", "999999999"], "no process 999999999"), ("nothing", ["--pid", ""], "needs a PID, which is empty"))
def test_replay_refuses_what_is_not_in_the_trace(options, said):
    run = keytrail("replay", *options, lost().trace)
    line, = run.err.decode().splitlines()
    assert run.status == 2 and not run.out and said in line, run


def test_doctor_answers():
    story.need_command("doctor")
    run = keytrail("doctor", "--", "true")
    assert run.status in (0, 1) and run.out, (run.status, run.err)


def test_a_trace_is_read_from_anywhere():
    run = lost()
    wanted = story.asked("report", "-f", "json", run.trace)
    everything = b"".join(open(os.path.join(run.trace, f), "rb").read()
                          for f in sorted(os.listdir(run.trace)) if f.endswith(".jsonl"))
    with open("one.jsonl", "wb") as file:
        file.write(everything)
    assert story.asked("report", "-f", "json", "one.jsonl") == wanted
    piped = keytrail("report", "-f", "json", "-", stdin=everything)
    assert piped.status == 0 and piped.out == wanted
    with open("reversed.jsonl", "wb") as file:
        file.write(b"\n".join(reversed(everything.splitlines())) + b"\n")
    assert json.loads(story.asked("report", "-f", "json", "reversed.jsonl"))["findings"][0]["code"] == "KT201"


def test_a_report_goes_to_a_file():
    run = lost()
    assert story.asked("report", "-f", "json", "-o", "out.json", run.trace) == b""
    with open("out.json", "rb") as file:
        assert file.read() == story.asked("report", "-f", "json", run.trace)


def test_every_line_of_a_trace_is_JSON_with_its_kind_first():
    for run in (lost(), kept()):
        for file in os.listdir(run.trace):
            if file.endswith(".jsonl"):
                with open(os.path.join(run.trace, file), "rb") as lines:
                    for line in filter(bytes.strip, lines):
                        assert line.startswith(b'{"e":"'), line
                        json.loads(line)


# ---- packing ----------------------------------------------------------------------------

def test_a_packed_trace_needs_nothing_else():
    """Moved away, with the trace and the programs gone, it tells the same, byte for byte."""
    run = lost()
    wanted = {f: story.asked("report", "-f", f, run.trace) for f in ("text", "json")}
    assert b"KT201" in wanted["text"]
    story.asked("pack", run.trace, "-o", "packed")
    os.mkdir("elsewhere")
    shutil.move("packed", "elsewhere/moved.bin")
    shutil.rmtree(os.path.dirname(run.trace))
    os.remove("reader")
    os.remove("reader.c")
    for format_, text in wanted.items():
        told = story.asked("report", "-f", format_, "elsewhere/moved.bin")
        assert told == text, f"{format_} differs:\n{told.decode()}\n---\n{text.decode()}"


def test_a_packed_trace_can_be_packed_and_replayed():
    run = lost()
    story.asked("pack", run.trace, "-o", "once")
    story.asked("pack", "once", "-o", "twice")
    assert story.asked("report", "-f", "json", "once") == story.asked("report", "-f", "json", "twice")
    assert story.asked("replay", "once") == story.asked("replay", run.trace)


def packed(file):
    with open(file) as lines:
        return [json.loads(line) for line in lines]


def test_a_pack_has_a_name_of_its_own():
    run = lost()
    for trace, name in ((run.trace, "t"), (run.trace + "/", "t")):
        said = keytrail("pack", trace)
        assert said.status == 0 and f"pack: {name}.pack.jsonl has " in said.err.decode() and not said.out, said
    story.asked("pack", "t.pack.jsonl", "-o", "again.jsonl")
    assert story.asked("report", "-f", "json", "again.jsonl") == story.asked("report", "-f", "json", run.trace)
    assert keytrail("pack", "t.pack.jsonl").status == 2  # over itself
    inside = keytrail("pack", ".", cwd=run.trace)
    assert inside.status == 2 and b"part of the trace itself" in inside.err, inside
    os.symlink(run.trace + "/out", "link")
    assert keytrail("pack", run.trace, "-o", "link").status == 2 and not os.path.exists(run.trace + "/out")


def test_a_pack_replaces_a_pack_and_nothing_else():
    run = lost()
    for text, status in (("", 0), ('{"e":"pack","v":1}\n', 0), ("{", 2), ("#!/bin/sh\n", 2)):
        with open("t.pack.jsonl", "w") as file:
            file.write(text)
        assert keytrail("pack", run.trace).status == status, text
    for make in (lambda name: os.symlink("reader.c", name), os.mkfifo, os.mkdir):
        os.path.isdir("t.pack.jsonl") or os.remove("t.pack.jsonl")
        make("t.pack.jsonl")
        said = keytrail("pack", run.trace, timeout=20)
        assert said.status == 2 and b"no packed file" in said.err, said


def test_a_pack_tells_what_a_maintainer_asks_first():
    key = story.openai_key()
    run = recorded(["sh", "-c", f": --api-key={key}; true"], story.environment(TZ="Asia/Kathmandu", **{NAME: key}))
    env = story.environment(TZ="UTC-05:45")
    assert bare([story.KEYTRAIL, "pack", run.trace, "-o", "out"], env).status == 0
    head = packed("out")[0]
    host = os.uname()
    assert head["kernel"] == f"{host.sysname} {host.release} {host.machine}" and head["zone"] == "+0545", head
    assert head["libc"].startswith("glibc 2.") and head["args"][:2] == ["sh", "-c"], head
    text = json.dumps(head)
    assert key not in text and host.nodename not in text.replace(host.release, ""), head
    for file in ("out", "twice"):  # on another machine: what the first said
        bare([story.KEYTRAIL, "pack", "out", "-o", "twice"], story.environment(TZ="UTC"))
        assert packed("twice")[0] == head


def test_a_pack_of_another_boot_tells_no_host_of_ours():
    text = b"".join(open(os.path.join(t, f), "rb").read() for t in [lost().trace] for f in os.listdir(t))
    with open("other.jsonl", "wb") as file:
        file.write(re.sub(rb'"boot":"[0-9a-f]{8}"', b'"boot":"00000000"', text))
    story.asked("pack", "other.jsonl", "-o", "out")
    assert not {"kernel", "libc", "zone"} & set(packed("out")[0]), packed("out")[0]


def test_a_pack_says_what_is_in_it():
    run = lost()
    said = keytrail("pack", run.trace).err.decode()
    births = {e["image"].split(".")[0] for e in run.events if "image" in e}
    assert re.search(rf"has {len(births)} process(es)?, 1 name, \d+ paths? below a home directory, 0 values\n", said), said
    home = os.path.abspath("home")
    os.mkdir(home)
    shutil.copy("reader", home)
    run = recorded([home + "/reader", NAME], story.environment())
    for owner, count in ((home, "1 path"), (home + "x", "0 paths"), ("/", "0 paths")):
        said = bare([story.KEYTRAIL, "pack", run.trace, "-o", "out"], story.environment(HOME=owner)).err.decode()
        assert f", {count} below a home directory" in said, said


def test_report_and_pack_count_the_same_processes():
    """A process that becomes one program after the other is one, and a fork is another."""
    compiled(story.READER, "reader")
    run = recorded(["sh", "-c", f"exec env A=1 sh -c '(exec env ./reader {NAME}); (:); exec env ./reader {NAME}'"],
                   story.with_key(NAME))
    n = len({e["image"].split(".")[0] for e in run.events if "image" in e})
    assert run.report["coverage"]["images"] > n, run.report["coverage"]
    told = story.asked("report", run.trace).decode()
    assert f"found by all 2 readers, held by {n} processes" in told and f"seen    {n} of {n} processes" in told, told
    assert f"has {n} processes, " in keytrail("pack", run.trace).err.decode()


def test_a_pack_warns_of_a_value():
    """A trace has none. Were there one, in a line that somebody else wrote, it is told."""
    key = story.openai_key()
    story.asked("pack", lost().trace, "-o", "clean.jsonl")
    with open("clean.jsonl") as file:
        lines = file.readlines()
    for name, word in (("form", key), ("own", "s3cret-" + story.random_text(9))):
        extra = {"e": "exec", "t": 1, "image": "1.1", "path": "/home/ann/x", "args": ["x", "--with=" + word]}
        with open("bad.jsonl", "w") as file:
            file.writelines([lines[0], json.dumps(extra) + "\n", *lines[1:]])
        run = bare([story.KEYTRAIL, "pack", "bad.jsonl", "-o", name], story.environment(ACME_API_KEY=word))
        assert b", 1 value: do not attach it before you have looked at line 2\n" in run.err, run.err
        assert word.encode() not in run.err and b"/home/" not in run.err, run.err


def test_only_one_name_is_packed():
    reader = compiled(story.READER, "reader")
    run = recorded(["sh", "-c", f"{reader} {NAME}; {reader} ACME_API_KEY"], story.environment(ACME_API_KEY="x" * 20))
    story.asked("pack", run.trace, "-o", "all.jsonl")
    story.asked("pack", run.trace, "--only", NAME, "-o", "one.jsonl")
    every, one = packed("all.jsonl")[1:], packed("one.jsonl")[1:]
    assert one == [e for e in every if e.get("name", NAME) == NAME] and len(one) < len(every), one
    both = ("pack", run.trace, "--only", NAME, "--only", "ACME_API_KEY", "-o", "both.jsonl")
    assert story.asked(*both) == b"" and packed("both.jsonl")[1:] == every
    near = keytrail("pack", run.trace, "--only", "ACME_API_KYE")
    assert near.status == 2 and b"did you mean ACME_API_KEY?" in near.err, near.err


# ---- without the command -------------------------------------------------------------------

def test_the_library_alone_records():
    os.mkdir("t")
    env = story.preloaded(story.environment(**{NAME: story.openai_key()}), os.path.abspath("t"))
    reader = compiled(story.READER, "reader")
    assert bare(["env", "-i", reader, NAME], env).status == 1
    report = json.loads(story.asked("report", "-f", "json", "t"))
    assert report["findings"][0]["code"] == "KT201", report["findings"]


def test_the_library_without_a_directory_uses_the_temporary_one():
    os.mkdir("tmp")
    env = {**story.environment(TMPDIR=os.path.abspath("tmp")), "LD_PRELOAD": story.LIBRARY}
    assert bare(["sh", "-c", "env true"], env).status == 0
    place = f"tmp/keytrail-{os.getuid()}"
    assert stat.S_IMODE(os.stat(place).st_mode) == 0o700
    assert [e for e in story.events_of(place) if e["e"] == "birth"]


def test_the_library_refuses_a_directory_that_is_a_link():
    os.mkdir("tmp")
    os.mkdir("target")
    os.symlink(os.path.abspath("target"), f"tmp/keytrail-{os.getuid()}")
    env = {**story.environment(TMPDIR=os.path.abspath("tmp")), "LD_PRELOAD": story.LIBRARY}
    run = bare(["sh", "-c", "env true"], env)
    assert run.status == 0 and not run.err, run.err
    assert not os.listdir("target"), os.listdir("target")


def test_records_into_directories_with_blanks_and_colons():
    reader = compiled(story.READER, "reader")
    os.makedirs("my own:dir/x")
    for folder in ("my own:dir", "my own:dir/x"):
        env = story.environment(**{NAME: story.openai_key()})
        options = ["-q"] if folder.endswith("r") else ["-q", "-o", "t t"]
        run = bare([story.KEYTRAIL, "run", *options, "--", "env", "-i", reader, NAME], env, cwd=folder)
        assert run.status == 1 and not run.err, run.err
        trace, = (entry for entry in os.listdir(folder) if entry.endswith(" t") or "-" in entry and "." not in entry)
        codes = {f["code"] for f in json.loads(story.asked("report", "-f", "json", os.path.join(folder, trace)))["findings"]}
        assert "KT201" in codes, codes


def test_the_key_of_a_trace_in_the_working_directory_lies_beside_it():
    os.makedirs("here/below")
    run = bare([story.KEYTRAIL, "run", "-q", "-o", ".", "true"], story.environment(), cwd="here/below")
    assert run.status == 0, run.err
    assert os.path.exists("here/below.key") and not any(e.endswith("key") for e in os.listdir("here/below"))


@story.each(("a text", "text"), ("a directory", "."), ("a program", "reader"))
def test_refuses_a_recorder_that_is_none(path):
    with open("text", "w") as file:
        file.write("no library\n")
    compiled(story.READER, "reader", flags=("-no-pie",))
    run = bare([story.KEYTRAIL, "run", "--", "true"], story.environment(KEYTRAIL_LIB=os.path.abspath(path)))
    assert run.status == 2 and not run.out and len(run.err.splitlines()) == 1, run.err
    assert b"KEYTRAIL_LIB" in run.err, run.err


def stumbles():
    """A trace and its relatives, under names that a person mixes up."""
    run = kept()
    shutil.copytree(run.trace, "traces/web")
    shutil.copytree(run.trace, "t")
    shutil.copy(run.trace + ".key", "t.key")
    keytrail("pack", "t", "-o", "old.jsonl")
    with open("report.json", "wb") as file:
        file.write(keytrail("report", "-f", "json", "t").out)


MISTAKES = (
    (["report", "traces"], "cannot read traces: no trace is in it; did you mean traces/web?"),
    (["replay", "traces/"], "did you mean traces/web?"), (["replay", "./traces"], "did you mean ./traces/web?"),
    (["report", "-"], "cannot read -: it is a device; pipe a packed file into it: keytrail report - <FILE"),
    (["report", "t.key"], "it is the key of a trace, and no trace"), (["report", "report.json"], "it is a report, and no trace"),
    (["report", "-o", "old.jsonl", "t"], "report: old.jsonl is a trace; name another file with -o FILE"),
    (["report", "--run", "9", "t"], "no run 9; run 1 is the only one"), (["report", "--run", "0", "t"], "no run 0; give a number from 1 on, or all"),
    (["KT201"], "KT201 is a finding: keytrail explain KT201"), (["help", "kt201"], "kt201 is a finding: keytrail explain kt201"),
    (["t"], "no command t; to read it: keytrail report t"), (["./app.py"], "keytrail run ./app.py"), (["help", "node"], "no command node; see keytrail --help"),
    (["--hlep"], "unknown option --hlep: did you mean --help?"), (["-v"], "unknown option -v: did you mean --version?"),
    (["run", "-w", "make"], "no COMMAND: make is what -w was given"), (["run", "-o", "make"], "no COMMAND: make is what -o was given"),
    (["run", "-w", "A_KEY=sk-proj-abcdefghijklmnopqrstuvwxyz"], "no COMMAND: A_KEY=*** is what -w was given"),
    (["run", "-w", "A:optinal", "true"], "run: -w A:optinal: did you mean optional?"),
    (["run", "-w", "A:x", "true"], "run: -w A:x: a role is key, alternative, optional or setting"))


@story.each(*((" ".join(arguments), arguments, wanted) for arguments, wanted in MISTAKES))
def test_an_easy_mistake_is_answered_with_what_was_meant(arguments, wanted):
    stumbles()
    run = keytrail(*arguments)
    told = run.err.decode()
    assert run.status == 2 and not run.out and len(told.splitlines()) == 1, (run.status, run.out, told)
    assert wanted in told, told
    assert "sk-proj" not in told, told


def test_a_command_without_a_trace_names_itself():
    os.mkdir(f"keytrail-{os.getuid()}")  # where preloaded programs record, TMPDIR being here
    for command in ("report", "replay", "pack"):
        told = keytrail(command).err.decode()
        assert f"keytrail {command} {os.getcwd()}/keytrail-{os.getuid()}" in told or f"keytrail {command} keytrail-" in told or "record one with" in told, told


def test_a_name_in_small_letters_is_that_name():
    assert keytrail("names", "openai_api_key").out == keytrail("names", "OPENAI_API_KEY").out


def test_a_refusal_names_the_command_and_not_its_argument():
    run = keytrail("pack", "some-trace", "-o")
    assert run.status == 2 and run.err.startswith(b"keytrail: pack: -o needs a FILE"), run.err


def test_help_lists_the_formats_there_are():
    refused = keytrail("report", "-f", "frobnicate", "t").err.decode()
    names = refused.partition("there are ")[2].strip()
    assert "json" in names and names in story.asked("report", "--help").decode(), names


@story.each(*((str(width), width) for width in (40, 60, 66, 67, 80, 120)))
def test_counts_of_a_key_stand_beside_its_name(width):
    name = "GOOGLE_APPLICATION_CREDENTIALS"
    reader = compiled(story.READER, "reader")
    run = recorded(["env", "-i", reader, name], story.environment(**{name: story.random_text(30)}))
    text = bare([story.KEYTRAIL, "report", run.trace], story.environment(COLUMNS=str(width))).out.decode()
    row = text[text.index("  keys"):].splitlines()
    assert all(len(line) <= width or width < 47 for line in row[:2]), row
    words = row[0] if width > 77 else " ".join(" ".join(row[1:]).split())
    assert "missed by 1 reader, held by 1 process" in words, row
    assert name in row[0], row


def wrapper(*arguments, env=None, script=None):
    return bare([script or os.path.join(story.ROOT, "scripts", "with-keytrail"), *arguments],
                {**(env or story.environment()), "KEYTRAIL_LIB": story.LIBRARY})


def test_with_keytrail_records():
    name = story.random_name()
    reader = compiled(story.READER, "reader")
    env = story.environment(**{NAME: story.openai_key(), name: story.random_text(30)})
    run = wrapper("-o", "t", "-w", name, "--", "sh", "-c", f"env -i {reader} {NAME} {name}; exit 7", env=env)
    assert run.status == 7 and not run.out and not run.err, (run.status, run.err)
    report = json.loads(story.asked("report", "-f", "json", "t"))
    assert {f["variable"] for f in report["findings"] if f["code"] == "KT201"} == {NAME, name}


@story.each(("a directory", "dir={here}/own", (), "own", ""), ("a relative one", "dir=own", (), "own", ""),
            ("with more", "label=web,dir={here}/own,max=8m,off", (), "own", ",label=web,max=8m"),
            ("its key", "dir={here}/own,key=" + 16 * "0f" + ",root=7", (), "own", ",key=" + 16 * "0f"),
            ("another directory", "dir={here}/own,key=" + 16 * "0f" + ",stacks=1", ("-o", "t"), "t", ",stacks=1"),
            ("more names", "dir={here}/own,watch=A_*", ("-w", "B"), "own", ",watch=B,watch=A_*"), ("none", "", ("-o", "t"), "t", ""))
def test_with_keytrail_keeps_the_users_settings(settings, options, trace, kept):
    env = story.environment(KEYTRAIL=settings.format(here=os.getcwd()))
    run = wrapper(*options, "sh", "-c", 'echo "$KEYTRAIL"', env=env)
    said = re.sub(r",(boot|inode)=[^,]*", "", run.out.decode().strip())
    assert run.status == 0 and said.startswith(f"dir={os.getcwd()}/{trace}{kept}"), (run.out, run.err)
    assert [e for e in story.events_of(trace) if e["e"] == "birth"] and not glob.glob("keytrail-*")


def test_with_keytrail_keeps_the_users_preload():
    other = compiled("int other;", "other.so", flags=("-shared", "-fPIC"))
    env = {**story.environment(), "LD_PRELOAD": other}
    run = wrapper("-o", "t", "sh", "-c", "echo $LD_PRELOAD", env=env)
    assert run.out.decode() == f"{story.LIBRARY}:{other}\n", run.out


@story.each(("nothing", ""), ("separators", "::"), ("two", "{a} {b}"), ("a copy of the recorder", "{a}:{copy}:{b}"),
            ("the recorder", "{library}"), ("a runtime in the middle", "{a}:{runtime}: {b}"),
            ("a runtime and a copy", "{runtime}:{copy}"), ("a runtime at the end", "{a}::{b}:{runtime}"))
def test_with_keytrail_makes_the_list_that_the_command_makes(form):
    part = {name: compiled(f"int {name};", name + ".so", flags=("-shared", "-fPIC")) for name in "ab"}
    for name in ("copy", "runtime"):
        os.makedirs(name)
    part["copy"] = shutil.copy(story.LIBRARY, os.path.abspath("copy/libkeytrail.so"))
    part["runtime"] = shutil.copy(part["a"], os.path.abspath("runtime/libtsan.so.2"))
    env = {**story.environment(), "LD_PRELOAD": form.format(library=story.LIBRARY, **part), "KEYTRAIL_LIB": story.LIBRARY}
    command = ("sh", "-c", "echo $LD_PRELOAD")
    made = wrapper("-o", "t", *command, env=env).out
    assert made == bare([story.KEYTRAIL, "run", "-q", "-o", "u", "--", *command], env).out, made
    assert made.decode().count("libkeytrail.so") == 1, made


def test_with_keytrail_finds_the_library_beside_itself():
    for script, library in (("a/with-keytrail", "a/libkeytrail.so"),
                            ("b/bin/with-keytrail", "b/lib/keytrail/libkeytrail.so"),
                            ("c/scripts/with-keytrail", "c/build/libkeytrail.so")):
        for file, source in ((script, story.ROOT + "/scripts/with-keytrail"), (library, story.LIBRARY)):
            os.makedirs(os.path.dirname(file), exist_ok=True)
            shutil.copy(source, file)
        os.symlink(os.path.abspath(script), os.path.dirname(script).replace("/", "-") + "-link")
        for path in (script, os.path.dirname(script).replace("/", "-") + "-link"):
            run = bare([os.path.abspath(path), "-o", path.replace("/", "-") + ".t", "sh", "-c", "echo $LD_PRELOAD"])
            assert run.out.decode().strip() == os.path.abspath(library), (run.out, run.err)


def test_with_keytrail_refuses_in_one_line():
    os.mkdir("alone")
    script = shutil.copy(story.ROOT + "/scripts/with-keytrail", "alone/with-keytrail")
    for arguments in (["true"], [], ["-o"], ["-x", "true"]):
        run = bare([os.path.abspath(script), *arguments])
        assert run.status == 2 and not run.out and len(run.err.splitlines()) == 1, (arguments, run.status, run.err)
    for arguments in (("-o", "/proc/none"), ("-o", ""), ("-o", "a,b"), ("-w", "A,off"), ("-w", "A=secret"), ("-w", ""), ("-w", "A:key")):
        run = wrapper(*arguments, "true")
        assert run.status == 2 and len(run.err.splitlines()) == 1, (arguments, run.status, run.err)
        assert b"secret" not in run.err, run.err


def test_with_keytrail_becomes_the_command():
    run = subprocess.Popen([os.path.join(story.ROOT, "scripts", "with-keytrail"), "-o", "t", "sh", "-c", "echo $$"],
                           env={**story.environment(), "KEYTRAIL_LIB": story.LIBRARY}, stdout=subprocess.PIPE)
    said, _ = run.communicate(timeout=30)
    assert int(said) == run.pid, (said, run.pid)
    assert wrapper("-o", "u", "no-such-command-anywhere").status == 127
