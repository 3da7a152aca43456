"""What `keytrail run` says of env and secret files beside the trace: as each loader reads them, and never a value."""
import json
import os
import re
import subprocess

import nodes
import story
from story import bare, recorded, which

LONG = nodes.LONG

KEY = "OPENAI_API_KEY"

# Lines on which loaders differ. NAME stands for a name of its own in each.
NASTY = (
    "NAME=plain", "NAME = spaced out ", "NAME=", "NAME=   ", "NAME", "export NAME=exported", "export  NAME='quoted # no comment'",
    'NAME="double"', "NAME='single'", "NAME=`back`", 'NAME="a" # comment', "NAME=a # comment", "NAME=a#b", "NAME=a #b#c", "NAME=#all",
    "NAME= # all", 'NAME="open', "NAME='open", 'NAME="a"b', 'NAME="a" "b"', "NAME=a'b'c", r'NAME="a\nb"', r"NAME='a\nb'", r"NAME=a\nb",
    r'NAME="say \"yes\" # no"', r"NAME='it\'s'", r'NAME="c:\new\table\\x"', 'NAME="first\nsecond"', "NAME='first\nsecond\n'\n",
    "NAME=a\r\n", 'NAME="a"\r\n', "NAME=a\rNEXT=b", "\ufeffNAME=bom", "  NAME=indented", "\tNAME\t=\ttabs\t", "NAME: yaml", "NAME:colon",
    "# NAME=comment", "NAME=one\nNAME=two", "NAME=$OTHER", "OTHER_X=in\nNAME=sk-${OTHER_X}-end", "OTHER_X=in\nNAME='${OTHER_X}'",
    'OTHER_X=in\nNAME="$OTHER_X"', "NAME=${UNSET_THING:-fallback}", "NAME=${UNSET_THING-other}", r"NAME=\$OTHER_X", "NAME=sk$abc", "NAME=a=b=c",
    "NAME=p@ss w0rd!*", "NAME={\"json\": [1]}", "NAME=\u00e4\u00f6\u2713", "FOO BAR=baz\nNAME=after", "NAME=a;b", "NAME=a&b", 'NAME="',
    "'NAME'=key", '"NAME"=key',
)


def cases(folder="cases"):
    """Files, each with one case, by the name that the case assigns."""
    for i, text in enumerate(NASTY):
        os.makedirs(f"{folder}/{i}", exist_ok=True)
        with open(f"{folder}/{i}/.env", "w", newline="", encoding="utf-8") as file:
            file.write(re.sub(r"\bNAME\b", f"K{i}_API_KEY", text))
    return [f"{folder}/{i}/.env" for i in range(len(NASTY))]


def held_by(run):
    """What processes held or set in the end, by name: the fingerprint."""
    found = {}
    for e in run.events:
        if e["e"] == "set" and not e.get("kept"):
            found[e["name"]] = e["value"]["fp"]
        if e["e"] == "birth":
            found.update({name: v["fp"] for name, v in e["env"].items()})
    return {name: fp for name, fp in found.items() if re.fullmatch(r"K\d+_API_KEY", name)}


def read_by_us(run):
    files = run.of("file")
    return {name: (value["fp"], e["syntax"]) for e in files for name, value in e.get("values", {}).items() if re.fullmatch(r"K\d+_API_KEY", name)}


def differences(run, syntax):
    """Cases that the loader reads in another way than we do."""
    held, ours = held_by(run), read_by_us(run)
    assert {s for _, s in ours.values()} == {syntax} and len(held) > 30, (held, ours)
    differ = [i for i in range(len(NASTY)) if held.get(f"K{i}_API_KEY") != ours.get(f"K{i}_API_KEY", (None,))[0]]
    return [(i, NASTY[i], f"K{i}_API_KEY" in held, f"K{i}_API_KEY" in ours) for i in differ]


def compare(command, syntax, env=None, allowed=()):
    run = recorded(command, env)
    assert not run.status, (run.err, run.out)
    differ = [d for d in differences(run, syntax) if d[1] not in allowed]
    assert not differ, differ


def test_dotenv_of_npm_reads_as_we_do():
    os.symlink(story.packages("node") + "/node_modules", "node_modules")
    app = story.program(f"const d = require('dotenv');\nfor (const path of {json.dumps(cases())}) d.config({{path, quiet: true, override: true}});\n", "app.js")
    compare([nodes.node(), app], "dotenv")


def test_python_dotenv_reads_as_we_do():
    python = story.packages("python") + "/bin/python"
    app = story.program(f"from dotenv import load_dotenv\nfor path in {cases()!r}: load_dotenv(path)\n", "app.py")
    compare([python, app], "python-dotenv")


@nodes.each_node
def test_node_itself_reads_as_we_do(version):
    if version == "18":
        story.skip("Node 18 has no --env-file")
    # Node 20 sets nothing for a quote that is open at the end of the file, and keeps blanks behind export and before '='.
    differ = ("export  NAME='quoted # no comment'", 'NAME="open', "NAME='open", "\tNAME\t=\ttabs\t", 'NAME="') if version == "20" else ()
    compare([nodes.node(version), *(f"--env-file={path}" for path in cases()), "-e", "0"], "node", allowed=differ)


@story.each(("bash", "bash"), ("dash", "dash"))
def test_a_shell_reads_as_we_do(shell):
    script = story.program("".join(f"(set -a; . ./{path}; exec true)\n" for path in cases()) + "exit 0\n", "app.sh")
    compare([which(shell), script], "shell", allowed=("NAME=`back`", "NAME=a;b"))  # the value of a command is not known; bash goes on after b, and dash ends


def test_make_reads_as_we_do():
    # make reads other lines as rules or recipes, or ends
    paths = cases()
    for path in paths:
        with open(path, newline="", encoding="utf-8") as file:
            text = file.read()
        if any(not re.match(r"\ufeff?(export +)?\w+ *=|#|$", line) for line in text.splitlines()):
            os.unlink(path)
    write("Makefile", "-include $(FILE)\nexport\nall:\n\t@env >/dev/null\n")
    script = story.program("".join(f"make -s FILE=./{path} || exit 1\n" for path in paths if os.path.exists(path)) + "exit 0\n", "app.sh")
    which("make")
    compare([which("sh"), script], "make", allowed=("NAME=${UNSET_THING:-fallback}", "NAME=${UNSET_THING-other}"))  # names of make, which nobody sets


def test_dotenv_of_ruby_reads_as_we_do():
    if subprocess.run([which("ruby"), "-e", "require 'dotenv'"], capture_output=True).returncode:
        story.skip("no dotenv for Ruby here")
    app = story.program(f"require 'dotenv'\n{json.dumps(cases())}.each {{ |path| Dotenv.overload(path) rescue 0 }}\n", "app.rb")
    compare([which("ruby"), app], "ruby-dotenv", allowed=('NAME="first\nsecond"', "NAME='first\nsecond\n'\n"))  # before 2.8: one line


def test_phpdotenv_reads_as_we_do():
    autoload = "/usr/share/php/Dotenv/autoload.php"
    os.path.exists(autoload) or story.skip(f"no {autoload} here")
    app = story.program(f"<?php\nrequire '{autoload}';\nforeach (json_decode('{json.dumps([os.path.dirname(p) for p in cases()])}') as $d) try {{ Dotenv\\Dotenv::createUnsafeImmutable($d)->load(); }} catch (Exception $e) {{}}\n", "app.php")
    compare([which("php"), app], "phpdotenv")


# ---- which files, and what is said of them ---------------------------------------------------------------

def write(path, text):
    if os.path.dirname(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    return os.path.abspath(path)


def reads(path=".env"):
    return [story.PYTHON, story.program(f"open({path!r}).close()\n", "reads.py")]


def looks(path):
    return [story.PYTHON, story.program(f"import os\nos.path.exists({path!r})\n", "looks.py")]


def files(command, env=None, **more):
    """The files that a run told, by their paths from here; the command does the same as without us."""
    alone = bare(command, env)
    run = recorded(command, env, **more)
    assert (run.status, run.out, run.err) == (alone.status, alone.out, alone.err), (run.status, run.out, run.err)
    return {os.path.relpath(e["path"]): e for e in run.of("file")}


def test_a_file_that_was_opened():
    key, other = story.openai_key(), story.openai_key()
    write(".env", f"# comment\n{KEY}={key}\nACME_TOKEN=ab c # rest\nPLAIN=1\nNEW_ONE={other}\n")
    e = files(reads(), story.environment(**{KEY: key, "NEW_ONE": other[:20]}))[".env"]
    assert (e["why"], e["syntax"], "for" in e, "image" in e) == ("opened", "python-dotenv", False, False), e
    assert set(e["values"]) == {KEY, "ACME_TOKEN", "NEW_ONE"} and e["lines"] == {KEY: 2, "ACME_TOKEN": 3, "NEW_ONE": 5}, e
    assert e["values"][KEY]["from"] == "openai" and e["values"][KEY]["len"] == len(key), e
    assert e["relations"][KEY] == [{"fp": e["values"][KEY]["fp"], "is": "same"}], e
    assert set(e["whole"]) == {"ACME_TOKEN"} and e["whole"]["ACME_TOKEN"]["len"] == 11 and e["comment"] == ["ACME_TOKEN"], e
    assert abs(e["changed"] / 1000 - os.stat(".env").st_mtime) < 0.01, e


def test_relations_to_what_processes_held():
    key = story.openai_key()
    write(".env", f"A_API_KEY=\"{key}\"\nB_API_KEY={key}#tail\nC_API_KEY={key}\nD_API_KEY=' {key} '\n")
    env = story.environment(A_API_KEY=key, B_API_KEY=key, C_API_KEY=story.openai_key(), D_API_KEY=key)
    found = files([which("bash"), story.program("cat .env >/dev/null\nexec true --\n", "app.sh")], env)
    e = found[".env"]
    assert e["syntax"] == "dotenv", e
    assert {name: r[0]["is"] for name, r in e["relations"].items()} == {
        "A_API_KEY": "same", "B_API_KEY": "same", "C_API_KEY": "other", "D_API_KEY": "trimmed"}, e


def test_a_prefix_and_quotes():
    key = story.openai_key()
    write("prod.env", f"A_API_KEY=\"{key}\"\nB_API_KEY={key}-and-more\n")
    docker = story.program("#!/bin/sh\nexit 0\n", "docker")
    os.chmod(docker, 0o755)
    env = story.environment(A_API_KEY=key, B_API_KEY=key)
    e = files([which("sh"), "-c", "./docker run --env-file prod.env image; :"], env)["prod.env"]
    assert (e["why"], e["syntax"]) == ("opened", "docker"), e
    assert {name: r[0]["is"] for name, r in e["relations"].items()} == {"A_API_KEY": "unquoted", "B_API_KEY": "prefix"}, e


def test_no_value_is_in_the_trace():
    secret = story.random_text(40)
    write(".env", f"{KEY}=sk-{secret}\nDB_PASSWORD={secret}#x\n")
    trace = recorded(reads()).trace
    for name in os.listdir(trace):
        with open(os.path.join(trace, name), "rb") as file:
            assert secret.encode() not in file.read(), name


def test_a_file_beside_the_program_when_it_was_looked_for_elsewhere():
    write("app/package.json", "{}")
    there = write("app/.env", f"{KEY}=x\n")
    program = write("app/src/app.js", "require('fs').existsSync('.env')\n")
    os.mkdir("elsewhere")
    run = recorded([nodes.node(), program], cwd="elsewhere")
    e, = run.of("file")
    assert (e["path"], e["why"], e["for"], e["syntax"]) == (there, "missed", os.path.abspath("elsewhere/.env"), "dotenv"), e


def test_a_file_that_nobody_looked_for():
    there = write(".env", f"{KEY}=x\nPLAIN=1\n")
    write(".env.example", f"{KEY}=x\n")
    write(".env.local", "PLAIN=1\n")
    run = recorded([story.PYTHON, write("app.py", "")])
    e, = run.of("file")
    assert (e["path"], e["why"], e["for"]) == (there, "near", os.path.abspath("app.py")), e


def test_up_to_the_root_of_the_workspace_and_no_higher():
    write(".env", f"{KEY}=too-high\n")
    write("work/.git/HEAD", "")
    root = write("work/.env", f"{KEY}=root\n")
    write("work/packages/a/package.json", "{}")
    program = write("work/packages/a/app.py", "")
    run = recorded([story.PYTHON, program], cwd="/")
    assert [e["path"] for e in run.of("file")] == [root], run.of("file")


def test_secrets_and_profiles():
    secret = write("secrets/openai.txt", "sk-x\n")
    home = os.path.abspath("home")
    write("home/.aws/credentials", "[default]\naws_access_key_id = AKIA1\n[work]\naws_access_key_id = AKIA2\n")
    write("home/.netrc", "machine x login y password z\n")
    env = story.environment(HOME=home, OPENAI_API_KEY_FILE=secret, AWS_PROFILE="work")
    found = files([which("cat"), secret, home + "/.aws/credentials", home + "/.netrc"], env)
    assert set(found) == {"secrets/openai.txt", "home/.aws/credentials"}, found
    assert found["secrets/openai.txt"]["syntax"] == "secret" and found["secrets/openai.txt"]["values"][KEY]["is"] == ["lf"], found
    assert found["home/.aws/credentials"]["values"]["AWS_ACCESS_KEY_ID"]["len"] == 5 and found["home/.aws/credentials"]["lines"] == {"AWS_ACCESS_KEY_ID": 4}, found


def test_more_names_than_one_event_holds():
    write(".env", "".join(f"N{i}_API_KEY={i}\n" for i in range(150)))
    run = recorded(reads())
    assert [len(e["values"]) for e in run.of("file")] == [64, 64, 22], [len(e["values"]) for e in run.of("file")]


def test_watched_names_of_the_user():
    write(".env", "MY_THING=1\nMY_OTHER=2\n")
    e = files(reads(), watch=["MY_TH*:key"])[".env"]
    assert set(e["values"]) == {"MY_THING"}, e


def test_the_user_may_turn_it_off():
    write(".env", f"{KEY}=x\n")
    trace = os.path.abspath("off")
    ended = bare([story.KEYTRAIL, "run", "--no-env-files", "-q", "-o", trace, *reads()])
    events = story.events_of(trace)
    assert ended.status == 0 and any(e["e"] == "open" for e in events) and not any(e["e"] == "file" for e in events), events


# ---- files that somebody else has a hand in --------------------------------------------------------------

def hostile(make):
    make()
    run = recorded(looks(".env"), timeout=30)
    return run.of("file")


def test_a_pipe_is_not_waited_for():
    assert not hostile(lambda: os.mkfifo(".env"))


def test_a_device_a_directory_and_a_link_to_nothing():
    os.makedirs("d/.env")
    os.symlink("/dev/zero", ".env")
    os.symlink("no-such-file", ".env.local")
    run = recorded([which("sh"), "-c", "ls -d .env .env.local d/.env >/dev/null"], timeout=30)
    assert not run.of("file"), run.of("file")


def test_a_huge_file_is_left_alone():
    write(".env", f"{KEY}=x\n" + "#" * (1 << 20))
    assert not files(reads())


def test_a_file_that_takes_long():
    """Room for values and time are limited, and the command ends with its own status."""
    write(".env", "A=" + "x" * 1000 + "\n" + "A=$A$A\n" * 40000)
    run = recorded([which("bash"), story.program("[ -r .env ]\nexit 3\n", "app.sh")], timeout=60)
    assert run.status == 3 and run.of("ran")[0]["status"] == 3


def test_a_strangers_file_and_a_strangers_link():
    if os.geteuid():
        story.skip("needs root to make a stranger")
    mine = write("mine.txt", f"{KEY}=mine\n")
    os.mkdir("shared")
    os.chmod("shared", 0o1777)
    os.chmod(".", 0o755)
    write("shared/.env", f"{KEY}=theirs\n")
    os.chown("shared/.env", 65534, 65534)
    os.symlink(mine, "shared/.env.local")
    os.lchown("shared/.env.local", 65534, 65534)
    run = recorded([which("sh"), "-c", "ls shared/.env shared/.env.local >/dev/null"])
    assert not run.of("file") and len(run.of("open")) >= 2, run.of("file")


def test_a_file_that_changes_its_kind_in_between():
    """What the command saw is not what is there at its end."""
    write(".env", f"{KEY}=x\n")
    run = recorded([which("sh"), "-c", "cat .env >/dev/null; rm .env; mkfifo .env"], timeout=30)
    assert not run.of("file") and run.of("open"), run.of("file")


def test_a_strangers_word_makes_us_read_no_file():
    """Who may write into the trace could else learn of root's files by their lengths."""
    if os.geteuid():
        story.skip("needs root to make a stranger")
    os.chmod(".", 0o755)
    for folder in ("named", "mine"):
        os.mkdir(folder)
    secret = write("named/.env", f"{KEY}=root\n")
    forged = "".join(json.dumps(e) + "\n" for e in (
        {"e": "birth", "t": 1 << 62, "image": "9.9", "by": "exec", "pid": 9, "uid": 65534, "exe": "/bin/cat", "args": ["cat", secret], "cwd": os.path.abspath("named")},
        {"e": "open", "t": 1 << 62, "image": "9.9", "fn": "open", "path": secret}))
    trace = os.path.abspath("t")
    app = story.program(f"import os\nos.setgid(65534)\nos.setuid(65534)\nwith open({trace + '/forged.jsonl'!r}, 'w') as file: file.write({forged!r})\n", "mine/app.py")
    ended = bare([story.KEYTRAIL, "run", "-q", "-o", trace, story.PYTHON, app], cwd="mine")
    events = story.events_of(trace)
    assert ended.status == 0 and any(e.get("path") == secret for e in events if e["e"] == "open"), (ended.err, events)
    assert not any(e["e"] == "file" for e in events), events
