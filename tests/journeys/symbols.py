"""What a language told is judged; what symbols tell is for people. So `run`, `report` and a pack's report agree, and
a report on a machine that has none of the programs does, too."""
import glob
import json
import os
import re
import shutil

import story
from pythons import program
from story import compiled, keytrail, recorded, which

KEY = "OPENAI_API_KEY"
VALUE = story.openai_key()
PY = story.PYTHON


def judged(report):
    """A report without its names of places."""
    return report["verdict"], report.get("reason_code"), [
        (f["code"], f["severity"], f["confidence"], f["variable"], f.get("others"), f.get("count"),
         f.get("victim", {}).get("pid"), f.get("victim", {}).get("end"), f.get("culprit", {}).get("pid"))
        for f in report["findings"]]


def report(path):
    return json.loads(story.asked("report", "-f", "json", path))


def without_modules(trace):
    """The trace as it would be read where no program of it lies."""
    for path in glob.glob(os.path.join(trace, "*.jsonl")):
        with open(path) as file:
            lines = [line for line in file if line.startswith("{") and not line.startswith('{"e":"module"')]
        with open("bare.jsonl", "a") as file:
            file.writelines(lines)
    return "bare.jsonl"


def expect_agreement(run):
    with_symbols = judged(run.report)
    assert keytrail("pack", run.trace, "-o", "packed.jsonl").status == 0
    for other in "packed.jsonl", without_modules(run.trace):
        assert judged(report(other)) == with_symbols, (other, judged(report(other)), with_symbols)
    summary = re.sub(r"\s+", " ", run.err.decode().replace("keytrail:", " "))
    told = [f for f in run.report["findings"] if f["severity"] != "note"]
    verdict = run.report["verdict"]
    line = f"{told[0]['severity']}: {told[0]['summary']}" if told else verdict
    assert line in summary, (line, summary)
    return run.report


def expect(run, verdict, *codes):
    told = expect_agreement(run)
    assert told["verdict"] == verdict, (told["verdict"], told["findings"])
    assert [f["code"] for f in told["findings"] if f["severity"] != "note"] == list(codes), told["findings"]


# ---- Node ------------------------------------------------------------------------

USES = f"if (!process.env.{KEY}) throw new Error('no key')\n"


def node(text, *flags, env_file=f"{KEY}={VALUE}\n"):
    which("node")
    program(text, "app.js")
    program(env_file, ".env")
    return recorded(["node", *flags, "app.js"], quiet=False)


def dotenv():
    shutil.copytree(story.fetched("dotenv", story.downloads("dotenv")[0]), "node_modules/dotenv")


def test_node_with_dotenv():
    dotenv()
    expect(node("require('dotenv').config({ quiet: true })\n" + USES), "healthy")


def test_node_with_dotenv_too_late():
    dotenv()
    expect(node(f"const key = process.env.{KEY}\nrequire('dotenv').config({{ quiet: true }})\n"
                "if (!key) throw new Error('no key')\n"), "fault", "KT401")


def test_node_with_two_names_in_its_file():
    dotenv()
    expect(node("require('dotenv').config({ quiet: true })\n" + USES, env_file=f"{KEY}={VALUE}\nGITHUB_TOKEN=x\n"), "healthy")


def test_node_with_an_env_file():
    expect(node(USES, "--env-file=.env"), "healthy")


def test_node_with_an_env_file_that_it_never_asks_for():
    expect_agreement(node("console.log('fine')\n", "--env-file=.env"))


def test_node_that_loads_a_file_itself():
    expect(node("process.loadEnvFile()\n" + USES), "healthy")


def test_node_that_loads_a_file_too_late():
    expect(node(f"const key = process.env.{KEY}\nprocess.loadEnvFile()\nif (!key) throw new Error('no key')\n"),
           "fault", "KT401")


MISSPELT = f"{KEY.replace('API_KEY', 'APIKEY')}={VALUE}\n"


@story.each(("by a flag", USES, ["--env-file=.env"], r"; what \.env:1 sets is OPENAI_APIKEY"),
            ("by a call", "process.loadEnvFile()\n" + USES, [], r"; what app\.js:1 sets is OPENAI_APIKEY"))
def test_node_with_a_misspelt_name_in_its_file(text, flags, told):
    run = node(text, *flags, env_file=MISSPELT)
    expect(run, "fault", "KT501")
    assert re.search(told, run.report["headline"]), run.report["headline"]


# ---- Python ----------------------------------------------------------------------

# As python-dotenv does it, in the file of that name.
LOADER = """import os
def load_dotenv(override=False):
    for line in open('.env'):
        name, value = line.strip().split('=', 1)
        if name in os.environ and not override:
            continue
        os.environ[name] = value
"""


def python(text, env_file=f"{KEY}={VALUE}\n"):
    program(LOADER, "site-packages/dotenv/main.py")
    program("from .main import load_dotenv\n", "site-packages/dotenv/__init__.py")
    program(env_file, ".env")
    return recorded([PY, program(text)], story.environment(PYTHONPATH=os.path.abspath("site-packages")), quiet=False)


def test_python_with_load_dotenv():
    expect(python(f"import os\nfrom dotenv import load_dotenv\nload_dotenv()\nos.environ['{KEY}']\n"), "healthy")


def test_python_with_load_dotenv_too_late():
    expect(python(f"import os\nfrom dotenv import load_dotenv\nkey = os.environ.get('{KEY}')\nload_dotenv()\n"
                  "assert key, 'no key'\n"), "fault", "KT401")


def test_python_with_load_dotenv_and_a_child():
    worker = program(f"import os\nos.environ['{KEY}']\n", "worker.py")
    expect(python("import subprocess, sys\nfrom dotenv import load_dotenv\nload_dotenv()\n"
                  f"sys.exit(subprocess.run([sys.executable, '{worker}'], env={{}}).returncode)\n"), "fault", "KT201")


def test_python_with_putenv():
    expect(python(f"import os\nos.putenv('{KEY}', '{VALUE}')\nos.environ['{KEY}']\n"), "fault", "KT403")


def test_python_with_a_native_setter():
    expect(python(f"import ctypes, os\nctypes.CDLL(None).setenv(b'{KEY}', b'{VALUE}', 1)\nos.environ['{KEY}']\n"),
           "fault", "KT403")


# ---- native programs ---------------------------------------------------------------

PROBES = """#include <stdlib.h>
static __attribute__((noinline)) int has(const char *n) { int f = !!getenv(n); __asm__ volatile(""); return f; }
static __attribute__((noinline)) void put(const char *n) { setenv(n, "sk-proj-0123456789abcdefghijklmnopqrstuv", 1); __asm__ volatile(""); }
int main(void) {
	if (!has("OPENAI_API_KEY")) put("OPENAI_API_KEY");
	return !has("OPENAI_API_KEY") + STATUS;
}
"""


@story.each(("with symbols, well", "-g -DSTATUS=0"), ("stripped, well", "-s -DSTATUS=0"),
            ("with symbols, failing", "-g -DSTATUS=3"), ("stripped, failing", "-s -DSTATUS=3"))
def test_a_native_program_that_probes_and_sets(flags):
    expect_agreement(recorded([compiled(PROBES, "service", flags=flags.split())], quiet=False))


def test_symbols_or_none_are_the_same_to_the_judgement():
    reports = [expect_agreement(recorded([compiled(PROBES, "service", flags=[flag, "-DSTATUS=3"])], quiet=False))
               for flag in ("-g", "-s")]
    first, second = ([f[:6] for f in judged(r)[2]] for r in reports)
    assert first == second, (first, second)
