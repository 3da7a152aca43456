"""A key that a launcher takes away, and that a shell's script below expands, unseen."""
import json
import os

import story
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
    program("", "other.sh")
    run = of_script(text)
    assert run.report["verdict"] == "healthy", run.report


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
