"""The line that gave a shell a malformed value: of the script, of a file that it reads, of an env file."""
import story
from story import each, environment, openai_key, program, recorded

NAME = "OPENAI_API_KEY"
READER = f"import os, sys\nprint(os.environ['{NAME}'])\nsys.exit(1)\n"
LAUNCH = f"{story.PYTHON} reader.py"


def found_by(text, shell, files, **env):
    story.which(shell)
    program(READER, "reader.py")
    for name, content in files.items():
        program(content, name)
    return recorded([shell, program(text + "\n", "run.sh")], environment(**env)).report["findings"][0]


SHELLS = "bash", "dash"
DEFAULT = f'# defaults\nexport {NAME}="${{{NAME}:-your-openai-api-key}}"\n'
GUARDED = f'. ./common.sh\nif [ -z "${NAME}" ]; then\n  set -a; . ./.env; set +a\nfi\n{LAUNCH}'


@each(*((shell, shell) for shell in SHELLS))
def test_a_default_before_an_env_file_that_is_not_read(shell):
    found = found_by(GUARDED, shell, {"common.sh": DEFAULT, ".env": f"{NAME}={openai_key()}\n"})
    assert (found["code"], found["culprit"]["site"].rpartition("/")[2]) == ("KT604", "common.sh:2"), found
    assert found["summary"].startswith(f"common.sh:2 sets {NAME}"), found


@each(*((shell, shell) for shell in SHELLS))
def test_an_env_file_that_may_be_read(shell):
    found = found_by(GUARDED, shell, {"common.sh": "# none\n", ".env": f"{NAME}=your-openai-api-key\n"})
    assert found["code"] == "KT604" and "common.sh" not in found["summary"], found


@each(*((f"{title}, {shell}", text, shell) for shell in SHELLS for title, text in (
    ("a command that is not there", "$(vaultctl read key 2>/dev/null)"), ("a name that is not set", '"$VAULT_KEY"'), ("backquotes", "`true`"))))
def test_an_expansion_that_is_empty(text, shell):
    found = found_by(f"set -a\n. ./.env\nset +a\n{LAUNCH}", shell, {".env": f"PORT=1\n{NAME}={text}\n"})
    assert (found["code"], found["culprit"]["site"].rpartition("/")[2]) == ("KT601", ".env:2"), found


@each(*((shell, shell) for shell in SHELLS))
def test_a_key_of_another_provider(shell):
    key = "sk-ant-api03-" + "Ab7vQ2mXk9LpW4nZs8HdBc3fJy6GtAu1EeNiOoPxVwUqTzKlAb7vQ2mXk9LpW4nZs8HdBc3fJy6GtA-AAAAAA"
    found = found_by(f'# keys\nexport {NAME}="$LLM_KEY"\n{LAUNCH}', shell, {}, LLM_KEY=key)
    assert (found["code"], found["culprit"]["site"].rpartition("/")[2]) == ("KT503", "run.sh:2"), found
