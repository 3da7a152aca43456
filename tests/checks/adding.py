"""Performs the lists of docs/adding.md on a copy of the tree: the blocks of the page are put where the
page says, and the page's own commands are run."""
import glob
import os
import re
import shutil
import subprocess

import story

LONG = {r"a step left out": "builds the tree once more for each step of docs/adding.md",
        r"^a (finding|runtime|language|format|watched name|test story)$": "two of its lists are enough for make test"}

STEP = re.compile(r"^(?:\d+\. +|   )`([^`]+)`: ")
FENCE = re.compile(r"^( *)```(\w*)$")


def lists():
    """Of each list its title, its blocks as (file, text), and the commands at its end."""
    with open(os.path.join(story.ROOT, "docs/adding.md")) as page:
        sections = re.split(r"^## ", page.read(), flags=re.M)[1:]
    return {title: read_list(body) for title, body in (s.split("\n", 1) for s in sections) if "```sh\n" in body}


def read_list(text):
    blocks, commands, file, lines = [], None, None, iter(text.split("\n"))
    for line in lines:
        step, fence = STEP.match(line), FENCE.match(line)
        file = step[1] if step else file
        if fence:
            block = "".join(l[len(fence[1]):] + "\n" for l in iter(lambda: next(lines), fence[1] + "```"))
            if fence[2] == "sh":
                commands = block
            else:
                blocks.append((file, block))
    return blocks, commands


LISTS = lists()


# ---- a copy of the tree --------------------------------------------------------

def copied_tree():
    """The sources with what is built of them, times as they were: only what a list touches is built anew."""
    os.mkdir("tree")
    parts = [p for p in os.listdir(story.ROOT) if p not in (".git", "build")]
    subprocess.run(["cp", "-a", "-t", "tree", *(os.path.join(story.ROOT, p) for p in parts)], check=True)
    if os.path.isdir(os.path.join(story.ROOT, "build")):
        os.mkdir("tree/build")
        built = [os.path.join(story.ROOT, "build", p) for p in ("obj", "pic", "gen", "keytrail", "libkeytrail.so")]
        subprocess.run(["cp", "-a", "-t", "tree/build", *filter(os.path.exists, built)], check=True)
    return os.path.abspath("tree")


def put(tree, file, block):
    path = os.path.join(tree, file)
    if not os.path.exists(path):
        with open(path, "w") as new:
            new.write(block)
    elif is_rows(block):
        put_rows(path, block.splitlines())
    else:
        with open(path, "a") as old:
            old.write("\n" + block)


def is_rows(block):
    return all(re.match(r"[A-Z_]+\(.*\)$", line) for line in block.splitlines())


def put_rows(path, rows):
    """Each below the last row with the same first word."""
    with open(path) as file:
        lines = file.read().split("\n")
    for row in rows:
        word = row[:row.index("(") + 1]
        lines.insert(1 + max(i for i, line in enumerate(lines) if line.startswith(word)), row)
    with open(path, "w") as file:
        file.write("\n".join(lines))


def run(tree, commands):
    env = {n: v for n, v in os.environ.items() if not n.startswith("MAKE") and n not in ("BUILD", *story.OURS)}
    env.update(XDG_CACHE_HOME=os.path.join(tree, "cache"), LC_ALL="C")
    done = subprocess.run(["sh", "-ec", commands], cwd=tree, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def performed(title, without=None):
    """The tree after a list (less one block), and what the commands of the page said there."""
    blocks, commands = LISTS[title]
    tree = copied_tree()
    for number, (file, block) in enumerate(blocks):
        if number != without:
            put(tree, file, block)
    return tree, *run(tree, commands)


def perform(title):
    tree, status, said = performed(title)
    assert status == 0, said
    for counts in re.findall(r"(\d+) passed, (\d+) failed, (\d+) skipped", said):
        assert int(counts[0]) > 0 and counts[1] == "0", said
    return tree, said


def ran(said, *names):
    for name in names:
        assert re.search(rf"(?m)^ok +\[\d+ of \d+\] {name}", said), f"{name} was not run:\n{said}"


# ---- the lists -----------------------------------------------------------------

def test_the_page_has_every_list_and_names_files_that_exist():
    assert list(LISTS) == ["A hook", "A finding", "A watched name", "A format", "A runtime", "A language", "A test story"]
    with open(os.path.join(story.ROOT, "docs/adding.md")) as page:
        named = re.findall(r"`((?:src|tests|docs|include|scripts)/[\w./*-]+)`", page.read())
    made = {file for blocks, _ in LISTS.values() for file, _ in blocks}
    gone = [f for f in named if f not in made and "FOLDER" not in f and "NAME" not in f and not glob.glob(os.path.join(story.ROOT, f))]
    assert len(named) > 20 and not gone, (named, gone)


def test_files_that_the_pages_for_contributors_name_exist():
    listed = [os.path.relpath(os.path.join(place, name), story.ROOT) for top in ("src", "tests", "docs", "include", "scripts")
              for place, _, names in os.walk(os.path.join(story.ROOT, top)) for name in names]
    for page in ("docs/architecture.md", "docs/glossary.md", "CONTRIBUTING.md"):
        with open(os.path.join(story.ROOT, page)) as file:
            named = re.findall(r"`([a-z0-9_/]+\.(?:c|h|S|def|txt|py|md))`", file.read())
        gone = [name for name in named if not any(("/" + path).endswith("/" + name) for path in listed)]
        assert not gone, f"{page} names files that do not exist: {gone}"


@story.patience(300)
def test_a_hook():
    _, said = perform("A hook")
    ran(said, r"hooks/walk: walk \[wordexp\]", "hooks/walk: every row", r"transparency/errno: value and errno of \[wordexp\]")


@story.patience(300)
def test_a_finding():
    tree, said = perform("A finding")
    ran(said, r"unit/rules_cases kt690 \[gcc\]")
    assert "KT690 digest-as-key: " in said, said
    status, said = run(tree, "OPENAI_API_KEY=$(printf %032d 7) build/keytrail run -q -o t "
                             "python3 -c 'import os; os.environ[\"OPENAI_API_KEY\"]; exit(3)' || true; build/keytrail report t")
    assert "KT690" in said and "digest" in said, said


@story.patience(300)
def test_a_watched_name():
    tree, said = perform("A watched name")
    assert re.search(r"holding .*GLOBEX_LOGIN [0-9a-f]{8} \(23 bytes, globex\)", said), said
    assert "DOOR_PIN" in said, said
    status, said = run(tree, "GLOBEX_TOKNE=x OTHER_LOGIN=y build/keytrail run -q -o t true; build/keytrail replay t")
    assert "GLOBEX_TOKNE" in said and "OTHER_LOGIN" not in said, said


@story.patience(300)
def test_a_format():
    tree, said = perform("A format")
    ran(said, r"unit/formats_lines \[gcc\]: a_finding_is_one_line")
    assert re.search(r"-f, --format.*\blines\b", said), said
    status, said = run(tree, "OPENAI_API_KEY=good build/keytrail run -q -o t env -i printenv OPENAI_API_KEY || true;"
                             "build/keytrail report -f lines t")
    assert re.match(r"(fault|warning|note) KT201 OPENAI_API_KEY \S.*\n", said), said


@story.patience(300)
def test_a_runtime():
    _, said = perform("A runtime")
    ran(said, r"unit/rules_cases lxc \[gcc\]", r"unit/runtimes_runtime \[gcc\]")


@story.patience(300)
def test_a_language():
    _, said = perform("A language")
    ran(said, "journeys/languages: tiny tells the line of a read")


def test_a_test_story():
    _, said = perform("A test story")
    ran(said, "journeys/empty_launch: env dash i")


@story.patience(300)
def test_the_case_that_contributors_read_first():
    with open(os.path.join(story.ROOT, "CONTRIBUTING.md")) as page:
        case = re.search(r"^```\n(# .*?^---\n.*?)^```$", page.read(), flags=re.M | re.S)[1]
    tree = copied_tree()
    put(tree, "tests/rules/contributing.case", case)
    status, said = run(tree, "make quick PATTERN='rules_cases contributing'")
    assert status == 0, said
    ran(said, r"unit/rules_cases contributing \[gcc\]")


# ---- each step is needed ---------------------------------------------------------

def steps():
    for title, (blocks, _) in LISTS.items():
        for number, (file, _) in enumerate(blocks):
            yield f"{title}: {number + 1}, {file}", title, number


@story.patience(600)
@story.each(*steps())
def test_a_step_left_out_is_noticed(title, number):
    _, status, said = performed(title, number)
    assert status != 0, said
