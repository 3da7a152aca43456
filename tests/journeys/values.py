"""A key that arrived, but spoilt or under another name; and look-alikes that are fine."""
import nodes
import story
from story import compiled, expect_fault, expect_healthy, expect_no_fault, recorded, which

NAME = "OPENAI_API_KEY"


def node_reads(*names):
    which("node")
    return ["node", "-e", ";".join("process.env." + n for n in names) + ";process.exit(1)"]


def node_uses(*names):
    which("node")
    return ["node", "-e", ";".join("process.env." + n for n in names)]


def value(template):
    """<key> stands for a fresh well-formed key, <text> for other random text."""
    return template.replace("<key>", story.openai_key()).replace("<text>", story.random_text(24))


SPOILT = (
    ("empty", "", "KT601"),
    ("trailing line end", "<key>\n", "KT602"), ("trailing blank", "<key> ", "KT602"),
    ("leading blank", " <key>", "KT602"), ("CR", "<key>\r", "KT602"),
    ("double quotes", '"<key>"', "KT603"), ("single quotes", "'<key>'", "KT603"),
    ("your-api-key", "your-api-key", "KT604"), ("changeme", "changeme", "KT604"),
    ("xxx", "xxxxxxxx", "KT604"), ("braces", "${OPENAI_API_KEY}", "KT604"),
    ("dollar", "$OPENAI_API_KEY", "KT604"), ("mustache", "{{ openai_api_key }}", "KT604"),
    ("comment", "<key> # of the team", "KT604"),
    ("byte order mark", "\ufeff<key>", "KT606"), ("no-break space", "sk-proj-\u00a0<text>", "KT606"),
    ("undefined", "undefined", "KT607"), ("null", "null", "KT607"), ("None", "None", "KT607"),
    ("NaN", "NaN", "KT607"), ("object", "[object Object]", "KT607"),
)


@story.each(*((f"{label}, {kind}", text, code, kind) for label, text, code in SPOILT
              for kind in story.NAME_KINDS))
def test_a_spoilt_value(text, code, kind):
    story.need_rule(code)
    name, watch = story.watched(kind)
    run = recorded(node_reads(name), story.environment(**{name: value(text)}), watch)
    expect_fault(run, code, name, victim="node")


@story.each(
    ("a plain key", "<key>"), ("hex", "0123456789abcdef" * 4),
    ("JSON", '{"type": "service_account", "private_key": "<text>"}'),
    ("JSON with a line end", '{"a": "<text>"}\n'),
    ("PEM", "-----BEGIN PRIVATE KEY-----\n<text>\n-----END PRIVATE KEY-----\n"),
    ("a quote inside", '<text>"<text>'), ("a dollar inside", "<text>$<text>"), ("a blank inside", "<text> <text>"),
    ("keys", "<key>,<key>"),
)
def test_a_sound_value(text):
    name = story.random_name()
    run = recorded(node_uses(name), story.environment(**{name: value(text)}), (name,))
    expect_healthy(run, name)


@story.each(("empty", ""), ("trailing line end", "<key>\n"), ("quoted", '"<key>"'))
def test_a_spoilt_value_that_nobody_reads(text):
    which("node")
    run = recorded(["node", "-e", "1"], story.environment(**{NAME: value(text)}))
    expect_no_fault(run)


# ---- names ---------------------------------------------------------------------------

@story.each(("OPEN_AI_KEY", "OPEN_AI_KEY"), ("OPENAI_KEY", "OPENAI_KEY"), ("OPENAI_API_KEYS", "OPENAI_API_KEYS"),
            ("OPNEAI_API_KEY", "OPNEAI_API_KEY"))
def test_a_misspelt_name(present):
    run = recorded(node_reads(NAME), story.environment(**{present: story.openai_key()}))
    fault = expect_fault(run, "KT501", NAME, victim="node")
    assert present in fault["summary"] + fault["fix"], fault


def test_a_misspelt_made_up_name():
    name = story.random_name()
    near = name[:-1]
    run = recorded(node_reads(name), story.environment(**{near: story.openai_key()}), (name, "ZQX_*"))
    fault = expect_fault(run, "KT501", name, victim="node")
    assert near in fault["summary"] + fault["fix"], fault


def test_the_right_name_beside_a_near_one():
    env = story.environment(OPENAI_API_KEY=story.openai_key(), OPEN_AI_KEY=story.openai_key())
    expect_healthy(recorded(node_uses(NAME), env), NAME)


@story.each(("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_API_KEY"), ("CREWAI_OPENAI_API_KEY", "CREWAI_OPENAI_API_KEY"))
def test_the_name_of_another_provider(present):
    story.need_rule("KT502")
    run = recorded(node_reads(NAME), story.environment(**{present: story.random_text(40)}))
    expect_fault(run, "KT502", NAME, victim="node")


def test_a_key_of_another_provider():
    story.need_rule("KT503")
    run = recorded(node_reads(NAME), story.environment(**{NAME: "sk-ant-api03-" + story.random_text(48)}))
    expect_fault(run, "KT503", NAME, victim="node")


@story.each(
    ("GH_TOKEN before GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"),
    ("GITHUB_TOKEN before GH_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"),
    ("GEMINI before GOOGLE", "GEMINI_API_KEY", "GOOGLE_API_KEY"),
    ("HF_TOKEN before HUGGING_FACE_HUB_TOKEN", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"),
)
def test_a_chain_of_names_of_one_provider(first, second):
    which("node")
    run = recorded(["node", "-e", f"const k = process.env.{first} || process.env.{second}; process.exit(k ? 0 : 1)"],
                   story.environment(**{second: story.random_text(40)}))
    assert run.status == 0
    expect_no_fault(run)


def test_a_spoilt_value_counts_its_readers():
    reader = compiled(story.READER, "reader")
    run = recorded(["sh", "-c", f"for i in 1 2 3; do {reader} {NAME} NO_SUCH_SETTING; done; exit 1"],
                   story.environment(**{NAME: story.openai_key() + "\n"}))
    expect_fault(run, "KT602", NAME, victim="/reader", count=3)


# ---- all values of a name --------------------------------------------------------------

def test_every_value_of_a_name_is_counted():
    which("node")
    with open("launch.js", "w") as file:
        file.write(f"""const run = (env) => require('child_process').spawnSync('node', ['read.js'], {{ env }})
run(process.env)
run({{ ...process.env, {NAME}: 'sk-ant-' + 'a'.repeat(60) }})
run({{ ...process.env, {NAME}: '' }})
""")
    with open("read.js", "w") as file:
        file.write(f"process.env.{NAME}\n")
    key = story.openai_key()
    run = recorded(["node", "launch.js"], story.environment(**{NAME: key}))
    row, = (v for v in run.report["variables"] if v["name"] == NAME)
    assert [v["fingerprint"] for v in row["values"]] == row["fingerprints"], row
    told = {v["length"]: v for v in row["values"]}
    assert set(told) == {len(key), 67, 0}, row
    assert told[len(key)]["provider"] == "openai" and told[len(key)]["readers"] == 1 < told[len(key)]["holders"], row
    assert (told[67]["provider"], told[67]["readers"]) == ("anthropic", 1), row
    assert told[0]["shapes"] == ["empty"] and "provider" not in told[0], row
    text = " ".join(story.asked("report", run.trace).decode().split())
    assert "3 values: " in text and "(67 bytes, a key of anthropic)" in text, text


TWO_ENTRIES = r"""
#include <unistd.h>
int main(int argc, char **argv)
{
	char *envp[] = {argv[1], "PATH=/usr/bin:/bin", argv[2], NULL};
	return execvpe(argv[3], argv + 3, envp);
}
"""


@story.each(("two values", "<key>", "KT608", "warning"), ("one value", None, "KT608", "note"))
def test_two_entries_of_one_name(second, code, severity):
    launcher, reader = compiled(TWO_ENTRIES, "launcher"), compiled(story.READER, "reader")
    first = story.openai_key()
    run = recorded([launcher, f"{NAME}={first}", f"{NAME}={value(second) if second else first}", reader, NAME], story.environment())
    assert run.status == 0, run.err
    assert [f["severity"] for f in run.findings() if f["code"] == code] == [severity], run.report["findings"]


def test_a_shell_takes_the_second_of_two_entries():
    launcher = compiled(TWO_ENTRIES, "launcher")
    first, second = story.openai_key(), story.openai_key()
    run = recorded([launcher, f"{NAME}={first}", f"{NAME}={second}", which("bash"), "-c", "exec " + compiled(story.READER, "reader") + " " + NAME],
                   story.environment())
    values = {v["fp"] for e in run.of("birth") for v in [e["env"].get(NAME), e.get("again", {}).get(NAME)] if v}
    assert len(values) == 2, values
    assert "KT608" in run.codes(), run.codes()


CUT = """
import os, subprocess, sys
whole = os.environ["ACME_API_KEY"]
env = dict(os.environ, ACME_API_KEY=whole.split(sys.argv[2])[0])
raise SystemExit(subprocess.run([sys.argv[1], "ACME_API_KEY"], env=env).returncode)
"""


@story.each(("a number sign", "<text>#<text>", "#"), ("a dollar", "<text>$<text>", "$"), ("a blank", "<text> <text>", " "))
def test_a_value_that_a_launcher_cuts_short(text, mark):
    launch, reader = story.program(CUT, "launch.py"), compiled(story.READER + "__attribute__((destructor)) void end() { _exit(1); }", "reader")
    run = recorded([story.PYTHON, launch, reader, mark], story.environment(ACME_API_KEY=value(text)))
    found = expect_fault(run, "KT605", "ACME_API_KEY", victim="reader", culprit="python")
    assert found["culprit"]["site"].endswith("launch.py:5"), found


HEADERS = (
    ("http.client", "h.py", "import http.client, os\nkey = os.environ['OPENAI_API_KEY']\nc = http.client.HTTPConnection('127.0.0.1', 9)\nc.putrequest('GET', '/')\nc.putheader('Authorization', 'Bearer ' + key)\n"),
    ("urllib", "u.py", "import os, urllib.request as u\nkey = os.environ['OPENAI_API_KEY']\nu.urlopen(u.Request('http://127.0.0.1:9/', headers={'Authorization': 'Bearer ' + key}))\n"),
    ("fetch", "f.js", "const\n  key = process.env.OPENAI_API_KEY\nfetch('http://127.0.0.1:9/', { headers: { authorization: 'Bearer ' + key } }).then(() => 0)\n"),
    ("node:http", "n.js", "const\n  key = process.env.OPENAI_API_KEY\nrequire('http').get('http://127.0.0.1:9/', { headers: { authorization: 'Bearer ' + key } })\n"),
)


@story.each(*HEADERS)
def test_a_character_that_no_header_can_hold(path, text):
    interpreter = story.PYTHON if path.endswith("py") else nodes.node()
    key = story.openai_key()
    run = recorded([interpreter, story.program(text, path)], story.environment(OPENAI_API_KEY=key[:20] + "\u200b" + key[20:]))
    found = expect_fault(run, "KT606", "OPENAI_API_KEY")
    assert found["victim"]["end"] == "failed-by-it" and found["victim"]["site"].endswith(f"{path}:2"), found


@story.each(*HEADERS)
def test_a_sound_key_for_a_host_that_is_down(path, text):
    interpreter = story.PYTHON if path.endswith("py") else nodes.node()
    run = recorded([interpreter, story.program(text + "\nimport socket; socket.create_connection(('127.0.0.1', 9))\n" if path == "h.py" else text, path)],
                   story.with_key("OPENAI_API_KEY"))
    assert run.status == 1 and not run.codes("fault") + run.codes("warning"), run.report


def test_a_key_that_a_launcher_cuts_anywhere():
    text = "import os, subprocess, sys\nkey = os.environ['OPENAI_API_KEY'][:20]\nraise SystemExit(subprocess.call([sys.argv[1], 'OPENAI_API_KEY'], env=dict(os.environ, OPENAI_API_KEY=key)))\n"
    reader = compiled(story.READER + "__attribute__((destructor)) void end() { _exit(1); }", "reader")
    run = recorded([story.PYTHON, story.program(text, "launch.py"), reader], story.with_key("OPENAI_API_KEY"))
    found = expect_fault(run, "KT605", "OPENAI_API_KEY", victim="reader", culprit="python")
    assert found["culprit"]["site"].endswith("launch.py:3"), found


def test_a_part_of_the_key_that_a_file_has():
    key = story.openai_key()
    story.program(f"OPENAI_API_KEY={key}\n", ".env")
    app = story.program("import os\nif len(os.environ['OPENAI_API_KEY']) < 30:\n    raise SystemExit('401')\n", "app.py")
    found = expect_fault(recorded([story.PYTHON, app], story.environment(OPENAI_API_KEY=key[:20])), "KT605", "OPENAI_API_KEY", victim="python")
    assert found["summary"] == "app.py:2 reads OPENAI_API_KEY, whose value is only the beginning of the one in .env:1", found
    assert "KT605" not in recorded([story.PYTHON, app], story.environment(OPENAI_API_KEY=story.openai_key())).codes()


@story.each(("a comment", "<text> # of the team", " #"), ("another value", "<text>x<text>", "x"))
def test_a_value_less_a_comment_or_another(text, mark):
    launch, reader = story.program(CUT, "launch.py"), compiled(story.READER, "reader")
    run = recorded([story.PYTHON, launch, reader, mark], story.environment(ACME_API_KEY=value(text)))
    assert "KT605" not in run.codes(), run.codes()


def test_a_program_that_sets_the_beginning_of_its_own_value():
    app = story.program("import os\nos.environ['ACME_API_KEY'] = os.environ['ACME_API_KEY'].split('#')[0]\n"
                        "print(len(os.environ['ACME_API_KEY']))\nraise SystemExit(1)\n", "app.py")
    run = recorded([story.PYTHON, app], story.environment(ACME_API_KEY=value("<text>#<text>")))
    found = expect_fault(run, "KT605", "ACME_API_KEY", victim="python", culprit="python")
    assert found["culprit"]["site"].endswith("app.py:2"), found
