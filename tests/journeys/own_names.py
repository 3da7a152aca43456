"""A key under a name of one's own: its value tells that it is one, and from then on the name is watched."""
import os

import story
from pythons import program
from story import compiled, expect_fault, expect_no_fault, recorded, which

PY = story.PYTHON


def named(events):
    return [(e["e"], e["name"]) for e in events if "name" in e and e["e"] != "watch"]


def launcher(*programs):
    """Starts each program with a small environment of its own."""
    return program("import os, subprocess, sys\n"
                   "few = {'PATH': os.environ['PATH']}\n"
                   f"for command in {list(programs)!r}:\n"
                   "    status = subprocess.run(command, env=few).returncode\n"
                   "sys.exit(status)\n", "launch.py")


@story.each(*((name, name) for name in ("LLM", "OPENAI", "CHATGPT", "llm", "my.key.of.models", "X")))
def test_a_worker_that_never_held_the_value_is_heard(name):
    worker = program(f"import os\nkey = os.environ[{name!r}]\n", "worker.py")
    run = recorded([PY, launcher([PY, worker])], story.environment(**{name: story.openai_key()}))
    first = expect_fault(run, "KT201", name, victim="python", culprit="python")
    assert first["victim"]["site"] == f"{worker}:2", first["victim"]
    assert first["culprit"]["site"].endswith("launch.py:4"), first["culprit"]


def test_a_worker_in_node():
    which("node")
    with open("worker.js", "w") as file:
        file.write("const key = process.env.CHATGPT\nif (!key) throw new Error('no key')\n")
    run = recorded([PY, launcher(["node", "worker.js"])], story.environment(CHATGPT=story.openai_key()))
    first = expect_fault(run, "KT201", "CHATGPT", victim="node")
    assert first["victim"]["site"].endswith("worker.js:1"), first["victim"]


def test_a_worker_in_c():
    reader = compiled(story.READER)
    run = recorded([PY, launcher([reader, "LLM"])], story.environment(LLM=story.openai_key()))
    expect_fault(run, "KT201", "LLM", victim="probe")


def test_a_name_that_is_set_in_the_process():
    app = program(f"import os\nos.environ['LLM'] = {story.openai_key()!r}\n"
                  "del os.environ['LLM']\nos.environ['LLM']\n")
    run = recorded([PY, app])
    first = expect_fault(run, "KT301", "LLM")
    assert first["culprit"]["site"] == f"{app}:3", first["culprit"]


def test_other_names_are_not_watched():
    worker = program("import os\nos.environ.get('PLAIN'), os.environ.get('MODEL'), os.environ.get('LL')\n", "worker.py")
    run = recorded([PY, worker], story.environment(LLM=story.openai_key(), PLAIN="text", MODEL="sk-small"))
    assert not named(run.events), named(run.events)
    expect_no_fault(run)


def test_before_any_value_was_recognized_a_name_is_like_any_other():
    worker = program("import os\nos.environ.get('LLM')\n", "worker.py")
    run = recorded([PY, worker])
    assert not named(run.events), named(run.events)


def test_a_name_is_told_once_in_the_trace_and_no_secret_is_a_name():
    key, name = story.openai_key(), story.openai_key()
    reader = compiled(story.READER)
    run = recorded(["sh", "-c", f"{reader} LLM; {reader} LLM"], story.environment(**{"LLM": key, name: key}))
    assert [e["name"] for e in run.of("watch")] == ["LLM"], run.of("watch")
    for path in os.listdir(run.trace):
        with open(os.path.join(run.trace, path)) as file:
            text = file.read()
        assert key not in text and name not in text, path


def test_a_worker_that_lost_nothing():
    worker = program("import os\nos.environ['LLM']\n", "worker.py")
    app = program(f"import subprocess, sys\nsys.exit(subprocess.run([sys.executable, {worker!r}]).returncode)\n")
    run = recorded([PY, app], story.environment(LLM=story.openai_key()))
    story.expect_healthy(run, "LLM")


@story.each(*((name, name) for name in ("OpenAI_Api_Key", "openaiApiKey", "dbPassword", "INPUT_API-KEY", "db_passwd")))
def test_names_in_any_case(name):
    worker = program(f"import os\nos.environ[{name!r}]\n", "worker.py")
    run = recorded([PY, launcher([PY, worker])], story.environment(**{name: "hunter2"}))
    expect_fault(run, "KT201", name, victim="python")
