"""Where a person wrote the command of a tool that lost a variable: the line of a script,
a makefile, package.json. Only where it is certain."""
import json
import os
import re
import time

import observe
import story
from story import KEYTRAIL, compiled, each, keytrail, program, recorded, which, with_key

LOSES = "env -u OPENAI_API_KEY ./probe OPENAI_API_KEY"  # the command that is looked for
EMPTIES = "env -i ./probe OPENAI_API_KEY"


def write(files):
    for name, text in files.items():
        os.chmod(program(text, name), 0o755)


def reported(command, files, **more):
    """The report on a command, which loses the key by LOSES or EMPTIES."""
    compiled(story.READER)
    write(files)
    run = recorded(command, with_key("OPENAI_API_KEY", **more))
    assert run.report["verdict"] == "fault", (run.report["verdict"], run.out, run.err)
    return run


def site_of(run):
    """The culprit's site; a path below this directory is told from here."""
    site = run.report["findings"][0]["culprit"].get("site", "")
    return re.sub("^[.]/", "", site.replace(os.getcwd() + "/", ""))


def expect_site(run, wanted):
    site = site_of(run)
    if wanted:
        assert site == wanted, f"site {site!r}, wanted {wanted}: {run.report['headline']}"
        assert wanted.split("/")[-1] in run.report["headline"].split()[0], run.report["headline"]
    else:
        assert not re.search(r":\d+$", site), f"{site!r}, though nothing is certain"


# ---- scripts of shells that tell no line -------------------------------------------

SHEBANG = "#!/bin/sh\n"

SCRIPTS = [
    ("env -u", f"{SHEBANG}echo hi\n\n{LOSES}\n", 4),
    ("env -i", f"{SHEBANG}{EMPTIES}\n", 2),
    ("exec", f"{SHEBANG}true\nexec {LOSES}\n", 3),
    ("among others of a line", f"{SHEBANG}cd . && true; {LOSES} || exit 1; true\n", 2),
    ("in a function", f"{SHEBANG}start() {{\n\t{LOSES}\n}}\nstart\n", 3),
    ("in a subshell in an if", f"{SHEBANG}if true; then\n  (cd .; {LOSES})\nfi\n", 3),
    ("in a substitution", f"{SHEBANG}x=1\nout=$({LOSES}) || exit $?\n", 3),
    ("in backquotes", f"{SHEBANG}out=`{LOSES}` || exit $?\n", 2),
    ("in a case", f"{SHEBANG}case $x in\n'') {LOSES} ;;\nesac\n", 3),
    ("with variables", f"{SHEBANG}name=OPENAI_API_KEY\nenv -u $name ./probe \"$name\"\n", 3),
    ("its program in a variable", f"{SHEBANG}E=env\n$E -u OPENAI_API_KEY ./probe OPENAI_API_KEY\n", 3),
    ("with an assignment, and redirected", f"{SHEBANG}A=1 B=\"2 3\" {LOSES} 2>/dev/null >out.txt\n", 2),
    ("continued", f"{SHEBANG}true\nenv -u \\\n  OPENAI_API_KEY \\\n  ./probe OPENAI_API_KEY\n", 3),
    ("through two tools", f"{SHEBANG}nice timeout 9 {LOSES}\n", 2),
    ("quoted words", f"{SHEBANG}'env' -u \"OPENAI_API_KEY\" ./pro\"be\" OPENAI_API_KEY\n", 2),
    ("a comment has it, too", f"{SHEBANG}# {LOSES}\n{LOSES} # {LOSES}\n", 3),
    ("a text has it, too", f"{SHEBANG}echo \"now: {LOSES}\"\n{LOSES}\n", 3),
    ("a here-document has it, too", f"{SHEBANG}cat <<'END'\n{LOSES}\nEND\n{LOSES}\n", 5),
    ("another command of the same tool", f"{SHEBANG}env -u OTHER true\n{LOSES}\n", 3),
    ("in a file that is read", f"{SHEBANG}. ./lib.sh\nstart\n", "lib.sh:2"),
    ("after a file of settings is read", f"{SHEBANG}set -a; . ./settings; set +a\n{LOSES}\n", 3),
    ("after a file that is not there", f"{SHEBANG}[ ! -f ./none ] || . ./none\n{LOSES}\n", 3),
    ("a trap has it", f"{SHEBANG}trap '{LOSES}; exit 1' EXIT\ntrue\n", 2),
    ("an eval has it", f"{SHEBANG}eval '{LOSES}'\n", 2),
    # nothing is certain
    ("two equal lines", f"{SHEBANG}true || {LOSES}\n{LOSES}\n", None),
    ("a line that may become it", f"{SHEBANG}start() {{ \"$@\"; }}\ntrue || {LOSES}\nstart {LOSES}\n", None),
    ("nothing but variables", f"{SHEBANG}shift\n\"$@\"\n", None),
    ("the script's own arguments", f"{SHEBANG}true\nexec \"$@\"\n", 3),
    ("the script's own arguments, in braces", f"{SHEBANG}true\n\n${{@}}\n", 4),
    ("its arguments, in two lines", f"{SHEBANG}[ $1 != env ] || \"$@\"\n\"$@\"\n", None),
    ("its arguments, or a line that says the same", f"{SHEBANG}true || {LOSES}\n\"$@\"\n", None),
    ("an eval of a variable", f"{SHEBANG}x='{LOSES}'\ntrue || {LOSES}\neval \"$x\"\n", None),
    ("a file whose name is not known", f"{SHEBANG}f=./lib.sh\n. $f\ntrue || {LOSES}\nstart\n", None),
    ("a file read has it, too", f"{SHEBANG}. ./lib.sh\ntrue || {LOSES}\nstart\n", None),
    ("an alias", f"{SHEBANG}alias go='env -u OPENAI_API_KEY'\ntrue || {LOSES}\ngo ./probe OPENAI_API_KEY\n", None),
]
READ = {"lib.sh": f"start() {{\n{LOSES}\n}}\n", "settings": "A=1\nB='2 3'\n"}


def expect_of_script(command, text, line, **more):
    text = text.replace("env -", "/usr/bin/env -") if "busybox" in "".join(command) else text  # which has an env of its own
    arguments = LOSES.split() if re.search("[$]{?@", text) and "start" not in text else []
    arguments = ["x"] * ("shift" in text) + arguments
    run = reported([*command, "./run.sh", *arguments], {"run.sh": text, **READ}, **more)
    expect_site(run, f"run.sh:{line}" if isinstance(line, int) else line)


@each(*SCRIPTS)
def test_a_line_of_a_script(text, line):
    expect_of_script(["dash"], text, line)


@each(*(row for row in SCRIPTS if row[0] in ("env -u", "in a function", "with variables", "two equal lines")))
def test_a_line_of_a_script_of_busybox(text, line):
    busybox = which("busybox")
    with open(busybox, "rb") as file:
        if b"/ld-" not in file.read(4096):
            story.skip("the busybox here is static")
    expect_of_script([busybox, "sh"], text, line)


@each(*(row for row in SCRIPTS if row[0] in ("env -u", "in a function", "with variables", "two equal lines")))
def test_a_line_of_a_script_of_zsh(text, line):
    expect_of_script([which("zsh"), "-f"], text, line)


# ---- scripts that go to other directories before they read a file -------------------

DECOY = {"ll.sh": f"start() {{\n{LOSES}\n}}\n", "dd/ll.sh": f"# one line more\nstart() {{\n{LOSES}\n}}\n"}
MOVES = [
    ("cd", f"{SHEBANG}cd dd; . ./ll.sh; cd ..; start\n"),
    ("in a subshell", f"{SHEBANG}(cd dd && . ./ll.sh && cd .. && start)\n"),
    ("in a function called before", f"{SHEBANG}go() {{ cd dd; }}\nread_it() {{ . ./ll.sh; }}\ngo; read_it; cd ..; start\n"),
    ("in a function below", f"{SHEBANG}read_it() {{ . ./ll.sh; }}\ngo() {{\ncd dd\n}}\ngo; read_it; cd ..; start\n"),
    ("in a loop", f"{SHEBANG}for i in 1 2; do\n[ $i = 1 ] || . ./ll.sh\ncd dd || cd ..\ndone\nstart\n"),
    ("in a file that is read", f"{SHEBANG}. ./go.sh; . ./ll.sh; cd ..; start\n"),
    ("by a variable", f"{SHEBANG}d=dd; cd $d; . ./ll.sh; cd ..; start\n"),
    ("by a command in a variable", f"{SHEBANG}go=cd; $go dd; . ./ll.sh; cd ..; start\n"),
    ("behind an assignment", f"{SHEBANG}A=*.txt cd dd; . ./ll.sh; cd ..; start\n"),
    ("by command", f"{SHEBANG}command cd -P dd; . ./ll.sh; cd ..; start\n"),
    ("to and fro", f"{SHEBANG}cd dd; cd ..; cd dd; . ./ll.sh; cd ..; start\n"),
    ("by way of a directory that is not there", f"{SHEBANG}cd none/../dd 2>/dev/null || cd dd; . ./ll.sh; cd ..; start\n"),
    ("along a PATH of its own", f"{SHEBANG}PATH=$PWD/dd:$PATH; . ll.sh; start\n"),
]


@each(*MOVES)
def test_no_line_of_a_file_that_only_lies_where_the_script_began(text):
    files = {"run.sh": text, "go.sh": "cd dd\n", **DECOY}
    expect_site(reported(["dash", "run.sh"], files), None)


STAYS = [
    ("the file is there alone", f"{SHEBANG}cd dd; . ./only.sh; cd ..; start\n", "dd/only.sh:3"),
    ("the line is the script's", f"{SHEBANG}cd dd; . ./only.sh; cd ..\n{EMPTIES}\n", "run.sh:3"),
    ("read before", f"{SHEBANG}. ./lib.sh; cd dd; cd ..; start\n", "lib.sh:2"),
    ("by a whole path", f"{SHEBANG}cd dd; . HERE/lib.sh; cd ..; start\n", "lib.sh:2"),
    ("where the script is", f'{SHEBANG}cd "$(dirname "$0")" || exit\n. ./lib.sh\nstart\n', "lib.sh:2"),
    ("where the script is, by an expansion", f'{SHEBANG}cd "${{0%/*}}"\n. ./lib.sh\nstart\n', "lib.sh:2"),
    ("by the path of the script", f'{SHEBANG}cd .; . "$(dirname -- "$0")"/lib.sh\nstart\n', "lib.sh:2"),
    ("a program whose name is not known", f"{SHEBANG}. ./settings; x=true; $x yes\n{LOSES}\n", "run.sh:3"),
    ("after a case", f"{SHEBANG}case $1 in a|*) ;; esac\n. ./lib.sh\nstart\n", "lib.sh:2"),
    ("a trap that moves", f"{SHEBANG}trap 'cd /; rm -f none' EXIT\n. HERE/lib.sh\nstart\n", "lib.sh:2"),
    ("a function below that stays", f"{SHEBANG}. ./lib.sh\ngo() {{ while true; do start; return; done; }}\ngo\n", "lib.sh:2"),
    ("at the end", f'{SHEBANG}. ./settings; {LOSES}; exec "$@" end\n', "run.sh:2"),
]


@each(*STAYS)
def test_a_line_where_the_directory_is_certain(text, wanted):
    run = reported(["dash", "./run.sh"], {"run.sh": text.replace("HERE", os.getcwd()), "dd/only.sh": "#\n" + READ["lib.sh"], **READ})
    expect_site(run, wanted)


def test_a_script_of_bash_tells_its_line_itself():
    expect_of_script([], f"#!/bin/bash\ntrue || {LOSES}\n{LOSES}\n", 3)


def test_a_script_that_its_first_line_starts():
    expect_of_script([], f"{SHEBANG}{LOSES}\n", 2)


NAME = "OPENAI_API_KEY"
RUN = "./probe; exit $?"

CHANGES = [
    ("unset", f"unset {NAME}\n{RUN}", "run.sh:2 removes"),
    ("unset in a list", f"true && unset {NAME} || true\n{RUN}", "run.sh:2 removes"),
    ("unset in an if", f"if true; then unset {NAME}; fi\n{RUN}", "run.sh:2 removes"),
    ("unset in a loop", f"for i in 1; do\ndo_it=1; done; while true; do unset {NAME}; break; done\n{RUN}", "run.sh:3 removes"),
    ("export in an else", f"if false; then true\nelse export {NAME}=; fi\n{RUN}", "run.sh:3 sets"),
    ("unset with others", f"unset FOO {NAME} BAR # all\n{RUN}", "run.sh:2 removes"),
    ("unset in a function", f"f() {{ unset {NAME}; }}\nf\n{RUN}", "run.sh:2 removes"),
    ("beside what only reads", f"echo no {NAME}\n: ${{{NAME}:?}}\nunset {NAME}\n[ \"${NAME}\" ] || true\n{RUN}", "run.sh:4 removes"),
    ("an empty export", f"export {NAME}=\n{RUN}", "run.sh:2 sets"),
    ("an export of a command", f"export {NAME}=$(cat missing 2>/dev/null)\n{RUN}", "run.sh:2 sets"),
    ("an assignment", f"{NAME}=''\nexport {NAME}\n{RUN}", "run.sh:2 sets"),
    ("before an exec of a given command", f"unset {NAME}\nexec \"$@\"", "run.sh:2 removes"),
    ("twice", f"unset {NAME}\nunset {NAME}\n{RUN}", ""),
    ("in two branches", f"if true; then {NAME}=; else {NAME}=x; fi\n{RUN}", ""),
    ("behind the command", f"f() {{ {RUN}; }}\nunset {NAME}\nf", ""),
    ("by the name of a name", f"v={NAME}\nunset $v\n{RUN}", ""),
    ("by eval", f"eval 'unset {NAME}'\n{RUN}", ""),
    ("in another file", f"unset {NAME}\n. ./other.sh\n{RUN}", ""),
    ("in a text", f"cat >/dev/null <<E\nunset {NAME}\nE\nunset {NAME}\n{RUN}", ""),
    ("for another command", f"{NAME}=x true\nunset {NAME}\n{RUN}", ""),
    ("of a longer name", f"unset {NAME}_OLD\nenv -u {NAME} ./probe; exit $?", ""),
]


def wanted_of(title, shell, wanted):
    """bash shows at the fork that the variable is gone, wherever the line stands."""
    return "run.sh:3 removes" if (title, shell) == ("behind the command", "bash") else wanted


@each(*((f"{title}, {shell}", shell, text, wanted_of(title, shell, wanted)) for title, text, wanted in CHANGES for shell in ("sh", "bash")))
def test_the_line_of_a_script_that_changes_a_variable(shell, text, wanted):
    compiled(f"""#include <stdlib.h>
int main(void) {{ const char *v = getenv("{NAME}"); return !(v && *v); }}
""")
    write({"run.sh": f"#!/bin/{shell}\n{text}\n", "other.sh": f"export {NAME}=\nunset {NAME}\n"})
    run = recorded([which(shell), "run.sh", "./probe"], with_key(NAME))
    first = run.report["findings"][0]
    told = re.findall(rf"^run\.sh:\d+ (?:removes|sets)(?= {NAME} )", first["summary"])
    if wanted:
        assert told == [wanted] and first["culprit"]["site"].endswith(wanted.split()[0]), (told, first)
        assert "exec" in text or f"before run.sh:{2 + text.count(chr(10))} starts" in first.get("detail", "") or shell == "bash", first
        assert "unset" in first["fix"] or "sets" in wanted, first
        keytrail("pack", run.trace, "-o", "p.jsonl")
        again = json.loads(story.asked("report", "-f", "json", "p.jsonl"))["findings"][0]
        assert (again["summary"], again.get("detail")) == (first["summary"], first.get("detail")), again
    else:
        assert not told or shell == "bash", (told, first)


INCLUDED = (
    ("dot", ". ./clean.sh", "clean.sh:2 removes"),
    ("source", "source ./clean.sh", "clean.sh:2 removes"),
    ("beside the script", '. "$(dirname "$0")/clean.sh"', "clean.sh:2 removes"),
    ("in the directory of the script", 'cd "$(dirname "$0")"\n. "$PWD/clean.sh"', "clean.sh:2 removes"),
    ("when the file is there", "[ -f ./clean.sh ] && . ./clean.sh", "clean.sh:2 removes"),
    ("through another file", ". ./more.sh", "clean.sh:2 removes"),
    ("a function", ". ./function.sh\nclean", "function.sh:1 removes"),
    ("twice", f". ./clean.sh\nunset {NAME}", ""),
    ("a path that is not known", "dir=.\n. $dir/clean.sh", ""),
    ("another directory", "cd sub\n. ../clean.sh", ""),
    ("behind the command", f"{RUN}\n. ./clean.sh", ""),
    ("a file that changes nothing", f". ./nothing.sh\nunset {NAME}", "run.sh:3 removes"),
)


@story.each(*INCLUDED)
def test_the_line_of_a_file_that_a_script_reads(text, wanted):
    write({"run.sh": f"#!/bin/bash\n{text}\n{RUN}\n", "clean.sh": f"# cleans\nunset {NAME}\n", "more.sh": ". ./clean.sh\n",
           "function.sh": f"clean() {{ unset {NAME}; }}\n", "nothing.sh": f"echo ${NAME} | wc -c\n", "sub/x": ""})
    compiled(f"""#include <stdlib.h>
int main(void) {{ const char *v = getenv("{NAME}"); return !(v && *v); }}
""")
    run = recorded(["bash", "run.sh"], with_key(NAME))
    told = re.findall(rf"^\S+:\d+ (?:removes|sets)(?= {NAME} )", (run.findings() or [{"summary": ""}])[0]["summary"])
    assert told == [wanted] * bool(wanted), run.report



MAKEFILES = [
    ("unexport", f"unexport {NAME}\nall:\n\t{RUN}\n", "Makefile:1: make removes"),
    ("an empty export", f"# {NAME}\nexport {NAME} =\nall:\n\t{RUN} # {NAME}\n", "Makefile:2: make sets"),
    ("an empty variable", f"all:\n\t{RUN}\n\n{NAME} := # none\n", "Makefile:4: make sets"),
    ("of a target", f"all: export {NAME} =\nall:\n\t{RUN}\n", "Makefile:1: make sets"),
    ("beside what only reads", f"ifdef {NAME}_OLD\nendif\nX = $({NAME})\nunexport {NAME}\nall:\n\t{RUN}\n", "Makefile:4: make removes"),
    ("two lines", f"unexport {NAME}\nunexport {NAME}\nall:\n\t{RUN}\n", "Makefile:4: make starts"),
    ("of a condition", f"ifdef {NAME}\nunexport {NAME}\nendif\nall:\n\t{RUN}\n", "Makefile:5: make starts"),
    ("with another file", f"unexport {NAME}\ninclude other.mk\nall:\n\t{RUN}\n", "Makefile:4: make starts"),
]


@each(*MAKEFILES)
def test_the_line_of_a_makefile_that_changes_a_variable(text, wanted):
    compiled(f"""#include <stdlib.h>
int main(void) {{ const char *v = getenv("{NAME}"); return !(v && *v); }}
""")
    write({"Makefile": text, "other.mk": "OTHER = 1\n"})
    run = recorded([which("make")], with_key(NAME))
    first = run.report["findings"][0]
    assert first["summary"].startswith(wanted + " "), first
    if "starts" not in wanted:
        assert re.match("before Makefile:[0-9]+ starts sh -c './probe", first["detail"]), first


@each(
    ("alone", f"{NAME}= {RUN}", "run.sh:2"),
    ("behind a file", f". ./other.sh\n{NAME}= {RUN}", "run.sh:3"),
    ("among others", f"A=\"$HOME\" {NAME}='' B=2 {RUN}", "run.sh:2"),
    ("behind a list", f"true && {NAME}= {RUN}", "run.sh:2"),
    ("twice on a line", f"{NAME}=x true; {NAME}= {RUN}", "run.sh"),
    ("behind a command", f". ./other.sh; env {NAME}= {RUN}", "run.sh:2: env"),
)
def test_the_line_of_bash_that_sets_a_variable_for_one_command(text, wanted):
    compiled(f"""#include <stdlib.h>
int main(void) {{ const char *v = getenv("{NAME}"); return !(v && *v); }}
""")
    write({"run.sh": f"#!/bin/bash\n{text}\n", "other.sh": f"export {NAME}=sk-other\n"})
    run = recorded(["bash", "run.sh"], with_key(NAME))
    assert run.report["findings"][0]["summary"].startswith(f"{wanted} "), run.report["findings"][0]


def test_a_script_that_changed_since_has_no_line():
    text = f"{SHEBANG}echo 1 >>again\n{LOSES}\n"
    run = reported(["./run.sh"], {"run.sh": text})
    expect_site(run, "run.sh:3")
    os.utime("run.sh")
    del run.__dict__["report"]
    expect_site(run, None)


def test_a_script_that_is_gone_has_no_line():
    run = reported(["./run.sh"], {"run.sh": f"{SHEBANG}rm run.sh\n{LOSES}\n"})
    expect_site(run, None)


def test_a_program_that_another_user_becomes():
    """What runs as another user writes a file of its own, whose word about a line does not count."""
    observe.as_root()
    sudo = which("sudo")
    os.chmod(os.getcwd(), 0o755)
    files = {"run.sh": f"{SHEBANG}true\n{sudo} -u nobody ./probe OPENAI_API_KEY\n", "Makefile": f"all:\n\t{sudo} -u nobody ./probe OPENAI_API_KEY\n"}
    trace = os.path.abspath("t")
    os.mkdir(trace)
    os.chmod(trace, 0o1777)
    for command, wanted in ((["./run.sh"], "run.sh:3"), ([which("make")], "Makefile:2")):
        compiled(story.READER)
        write(files)
        run = story.bare([KEYTRAIL, "run", "-q", "-o", trace, "--", *command], with_key("OPENAI_API_KEY"))
        run.trace = trace
        assert run.report["findings"][0]["code"] == "KT204", run.codes()
        expect_site(run, wanted)


@each(("before the command", f"{SHEBANG}OPENAI_API_KEY= ./probe OPENAI_API_KEY OTHER\n", 2),
      ("lines above, by a name", f"{SHEBANG}n=OPENAI_API_KEY\nexport $n=\n./probe OPENAI_API_KEY OTHER\n", 4))
def test_a_value_that_a_script_gives(text, line):
    """The line told is that of the launch, and the sentence says so, where the line of the assignment is not certain."""
    run = reported(["dash", "./run.sh"], {"run.sh": text})
    assert run.report["findings"][0]["code"] == "KT601", run.codes()
    expect_site(run, f"run.sh:{line}")
    told = f"run.sh:{line} starts probe OPENAI_API_KEY [*]+ with OPENAI_API_KEY empty; "
    assert re.match(told, run.report["headline"]), run.report["headline"]


GIVES = "OPENAI_API_KEY=sk-proj-abcdefghijklmnopqrstuvwxyz0123456789 ./probe OPENAI_API_KEY PATH; ./probe OPENAI_API_KEY"


@each(("dash", ["dash", "run.sh"], "run.sh:2"), ("bash", ["bash", "run.sh"], "run.sh:2"), ("make", ["make"], "Makefile:2"))
def test_a_value_for_one_command_alone(command, wanted):
    """KT105: the line of the command that was given it."""
    which(command[0])
    first, second = GIVES.split("; ")
    compiled(story.READER)
    write({"run.sh": f"#\n{first}\n{second}\n", "Makefile": f"all:\n\t{first}\n\t{second}\n"})
    run = recorded(command, story.environment())
    first = run.report["findings"][0]
    assert first["code"] == "KT105", run.codes()
    expect_site(run, wanted)


def test_a_shell_that_was_given_one_command():
    """It is where that was written: in the script that started the shell."""
    run = reported(["./run.sh"], {"run.sh": f"{SHEBANG}true\nsh -c '{LOSES}'\n"})
    expect_site(run, "run.sh:3")
    unset = "unset OPENAI_API_KEY; ./probe OPENAI_API_KEY; exit $?"
    run = reported(["./run.sh"], {"run.sh": f"{SHEBANG}true\nsh -c '{unset}'\n"})
    expect_site(run, "run.sh:3")
    run = reported(["./run.sh"], {"run.sh": f"{SHEBANG}sh -c '. ./lib.sh; start'\n", **READ})
    expect_site(run, None)


def test_a_shell_that_a_program_started():
    """The line of the program."""
    text = f"import subprocess\nsubprocess.run('{LOSES}; exit $?', shell=True, check=True)\n"
    run = reported([story.PYTHON, "go.py"], {"go.py": text})
    expect_site(run, "go.py:2")


def test_a_command_that_was_typed_has_no_line():
    expect_site(reported(["sh", "-c", LOSES], {}), None)


# ---- makefiles ----------------------------------------------------------------------

MAKEFILES = [
    ("a recipe", f"all:\n\t@echo hi\n\t{LOSES}\n", 3),
    ("a recipe for the shell", f"all:\n\t@true; {LOSES}; exit $$?\n", 2),
    ("with variables of make", f"KEY = OPENAI_API_KEY\nall: Makefile\n\tenv -u $(KEY) ./probe ${{KEY}} $@\n", 3),
    ("with variables of the shell", "all:\n\tx=OPENAI_API_KEY; env -u $$x ./probe $$x || exit 1\n", 2),
    ("continued", "all:\n\t@env -u OPENAI_API_KEY \\\n\t  ./probe OPENAI_API_KEY\n\tfalse\n", 2),
    ("behind a semicolon", f"all: ; {LOSES}\n", 1),
    ("of two rules", f"all: one\none:\n\t{LOSES}\nother:\n\t{LOSES} more\n", 3),
    ("in a function of make", f"X := $(shell {LOSES} >&2; echo)\nall:\n\ttest -z x$(X)\n", 1),
    ("in a file that is included", "include more.mk\nall: more\n", "more.mk:2"),
    ("after a file that is not there", f"-include .env\nall:\n\t{LOSES}\n", 3),
    ("after a file that went", f"-include gone.mk\nall:\n\t@rm gone.mk; true\n\t{LOSES}\n", None),
    ("in a define", f"define go\n\t{LOSES}\nendef\nall:\n\ttrue\n\t$(go)\n", None),
    ("two equal recipes", f"all:\n\t{LOSES}\nother:\n\t{LOSES}\n", None),
    ("both of a condition", f"ifdef X\nall:\n\ttrue; {LOSES}\nelse\nall:\n\ttrue; {LOSES}\nendif\n", None),
    ("a recipe that may become it", f"GO={LOSES}\nall:\n\t$(GO)\nother:\n\t{LOSES}\n", None),
    ("an eval", f"$(eval X=1)\nall:\n\t{LOSES}\n", None),
    ("a file whose name is not known", f"F = more.mk\ninclude $(F)\nall:\n\t{LOSES}\n", None),
]
MORE = {"gone.mk": "", "more.mk": f"more:\n\t{LOSES}\n", "other.mk": f"all:\n\ttrue\n\t{LOSES}\n"}


@each(*MAKEFILES)
def test_a_line_of_a_makefile(text, line):
    run = reported([which("make"), "all"], {"Makefile": text, **MORE})
    expect_site(run, f"Makefile:{line}" if isinstance(line, int) else line)


def test_a_makefile_that_the_command_names():
    files = {"Makefile": f"all:\n\t{LOSES}\n", "sub/Makefile": f"#\nall:\n\t{LOSES.replace('./', '../')}\n", **MORE}
    expect_site(reported([which("make"), "-f", "other.mk"], files), "other.mk:3")
    expect_site(reported(["make", "--file=other.mk"], files), "other.mk:3")
    expect_site(reported(["make", "-sC", "sub", "all"], files), "sub/Makefile:3")
    expect_site(reported(["make", "-k", "--directory", "sub"], files), "sub/Makefile:3")


def test_make_that_make_started():
    files = {"Makefile": "all:\n\t$(MAKE) -C sub go\n", "sub/Makefile": f"go:\n\ttrue\n\t{LOSES.replace('./', '../')}\n"}
    expect_site(reported([which("make")], files), "sub/Makefile:3")


def test_make_that_keeps_a_variable_to_itself():
    text = "unexport OPENAI_API_KEY\nall:\n\t./probe OPENAI_API_KEY\n"
    expect_site(reported([which("make")], {"Makefile": text}), "Makefile:1")


# ---- package.json ---------------------------------------------------------------------

PACKAGE = {"name": "p", "version": "1.0.0",
           "scripts": {"first": "true", "worker": LOSES, "again": f"true && {LOSES}", "same": LOSES}}
PACKAGE_TEXT = json.dumps(PACKAGE, indent=2)


def line_of(text, part):
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


@each(("worker", "worker", ()), ("again", "again", ()), ("the same text as another", "same", ()), ("with more words", "worker", ("more", "words")))
def test_a_script_of_npm(name, words):
    which("node")
    run = reported([which("npm"), "run", name, "--", *words], {"package.json": PACKAGE_TEXT})
    expect_site(run, f"package.json:{line_of(PACKAGE_TEXT, chr(34) + name)}")


TOOLS = {"name": "p", "version": "1.0.0",
         "scripts": {"plain": LOSES, "cross": f"cross-env A=1 {LOSES}", "many": f'concurrently "true" "{LOSES}"',
                     "args": "echo OPENAI_API_KEY | xargs -I@ env -u @ ./probe OPENAI_API_KEY", "shell": "unset OPENAI_API_KEY; ./probe OPENAI_API_KEY; exit $?"}}


@each(*((f"{name} by {tool}", tool, name) for tool in ("pnpm", "yarn") for name in ("plain", "shell")),
      *((name, "npm", name) for name in ("cross", "many", "args", "shell")))
def test_a_script_by_way_of_tools(tool, name):
    """The tools stand in the script, and have the command in their arguments."""
    text, tools = json.dumps(TOOLS, indent=2), os.path.join(story.packages("tools-node"), "node_modules", ".bin")
    which("npm")
    run = reported([tool, "run", name], {"package.json": text}, PATH=tools + ":" + story.PATH)
    expect_site(run, f"package.json:{line_of(text, chr(34) + name)}")


def test_a_script_of_npm_that_starts_a_recorded_command():
    text = json.dumps({"name": "p", "version": "1.0.0", "scripts": {"go": f"keytrail run -q -o npm-trace -- {LOSES}"}}, indent=2)
    compiled(story.READER)
    write({"package.json": text})
    env = with_key("OPENAI_API_KEY")
    env["PATH"] = os.path.dirname(KEYTRAIL) + ":" + env["PATH"]
    ended = story.bare([which("npm"), "run", "go"], env)
    run = story.Run(["npm"], type("Ended", (), {"returncode": ended.status, "stdout": ended.out, "stderr": ended.err}), "npm-trace")
    expect_site(run, "package.json:5")


def test_no_script_of_npm_for_a_shell_further_below():
    """A script's name stands in the environment of all that it starts."""
    files = {"package.json": json.dumps({"name": "p", "version": "1.0.0", "scripts": {"go": f"{story.PYTHON} go.py"}}),
             "go.py": f"import subprocess\nsubprocess.run('{LOSES}; exit $?', shell=True, check=True)\n"}
    expect_site(reported([which("npm"), "run", "go"], files), "go.py:2")


# ---- programs that start others from a file ---------------------------------------------

def installed(package):
    """A command of a package of PyPI."""
    return os.path.join(story.packages("launchers-python"), "bin", package)


@each(("its first line", "web: " + LOSES + "\nother: sleep 20\n", 1), ("below a comment", "# web:\nother: sleep 20\nweb: " + LOSES + "\n", 3),
      ("two equal lines", f"web: {LOSES}\nagain: {LOSES}\n", None))
def test_a_line_of_a_procfile(text, line):
    """honcho stops all when one ends: what stands beside the loser outlives it, or loses the key, too."""
    run = reported([installed("honcho"), "start"], {"Procfile": text})
    expect_site(run, line and f"Procfile:{line}")


def test_a_procfile_that_the_command_names():
    run = reported([installed("honcho"), "-f", "dev/Procs", "start"], {"dev/Procs": f"other: sleep 20\nweb: {LOSES}\n"})
    expect_site(run, "dev/Procs:2")


SUPERVISED = "[supervisord]\nnodaemon=true\nlogfile=s.log\npidfile=s.pid\n"
PROGRAM = "[program:web]\nautorestart=false\nstartsecs=0\n"


@each(("a program", PROGRAM + f"command={LOSES} ; which loses it\n", "s.conf:8"),
      ("of several lines, with a variable", PROGRAM + "command = env -u OPENAI_API_KEY\n  %(here)s/probe\n  OPENAI_API_KEY\n", "s.conf:8"),
      ("in a file that is included", "[include]\nfiles = conf.d/*.conf\n", "conf.d/web.conf:4"),
      ("two equal programs", PROGRAM + f"command={LOSES}\n[program:b]\nautorestart=false\ncommand={LOSES}\n", None))
def test_a_program_of_supervisor(text, wanted):
    files = {"s.conf": SUPERVISED + text, "conf.d/web.conf": PROGRAM + f"command={LOSES}\n"}
    programs = 1 + text.count("[program:b]")
    watch = f"{installed('supervisord')} -c s.conf & until [ \"$(grep -c exited: s.log)\" -ge {programs} ]; do sleep 0.1; done; kill $!; wait $!"
    run = reported(["timeout", "60", "sh", "-c", watch], files)
    expect_site(run, wanted)


def moved_on(run):
    """The trace as if it had been written now: files that were changed before are as they were."""
    for name in os.listdir(run.trace):
        path = os.path.join(run.trace, name)
        with open(path, "rb") as file:
            data = file.read()
        with open(path, "wb") as file:
            file.write(re.sub(rb'"wall":\d+', b'"wall":%d' % (time.time() * 1000 + 1000), data))
    run.__dict__.pop("report", None)


# ---- roots that a manager of the system started -------------------------------------------

def moved_to_cgroup(run, cgroup):
    """The trace as that of a root in another control group."""
    for name in os.listdir(run.trace):
        path = os.path.join(run.trace, name)
        with open(path, "rb") as file:
            data = file.read()
        with open(path, "wb") as file:
            file.write(re.sub(rb'"cgroup":"[^"]*"', b'"cgroup":"%b"' % cgroup.encode(), data))
    run.__dict__.pop("report", None)
    return run


TOLD = """
import json, os, sys
sys.path[:0] = [os.path.dirname(sys.argv[1]), os.path.dirname(os.path.dirname(sys.argv[1]))]
import command_sites
getattr(command_sites, sys.argv[2])(**json.loads(sys.argv[3]))
"""


def in_own_system(function, **arguments):
    """Tells a story in a mount namespace that has system directories of its own."""
    mounts = " && ".join(f"mkdir -p {d} && mount -t tmpfs none {d}" for d in ("/etc/systemd/system", "/etc/cron.d", "/var/spool/cron"))
    told = [story.PYTHON, "-c", TOLD, os.path.abspath(__file__), function.__name__, json.dumps(arguments)]
    ended = story.bare(story.in_own_mounts(mounts + ' && exec "$@"', "sh", *told), dict(os.environ))
    assert ended.status == 0, ended.err.decode()


def reported_of_root(command, cgroup, wanted, files):
    os.makedirs("/var/spool/cron/crontabs")
    write(files)
    expect_site(moved_to_cgroup(reported(command, {}), cgroup), wanted)


UNIT = "[Unit]\nDescription=web\n[Service]\nExecStartPre=-/bin/true\n"
SERVICE = "/system.slice/web.service"


@each(("of a service", f"ExecStart={LOSES}\n", SERVICE, "web.service:5"),
      ("with variables", "ExecStart=env -u $A \\\n  ./probe OPENAI_API_%i\n", SERVICE, "web.service:5"),
      ("of a template", f"ExecStart=@{LOSES}\n", "/system.slice/system-web.slice/web@1.service", "web@.service:5"),
      ("of another command", "ExecStart=/bin/other\n", SERVICE, None),
      ("of two equal lines", f"ExecStart={LOSES}\nExecReload={LOSES}\n", SERVICE, None),
      ("of another unit", f"ExecStart={LOSES}\n", "/system.slice/other.service", None),
      ("of a session", f"ExecStart={LOSES}\n", "/user.slice/session-1.scope", None))
def test_a_unit_of_systemd(line, cgroup, wanted):
    folder = "/etc/systemd/system/"
    name = wanted.split(":")[0] if wanted else "web.service"
    in_own_system(reported_of_root, command=LOSES.split(), cgroup=cgroup, wanted=wanted and folder + wanted,
                  files={folder + name: UNIT + line})


CRON = "/system.slice/cron.service"
JOB = LOSES + "; exit $?"
OF_USER, OF_SYSTEM = "/var/spool/cron/crontabs/root", "/etc/cron.d/web"


@each(("of a user", CRON, OF_USER + ":2", {OF_USER: f"SHELL=/bin/sh\n* * * * * {JOB}\n"}),
      ("of the system", CRON, OF_SYSTEM + ":3", {OF_SYSTEM: f"# m h\n@daily root true\n1 2 * * *  root  {JOB}\n"}),
      ("in two files", CRON, None, {OF_SYSTEM: f"1 2 * * * root {JOB}\n", OF_USER: f"@daily {JOB}\n"}),
      ("outside of cron", "/system.slice/ssh.service", None, {OF_SYSTEM: f"1 2 * * * root {JOB}\n"}))
def test_a_line_of_a_crontab(cgroup, wanted, files):
    in_own_system(reported_of_root, command=["sh", "-c", JOB], cgroup=cgroup, wanted=wanted, files=files)


# ---- steps of a workflow --------------------------------------------------------------------

WORKFLOW = f"""on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: make all
      - name: lose it
        run: |
          echo ${{{{ github.sha }}}} \\
            and more

          {LOSES}
        shell: bash
      - run: "{EMPTIES}"
"""
STEP = f"echo 1234 \\\n  and more\n\n{LOSES}\n"


@each(("bash", ["bash", "--noprofile", "--norc", "-eo", "pipefail"], STEP, ".github/workflows/ci.yml:12"),
      ("sh", ["sh", "-e"], STEP, ".github/workflows/ci.yml:12"),
      ("a step of one line", ["bash", "-e"], EMPTIES + "\n", ".github/workflows/ci.yml:14"))
def test_a_step_of_a_workflow(shell, script, wanted):
    which(shell[0])
    run = reported([*shell, "work/_temp/1a2b.sh"], {"work/_temp/1a2b.sh": script, ".github/workflows/ci.yml": WORKFLOW})
    expect_site(run, wanted)


def test_a_step_that_two_workflows_have():
    files = {"work/_temp/1a2b.sh": STEP, ".github/workflows/ci.yml": WORKFLOW, ".github/workflows/b.yaml": WORKFLOW}
    run = reported(["bash", "-e", "work/_temp/1a2b.sh"], files)
    expect_site(run, "work/_temp/1a2b.sh:4")


# ---- a packed trace ---------------------------------------------------------------------

def test_a_packed_trace_tells_the_place_without_the_files():
    run = reported([which("make")], {"Makefile": f"all:\n\t{LOSES}\n"})
    story.asked("pack", run.trace, "-o", "t.pack.jsonl")
    os.remove("Makefile")
    packed = json.loads(story.asked("report", "-f", "json", "t.pack.jsonl"))
    assert packed["findings"][0]["culprit"]["site"] == os.path.abspath("Makefile") + ":2", packed["findings"][0]["culprit"]
    write({"Makefile": f"#\nall:\n\t{LOSES}\n"})
    again = json.loads(story.asked("report", "-f", "json", "t.pack.jsonl"))
    assert again["findings"] == packed["findings"]


def test_no_place_in_a_file_of_another_user():
    observe.as_root()
    files = {"run.sh": f"{SHEBANG}{LOSES}\n"}
    expect_site(reported(["./run.sh"], files), "run.sh:2")
    os.chown("run.sh", 65534, 65534)
    expect_site(reported(["./run.sh"], {}), None)


@each(("for its owner alone", 0o600, 0o755, False), ("in a directory of its owner's", 0o644, 0o700, False), ("for everybody", 0o644, 0o755, True))
def test_no_word_about_a_private_file(mode, folder_mode, is_told):
    """Root reads a trace of another user, who wrote into it that root's file was its script."""
    observe.as_root()
    run = reported(["dash", "d/run.sh"], {"d/run.sh": f"{SHEBANG}{LOSES}\n"})
    os.chmod("d/run.sh", mode)
    os.chmod("d", folder_mode)
    os.chmod(os.getcwd(), 0o755)
    for folder, _, names in os.walk(run.trace):
        for path in [folder] + [os.path.join(folder, name) for name in names]:
            os.chown(path, 65534, 65534)
    moved_on(run)
    expect_site(run, is_told and "d/run.sh:2")


LONG = {r"by way of tools": "needs packages of tests/packages/tools-node",
        r"of_zsh|in a (case|define)|quoted|backquotes|in a file that is included|of several lines, with|equal programs|same text as another": "one of several alike is enough for make test"}
