"""A key that a launcher takes away, and that a shell's script below expands, unseen."""
import json
import os

import story
from loopback import Server
from story import asked, each, environment, openai_key, program, recorded

NAME = "OPENAI_API_KEY"
LAUNCHER = f"""import os, subprocess
key = os.environ['{NAME}']
subprocess.run(COMMAND, env={{'PATH': os.environ['PATH']}})
"""


def launched(command, **env):
    program(LAUNCHER.replace("COMMAND", repr(command)), "app.py")
    return recorded([story.PYTHON, "app.py"], environment(**{NAME: openai_key(), **env}))


def of_script(text, shell="bash"):
    story.which(shell)
    return launched([shell, program(text + "\n", "notify.sh")])


@each(("in a header", f'true "Authorization: Bearer ${NAME}"', 1), ("in braces", f"\ntrue ${{{NAME}}}", 2), ("in a test", f'# it\nif [ -z "${{{NAME}:-}}" ]; then\n true\nfi', 2),
      ("in a substitution", f"a=$(true x\\\n  ${NAME})", 2), ("behind an apostrophe", f'true "don\'t ${NAME}"', 1), ("in a here-document", f"cat <<END\n${NAME}\nEND", 2))
def test_a_script_that_expands_the_key(text, line):
    for shell in "bash", "dash":
        run = of_script(text, shell)
        assert (run.report["verdict"], run.report["reason_code"]) == ("inconclusive", "reads-hidden"), run.report
        assert f"app.py:3 starts {shell} notify.sh without {NAME}, and notify.sh:{line} expands it" in run.report["reason"], run.report


@each(("a comment", f"true # ${NAME}"), ("single quotes", f"true '${NAME}'"), ("a backslash", f"true \\${NAME}"), ("a default", f"true ${{{NAME}:-none}}"),
      ("a longer name", f"true ${NAME}_OLD"), ("an assignment", f"{NAME}=mine\ntrue ${NAME}"), ("read", f"read {NAME} </dev/null\ntrue ${NAME}"),
      ("another file", f". ./other.sh\ntrue ${NAME}"), ("no name", "true"))
def test_a_script_that_does_not(text):
    program(f". ./set.sh\n", "other.sh")
    program(f"{NAME}=x\n", "set.sh")
    run = of_script(text)
    assert run.report["verdict"] == "healthy", run.report


FILES = {"lib.sh": f"#\ntrue ${NAME}\n", "lib/common.sh": f"true ${NAME}\n", "more.sh": ". ./lib.sh\n"}


@each(("a dot", ". ./lib.sh", "lib.sh:2"), ("source", "source ./lib.sh", "lib.sh:2"), ("through another file", ". ./more.sh", "lib.sh:2"),
      ("beside the script", '. "$(dirname "$0")/lib/common.sh"', "lib/common.sh:1"), ("where it is there", "[ -f ./lib.sh ] && . ./lib.sh", "lib.sh:2"),
      ("by a variable", 'DIR="$(cd "$(dirname "$0")" && pwd)"\n. "$DIR/lib/common.sh"', "lib/common.sh:1"),
      ("in braces", 'here=$(dirname "${BASH_SOURCE[0]}")\nsource "${here}/lib/common.sh"', "lib/common.sh:1"),
      ("behind a dot that is none", "ls . >/dev/null\n. ./lib.sh", "lib.sh:2"), ("a file that is not there", f"[ -f ./.env ] && . ./.env\ntrue ${NAME}", "notify.sh:2"),
      ("in the script itself", f". ./nothing.sh\ntrue ${NAME}", "notify.sh:2"))
def test_a_file_that_the_script_reads(text, site):
    for name, content in {**FILES, "nothing.sh": "true\n"}.items():
        program(content, name)
    run = of_script(text)
    assert f"and {site} expands it" in run.report["reason"], run.report


@each(("a path that is not known", ". $X/lib.sh"), ("a variable with another value", 'DIR="$(dirname "$0")"\nDIR=/tmp\n. "$DIR/lib.sh"'),
      ("a file that sets the name", f". ./set.sh\n. ./lib.sh"), ("an eval of a path", 'for f in ./lib.sh; do . "$f"; done'))
def test_a_file_of_which_it_is_not_certain(text):
    for name, content in {**FILES, "set.sh": f"{NAME}=x\n"}.items():
        program(content, name)
    assert "expands it" not in of_script(text).report.get("reason", "")


def test_the_text_of_c():
    run = launched(["sh", "-c", f"true ${NAME}; true"])
    assert run.report["reason_code"] == "reads-hidden" and "what the shell expands cannot be seen" in run.report["reason"], run.report


def test_a_key_that_the_shell_holds():
    program(f"import os, subprocess\nkey = os.environ['{NAME}']\nsubprocess.run(['sh', '-c', 'true ${NAME}; true'])\n", "app.py")
    run = recorded([story.PYTHON, "app.py"], environment(**{NAME: openai_key()}))
    assert run.report["verdict"] == "healthy", run.report


def test_a_pack_has_the_line():
    run = of_script(f"true ${NAME}")
    asked("pack", run.trace, "-o", "packed.jsonl")
    os.remove("notify.sh")
    told = json.loads(asked("report", "-f", "json", "packed.jsonl"))
    assert "notify.sh:1 expands it" in told["reason"], told


# ---- on the command line of a client that fails -------------------------------------------------------------------

HEADER = f'-H "Authorization: Bearer ${{{NAME}:-none}}"'
ASKS = f"curl -fsS {HEADER} $1/v1/models"


def asking(text, shell="bash", good=None, http=False, **env):
    story.which("curl"), story.which(shell)
    with Server(good) as server:
        return recorded([shell, program(text + "\n", "ask.sh"), server.url], environment(**env), http=http).report


def expect_asked(report, line, severity="warning"):
    found = report["findings"][0]
    assert (found["code"], found["severity"]) == ("KT101", severity), report
    assert found["summary"] == f"ask.sh:{line} asks for {NAME}, which was never set", found


@each(("a default", f"true\n{ASKS}", 2), ("nothing", ASKS.replace(":-none", "-"), 1), ("plain", ASKS.replace(":-none", ""), 1),
      ("two lines", f"true\ncurl -fsS \\\n {HEADER} \\\n $1/v1/models", 2), ("a substitution", f"a=$({ASKS}) || exit 1", 1),
      ("behind printf", f'printf "%s" "$1"\n{ASKS}', 2), ("behind read", f"read -r X </dev/null\n{ASKS}", 2),
      ("by way of a variable", f'auth="Authorization: Bearer ${{{NAME}:-}}"\ntrue\ncurl -fsS -H "$auth" $1/v1/models', 1),
      ("by way of a name of its own", f'true\nAPI_KEY=${{{NAME}:-none}}\ncurl -fsS -H "Authorization: Bearer ${{API_KEY}}" $1/v1/models', 2),
      ("a key that is missing, too", ASKS.replace("none", "$ANTHROPIC_API_KEY"), 1))
def test_a_client_that_is_refused(text, line):
    for shell in "bash", "dash":
        report = asking(text, shell)
        if "ANTHROPIC" not in text:
            expect_asked(report, line)
        assert report["findings"][0]["victim"]["site"].endswith(f"/ask.sh:{line}") and NAME in report["headline"], report


def test_a_client_in_a_file_that_the_script_reads():
    program(f"# {NAME}\n{ASKS}\n", "lib/ask.sh")
    for text, shells in (('. "$(dirname "$0")/lib/ask.sh"', ("bash", "dash")), ('D=$(cd "$(dirname "$0")" && pwd)\n. "$D/lib/ask.sh"', ("bash",))):
        for shell in shells:
            found = asking(text, shell)["findings"][0]
            assert found["summary"] == f"lib/ask.sh:2 asks for {NAME}, which was never set", found


def test_a_list_of_headers():
    expect_asked(asking(f'args=(-H "Authorization: Bearer ${NAME}")\ncurl -fsS "${{args[@]}}" $1/v1/models'), 1)


def test_a_client_whose_answer_is_recorded():
    for text in ASKS, ASKS.replace("-fsS", "-sS"), ASKS.replace(":-none", ""):
        expect_asked(asking(text, http=True), 1, "fault")


def test_a_launcher_that_drops_what_a_client_is_given():
    program(LAUNCHER.replace("COMMAND", "['bash', 'ask.sh', os.environ['URL']]"), "app.py")
    program(ASKS + "\n", "ask.sh")
    story.which("curl")
    with Server() as server:
        run = recorded([story.PYTHON, "app.py"], environment(**{NAME: openai_key(), "URL": server.url}))
    found = story.expect_fault(run, "KT201", NAME, victim="curl", culprit="python")
    assert found["victim"]["site"].endswith("/ask.sh:1"), found


QUOTED = f"curl -sS -H 'Authorization: Bearer ${NAME}' $1/v1/models"


@each(("a line", f"true\n{QUOTED}", 2), ("a substitution", f"code=$({QUOTED})", 1),
      ("braces", QUOTED.replace(f"${NAME}", f"${{{NAME}}}"), 1))
def test_a_name_in_single_quotes(text, line):
    found = asking(text, http=True, **{NAME: openai_key()})["findings"][0]
    assert (found["code"], found["severity"]) == ("KT801", "fault"), found
    assert found["summary"].startswith(f"ask.sh:{line}: curl sends a reference that nobody expanded"), found
    assert "double quotes" in found["fix"], found


def test_a_name_in_double_quotes_or_of_another_service():
    key = openai_key()
    for text in QUOTED.replace("'", '"'), QUOTED.replace(NAME, "REPORTS_TOKEN"):
        report = asking(text, http=True, good=key, **{NAME: key})
        assert not [f for f in report["findings"] if f["code"] == "KT801"], report


@each(("a default that works", ASKS, {"good": "none"}), ("no -f", ASKS.replace("-fsS", "-sS"), {}),
      ("the key", ASKS, {NAME: openai_key()}), ("the other key", ASKS.replace("none", "$ANTHROPIC_API_KEY"), {"ANTHROPIC_API_KEY": "sk-ant-x"}),
      ("a command", ASKS.replace("none", "$(echo x)"), {}), ("where it is set", ASKS.replace(":-none", ":+$X"), {}),
      ("with it where it is set", f'curl -fsS ${{{NAME}:+-H "Authorization: Bearer ${NAME}"}} $1/v1/models', {}),
      ("a variable of a command", f'k=$(echo x ${NAME})\ncurl -fsS -H "Authorization: Bearer $k" $1/v1/models', {}),
      ("a variable with another value", f'k=${NAME}\nk=x\ncurl -fsS -H "Authorization: Bearer $k" $1/v1/models', {}),
      ("a variable that is read", f'k=${NAME}\nread k <<END\nx\nEND\ncurl -fsS -H "Authorization: Bearer $k" $1/v1/models', {}),
      ("an assignment of a default", f': "${{{NAME}:=$(cat /dev/null)}}"\n{ASKS}', {}), ("eval", f'eval "$(echo X=1)"\n{ASKS}', {}),
      ("a name that is not known", f'n=X; declare "$n=1"\n{ASKS}', {}), ("printf -v", f'n=X; printf -v "$n" 1\n{ASKS}', {}),
      ("its own value", f"{NAME}=x\n{ASKS}", {}), ("another command", f"true ${NAME}; curl -fsS $1/v1/models", {}),
      ("a pipe", f"curl -fsS $1/v1/models | cat - ${NAME}", {}), ("a later try", f"{ASKS}; echo ok; {ASKS}", {}),
      ("no host", f"curl -fsS {HEADER} http://127.0.0.1:9/", {}))
def test_a_client_that_does_not_miss_the_key(text, more):
    report = asking(text, **more)
    assert not report["findings"], report


def test_a_pack_has_the_line_of_a_client():
    story.which("curl")
    with Server() as server:
        run = recorded(["dash", program(ASKS + "\n", "ask.sh"), server.url], environment())
    asked("pack", run.trace, "-o", "packed.jsonl")
    os.remove("ask.sh")
    expect_asked(json.loads(asked("report", "-f", "json", "packed.jsonl")), 1)
