"""An env file whose lines a script's substitution gives to a command: the tools leave out the value or the name. KT104."""
import story
from story import each, environment, openai_key, program, recorded

NAME = "OPENAI_API_KEY"
READER = f"import os\nos.environ['{NAME}']\n"
LAUNCH = f"{story.PYTHON} reader.py"


def script(text, shell, behind=""):
    story.which(shell)
    program(READER, "reader.py")
    program(f"# keys\nPORT=3000\n{NAME}={openai_key()}{behind}\n", ".env")
    return recorded([shell, program("# start\n" + text + "\n", "start.sh")], environment())


SHELLS = "bash", "dash"


@each(*((f"{title}, {shell}", text, shell) for shell in SHELLS for title, text in (
    ("grep and cut", f"export $(grep -v '^#' .env | cut -d= -f1)\n{LAUNCH}"),
    ("cut alone", f"export $(cut -d= -f1 .env | grep -v '#')\n{LAUNCH}"),
    ("sed", f"export $(sed '1d' .env | sed 's/=.*//')\n{LAUNCH}"),
    ("awk", f"export $(grep -v '^#' .env | awk -F= '{{print $1}}')\n{LAUNCH}"))))
def test_the_names_alone(text, shell):
    found = script(text, shell).report["findings"][0]
    assert (found["code"], found["culprit"]["site"].rpartition("/")[2]) == ("KT104", "start.sh:2"), found
    assert f"takes the name {NAME} from .env:3, without the value" in found["summary"], found


@each(*((f"{title}, {shell}", text, shell) for shell in SHELLS for title, text in (
    ("env -i", f'exec env -i PATH="$PATH" $(grep "^[A-Z]*=" .env | xargs) {LAUNCH}'),
    ("export", f"export $(grep '^[A-Z]*=' .env)\n{LAUNCH}"),
    ("grep -E", f"export $(grep -E '^[A-Z]+=' .env)\n{LAUNCH}"))))
def test_a_pattern_that_leaves_the_name_out(text, shell):
    found = script(text, shell).report["findings"][0]
    assert (found["code"], found["culprit"]["site"].rpartition("/")[2]) == ("KT104", "start.sh:2"), found
    assert f"leaves out {NAME} of .env:3 by the pattern of grep" in found["summary"], found


@each(*((f"{title}, {shell}", text, shell) for shell in SHELLS for title, text in (
    ("all lines", f"export $(grep -v '^#' .env | xargs)\n{LAUNCH}"), ("a pattern", f"export $(grep '^[A-Z_]*=' .env)\n{LAUNCH}"),
    ("the names first", f"echo $(cut -d= -f1 .env)\nset -a\n. ./.env\n{LAUNCH}"))))
def test_lines_that_have_the_value(text, shell):
    assert not script(text, shell).report["findings"], text


@each(*((f"{title}, {shell}", text, shell) for shell in SHELLS for title, text in (
    ("another name", f"export $(grep '^PORT=' .env)\n{LAUNCH}"), ("a port", f"PORT=$(grep PORT .env | cut -d= -f2)\n{LAUNCH}"))))
def test_lines_for_another_purpose(text, shell):
    codes = [f["code"] for f in script(text, shell).report["findings"]]
    assert codes == ["KT101"], codes


COMMENTS = tuple((f"{title}, {shell}", f"export $({tool} .env | xargs)\n{LAUNCH}", shell) for shell in SHELLS for title, tool in (
    ("grep", "grep -v '#'"), ("sed", "sed '/#/d'")))


@each(*COMMENTS)
def test_a_comment_behind_the_value(text, shell):
    found = script(text, shell, " # rotated").report["findings"][0]
    assert (found["code"], found["culprit"]["site"].rpartition("/")[2]) == ("KT104", "start.sh:2"), found
    assert f"leaves out {NAME} of .env:3, as every line with a #" in found["summary"], found


@each(*COMMENTS)
def test_a_comment_on_a_line_of_its_own(text, shell):
    assert not script(text, shell).report["findings"], text
