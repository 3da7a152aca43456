"""The whole text report of each stored trace (tests/reports/*.jsonl) is a paragraph of tests/reports/golden.txt, to be read
aloud, all of them one after the other. tests/reports/README.md tells how both are made."""
import glob
import os
import re
import subprocess
from pty import openpty

import story
import stored
from story import each, patience, recorded, which, with_key
from stored import FOLDER, reported

KEY = "OPENAI_API_KEY"
GOLDEN = os.path.join(FOLDER, "golden.txt")
NAMES = sorted(os.path.basename(path)[:-len(".jsonl")] for path in glob.glob(FOLDER + "/*.jsonl"))

# ---- journeys that no row of causes.py has: recorded here, judged live, and stored ---------------

ASKS = f"import os\n\nkey = os.environ['{KEY}']\n"
POOL = f"""import multiprocessing, os

def ask(n):
    if not os.environ.get("{KEY}"):
        raise RuntimeError("no key")

if __name__ == "__main__":
    os.environ.pop("{KEY}")
    with multiprocessing.get_context("%s").Pool(4) as pool:
        pool.map(ask, range(8), chunksize=2)
"""
CLUSTER = """const { fork } = require('child_process')
const { OPENAI_API_KEY, ...env } = process.env

for (let i = 0; i < 6; i++) fork('worker.js', [String(i)], { env: %s })
"""
WORKER = f"const key = process.env.{KEY}\nif (!key) throw new Error('no key')\n"
AGAIN = "for i in 1 2 3; do env -u OPENAI_API_KEY python3 app.py; done\n"
DEEP = "/".join(["a-directory-with-a-long-name"] * 3)


def journey(label, files, command, headline, env=None, options=(), status=None):
    """`headline`: a regular expression for the beginning of the first line."""
    return label, dict(label=label, files=files, command=command, headline=headline, env=env or {}, options=options, status=status)


JOURNEYS = (
    journey("healthy, one program", {"app.py": ASKS}, ["python3", "app.py"], "every read of a needed key succeeded"),
    journey("healthy, a launcher and six workers", {"launch.js": CLUSTER % "process.env", "worker.js": WORKER}, ["node", "launch.js"], "every read of a needed key succeeded"),
    journey("healthy, and a name that nobody set", {"app.py": ASKS + "os.environ.get('STRIPE_SECRET_KEY')\n"}, ["python3", "app.py"], "STRIPE_SECRET_KEY"),
    journey("never set, a script", {"app.py": ASKS}, ["python3", "app.py"], r"app\.py:3 asks for", {KEY: None}),
    journey("never set, below two scripts", {"app.py": ASKS, "start.sh": 'exec sh run.sh\n', "run.sh": "cd .\npython3 app.py\n"}, ["sh", "start.sh"], r"app\.py:3 asks for", {KEY: None}),
    journey("a job with an environment of its own", {"app.py": ASKS, "nightly.sh": 'cd "$(dirname "$0")"\nexec python3 app.py\n'},
            ["env", "-i", "SHELL=/bin/sh", "LOGNAME=ann", "PATH=PATH", "sh", "nightly.sh"], r"env -i .* starts sh nightly\.sh without"),
    journey("pool of spawned workers", {"main.py": POOL % "spawn"}, ["python3", "main.py"], r"main\.py:8 removes"),
    journey("pool of forked workers", {"main.py": POOL % "fork"}, ["python3", "main.py"], r"main\.py:8 removes"),
    journey("six workers with a filtered environment", {"launch.js": CLUSTER % "env", "worker.js": WORKER}, ["node", "launch.js"], r"launch\.js:4 starts node worker\.js without"),
    journey("entrypoint that unsets and execs", {"app.py": ASKS, "entry.sh": f'set -e\nunset {KEY}\nexec "$@"\n'}, ["sh", "entry.sh", "python3", "app.py"], r"entry\.sh:2 removes"),
    journey("a text of sh -c that unsets and execs", {"app.py": ASKS}, ["sh", "-c", f"unset {KEY}; exec python3 app.py"], "sh -c 'unset"),
    journey("makefile that unexports", {"app.py": ASKS, "Makefile": f"unexport {KEY}\n\nrun:\n\t@cd . && python3 app.py\n"}, ["make", "run"], r"Makefile:1: make removes"),
    journey("makefile that empties", {"app.py": ASKS + "if not key: raise ValueError('no key')\n", "Makefile": f"export {KEY} =\n\nrun:\n\tpython3 app.py\n"}, ["make", "-s", "run"], r"Makefile:1: make sets"),
    journey("the same line again and again", {"app.py": ASKS, "run.sh": AGAIN}, ["sh", "run.sh"], r"run\.sh:1: env removes"),
    journey("a long command in a deep directory", {DEEP + "/app.py": ASKS, "launch.py": f"import os, subprocess\n\nsubprocess.call(['python3', '-W', 'ignore', '{DEEP}/app.py', '--port', '8080', '--verbose'], env={{'PATH': os.environ['PATH']}})\n"},
            ["python3", "launch.py"], r"launch\.py:3 starts"),
    journey("own name, misspelt", {"app.py": "import os\n\nkey = os.environ['OPENAI_API_KEY']\n"}, ["python3", "app.py"], r"app\.py:3 asks for OPENAI_API_KEY; what is set is OPENAI_APIKEY", {KEY: None, "OPENAI_APIKEY": "sk-proj-" + "b" * 48}),
    journey("placeholder from a file", {"app.py": ASKS, ".env": f"{KEY}=your-api-key\n", "run.sh": "set -a; . ./.env; set +a\npython3 app.py; exit 1\n"}, ["sh", "run.sh"], ".", {KEY: None}),
    journey("nothing asks", {}, ["true"], "no program was seen to ask"),
    journey("a shell that copies the environment", {"run.sh": f'[ "${KEY}" ] || exit 3\n'}, ["sh", "run.sh"], ".", {KEY: None}),
    journey("a static program between", {"app.py": ASKS}, ["STATIC", "env", "-u", KEY, "python3", "app.py"], "."),
    journey("two values, and the older is read", {"app.py": ASKS + "raise SystemExit('401')\n", "run.sh": f"export {KEY}=sk-proj-{'c' * 48}\npython3 app.py\n"}, ["sh", "run.sh"], "."),
)


def command_of(j):
    words = [story.PATH if word == "PATH" else word.replace("PATH=PATH", "PATH=" + story.PATH) for word in j["command"]]
    if words[0] == "STATIC":
        words[0] = story.static_busybox()
    else:
        which(words[0])
    return words


@patience(60)
@each(*JOURNEYS)
def test_a_journey_is_told_live_as_it_is_stored(j):
    for name, text in j["files"].items():
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        with open(name, "w") as file:
            file.write(text)
    env = {name: value for name, value in {**with_key(KEY), **j["env"]}.items() if value is not None}
    run = recorded(command_of(j), env, quiet=False)
    told = run.report.get("headline", "")
    assert re.match(j["headline"], told) or re.search(j["headline"], told), told
    if os.environ.get("KEYTRAIL_STORE"):
        assert stored.store(j["label"], run), "the trace is too large to be stored"
    assert os.path.exists(stored.file_of(j["label"])), "KEYTRAIL_STORE=1 stores it: see tests/reports/README.md"


# ---- the reports of the stored traces --------------------------------------------------------------

OPTIONS = {"healthy-a-launcher-and-six-workers": ("-v", "--tree"), "pool-of-spawned-workers": ("--tree",)}


def paragraph(name):
    pack = os.path.join(FOLDER, name + ".jsonl")
    parts = [f"# {name}\n" + text(reported(pack))]
    for option in OPTIONS.get(name, ()):
        parts.append(f"# {name}, report {option}\n" + text(reported(pack, option)))
    return "\n".join(parts)


def text(run):
    assert run.status == 0 and not run.err, run
    return run.out.decode()


def goldens():
    with open(GOLDEN) as file:
        return file.read()


def test_every_report_reads_as_it_was_read_aloud():
    told = "\n".join(paragraph(name) for name in NAMES)
    if os.environ.get("KEYTRAIL_WRITE"):
        with open(GOLDEN, "w") as file:
            file.write(told)
    assert told == goldens(), "KEYTRAIL_WRITE=1 tests/run 'journeys/stored_reports: every' writes golden.txt; read the difference aloud:\n" + difference(told)


def difference(told):
    with open("told.txt", "w") as file:
        file.write(told)
    return subprocess.run(["diff", "-u", GOLDEN, "told.txt"], capture_output=True, text=True).stdout[:6000]


def first_lines(text):
    """The first paragraph: up to the first line that has a label of its own."""
    return " ".join(re.split(r"\n(?:  \w|\n)", text)[0].split())


PLACE = r"(?<![(\w/])(?:[\w.-]+/)*(?:[\w-]*\.[\w.]+|Makefile|Procfile|\w+(?=:\d+: ))(?::\d+)?(?=[ :;,]|$)"  # a file, and not "openai (env.js:14)"
COMMAND = r"^\S+ +\S.* \(pid \d+\) "  # as it was typed, or as a program without lines has it
NEXT = (r"keytrail (?:run|report|doctor|explain)|--variable|--http|is next|ask again|not the environment", r"^healthy +every read of a needed key")


@each(*((name, name) for name in NAMES))
def test_the_first_line_names_a_place_to_edit_or_says_what_to_do_next(name):
    first = first_lines(text(reported(os.path.join(FOLDER, name + ".jsonl"), COLUMNS="1000")))
    act = first.split("; ")[0]
    assert re.search(PLACE, act) or re.match(COMMAND, first) or any(re.search(words, first) for words in NEXT), first


# ---- at any width, in any locale, piped or paged ----------------------------------------------------

@each(*((str(width), width) for width in (60, 80, 120)))
def test_every_report_fits_at_any_width(width):
    for name in NAMES:
        pack = os.path.join(FOLDER, name + ".jsonl")
        for option in ("-q", "-v", "--tree"):
            for locale in ("C", "C.UTF-8"):
                told = text(reported(pack, *([] if option == "-q" else [option]), COLUMNS=str(width), LC_ALL=locale))
                assert "\x1b" not in told and "\t" not in told, (name, told)
                assert all(len(line) <= width and line == line.rstrip() for line in told.splitlines()), (name, option, told)
                assert locale != "C" or told.isascii(), (name, told)


def sentences(told):
    return re.sub(r"[^\w]", "", told.split("\n  path")[0])


def test_every_report_says_the_same_at_any_width_and_in_any_locale():
    for name in NAMES:
        pack = os.path.join(FOLDER, name + ".jsonl")
        said = {sentences(text(reported(pack, COLUMNS=str(width), LC_ALL=locale))) for width in (60, 80, 120) for locale in ("C", "C.UTF-8")}
        assert len(said) == 1, (name, said)


def test_every_report_is_the_same_paged_and_in_colour():
    for name in NAMES[::7]:
        pack = os.path.join(FOLDER, name + ".jsonl")
        plain = text(reported(pack))
        coloured = text(reported(pack, "--color=always"))
        assert "\x1b[" in coloured and re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain, name
        master, slave = openpty()
        env = {"PATH": story.PATH, "LC_ALL": "C.UTF-8", "COLUMNS": "80", "HOME": "/nonexistent", "TERM": "xterm", "PAGER": "cat", "NO_COLOR": "1"}
        child = subprocess.Popen([story.KEYTRAIL, "report", "--no-source", pack], env=env, stdout=slave, stderr=slave, stdin=slave)
        os.close(slave)
        read = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            read += part
            if not part:
                break
        child.wait()
        os.close(master)
        assert read.decode().replace("\r\n", "\n") == plain, (name, read)
