"""Env files that were not loaded, not exported, kept aside, shadowed or cut, with the real loaders."""
import os

import nodes
import story
from story import each, environment, expect_fault, expect_healthy, openai_key, packages, program, recorded

NAME = "OPENAI_API_KEY"


def env_file(value, path=".env"):
    story.keytrail("run", "--help").out.find(b"--no-env-files") >= 0 or story.skip("keytrail run reads no env files yet")
    return program(f"OTHER_THING=1\n{NAME}={value}\n", path)


LONG = {"boto3": "boto3 is a package of the long tests"}


def python(text, *, held=None, at="app.py", place="python"):
    return recorded([packages(place) + "/bin/python", program(text, at)], environment(**({NAME: held} if held else {})))


def node(text, *, held=None, at="app.js", options=()):
    if not os.path.exists("node_modules"):
        os.symlink(packages("node") + "/node_modules", "node_modules")
    return recorded([nodes.node(), *options, program(text, at)], environment(**({NAME: held} if held else {})))


def shell(text, name, *, held=None):
    story.which(name)
    reader = story.compiled(story.READER, "reader")
    return recorded([name, program(text.replace("READER", f"{reader} {NAME}"), "run.sh")], environment(**({NAME: held} if held else {})))


# ---- KT103: in a file that was not loaded ---------------------------------------------

def test_load_dotenv_beside_the_calling_file():
    env_file(openai_key())
    run = python(f"from dotenv import load_dotenv, find_dotenv\nimport os\nload_dotenv(os.path.join(os.path.dirname(__file__), '.env'))\n"
                 f"os.environ['{NAME}']\n", at="src/app.py")
    found = expect_fault(run, "KT103", NAME, victim="python", culprit="python")
    assert found["culprit"]["site"].endswith("src/app.py:3") and found["victim"]["site"].endswith("src/app.py:4"), found
    assert "looks for src/.env, which is not there; .env:2 assigns" in found["summary"] and "load_dotenv" in found["fix"], found


def test_a_working_directory_without_the_file():
    os.mkdir("elsewhere")
    env_file(openai_key(), "service/.env")
    app = program(f"require('dotenv').config()\nif (!process.env.{NAME}) process.exit(1)\n", "service/app.js")
    os.symlink(packages("node") + "/node_modules", "service/node_modules")
    run = recorded([nodes.node(), app], environment(), cwd="elsewhere")
    found = expect_fault(run, "KT103", NAME, victim="node", culprit="node")
    assert found["culprit"]["site"].endswith("service/app.js:1") and "path:" in found["fix"], found
    assert os.path.abspath("elsewhere/.env") in found["summary"] or "looks for .env" in found["summary"], found
    assert os.path.abspath("service/.env") + ":2 assigns" in found["summary"], found


STAGE = f"from dotenv import load_dotenv\nimport os\nload_dotenv('config/prod.env')\nos.environ['{NAME}']\n"


def test_another_word_for_the_stage():
    env_file(openai_key(), "config/production.env")
    found = expect_fault(python(STAGE), "KT103", NAME, victim="python", culprit="python")
    assert found["summary"].startswith("app.py:3 looks for config/prod.env, which is not there; config/production.env:2 assigns"), found
    assert found["fix"].startswith("let both names agree: look for config/production.env"), found


def test_a_file_of_another_name_than_the_missing_one():
    env_file(openai_key(), "config/private.env")
    found = expect_fault(python(STAGE), "KT101", NAME, victim="python")
    assert "; app.py:3 looks for config/prod.env, which is not there" in found["detail"], found
    assert "private" not in str(found), found


def test_a_missing_file_and_a_key_from_elsewhere():
    env_file(openai_key(), "config/production.env")
    expect_healthy(python(STAGE, held=openai_key()), NAME)


@each(("the end of the file", ""), ("another quote", "\nNEXT=\"b\""))
def test_a_quote_that_is_not_closed(behind):
    env_file(f'"{openai_key()}' + behind)
    found = expect_fault(python(f"from dotenv import load_dotenv\nimport os\nload_dotenv()\nos.environ['{NAME}']\n"), "KT101", NAME)
    assert found["summary"].startswith(f"app.py:4 asks for {NAME}; the quote of .env:2 is not closed, and the loader"), found
    assert found["fix"].startswith("close the quote at .env:2"), found


@each(("closed", '"{}"'), ("none", "{}"))
def test_a_quote_that_is_closed(value):
    env_file(value.format(openai_key()))
    expect_healthy(python(f"from dotenv import load_dotenv\nimport os\nload_dotenv()\nos.environ['{NAME}']\n"), NAME)


BELOW = f"import os, sys\nsys.path.insert(0, 'src')\nimport settings\nos.environ['{NAME}']\n"


def test_a_file_beside_a_module_that_looks_in_the_working_directory():
    env_file(openai_key(), "src/.env")
    program("from dotenv import load_dotenv\nload_dotenv('.env')\n", "src/settings.py")
    found = expect_fault(python(BELOW), "KT103", NAME, victim="python")
    assert found["summary"].startswith("src/settings.py:2 looks for .env, which is not there; src/.env:2 assigns"), found


def test_a_module_that_finds_the_file_beside_it():
    env_file(openai_key(), "src/.env")
    program("from dotenv import load_dotenv\nload_dotenv()\n", "src/settings.py")
    expect_healthy(python(BELOW), NAME)


def test_a_file_that_nobody_loads():
    env_file(openai_key())
    run = node(f"if (!process.env.{NAME}) process.exit(1)\n")
    found = expect_fault(run, "KT103", NAME, victim="node", culprit="node")
    assert "--env-file" in found["fix"], found


@each(*((path, path) for path in ("config/.env", "config/.env.local", "env/.env", ".config/.env")))
def test_a_file_in_a_folder_below_the_program(path):
    env_file(openai_key(), "service/" + path)
    app = program(f"if (!process.env.{NAME}) process.exit(1)\n", "service/app.js")
    found = expect_fault(recorded([nodes.node(), app], environment()), "KT103", NAME, victim="node")
    assert path + ":2 assigns" in found["summary"] and found["confidence"] == "possible", found


def test_a_folder_of_the_program_named_from_another_directory():
    os.mkdir("elsewhere")
    env_file(openai_key(), "service/settings/live.env")
    app = program(f"from dotenv import load_dotenv\nimport os\nload_dotenv('settings/live.env')\nos.environ['{NAME}']\n", "service/app.py")
    run = recorded([packages("python") + "/bin/python", app], environment(), cwd="elsewhere")
    found = expect_fault(run, "KT103", NAME, victim="python", culprit="python")
    assert found["culprit"]["site"].endswith("app.py:3") and found["confidence"] == "likely", found
    assert "looks for settings/live.env, which is not there; " + os.path.abspath("service/settings/live.env") + ":2 assigns" in found["summary"], found


def test_an_envrc_that_nobody_allowed():
    program(f"export {NAME}={openai_key()}\n", ".envrc")
    run = node(f"if (!process.env.{NAME}) process.exit(1)\n")
    found = expect_fault(run, "KT103", NAME, victim="node")
    assert ".envrc:1 assigns" in found["summary"] and "direnv allow" in found["fix"], found


@each(("another name", "export ANTHROPIC_API_KEY=x\n"), ("a comment", f"# export {NAME}=x\n"))
def test_an_envrc_without_the_name(text):
    program(text, ".envrc")
    run = node(f"if (!process.env.{NAME}) process.exit(1)\n")
    assert "KT103" not in run.codes(), run.codes()


def test_a_folder_below_that_holds_another_name():
    program("ANTHROPIC_API_KEY=x\n", "config/.env")
    run = node(f"if (!process.env.{NAME}) process.exit(1)\n")
    assert "KT103" not in run.codes(), run.codes()


def test_a_settings_library_that_does_not_name_the_file():
    env_file(openai_key())
    run = python("from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    openai_api_key: str\nSettings()\n")
    expect_fault(run, "KT103", NAME, victim="python")


def test_a_file_beside_a_program_that_has_the_name_from_elsewhere():
    env_file(openai_key())
    run = node(f"if (!process.env.{NAME}) process.exit(1)\n", held=openai_key())
    expect_healthy(run, NAME)
    assert "KT103" not in run.codes(), run.codes()


# ---- KT104: read by a shell, and not exported ------------------------------------------

@each(("bash", "bash"), ("dash", "dash"))
def test_a_shell_that_reads_the_file(name):
    env_file(openai_key())
    found = expect_fault(shell(". ./.env\nREADER\n", name), "KT104", NAME, victim="reader", culprit=name)
    assert "set -a" in found["fix"] and ".env:2" in found["summary"], found


@each(("bash", "bash"), ("dash", "dash"))
def test_a_shell_that_exports_the_file(name):
    env_file(openai_key())
    run = shell("set -a; . ./.env; set +a\nREADER\n", name)
    expect_healthy(run, NAME)
    assert "KT104" not in run.codes(), run.codes()


@each(("an env file", ".env", "{} = {}\n"), ("behind export", ".env", "export {} = {}\n"), ("behind the sign", ".env", "{}= {}\n"), ("a script", "env.sh", "{} = {}\n"))
def test_a_blank_beside_the_sign(path, text):
    with open(path, "w") as file:
        file.write("# settings\n" + text.format(NAME, openai_key()))
    found = expect_fault(shell(f"set -a\n. ./{path}\nREADER\n", "bash"), "KT104", NAME, victim="reader", culprit="bash")
    assert found["summary"].startswith(f"{path}:2 has a blank beside the = of {NAME}"), found
    assert f"{NAME}=value" in found["fix"], found


@each(("export and xargs", "export $(grep -v '^#' .env | xargs)\n"), ("a loop over words", 'for word in $(cat .env); do export "$word"; done\n'),
      ("a loop over lines", 'while read -r line; do export "$line"; done < .env\n'))
def test_a_blank_beside_the_sign_in_a_text_of_the_shell(text):
    with open(".env", "w") as file:
        file.write(f"A=1\n{NAME} = {openai_key()}\n")
    found = expect_fault(shell(text + "READER\n", "bash"), "KT104", NAME, victim="reader", culprit="bash")
    assert found["summary"].startswith(f".env:2 has a blank beside the = of {NAME}, which is no assignment to a shell; "), found


@each(("export and xargs", "export $(grep -v '^#' .env | xargs)\n"), ("another program's", "grep -c KEY .env\nunset A\n"))
def test_no_blank_beside_the_sign_in_a_text_of_the_shell(text):
    env_file(openai_key())
    run = shell(text + "READER\n", "bash")
    assert not [f for f in run.findings() if "blank beside" in f["summary"]], run.report


LOOP = 'while read -r line; do export "$line"; done'


@each(*((f"{reads}, {name}", reads, name) for name in ("bash", "dash") for reads in ("grep OPENAI .env", "grep = .env", "grep -E '^[A-Z_]+=' .env",
                                                                                         "grep -v '^#' .env", "cat .env")))
def test_a_loop_behind_a_pipe(reads, name):
    env_file(openai_key())
    found = expect_fault(shell(f"{reads} | {LOOP}\nREADER\n", name), "KT104", NAME, victim="reader", culprit=name)
    assert "into a pipe, and OPENAI_API_KEY set behind a pipe ends with the pipe" in found["summary"], found


@each(("a redirection", f"{LOOP} < .env", "bash"), ("a substitution of a process", f"{LOOP} < <(grep = .env)", "bash"),
      ("lastpipe", f"shopt -s lastpipe\ngrep = .env | {LOOP}", "bash"), ("zsh", f"grep = .env | {LOOP}", "zsh"))
def test_a_loop_of_the_shell_itself(text, name):
    env_file(openai_key())
    run = shell(f"{text}\nREADER\n", name)
    assert not run.findings() and run.report["verdict"] == "healthy", run.report


@each(("another line", "grep '^PORT' .env"), ("a count", "grep -c OPENAI .env"))
def test_a_loop_over_other_lines(reads):
    env_file(openai_key())
    assert "KT104" not in shell(f"{reads} | {LOOP} 2>/dev/null\nREADER\n", "bash").codes()


def test_a_loader_takes_a_blank_beside_the_sign():
    with open(".env", "w") as file:
        file.write(f"{NAME} = {openai_key()}\n")
    run = python(f"from dotenv import load_dotenv\nimport os\nload_dotenv()\nos.environ['{NAME}']\n")
    expect_healthy(run, NAME)
    assert "KT104" not in run.codes(), run.codes()


def test_an_assignment_on_the_command_line_of_a_shell():
    reader = story.compiled(story.READER, "reader")
    run = recorded(["bash", "-c", f"{NAME}={openai_key()}; {reader} {NAME}; exit $?"], environment())
    found = expect_fault(run, "KT104", NAME, victim="reader", culprit="bash")
    assert f"export {NAME}=" in found["fix"], found


# ---- KT106: read, and not set -----------------------------------------------------------

ASIDE = (
    ("environs", "from environs import Env\nimport os\nenv = Env()\nenv.read_env()\nos.environ['NAME']\n", 4, "env.str("),
    ("dotenv_values", "from dotenv import dotenv_values\nimport os\nconfig = dotenv_values()\nos.environ['NAME']\n", 3, "dotenv_values()"),
    ("pydantic-settings, and a client", "import openai\nfrom pydantic_settings import BaseSettings\n"
     "class Settings(BaseSettings):\n    model_config = dict(env_file='.env', extra='ignore')\n    openai_api_key: str\n"
     "Settings()\nopenai.OpenAI()\n", 6, "api_key=settings"),
    ("a parser of one's own", "import os\nvalues = dict(line.split('=') for line in open('.env').read().split())\n\ndef client():\n"
     "    return os.environ['NAME']\nclient()\n", 2, "os.environ"),
)


@each(*((label, text, line, fix) for label, text, line, fix in ASIDE))
def test_a_library_that_keeps_the_file_to_itself(text, line, fix):
    env_file(openai_key())
    run = python(text.replace("NAME", NAME))
    found = expect_fault(run, "KT106", NAME, victim="python", culprit="python")
    assert found["culprit"]["site"].endswith(f"app.py:{line}") and fix in found["fix"], found
    assert ".env:2" in found["summary"], found


def test_dotenv_parse_of_npm():
    env_file(openai_key())
    run = node(f"require('dotenv').parse(require('fs').readFileSync('.env'))\nif (!process.env.{NAME}) process.exit(1)\n")
    found = expect_fault(run, "KT106", NAME, victim="node", culprit="node")
    assert found["culprit"]["site"].endswith("app.js:1"), found


def test_a_library_that_asks_for_what_it_read():
    env_file(openai_key())
    run = python(f"from environs import Env\nenv = Env()\nenv.read_env()\nprint(len(env.str('{NAME}')))\n")
    assert run.status == 0 and not run.findings("fault") and not run.findings("warning"), run.report["findings"]


# ---- KT703: another value was there -----------------------------------------------------

SHADOWED = (
    ("dotenv", node, f"require('dotenv').config()\nif (process.env.{NAME} !== 'new') process.exit(1)\n", "override: true"),
    ("load_dotenv", python, f"from dotenv import load_dotenv\nload_dotenv()\nimport os\nif os.environ['{NAME}'] != 'new':\n    raise SystemExit(1)\n",
     "override=True"),
)


@each(*SHADOWED)
def test_an_old_key_of_the_shell_wins_over_the_file(start, text, fix):
    env_file(openai_key())
    run = start(text, held=openai_key())
    found = expect_fault(run, "KT703", NAME, victim="", culprit="")
    assert fix in found["fix"] and ".env:2" in found["summary"], found
    assert "KT901" not in run.codes(), run.codes()


def test_a_file_that_is_changed_after_it_was_loaded():
    env_file(openai_key())
    run = python(f"from dotenv import load_dotenv\nload_dotenv()\nimport os, time\ntime.sleep(0.2)\nopen('.env', 'a').write('{NAME}=new')\n"
                 f"if os.environ['{NAME}'] != 'new':\n    raise SystemExit(1)\n", held=openai_key())
    assert "KT703" not in run.codes() and run.report["reason_code"] == "not-watched", run.report
    assert ".env was opened; whether the file had another is not known: it was changed since" in run.report["reason"], run.report


def test_a_file_that_came_after_the_look():
    story.packages("python")
    run = python(f"import os, time\nkey = os.environ.get('{NAME}')\ntime.sleep(0.2)\nopen('.env', 'w').write('{NAME}=new')\nassert key\n")
    assert "KT103" not in run.codes() and run.codes("fault") == ["KT101"], run.report


def test_an_empty_value_wins_over_the_file():
    env_file(openai_key())
    env = environment(**{NAME: ""})
    os.symlink(packages("node") + "/node_modules", "node_modules")
    run = recorded([nodes.node(), program(f"require('dotenv').config()\nif (!process.env.{NAME}) process.exit(1)\n", "app.js")], env)
    found = expect_fault(run, "KT703", NAME, victim="node")
    assert "empty value" in found["summary"], found


@each(("one call", "require('dotenv').config({ path: ['.env.local', '.env'] })\n\n"), ("two calls", "require('dotenv').config({ path: '.env.local' })\nrequire('dotenv').config()\n"))
def test_an_empty_value_of_the_file_that_wins(text):
    env_file(openai_key())
    with open(".env.local", "w") as file:
        file.write(f"# later\n{NAME}=\n")
    found = expect_fault(node(text + f"if (!process.env.{NAME}) throw new Error('no key')\n"), "KT703", NAME, victim="node", culprit="node")
    assert found["summary"] == f".env.local:2 leaves {NAME} empty, and wins over .env:2, which has a value; app.js:3 reads it", found
    assert "remove that line" in found["fix"], found


NODE_ENDS = f"if (process.env.{NAME} !== 'new') process.exit(1)\n"
PYTHON_ENDS = f"import os\nif os.environ['{NAME}'] != 'new':\n    raise SystemExit(1)\n"
DEFAULTS_FIRST = (
    ("python-dotenv", python, "from dotenv import load_dotenv\nload_dotenv('.env')\nload_dotenv('.env.local')\n" + PYTHON_ENDS, "app.py:3", "override=True"),
    ("dotenv", node, "require('dotenv').config()\nrequire('dotenv').config({ path: '.env.local' })\n" + NODE_ENDS, "app.js:2", "override: true"),
    ("a list", node, "require('dotenv').config({ path: ['.env', '.env.local'] })\n" + NODE_ENDS, "app.js:1", "load .env.local before .env"),
)
LOCAL_FIRST = (
    ("python-dotenv", python, "from dotenv import load_dotenv\nload_dotenv('.env.local')\nload_dotenv('.env')\n" + PYTHON_ENDS),
    ("override", python, f"from dotenv import load_dotenv\nload_dotenv('.env')\nload_dotenv('.env.local', override=True)\nimport os\nos.environ['{NAME}']\n"),
    ("a list", node, "require('dotenv').config({ path: ['.env.local', '.env'] })\n" + NODE_ENDS),
)


def two_env_files():
    env_file(openai_key())
    with open(".env.local", "w") as file:
        file.write(f"{NAME}={openai_key()}\n")


@each(*DEFAULTS_FIRST)
def test_the_file_of_defaults_wins_over_the_file_of_this_machine(start, text, place, fix):
    two_env_files()
    found = expect_fault(start(text), "KT703", NAME, victim="", culprit="")
    assert fix in found["fix"] and f"{place} loads .env.local:1 after .env:2" in found["summary"], found


def test_a_dict_of_the_file_of_defaults_is_merged_last():
    two_env_files()
    found = expect_fault(python("from dotenv import dotenv_values\nimport os\nos.environ.update({**dotenv_values('.env.local'), **dotenv_values('.env')})\n"
                                + PYTHON_ENDS), "KT703", NAME, victim="", culprit="")
    assert "app.py:3 loads .env:2 after .env.local:1" in found["summary"], found


def test_a_shell_reads_the_file_of_defaults_last():
    two_env_files()
    program(PYTHON_ENDS, "w.py")
    found = expect_fault(shell("set -a\n. ./.env.local\n. ./.env\nset +a\npython3 w.py\n", "bash"), "KT703", NAME, victim="python3", culprit="bash")
    assert "run.sh:3 loads .env:2 after .env.local:1" in found["summary"] and "load .env.local after .env" in found["fix"], found


@each(*LOCAL_FIRST)
def test_the_file_of_this_machine_wins(start, text):
    two_env_files()
    run = start(text)
    assert "KT703" not in run.codes() and not run.findings("fault"), run.report


def test_equal_values():
    key = openai_key()
    env_file(key)
    run = node(f"require('dotenv').config()\nprocess.env.{NAME}\nprocess.exit(1)\n", held=key)
    assert "KT703" not in run.codes() and run.report["verdict"] == "exonerated", run.report


# ---- KT605, KT303, and the line of the file ----------------------------------------------

def test_a_shell_that_splits_the_value_at_a_blank():
    env_file("sk-proj-" + story.random_text(9) + " more-" + story.random_text(9))
    found = expect_fault(shell("export $(cat .env)\nREADER\nexit 1\n", "bash"), "KT605", NAME, victim="reader", culprit="bash", severity="warning")
    assert ".env:2" in found["summary"], found


def test_a_key_cut_by_the_loader():
    env_file("sk-proj-" + story.random_text(20) + "#" + story.random_text(28))
    run = node(f"require('dotenv').config()\nif (process.env.{NAME}.length < 50) process.exit(1)\n")
    found = expect_fault(run, "KT605", NAME, victim="node", culprit="node")
    assert ".env:2" in found["summary"] and "quote" in found["fix"], found


def test_a_comment_behind_the_value():
    env_file(openai_key() + " # of the team")
    run = node(f"require('dotenv').config()\nprocess.env.{NAME}\n")
    expect_healthy(run, NAME)
    assert "KT605" not in run.codes(), run.codes()


def test_a_loader_that_overrides():
    env_file(openai_key())
    run = node(f"require('dotenv').config({{ override: true }})\nprocess.env.{NAME}\nprocess.exit(1)\n", held=openai_key())
    found = expect_fault(run, "KT303", NAME, victim="node", culprit="node")
    assert ".env:2" in found["summary"] and "wins" in found["detail"], found


def test_the_headline_names_the_line_of_the_file():
    env_file(openai_key())
    run = node(f"require('dotenv').config()\nprocess.env.{NAME}\nprocess.exit(1)\n")
    assert run.report["verdict"] == "exonerated" and "unchanged from .env:2" in run.report["headline"], run.report


# ---- a loader of the program's own -------------------------------------------------------------

OWN = (
    ("python", python, "import os\ndef load(path):\n    for line in open(path):\n        k, v = line.strip().split('=', 1)\n"
     f"        os.environ.setdefault(k, v)\nload('.env')\nkey = os.environ['{NAME}']\nraise SystemExit(1)\n"),
    ("python, the question apart", python, "import os, pathlib\nfor line in pathlib.Path('.env').read_text().split():\n    k, v = line.split('=', 1)\n"
     f"    if k not in os.environ:\n        os.environ[k] = v\nkey = os.environ['{NAME}']\nraise SystemExit(1)\n"),
    ("node", node, "const text = require('fs').readFileSync('.env', 'utf8')\nfor (const line of text.split('\\n')) {\n  const [k, v] = line.split('=')\n"
     f"  if (k && !process.env[k]) process.env[k] = v\n}}\nconst key = process.env.{NAME}\nprocess.exit(1)\n"),
)


@each(*OWN)
def test_a_loader_of_the_programs_own_asks_no_one_in_vain(start, text):
    env_file(openai_key())
    run = start(text)
    assert run.report["verdict"] == "exonerated" and "KT401" not in run.codes(), run.report


def test_the_fix_for_a_loader_of_the_programs_own():
    env_file(openai_key())
    text = f"import os\nfor line in open('.env'):\n    k, v = line.strip().split('=', 1)\n    os.environ.setdefault(k, v)\nos.environ['{NAME}']\nraise SystemExit(1)\n"
    found = expect_fault(python(text, held=openai_key()), "KT703", NAME, victim="python")
    assert "let the loader override" in found["fix"] and "load_dotenv" not in found["fix"], found


def test_a_loader_of_the_programs_own_that_cuts_a_key_for_a_child():
    env_file("sk-proj-" + story.random_text(20) + "#" + story.random_text(28))
    worker = program(f"import os\nassert len(os.environ['{NAME}']) > 40\n", "worker.py")
    run = python("import os, subprocess, sys\ndef load():\n    for line in open('.env'):\n        k, v = line.split('#')[0].strip().split('=', 1)\n"
                 f"        os.environ.setdefault(k, v)\nload()\nsubprocess.run([sys.executable, {worker!r}], check=True)\n")
    found = expect_fault(run, "KT605", NAME, victim="python", culprit="python", severity="warning")
    assert found["victim"]["site"].endswith("worker.py:2") and run.codes("fault") + run.codes("warning") == ["KT605"], run.report


DOLLAR = ("make", "Makefile", "-include .env\nexport\nall:\n\t@%s worker.py\n" % story.PYTHON), ("dash", "run.sh", f"set -a; . ./.env\n{story.PYTHON} worker.py\nexit $?\n")


def with_dollar(name, path, text, value):
    story.which(name)
    env_file(value)
    program(text, path)
    program(f"import os\nraise SystemExit(len(os.environ['{NAME}']) != 49)\n", "worker.py")
    return recorded([name, *([path] if name != "make" else ["-s"])], environment())


@each(*((name, name, path, text) for name, path, text in DOLLAR))
def test_a_dollar_in_a_key_that_stands_for_a_variable(name, path, text):
    run = with_dollar(name, path, text, "sk-proj-" + story.random_text(20) + "$K-" + story.random_text(18))
    found = expect_fault(run, "KT605", NAME, victim="python", culprit=name)
    assert "only a part of" in found["summary"] and ".env:2" in found["summary"] and "a $ in the line" in found["detail"], found
    assert ("as $$" if name == "make" else "='...'") in found["fix"], found


@each(*((name, name, path, text, value) for (name, path, text), value in zip(DOLLAR, ("%s$$K-%s", "'%s$K-%s'"))))
def test_a_dollar_in_a_key_that_is_a_part_of_it(name, path, text, value):
    run = with_dollar(name, path, text, value % ("sk-proj-" + story.random_text(20), story.random_text(18)))
    assert run.status == 0 and "KT605" not in run.codes(), (run.err, run.report)


# ---- a login of the provider's tools -------------------------------------------------------

def test_boto3_finds_its_own_login():
    env_file("x")
    program("[default]\naws_access_key_id = AKIAABCDEFGHIJKLMNOP\naws_secret_access_key = abc\n", ".aws/credentials")
    run = python("import boto3\nassert boto3.Session().get_credentials()\n", place="python-long")
    assert run.status == 0 and not run.findings("fault") and not run.findings("warning"), run.report["findings"]
