"""An error whose message calls a variable missing, where the look into a copy of the environment is not seen."""
import nodes
from story import each, environment, expect_fault, openai_key, packages, program, recorded

NAME = "OPENAI_API_KEY"
SETTINGS = "from pydantic import BaseModel, Field\nfrom pydantic_settings import BaseSettings\n\n"


def python(text, **held):
    return recorded([packages("python") + "/bin/python", program(text, "app.py")], environment(**held))


def missing(run):
    return [e.get("missing") for e in run.of("raise")]


@each(("a field", "class Settings(BaseSettings):\n    openai_api_key: str\n\nSettings()\n", [NAME], 7),
      ("a prefix", "class Settings(BaseSettings):\n    model_config = {'env_prefix': 'app_'}\n    openai_api_key: str\nSettings()\n", ["APP_OPENAI_API_KEY"], 7),
      ("a prefix at the call", "class Settings(BaseSettings):\n    openai_api_key: str\nSettings(_env_prefix='APP_')\n", ["APP_OPENAI_API_KEY"], 6),
      ("an alias", "class Settings(BaseSettings):\n    model_config = {'env_prefix': 'app_'}\n    key: str = Field(alias='OPENAI_API_KEY')\nSettings()\n", [NAME], 7),
      ("two names", "class Settings(BaseSettings):\n    openai_api_key: str\n    stripe_secret_key: str\nSettings()\n", [NAME, "STRIPE_SECRET_KEY"], 7),
      ("a name that is no credential's", "class Settings(BaseSettings):\n    openai_api_key: str\n    port: int\nSettings()\n", [NAME], 7),
      ("an exit of one's own", "import sys\nclass Settings(BaseSettings):\n    openai_api_key: str\ntry:\n    Settings()\nexcept ValueError:\n    sys.exit(3)\n", [NAME], 8))
def test_settings_without_a_value(text, names, line):
    run = python(SETTINGS + text, GITHUB_TOKEN="ghp_" + "aB3dE5gH7j" * 4)
    assert missing(run) == [names], run.of("raise")
    found = expect_fault(run, "KT101", names[0], victim="python")
    assert found["victim"]["site"].endswith(f"app.py:{line}"), found
    assert found.get("others", []) == names[1:] and len(run.codes()) == 1, run.report


@each(("the value is there", "class Settings(BaseSettings):\n    openai_api_key: str\n    port: int\nSettings()\n"),
      ("a model inside", "class Inner(BaseModel):\n    openai_api_key: str\nclass Settings(BaseSettings):\n    inner: Inner = {}\nSettings(inner={})\n"),
      ("a model that is no settings", "class Request(BaseModel):\n    openai_api_key: str\nRequest()\n"),
      ("a value of the wrong form", "class Settings(BaseSettings):\n    openai_api_key: int\nSettings()\n"))
def test_settings_that_miss_something_else(text):
    run = python(SETTINGS + text, OPENAI_API_KEY=openai_key())
    assert missing(run) == [None] and run.status == 1, run.of("raise")
    assert not run.codes(), run.codes()


def test_settings_that_tell_small_letters_from_capitals():
    run = python(SETTINGS + "class Settings(BaseSettings):\n    model_config = {'case_sensitive': True}\n    openai_api_key: str\nSettings()\n", OPENAI_API_KEY=openai_key())
    expect_fault(run, "KT501", "openai_api_key", victim="python")


def test_an_error_of_the_program_with_the_same_name():
    run = python("class ValidationError(Exception):\n    def errors(self): print('asked')\n    def __str__(self): return 'fine'\n"
                 "ValidationError.__module__ = 'pydantic_core._pydantic_core'\nraise ValidationError()\n")
    assert missing(run) == [None] and not run.out, run.out


PYTHON = "import os\nenv = dict(os.environ)\nif not env.get('{0}'): raise RuntimeError('{1}')\n"
NODE = "const env = Object.assign(Object.create(null), process.env)\nif (!env.{0}) throw new Error('{1}')\n"
MESSAGES = ("Missing required environment variable OPENAI_API_KEY", "Config validation error: \"OPENAI_API_KEY\" is required", "OPENAI_API_KEY is not set")


@each(*((text, text) for text in MESSAGES))
def test_a_message_with_the_name(text):
    for run, line in ((recorded(["python3", program(PYTHON.format(NAME, text), "app.py")], environment()), "app.py:3"),
                      (recorded([nodes.node(), program(NODE.format(NAME, text), "app.js")], environment()), "app.js:2")):
        assert missing(run) == [[NAME]] and "Missing" not in str(run.of("raise")), run.of("raise")
        assert expect_fault(run, "KT101", NAME)["victim"]["site"].endswith(line)


@each(*((text, text) for text in ("OPENAI_API_KEY or ANTHROPIC_API_KEY is required", "OPENAI_API_KEY is invalid", "the key is missing")))
def test_a_message_that_tells_no_single_name(text):
    for command in (["python3", program(PYTHON.format(NAME, text), "app.py")], [nodes.node(), program(NODE.format(NAME, text), "app.js")]):
        run = recorded(command, environment())
        assert missing(run) == [None] and not run.codes(), run.codes()


def test_a_message_of_a_program_that_holds_the_name():
    text = PYTHON.format("NO_SUCH_NAME", "OPENAI_API_KEY is missing in the file")
    run = recorded(["python3", program(text, "app.py")], environment(OPENAI_API_KEY=openai_key()))
    assert missing(run) == [[NAME]] and not run.codes(), run.codes()
