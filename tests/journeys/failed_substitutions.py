"""A variable that a shell takes from a command's output, which is empty: the line of the assignment, and the command that failed. KT601."""
import os

import story
from story import each, environment, openai_key, program, recorded

NAME = "OPENAI_API_KEY"
READER = f"import os, sys\nsys.exit(not os.environ.get('{NAME}'))\n"
LAUNCH = f"exec {story.PYTHON} reader.py"
MISSING = '"$SECRETS/openai-api-key" 2>/dev/null'
SHELLS = "bash", "dash"


def script(text, shell, launch=LAUNCH, **env):
    story.which(shell)
    program(READER, "reader.py")
    program(openai_key() + "\n", "secrets/openai_api_key")
    program("", "secrets/empty")
    os.chmod(program("#!/bin/sh\nexit 2\n", "vault"), 0o755)
    env = {"SECRETS": os.path.abspath("secrets"), **env}
    return recorded([shell, program(f"# start\n{text}\n{launch}\n", "run.sh")], environment(**env)).report


def found_in(report):
    found = report["findings"][0]
    told = f"{found['summary']}; {found.get('detail', '')}"
    assert found["code"] == "KT601", found
    return found["culprit"]["site"].rpartition("/")[2], told, found["fix"]


def every(*rows):
    return each(*((f"{row[0]}, {shell}", shell, *row[1:]) for shell in SHELLS for row in rows))


CAT = f"{NAME}=$(cat {MISSING})\nexport {NAME}"
FAILING = (
    ("dollar", CAT, 2), ("quotes", f'{NAME}="$(cat {MISSING})"\nexport {NAME}', 2), ("backquotes", f"{NAME}=`cat {MISSING}`\nexport {NAME}", 2),
    ("in one line", f'export {NAME}="$(cat {MISSING})"', 2), ("one line, two commands", f"{NAME}=$(cat {MISSING}); export {NAME}", 2),
    ("or", f"{NAME}=$(cat {MISSING}) || echo none\nexport {NAME}", 2),
    ("exported before", f"export {NAME}\n{NAME}=$(cat {MISSING})", 3), ("all exported", f"set -a\n{NAME}=$(cat {MISSING})\nset +a", 3),
    ("a pipe", f"{NAME}=$(cat {MISSING} | tr -d '\\n')\nexport {NAME}", 2),
    ("two files", f"{NAME}=$(cat /nowhere/key 2>/dev/null || cat {MISSING})\nexport {NAME}", 2),
    ("a condition", f'if [ -z "${NAME}" ]; then\n  {NAME}=$(cat {MISSING})\nfi\nexport {NAME}', 3),
    ("another cat before", f'OTHER=$(cat "$SECRETS/openai_api_key")\n{CAT}', 3),
    ("several lines", f"{NAME}=$(\n  cat {MISSING}\n)\nexport {NAME}", 2))


@every(*FAILING)
def test_a_file_that_is_not_there(shell, text, line):
    place, told, fix = found_in(script(text, shell))
    assert place == f"run.sh:{line}" and told.startswith(f"run.sh:{line} sets {NAME} to nothing"), told
    assert "secrets/openai-api-key" in told and "ended with 1" in told, told
    assert "whether" in fix and "secrets/openai-api-key is there, under this name" in fix, fix


@every(("no exec", CAT))
def test_a_launch_without_exec(shell, text):
    place, told, fix = found_in(script(text, shell, launch=f"{story.PYTHON} reader.py"))
    assert place == "run.sh:2" and "ended with 1" in told, told


@every(("a tool", f"{NAME}=$(./vault read -field=key secret/openai)\nexport {NAME}"),
       ("behind a line", f"{NAME}=$(./vault read \\\n  -field=key secret/openai)\nexport {NAME}"))
def test_another_command_that_failed(shell, text):
    place, told, fix = found_in(script(text, shell))
    assert place == "run.sh:2" and "ended with 2" in told, told
    assert "vault read" in fix and "is there, under this name" not in fix, fix


def test_a_file_that_bash_alone_reads():
    place, told, fix = found_in(script(f"{NAME}=$(< {MISSING})\nexport {NAME}", "bash"))
    assert place == "run.sh:2" and "ended with 1" in told, told


@every(("local", f"start() {{\n  local {NAME}=$(cat {MISSING})\n  export {NAME}\n  {LAUNCH}\n}}\nstart", 3))
def test_in_a_function(shell, text, line):
    place, told, fix = found_in(script(text, shell, launch="# end"))
    assert place == f"run.sh:{line}" and told.startswith(f"run.sh:{line} sets {NAME} to nothing"), told


@each(*((shell, shell) for shell in SHELLS))
def test_a_command_that_is_not_there(shell):
    place, told, fix = found_in(script(f"{NAME}=$(vaultctl read key 2>/dev/null)\nexport {NAME}", shell))
    assert place == "run.sh:2", told


INNOCENT = (
    ("an empty file", f'{NAME}=$(cat "$SECRETS/empty")\nexport {NAME}', 2),
    ("of another name", f"OTHER=$(cat {MISSING})\n{NAME}=\nexport {NAME}", None),
    ("of another name behind", f'{NAME}=$(cat "$SECRETS/empty")\nOTHER=$(cat {MISSING})\nexport {NAME}', 2),
    ("of another name beside", f'export OTHER=$(cat {MISSING}) {NAME}=$(cat "$SECRETS/empty")', 2),
    ("of another name before", f'export {NAME}=$(cat "$SECRETS/empty") OTHER=$(cat {MISSING})', 2),
    ("of no name", f"cat {MISSING}\nexport {NAME}=", 3),
    ("the second", f'{NAME}=$(cat {MISSING} || cat "$SECRETS/empty")\nexport {NAME}', 2),
    ("two assignments", f'{NAME}=$(cat {MISSING})\n{NAME}=$(cat "$SECRETS/empty")\nexport {NAME}', None))


@every(*INNOCENT)
def test_no_command_is_blamed(shell, text, line):
    place, told, fix = found_in(script(text, shell))
    assert place == f"run.sh:{line}" or not line, told
    assert "ended with" not in told and "under this name" not in fix, (told, fix)


@every(("from outside", f"OTHER=$(cat {MISSING})"), ("a test", f"cat {MISSING}"))
def test_the_shell_began_with_an_empty_value(shell, text):
    place, told, fix = found_in(script(text, shell, **{NAME: ""}))
    assert not place.startswith("run.sh:") and "ended with" not in told and "under this name" not in fix, (place, told, fix)


@every(("the file", f'{NAME}=$(cat "$SECRETS/openai_api_key")\nexport {NAME}'),
       ("the second file", f'{NAME}=$(cat {MISSING} || cat "$SECRETS/openai_api_key")\nexport {NAME}'))
def test_a_value_is_no_finding(shell, text):
    assert not script(text, shell)["findings"], text
