"""A name that a shell's script assigns, and does not export: KT104 at the line of the script."""
import json
import os
import pty

import story
from story import KEYTRAIL, each, environment, expect_fault, keytrail, openai_key, program, recorded, which, with_key

NAME = "OPENAI_API_KEY"
READER = f"import os\nos.environ['{NAME}']\n"
LAUNCH = f"{story.PYTHON} reader.py\n"


def script(text, command, files=None, **env):
    story.which(command[0])
    program(READER, "reader.py")
    for name, content in (files or {}).items():
        program(content.replace("VALUE", openai_key()), name)
    path = program(text.replace("VALUE", openai_key()).replace("LAUNCH", LAUNCH.strip()) + "\n", "start")
    return recorded([*command, path], environment(**env))


BASH, DASH, ZSH, FISH, TCSH = ["bash"], ["dash"], ["zsh"], ["fish"], ["tcsh", "-f"]
POSIX = BASH, DASH, ZSH


# ---- the script assigns ------------------------------------------------------------------

@each(*((" ".join(c), c) for c in POSIX))
def test_an_assignment_alone(command):
    run = script(f"# start\n{NAME}=VALUE\nLAUNCH", command)
    found = expect_fault(run, "KT104", NAME, victim="python", culprit="")
    assert found["culprit"]["site"].endswith("/start:2") and f"export {NAME}=" in found["fix"], found


ASSIGNS = (
    ("in quotes", f'{NAME}="VALUE"\nLAUNCH', 1),
    ("from a command", f"{NAME}=$(echo VALUE)\nLAUNCH", 1),
    ("declare", f"declare {NAME}=VALUE\nLAUNCH", 1),
    ("typeset", f"typeset {NAME}=VALUE\nLAUNCH", 1), ("readonly", f"readonly {NAME}=VALUE\nLAUNCH", 1),
    ("declare -g in a function", f"f() {{\n\tdeclare -g {NAME}=VALUE\n}}\nf\nLAUNCH", 2),
    ("in a branch", f"if true; then\n\t{NAME}=VALUE\nfi\nLAUNCH", 2),
    ("two on a line", f"OTHER=1 {NAME}=VALUE\nLAUNCH", 1),
    ("read", f"read -r {NAME} <<< VALUE\nLAUNCH", 1),
    ("read, with options", f"# in\nIFS= read -r -t 5 -d '' {NAME} < <(printf %s VALUE) || true\nLAUNCH", 2),
    ("printf -v", f"printf -v {NAME} %s VALUE\nLAUNCH", 1),
    ("a default", f": \"${{{NAME}:=VALUE}}\"\nLAUNCH", 1),
    ("the last counts", f"{NAME}=VALUE\n{NAME}=VALUE\nLAUNCH", 2),
    ("behind set +a", f"set -a\nOTHER=1\nset +a\n{NAME}=VALUE\nLAUNCH", 4),
    ("behind a comment, a text and a here-document", f"# {NAME}=a\necho '{NAME}=b\n{NAME}=c'\ncat <<END\n{NAME}=d\nEND\n{NAME}=VALUE\nLAUNCH", 7),
)


@each(*ASSIGNS)
def test_the_line_of_the_assignment(text, line):
    found = expect_fault(script(text, BASH), "KT104", NAME, culprit="bash")
    assert found["culprit"]["site"].endswith(f"/start:{line}"), found


# ---- the script reads a file that assigns ----------------------------------------------------

@each(("source", "source secrets.sh", BASH), ("a dot", ". ./secrets.sh", DASH), ("beside the script", '. "$(dirname "$0")/secrets.sh"', BASH),
      ("behind cd", "cd conf\n. ./more.sh", BASH), ("zsh", "source secrets.sh", ZSH), ("below home", "source ~/secrets.sh", BASH))
def test_a_file_that_the_script_reads(text, command):
    run = script(text + "\ncd ..; cd -\nLAUNCH".replace("LAUNCH", f"{story.PYTHON} {os.path.abspath('reader.py')}"), command,
                 {"secrets.sh": f"\n{NAME}=VALUE\n", "conf/more.sh": f"\n{NAME}=VALUE\n"}, HOME=os.getcwd())
    found = expect_fault(run, "KT104", NAME, culprit="")
    line = 1 + text.count("\n")
    assert found["culprit"]["site"].endswith(f"/start:{line}") and ".sh:2 and does not export" in found["summary"] and "set -a" in found["fix"], found


@each(("case", "case $- in\n*i*) ;;\n*) return ;;\nesac"), ("PS1", '[ -z "$PS1" ] && return'), ("[[", "[[ $- != *i* ]] && return"))
def test_a_file_that_returns_where_nobody_types(guard):
    run = script("source ~/.bashrc\nLAUNCH", BASH, {".bashrc": f"{guard}\nexport {NAME}=VALUE\n"})
    found = expect_fault(run, "KT104", NAME, culprit="bash")
    lines = guard.count("\n") + 1
    assert "returns at .bashrc:" in found["summary"] and f"before .bashrc:{lines + 1} exports" in found["summary"], found


@each(("$HOME", '. "$HOME/.profile"'), ("braces", 'source "${HOME}"/.profile'), ("a tilde", ". ~/.profile"))
def test_a_file_that_returns_below_another(line):
    files = {".profile": 'if [ -f "$HOME/.bashrc" ]; then\n\t. "$HOME/.bashrc"\nfi\n',
             ".bashrc": f"case $- in\n*i*) ;;\n*) return;;\nesac\nexport {NAME}=VALUE\n"}
    os.mkdir("home")
    run = script(f"# a job\n{line}\nLAUNCH", ["env", "-u", "OTHER", f"HOME={os.getcwd()}/home", "bash"],
                 {f"home/{name}": text for name, text in files.items()})
    found = expect_fault(run, "KT104", NAME, culprit="bash")
    assert found["culprit"]["site"].endswith("/start:2"), found
    assert "returns at home/.bashrc:3" in found["summary"] and "before home/.bashrc:5 exports" in found["summary"], found


# ---- a function keeps the name to itself -------------------------------------------------------

@each(("a file", f"f() {{\n\tlocal {NAME}\n\t. ./secrets.sh; export {NAME}\n}}\nf\nLAUNCH", 3, "reads secrets.sh:2 into the local"),
      ("a value", f"f() {{\n\tlocal {NAME}=VALUE\n\texport {NAME}\n}}\nf\nLAUNCH", 2, "assigns the local OPENAI_API_KEY of a function, and a local variable ends with its function"))
def test_a_local_variable_of_a_function(text, line, says):
    found = expect_fault(script(text, BASH, {"secrets.sh": f"\n{NAME}=VALUE\n"}), "KT104", NAME, culprit="bash")
    assert found["culprit"]["site"].endswith(f"/start:{line}") and says in found["summary"] and " local at start:2" in found["fix"], found


EACH_LINE = "f() {{\n\tlocal line\n\twhile IFS= read -r line; do\n\t\t{}\n\tdone < \"$1\"\n}}\nf app.env\nLAUNCH"


@each(("a line", 'declare -x "$line"'), ("a name", 'declare -x "${line%%=*}=${line#*=}"'), ("without -x", 'declare "$line"'))
def test_each_line_made_local(text):
    found = expect_fault(script(EACH_LINE.format(text), BASH, {"app.env": f"{NAME}=VALUE\n"}), "KT104", NAME, culprit="bash")
    assert "reads app.env:1 into the local OPENAI_API_KEY of a function" in found["summary"], found
    assert found["fix"].startswith("write `declare -gx`, or `export`, at start:4"), found


@each(("declare -gx", 'declare -gx "$line"'), ("export", 'export "$line"'))
def test_each_line_exported(text):
    assert not script(EACH_LINE.format(text), BASH, {"app.env": f"{NAME}=VALUE\n"}).findings()


@each(("another function", f"f() {{\n\tlocal {NAME}=VALUE\n}}\n[ -f none ] && export {NAME}=VALUE\nLAUNCH"),
      ("the function starts the program", f"f() {{\n\tlocal OTHER\n\tOTHER=1\n}}\nf\nLAUNCH"))
def test_no_local_variable_is_accused(text):
    found = story.expect_fault(script(text, BASH), "KT101", NAME, culprit="bash")
    assert "local" not in found["summary"], found


LOCAL = (("declare", f"declare {NAME}=VALUE"), ("typeset", f"typeset {NAME}=VALUE"), ("a value behind", f"local {NAME}; {NAME}=VALUE"),
         ("no value at first", f"declare {NAME}; {NAME}=VALUE"))


@each(*((f"{title}, {shell[0]}", text, shell) for shell in (BASH, ZSH) for title, text in LOCAL))
def test_a_declaration_in_a_function(text, shell):
    found = expect_fault(script(f"f() {{\n\t{text}\n}}\nf\nLAUNCH", shell), "KT104", NAME, culprit=shell[0])
    assert found["culprit"]["site"].endswith("/start:2") and "assigns the local OPENAI_API_KEY of a function" in found["summary"], found


@each(("declare -x", f"declare -x {NAME}=VALUE"), ("local -x", f"local -x {NAME}=VALUE"), ("an export behind", f"local {NAME}; export {NAME}=VALUE"))
def test_what_a_function_exports_ends_with_it(text):
    found = expect_fault(script(f"f() {{\n\t{text}\n}}\nf\nLAUNCH", BASH), "KT104", NAME, culprit="bash")
    assert found["culprit"]["site"].endswith("/start:2") and "ends with its function" in found["summary"], found
    assert not script(f"f() {{\n\t{text}\n\tLAUNCH\n}}\nf", BASH).findings()


@each(("declare -x", f"declare -x {NAME}=VALUE", BASH), ("typeset -x of zsh", f"f() {{ typeset -x {NAME}=VALUE; }}; f", ZSH),
      ("declare -gx", f"f() {{ declare -gx {NAME}=VALUE; }}; f", BASH))
def test_a_declaration_that_exports(text, shell):
    assert not script(f"{text}\nLAUNCH", shell).findings()


# ---- a mounted secret ------------------------------------------------------------------------

FILE_ENV = f"""file_env() {{
\tlocal var="$1"
\tlocal file="${{var}}_FILE"
\tlocal value="$(< "${{!file}}")"
\tEXPORT "$var"="$value"
\tunset "$file"
}}
file_env {NAME}
LAUNCH"""
IN_FUNCTION = f'load() {{\n\t{NAME}="$(cat "${NAME}_FILE")"\n}}\nload\nLAUNCH'


@each(("file_env", FILE_ENV.replace("EXPORT", "declare -g"), BASH, "start:4 reads"), ("a function, cat", IN_FUNCTION, BASH, "start:2 reads"),
      ("a function, cat, dash", IN_FUNCTION, DASH, "start:2 reads"))
def test_a_secret_that_the_script_reads(text, command, says):
    path = program(openai_key(), "openai_api_key")
    found = expect_fault(script(text, command, **{f"{NAME}_FILE": path}), "KT104", NAME, culprit="")
    assert says in found["summary"] and f"openai_api_key and does not export {NAME}" in found["summary"], found
    assert f'export {NAME}="$(cat "${NAME}_FILE")"' in found["fix"], found


def test_a_secret_that_the_script_exports():
    run = script(FILE_ENV.replace("EXPORT", "export"), BASH, **{f"{NAME}_FILE": program(openai_key(), "openai_api_key")})
    assert run.status == 0 and "KT104" not in run.codes(), run.report["findings"]


# ---- the script exports the name, and removes it again --------------------------------------------

REMOVED = (
    ("a file, and exec", "set -a\n. ./secrets.sh\nset +a\nunset NAME\nexec LAUNCH", 4),
    ("a command before has it", "set -a; . ./secrets.sh; set +a\nsh -c 'exit 0'\nunset NAME\nLAUNCH", 3),
    ("an export", "export NAME=VALUE\nunset -v NAME\nLAUNCH", 2),
    ("an export behind", "NAME=VALUE\nexport NAME\nunset OTHER NAME\nLAUNCH", 3),
    ("the file exports", ". ./exports.sh\nunset NAME\nLAUNCH", 2),
    ("a function that removes", "scrub() {\n\tunset NAME\n}\nexport NAME=VALUE\nscrub\nLAUNCH", 2),
    ("a function that exports", "load() { set -a; . ./secrets.sh; set +a; }\nload\nunset NAME\nLAUNCH", 3),
    ("all in functions", "load() { export NAME=VALUE; }\nmain() {\n\tload\n\tunset NAME\n\tLAUNCH\n}\nmain", 4),
    ("a function that calls others", "load() { export NAME=VALUE; }\nscrub() { unset NAME; }\nmain() {\n\tload\n\tscrub\n\tLAUNCH\n}\nmain", 2),
    ("a file that removes", "export NAME=VALUE\n. ./clean.sh\nLAUNCH", 2),
    ("export -n", "export NAME=VALUE\nexport -n NAME\nLAUNCH", 2),
    ("a subshell of a function", 'export NAME=VALUE\nrun() { ( unset "${!OPENAI_@}"; LAUNCH ) ; }\nrun', 2),
)


@each(*((f"{title}, {shell}", shell, text, line) for title, text, line in REMOVED for shell in ("bash", "dash")
        if shell == "bash" or not ("export -n" in text or "${!" in text)))
def test_a_name_that_is_exported_and_removed(shell, text, line):
    run = script(text.replace("NAME", NAME), [shell], {"secrets.sh": f"{NAME}=VALUE\n", "exports.sh": f"export {NAME}=VALUE\n",
                                                        "clean.sh": f"unset {NAME}\n"})
    found = expect_fault(run, "KT301", NAME, culprit=shell)
    assert found["summary"].startswith(f"start:{line} removes {NAME}"), found
    assert not set(run.codes()) & {"KT104", "KT105"}, run.report["findings"]
    if shell == "bash" and line == 4:
        story.asked("pack", run.trace, "-o", "p.jsonl")
        os.remove("start")
        assert f"start:4 removes {NAME}" in " ".join(keytrail("report", "p.jsonl").out.decode().split())


@each(("a loop", "set -a; . ./app.env; set +a\nfor v in NAME OTHER; do unset $v; done\nexec LAUNCH"),
      ("an eval", "set -a\n. ./app.env\nset +a\neval 'unset NAME'\nLAUNCH"))
def test_a_name_that_is_exported_and_removed_unseen(text):
    found = expect_fault(script(text.replace("NAME", NAME), BASH, {"app.env": f"{NAME}=VALUE\n"}), "KT301", NAME, culprit="bash")
    assert "reads app.env:1, but that line was not reached, or a later line removes" in found["summary"] and "eval" in found["fix"], found


@each(("another program", "export NAME=VALUE\n(unset NAME; true)\nLAUNCH", 0), ("before", "unset NAME\nexport NAME=VALUE\nLAUNCH", 0),
      ("behind", "LAUNCH\nstatus=$?\nexport NAME=VALUE\nunset NAME\nexit $status", 1),
      ("a function that nobody calls", "load() { export NAME=VALUE; }\nunset NAME\nLAUNCH", 1),
      ("a function that is called behind", "scrub() { unset NAME; }\n[ -f none ] && export NAME=VALUE\nLAUNCH\nstatus=$?\nscrub\nexit $status", 1),
      ("a function that is never called", "scrub() { unset NAME; }\n[ -f none ] && export NAME=VALUE\nLAUNCH", 1),
      ("a local name of a function", "f() { local NAME=x; unset NAME; }\n[ -f none ] && export NAME=VALUE\nf\nLAUNCH", 1),
      ("a local name that is declared", "f() {\n\tdeclare NAME\n\tNAME=x\n\tunset NAME\n}\n[ -f none ] && export NAME=VALUE\nf\nLAUNCH", 1),
      ("a trap", "[ -f none ] && export NAME=VALUE\ntrap 'unset NAME' EXIT\nLAUNCH", 1),
      ("assigned behind", "export NAME=VALUE\nunset NAME\nNAME=VALUE\nLAUNCH", 1))
def test_no_removal_is_accused(text, status):
    run = script(text.replace("NAME", NAME), BASH)
    assert bool(run.status) == bool(status) and "KT301" not in run.codes(), run.report["findings"]


# ---- other shells, and direnv ------------------------------------------------------------------

@each(("set", f"set {NAME} VALUE\nLAUNCH"), ("set -g", f"set -g {NAME} VALUE\nLAUNCH"), ("set -U", f"set --universal {NAME} VALUE\nLAUNCH"))
def test_fish(text):
    found = expect_fault(script(text, FISH), "KT104", NAME, culprit="fish")
    assert found["culprit"]["site"].endswith("/start:1") and "set -gx" in found["fix"], found


@each(("a sign", f"set {NAME}=VALUE\nLAUNCH"), ("blanks", f"set {NAME} = VALUE\nLAUNCH"))
def test_tcsh(text):
    found = expect_fault(script(text, TCSH), "KT104", NAME, culprit="tcsh")
    assert found["culprit"]["site"].endswith("/start:1") and "setenv" in found["fix"], found


def test_direnv():
    story.which("direnv")
    run = script("direnv allow . && direnv exec . LAUNCH", DASH, {".envrc": f"{NAME}=VALUE\n"})
    found = expect_fault(run, "KT104", NAME, culprit="direnv")
    assert found["culprit"]["site"].endswith("/.envrc:1") and "direnv allow" in found["fix"], found


# ---- innocent ----------------------------------------------------------------------------------

INNOCENT = (
    ("exported there", BASH, f"export {NAME}=VALUE\nLAUNCH"),
    ("exported behind", BASH, f"{NAME}=VALUE\nexport {NAME}\nLAUNCH"),
    ("exported before", BASH, f"export {NAME}\n{NAME}=VALUE\nLAUNCH"),
    ("declare -x", BASH, f"declare -x {NAME}=VALUE\nLAUNCH"),
    ("set -a", BASH, f"set -a\n{NAME}=VALUE\nLAUNCH"),
    ("allexport", DASH, f"set -o allexport\n{NAME}=VALUE\nLAUNCH"),
    ("a file, and set -a", BASH, "set -a; . ./secrets.sh; set +a\nLAUNCH"),
    ("a file, and export", BASH, f". ./secrets.sh\nexport {NAME}\nLAUNCH"),
    ("for a command", BASH, f"{NAME}=VALUE LAUNCH"),
    ("read, and export", DASH, f"read -r {NAME} <<END\nVALUE\nEND\nexport {NAME}\nLAUNCH"),
    ("a default, and export", DASH, f': "${{{NAME}:=VALUE}}"\nexport {NAME}\nLAUNCH'),
    ("fish -x", FISH, f"set -x {NAME} VALUE\nLAUNCH"),
    ("fish, exported behind", FISH, f"set {NAME} VALUE\nset -gx {NAME} ${NAME}\nLAUNCH"),
    ("setenv", TCSH, f"setenv {NAME} VALUE\nLAUNCH"),
    ("setenv behind", TCSH, f"set {NAME}=VALUE\nsetenv {NAME} ${NAME}\nLAUNCH"),
)


@each(*INNOCENT)
def test_a_name_that_is_exported(command, text):
    run = script(text, command, {"secrets.sh": f"{NAME}=VALUE\n"})
    assert run.status == 0 and "KT104" not in run.codes(), (run.err, run.report["findings"])


NEVER = (
    ("a comment", BASH, f"# {NAME}=VALUE\nLAUNCH"),
    ("a here-document", BASH, f"cat <<'END' >/dev/null\n{NAME}=VALUE\nEND\nLAUNCH"),
    ("a text", BASH, f"echo '\n{NAME}=VALUE\n'\nLAUNCH"),
    ("a function", BASH, f"load() {{\n\t{NAME}=VALUE\n}}\nLAUNCH"),
    ("a function, by its word", BASH, f"function load {{\n\t{NAME}=VALUE\n}}\nLAUNCH"),
    ("a function with blocks inside", BASH, f"load() {{\n\tif true; then {{ :; }}; fi\n\t{NAME}=VALUE\n}}\nLAUNCH"),
    ("a subshell", BASH, f"({NAME}=VALUE)\nLAUNCH"),
    ("for another command", BASH, f"{NAME}=VALUE true\nLAUNCH"),
    ("exported later", BASH, f"LAUNCH\nstatus=$?\nexport {NAME}=VALUE\nexit $status"),
    ("assigned later", BASH, f"LAUNCH\nstatus=$?\n{NAME}=VALUE\nexit $status"),
    ("unset", BASH, f"{NAME}=VALUE\nunset {NAME}\nLAUNCH"),
    ("itself", BASH, f'{NAME}="${{{NAME}:-}}"\n{NAME}=${NAME}\nLAUNCH'),
    ("nothing", BASH, f"{NAME}=\n{NAME}=''\nLAUNCH"),
    ("a default of nothing", BASH, f'set -u\n: "${{{NAME}:=}}"\nLAUNCH'),
    ("a prompt for another name", BASH, f"read -r -p {NAME} other <<< VALUE\nLAUNCH"),
    ("an argument", BASH, f"true {NAME}=VALUE\nLAUNCH"),
    ("fish, a comment", FISH, f"# set {NAME} VALUE\nLAUNCH"),
    ("fish, a function", FISH, f"function load\n\tset {NAME} VALUE\nend\nLAUNCH"),
    ("fish, erased", FISH, f"set -e {NAME}\nLAUNCH"),
    ("tcsh, a comment", TCSH, f"# set {NAME}=VALUE\nLAUNCH"),
    ("another name", BASH, "SOME_OTHER_THING=VALUE\nLAUNCH"),
)


@each(*NEVER)
def test_a_name_that_is_never_set(command, text):
    run = script(text, command)
    assert run.status and "KT104" not in run.codes(), (run.err, run.report["findings"])


def test_a_script_that_changed_since():
    run = script(f"{NAME}=VALUE\nLAUNCH", BASH)
    with open("start", "a") as file:
        file.write("# more\n")
    assert "KT104" not in run.codes(), run.report["findings"]


# ---- what is told --------------------------------------------------------------------------------

def test_a_pack_has_the_line():
    run = script("source secrets.sh\nLAUNCH", BASH, {"secrets.sh": f"{NAME}=VALUE\n"})
    summary = run.findings()[0]["summary"]
    story.asked("pack", run.trace, "-o", "p.jsonl")
    for path in ("start", "secrets.sh"):
        os.remove(path)
    text = keytrail("report", "p.jsonl").out.decode()
    assert "KT104" in text and " ".join(summary.split(";")[0].split()) in " ".join(text.split()), text


@each(("bash", BASH, f"{NAME}=hunter2hunter2"), ("fish", FISH, f"set {NAME} hunter2hunter2"), ("tcsh", TCSH, f"set {NAME} = hunter2hunter2"),
      ("declare", BASH, f"declare {NAME}=hunter2hunter2"), ("a name in between", FISH, f"set -g {NAME} hunter2hunter2 = x"))
def test_no_value_is_shown(command, text):
    run = script(text + "\nLAUNCH", command)
    pid, fd = pty.fork()
    if not pid:
        os.execve(KEYTRAIL, ["keytrail", "report", "--color=never", run.trace], {**environment(), "PAGER": "cat"})
    said = b""
    while True:
        try:
            said += os.read(fd, 4096)
        except OSError:
            break
    os.waitpid(pid, 0)
    assert b"KT104" in said and b"hunter2" not in said, said


# ---- a shell that tests its own copy ---------------------------------------------------------------------

TESTS = (
    ("a list", '[ -n "$NAME" ] || exit 3', 2),
    ("a block", 'if [ -z "$NAME" ]; then\n  echo "no key" >&2\n  exit 3\nfi', 2),
    ("braces", 'test -n "$NAME" || {\n  echo "no key" >&2\n  exit 3\n}', 2),
    ("a demand", ': "${NAME:?must be set}"', 2),
)


@each(*((f"{title}, {shell}", shell, text, line) for title, text, line in TESTS for shell in ("bash", "dash")))
def test_a_script_that_tests_the_name(shell, text, line):
    script = story.program(f"#!/bin/sh\n{text.replace('NAME', NAME)}\necho fine\n", "start.sh")
    command = [which(shell), script]
    run = recorded(command, environment())
    first = run.report["findings"][0]
    assert (first["code"], first["summary"]) == ("KT101", f"start.sh:{line} asks for {NAME}, which was never set"), first
    assert first["severity"] == "fault" or shell == "dash", first
    assert recorded(command, with_key(NAME)).report["findings"] == []
    story.keytrail("pack", run.trace, "-o", "p.jsonl")
    assert json.loads(story.asked("report", "-f", "json", "p.jsonl"))["findings"][0]["summary"] == first["summary"]


@each(*((f"{title}, {shell}", shell, text) for title, text in (
    ("another command fails", '[ -n "$NAME" ] || echo "no key"\nls /no/such'),
    ("an exit with another status", '[ -n "$NAME" ] || exit 0\n'),
    ("the opposite", '[ -n "$NAME" ] && exit 3\nexit 4'),
    ("its own value", 'NAME=x\n[ -n "$NAME" ] && exit 3'),
    ("another name", '[ -n "$HOMELESS" ] || exit 3'),
) for shell in ("bash", "dash")))
def test_a_script_that_fails_for_another_reason(shell, text):
    script = story.program(f"#!/bin/sh\n{text.replace('NAME', NAME)}\n", "start.sh")
    run = recorded([which(shell), script], environment())
    assert not run.report["findings"], run.report


def test_a_launcher_that_drops_what_a_script_tests():
    story.program(f'#!/bin/bash\n[ -n "${NAME}" ] || exit 3\n', "start.sh")
    text = "import subprocess, sys\nsys.exit(subprocess.call(['bash', 'start.sh'], env={'PATH': '/usr/bin:/bin'}))\n"
    found = expect_fault(recorded([story.PYTHON, story.program(text, "launch.py")], with_key(NAME)), "KT201", NAME, victim="bash", culprit="python")
    assert found["summary"] == "launch.py:2 starts bash start.sh without OPENAI_API_KEY; start.sh:2 misses it", found
