"""Env files of a service that was preloaded without `keytrail run`: `report` and `pack` look at them, also while it lives."""
import contextlib
import glob
import json
import os
import shutil
import subprocess
import time

import nodes
import story
from story import KEYTRAIL, each, environment, keytrail, openai_key, packages, preloaded, program

NAME = "OPENAI_API_KEY"
TRACE = "T"


@contextlib.contextmanager
def service(command, held=None, cwd=None, trace=TRACE, **more):
    """A service which writes a line when it has tried its key, and lives on."""
    env = preloaded(environment(**({NAME: held} if held else {}), **more), os.path.abspath(trace))
    process = subprocess.Popen(command, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout.readline() == b"tried\n", command
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def python(text, at="app.py"):
    return [packages("python") + "/bin/python", program(text + "\nimport time\nprint('tried', flush=True)\ntime.sleep(60)\n", at)]


def node(text, at="app.js"):
    folder = os.path.dirname(at) or "."
    os.makedirs(folder, exist_ok=True)
    os.symlink(packages("node") + "/node_modules", folder + "/node_modules")
    return [nodes.node(), program(text + "\nconsole.log('tried')\nsetTimeout(() => 0, 60000)\n", at)]


def env_file(value, path=".env"):
    return program(f"OTHER_THING=1\n{NAME}={value}\n", path)


def report(*options, trace=TRACE):
    run = keytrail("report", "-f", "json", *options, trace)
    assert run.status == 0 and not run.err, run.err
    return json.loads(run.out)


def codes(told):
    return [f["code"] for f in told["findings"]]


# ---- what a living service missed --------------------------------------------------------

ASKS = f"import os\nkey = os.environ.get('{NAME}')\n"
WRONG_FOLDER = "from dotenv import load_dotenv\nimport os\nload_dotenv(os.path.join(os.path.dirname(__file__), '.env'))\n"


def test_load_dotenv_looks_beside_the_calling_file():
    env_file(openai_key())
    with service(python(WRONG_FOLDER + f"os.environ.get('{NAME}')", at="src/app.py")):
        told = report()
    found = told["findings"][0]
    assert (told["verdict"], found["code"], found["variable"]) == ("warning", "KT103", NAME), told
    assert "looks for src/.env, which is not there; .env:2 assigns" in found["summary"], found


def test_dotenv_of_npm_in_another_working_directory():
    os.mkdir("elsewhere")
    env_file(openai_key(), "service/.env")
    with service(node(f"require('dotenv').config({{quiet: true}})\nprocess.env.{NAME}", at="service/app.js"), cwd="elsewhere"):
        told = report()
    found = told["findings"][0]
    assert found["code"] == "KT103" and os.path.abspath("service/.env") + ":2 assigns" in found["summary"], told


@each(("environs", f"from environs import Env\nimport os\nenv = Env()\nenv.read_env()\nos.environ.get('{NAME}')", 4),
      ("pydantic-settings", "import openai\nfrom pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n"
       "    model_config = dict(env_file='.env', extra='ignore')\n    openai_api_key: str\nSettings()\n"
       "try:\n    openai.OpenAI()\nexcept openai.OpenAIError:\n    pass", 6))
def test_a_library_that_keeps_the_file_to_itself(text, line):
    env_file(openai_key())
    with service(python(text)):
        told = report()
    found = told["findings"][0]
    assert found["code"] == "KT106" and found["culprit"]["site"].endswith(f"app.py:{line}"), told


def test_a_settings_library_in_another_directory_with_a_default():
    os.mkdir("run")
    env_file(openai_key())
    with service(python("from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    model_config = dict(env_file='.env', extra='ignore')\n"
                        "    openai_api_key: str = 'missing'\nSettings()\n"), cwd="run"):
        told = report()
    found = told["findings"][0]
    assert (told["verdict"], found["code"]) == ("warning", "KT103") and found["culprit"]["site"].endswith("app.py:5"), told


def test_an_old_key_wins_over_the_file():
    env_file(openai_key())
    with service(python(f"from dotenv import load_dotenv\nload_dotenv()\nimport os\nos.environ['{NAME}']"), held=openai_key()):
        told = report()
    found = told["findings"][0]
    assert found["code"] == "KT703" and ".env:2" in found["summary"], told


def test_the_service_has_ended():
    env_file(openai_key())
    with service(python(f"from dotenv import load_dotenv\nload_dotenv()\nimport os\nos.environ['{NAME}']"), held=openai_key()):
        pass
    assert codes(report())[0] == "KT703", report()


def test_a_run_that_has_not_ended():
    env_file(openai_key())
    command = python(f"from dotenv import load_dotenv\nload_dotenv()\nimport os\nos.environ['{NAME}']")
    run = subprocess.Popen([KEYTRAIL, "run", "-q", "-o", TRACE, "--", *command], env=environment(**{NAME: openai_key()}), stdout=subprocess.PIPE)
    assert run.stdout.readline() == b"tried\n"
    told = report()
    run.terminate()
    run.wait()
    run.stdout.close()
    assert codes(told)[0] == "KT703" and [f["summary"] for f in report()["findings"]] == [f["summary"] for f in told["findings"]], told


# ---- innocent twins ------------------------------------------------------------------------

def test_a_healthy_service():
    env_file(openai_key())
    with service(python(f"from dotenv import load_dotenv\nload_dotenv()\nimport os\nos.environ['{NAME}']")):
        told = report()
    assert told["verdict"] == "healthy" and not {"KT103", "KT106", "KT703"} & set(codes(told)), told


def test_the_same_value_is_in_the_file():
    key = openai_key()
    env_file(key)
    with service(python(f"from dotenv import load_dotenv\nload_dotenv()\nimport os\nos.environ['{NAME}']"), held=key):
        told = report()
    assert told["verdict"] == "healthy" and "KT703" not in codes(told), told


def test_a_file_without_the_name():
    program("PLAIN=1\nANTHROPIC_API_KEY=x\n", ".env")
    with service(python(WRONG_FOLDER + f"os.environ.get('{NAME}')", at="src/app.py")):
        told = report()
    assert codes(told)[0] == "KT101" and "KT103" not in codes(told), told


@each(("made", WRONG_FOLDER, "src/app.py"), ("changed", "from dotenv import dotenv_values\ndotenv_values('.env')\nimport os\n", "app.py"))
def test_a_file_that_came_later(text, at):
    if at == "app.py":
        program("OTHER_THING=1\n", ".env")
    with service(python(text + f"os.environ.get('{NAME}')", at=at)):
        time.sleep(0.1)
        env_file(openai_key())
        os.utime(".env", (0, 0))
        told = report()
    assert codes(told)[0] == "KT101" and not {"KT103", "KT106"} & set(codes(told)), told
    assert ".env:2 assigns it, but the file was changed since: start the program again" in told["findings"][0]["detail"], told


def as_root():
    os.geteuid() and story.skip("only root gives files away")


def test_a_file_of_a_stranger():
    as_root()
    os.chown(env_file(openai_key()), 65534, 65534)
    with service(python(WRONG_FOLDER + f"os.environ.get('{NAME}')", at="src/app.py")):
        told = report()
    assert "KT103" not in codes(told), told


def test_a_pipe_is_not_waited_for():
    os.mkfifo(".env")
    with service(python(WRONG_FOLDER + f"os.environ.get('{NAME}')", at="src/app.py")):
        told = report()
    assert codes(told)[0] == "KT101", told


# ---- where nobody looks, and why ------------------------------------------------------------

REFUSED = f"from dotenv import load_dotenv\nload_dotenv()\nimport os\nkey = os.environ['{NAME}']\nprint('tried', flush=True)\nraise SystemExit(1)"


def failed_service():
    env_file(openai_key())
    with service(python(REFUSED), held=openai_key()) as process:
        assert process.wait(30) == 1
    assert codes(report())[0] == "KT703", report()


def edit_trace(old, new):
    for path in glob.glob(TRACE + "/*.jsonl"):
        with open(path, "rb") as file:
            text = file.read()
        assert text.count(old) == 1 and len(old) == len(new)
        with open(path, "wb") as file:
            file.write(text.replace(old, new))


def other_key():
    with open(TRACE + ".key", "w") as file:
        file.write("0" * 32 + "\n")


def root_directory():
    run = keytrail("replay", TRACE)
    assert run.status == 0
    stat = os.stat("/")
    edit_trace(f'"root":"{stat.st_dev}:{stat.st_ino}"'.encode(), f'"root":"{"9" * len(f"{stat.st_dev}:{stat.st_ino}")}"'.encode())


def another_user():
    as_root()
    os.chown(TRACE, 65534, 65534)


@each(("no key", lambda: os.remove(TRACE + ".key"), "the key T.key cannot be used: No such file"),
      ("a key that others know", lambda: os.chmod(TRACE + ".key", 0o644), "the key T.key cannot be used: other users can read"),
      ("another key", other_key, "the key beside the trace is not the trace's"),
      ("another root directory", root_directory, "another root directory"),
      ("a directory of another user", another_user, "ask as user 65534"))
def test_a_trace_of_which_the_files_are_not_looked_at(change, why):
    failed_service()
    change()
    told = report()
    assert (told["verdict"], told["reason_code"]) == ("inconclusive", "not-watched") and why in told["reason"], told


def test_no_env_files():
    failed_service()
    told = report("--no-env-files")
    assert told["reason_code"] == "not-watched" and "--no-env-files" in told["reason"], told


def test_run_had_no_env_files():
    env_file(openai_key())
    command = python(f"from dotenv import load_dotenv\nload_dotenv()\nimport os\nos.environ['{NAME}']")
    run = subprocess.Popen([KEYTRAIL, "run", "-q", "--no-env-files", "-o", TRACE, "--", *command], env=environment(**{NAME: openai_key()}), stdout=subprocess.PIPE)
    assert run.stdout.readline() == b"tried\n"
    told = report()
    run.terminate()
    run.wait()
    run.stdout.close()
    assert "KT703" not in codes(told) and "KT703" not in codes(report()), told


def test_a_value_from_elsewhere():
    program(f"{NAME}=${{SOME_OTHER_THING}}\n", ".env")
    with service(python(REFUSED), held=openai_key(), SOME_OTHER_THING=openai_key()) as process:
        process.wait(30)
    told = report()
    assert "KT703" not in codes(told) and "its line takes the value from elsewhere" in told["reason"], told


# ---- what becomes of trace, key and value ---------------------------------------------------

def state_of(folder):
    found = {}
    for path in sorted(glob.glob(folder + "/*") + [folder, folder + ".key"]):
        stat = os.stat(path)
        content = b""
        if os.path.isfile(path):
            with open(path, "rb") as file:
                content = file.read()
        found[path] = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, content)
    return found


def test_a_report_changes_nothing():
    failed_service()
    before = state_of(TRACE)
    report()
    assert keytrail("pack", "-o", "p.jsonl", TRACE).status == 0
    assert state_of(TRACE) == before


def test_no_value_and_no_key_in_report_and_pack():
    key, old = openai_key(), openai_key()
    env_file(key)
    with service(python(REFUSED), held=old) as process:
        process.wait(30)
    keytrail("pack", "-o", "p.jsonl", TRACE)
    with open("p.jsonl") as file:
        told = [file.read(), *(keytrail("report", *options, TRACE).out.decode() for options in (["-v"], ["-f", "json"]))]
    with open(TRACE + ".key") as file:
        secrets = [key, old, file.read().strip()]
    assert not [s for s in secrets for text in told if s in text]


def test_a_pack_has_what_the_files_assign():
    failed_service()
    assert keytrail("pack", "-o", "p.jsonl", TRACE).status == 0
    assert keytrail("pack", "--no-env-files", "-o", "without.jsonl", TRACE).status == 0
    found = report()["findings"][0]
    for path in (".env", TRACE + ".key", *glob.glob(TRACE + "/*")):
        os.remove(path)
    shutil.rmtree(TRACE)
    packed = report(trace="p.jsonl")["findings"][0]
    assert (packed["code"], packed["summary"], packed["fix"]) == ("KT703", found["summary"], found["fix"]), packed
    assert "KT703" not in codes(report(trace="without.jsonl"))


def test_two_services_with_keys_of_their_own():
    env_file(openai_key())
    for trace in ("A", "B"):
        with service(python(REFUSED), held=openai_key(), trace=trace) as process:
            process.wait(30)
    run = keytrail("report", "-f", "json", "A", "B")
    assert [f["code"] for f in json.loads(run.out)["findings"]].count("KT703") == 1, run.out  # one line of the program: one finding
