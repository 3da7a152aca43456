"""An entrypoint that tests for the file of NAME_FILE, which is not there, and starts its program without the name. KT101."""
import story
from story import each, environment, openai_key, program, recorded

NAME = "OPENAI_API_KEY"
READER = f"import os\nos.environ['{NAME}']\n"
LAUNCH = f"exec {story.PYTHON} reader.py"
SHELLS = "bash", "dash"


def finding(text, shell, **env):
    story.which(shell)
    program(READER, "reader.py")
    program(openai_key() + "\n", "secrets/other")
    return recorded([shell, program(f"{text}\n{LAUNCH}\n", "run.sh")], environment(**env)).report["findings"][0]


def tested(test, name=NAME):
    return f'if [ {test} "${{{name}_FILE:-}}" ]; then {name}=$(cat "${name}_FILE"); export {name}; fi'


FILE_ENV = f'''file_env() {{
  eval "f=\\${{$1_FILE:-}}"
  if [ -n "$f" ] && [ -r "$f" ]; then export "$1=$(cat "$f")"; fi
}}
file_env {NAME}'''


@each(*((f"{title}, {shell}", text, shell) for shell in SHELLS for title, text in (
    *((test, tested(test)) for test in ("-f", "-r", "-s", "-e")), ("file_env", FILE_ENV))))
def test_the_file_is_not_there(text, shell):
    found = finding(text, shell, **{NAME + "_FILE": "/nowhere/openai-key"})
    assert found["code"] == "KT101" and f"{NAME}_FILE names /nowhere/openai-key, which is not there" in found["detail"], found
    assert found["fix"].startswith(f"put the secret at /nowhere/openai-key, or let {NAME}_FILE name the file"), found


@each(*((f"{title}, {shell}", text, shell, env) for shell in SHELLS for title, text, env in (
    ("nothing is set", tested("-f"), {}), ("another name", tested("-f", "DATABASE_URL"), {"DATABASE_URL_FILE": "/nowhere/db"}),
    ("made meanwhile", f'[ -f "${NAME}_FILE" ] || cp secrets/other "${NAME}_FILE"\n[ -f "${NAME}_FILE" ] && true', {NAME + "_FILE": "secrets/late"}),
    ("not looked for", "true", {NAME + "_FILE": "/nowhere/openai-key"}))))
def test_no_file_is_missed(text, shell, env):
    found = finding(text, shell, **env)
    assert found["code"] == "KT101" and "which is not there" not in found["detail"] and "put the secret" not in found["fix"], found
