"""The demonstration shows both causes, and the shop works once both are mended."""
import os
import shutil

import story
from story import bare, expect_no_fault, recorded, which

DEMO = os.path.join(story.ROOT, "demo")


def shop():
    for file in os.listdir(DEMO):
        if file.endswith((".py", ".js")):
            shutil.copy(os.path.join(DEMO, file), file)
    with open(".env", "w") as file:
        file.write(f"STRIPE_SECRET_KEY=sk_live_{story.random_text(32)}\n")
    which("node")
    return story.environment(OPENAI_API_KEY=story.openai_key())


def test_both_causes_are_named():
    env = shop()
    run = recorded([story.PYTHON, "launch.py"], env)
    assert run.status == 1
    faults = {f["code"]: f for f in run.findings("fault")}
    assert set(faults) == {"KT201", "KT401"}, run.codes()
    assert faults["KT201"]["variable"] == "OPENAI_API_KEY" and faults["KT201"]["count"] == 2, faults
    assert "python" in faults["KT201"]["culprit"]["exe"], faults
    here = os.getcwd()
    assert faults["KT201"]["victim"]["site"] == f"{here}/chat.js:2", faults
    assert faults["KT201"]["culprit"]["site"] == f"{here}/launch.py:12", faults
    assert faults["KT401"]["victim"]["site"] == f"{here}/payments.js:2", faults
    assert faults["KT401"]["culprit"]["site"] == f"{here}/load-env.js:7", faults
    assert faults["KT401"]["variable"] == "STRIPE_SECRET_KEY", faults
    assert "node" in faults["KT401"]["victim"]["exe"], faults


def test_what_the_demonstration_prints():
    shop()
    done = bare([os.path.join(DEMO, "run")], {**story.environment(), "KEYTRAIL_COMMAND": story.KEYTRAIL})
    assert done.status == 0, done.err
    text = done.out.decode()
    for word in ("KT201", "KT401", "OPENAI_API_KEY", "STRIPE_SECRET_KEY", "exit status 1", "chat.js:2", "launch.py:12",
                 "payments.js:2", "load-env.js:7"):
        assert word in text, text
    assert "401 invalid API key" in done.err.decode() + text


def test_the_mended_shop():
    env = shop()
    for file, wrong, right in (
            ("launch.py", 'env = {"PATH": os.environ["PATH"], ', "env = {**os.environ, "),
            ("billing.js", "const payments = require('./payments')\nrequire('./load-env')",
             "require('./load-env')\nconst payments = require('./payments')")):
        with open(file) as source:
            text = source.read()
        assert wrong in text, file
        with open(file, "w") as source:
            source.write(text.replace(wrong, right))
    run = recorded([story.PYTHON, "launch.py"], env)
    assert run.status == 0, run.err
    expect_no_fault(run)
