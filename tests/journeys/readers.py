"""Libraries that read the environment for others, each with a small program: who is told to have asked,
through which library, how it ended, and that no loader's question and no copy accuses anybody.

A library is a file tests/readers/NAME.reader: lines of words, the files of the program, and what the
report says in each state of the world. Words: `packages` (a directory of tests/packages), `needs` (a
command or a file), `gem`, `name` (of the variable; OPENAI_API_KEY), `env NAME=VALUE`, `run COMMAND`.
States: `missing`, `present` in the environment, in the `file` .env, in `both` with two values. In .env, $KEY
is the value, and $RANDOM some letters.

What is told: the verdict with its reason, where it is none of the findings; then each fault and warning, and
the notes about the name: code, place to edit, the library on the way, places of callers, the end of the
reader, the place of the culprit."""
import glob
import os
import re
import shlex
import shutil
import subprocess

import nodes
import story

FOLDER = os.path.join(story.ROOT, "tests", "readers")
STATES = ("missing", "present", "file", "both")


class Reader:
    def __init__(self, label):
        with open(os.path.join(FOLDER, label + ".reader")) as file:
            head, *parts = re.split(r"^--- ", file.read(), flags=re.M)
        self.words = [line.split(" ", 1) for line in head.splitlines() if line and not line.startswith("#")]
        parts = [part.partition("\n")[::2] for part in parts]
        self.files = {name: text for name, text in parts if name not in STATES}
        self.told = {name: text.split("\n")[:-1] for name, text in parts if name in STATES}

    def all(self, word):
        return [text for first, text in self.words if first == word]

    def one(self, word, default=None):
        return (self.all(word) or [default])[0]


LABELS = [os.path.basename(path)[:-len(".reader")] for path in sorted(glob.glob(FOLDER + "/*.reader"))]
# The libraries that most programs use, in the packages that make test installs.
EVERYDAY = ("python-dotenv", "pydantic-settings", "decouple", "environs", "django", "click", "dotenv", "nest-two-names", "envalid",
            "yargs", "convict", "t3-env", "openai", "openai-python")
LONG = {rf"\[{re.escape(label)}\]": "a dozen readers of the environment are enough for make test" for label in LABELS if label not in EVERYDAY}


def needs(reader):
    for needed in reader.all("needs"):
        if needed.startswith("/"):
            os.path.exists(needed) or story.skip(f"no {needed} here: scripts/setup long installs it")
        else:
            story.which(needed)
    for gem in reader.all("gem"):
        if subprocess.run([story.which("ruby"), "-e", f"require '{gem}'"], capture_output=True).returncode:
            story.skip(f"no {gem} for Ruby here")


def program(reader):
    """Its directories of programs, and its command."""
    command = shlex.split(reader.one("run"))
    place = reader.one("packages") and story.packages(reader.one("packages"))
    folders = [os.path.dirname(nodes.node())] if "node" in reader.one("run") else []
    if place and os.path.isdir(place + "/node_modules"):
        os.symlink(place + "/node_modules", "node_modules")
    elif place:
        folders.append(place + "/bin")
    if version := re.fullmatch(r"node(\d+)", command[0]):
        command[0] = nodes.node(version[1])
    return ":".join([*folders, story.PATH]), command


def write_files(reader, state, key):
    files = dict(reader.files)
    env_file = files.pop(".env", reader.one("name", "OPENAI_API_KEY") + "=$KEY\n")
    if state in ("file", "both"):
        files[".env"] = env_file.replace("$KEY", key).replace("$RANDOM", story.random_text(48))
    for name, text in files.items():
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        with open(name, "w") as file:
            file.write(text)


def world(reader, state):
    """A directory with the program in this state, its environment and its command."""
    os.mkdir(state)
    os.chdir(state)
    write_files(reader, state, story.openai_key())
    path, command = program(reader)
    env = story.environment(PATH=path, **dict(e.split("=", 1) for e in reader.all("env")))
    if state in ("present", "both"):
        env[reader.one("name", "OPENAI_API_KEY")] = story.openai_key()
    return command, env


# ---- what is told ------------------------------------------------------------------

def place(site):
    """Of the program: FILE:LINE; of a library: its file, behind the directory of libraries."""
    library = re.search(r".*/(?:node_modules|site-packages|dist-packages|share/php|lib/ruby/vendor_ruby|lib/ruby/[\d.]+|lib/python3\.\d+)/(.*?)(?::\d+)?$", site)
    return library[1] if library else site.replace(os.getcwd() + "/", "")


def finding(f, name):
    victim = f.get("victim", {})
    words = [f["severity"], f["code"]] + [f["variable"]] * (f["variable"] != name)
    words += ["at", place(victim["site"])] if "site" in victim else []
    words += ["via", place(victim["via"])] if "via" in victim else []
    words += ["from", ",".join(map(place, victim["callers"]))] if victim.get("callers") else []
    words += [victim["end"]] if "end" in victim else []
    words += ["by", place(f["culprit"]["site"])] if "site" in f.get("culprit", {}) else []
    return " ".join(words)


def told(run, name):
    report = run.report
    lines = [finding(f, name) for f in report["findings"] if f["severity"] != "note" or f["variable"] == name]
    if report["verdict"] not in ("fault", "warning"):
        lines.insert(0, " ".join(filter(None, [report["verdict"], report.get("reason_code")])))
    return lines


@story.patience(300)
@story.each(*((label, label) for label in LABELS))
def test_reader(label):
    reader, home, wrong = Reader(label), os.getcwd(), []
    needs(reader)
    assert reader.told, "a reader without a state"
    for state in reader.told:
        command, env = world(reader, state)
        run = story.recorded(command, env)
        said = told(run, reader.one("name", "OPENAI_API_KEY"))
        if said != reader.told[state]:
            wrong += [f"{state}:", *("  wanted " + line for line in reader.told[state]), *("  told   " + line for line in said)]
        os.chdir(home)
        shutil.rmtree(state)
    assert not wrong, "\n".join(wrong)
