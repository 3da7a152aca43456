"""No byte of a value leaves its process: random secrets of every shape go through
every operation; then everything that was written is searched for pieces of them."""
import glob
import json
import os
import re
import shlex
import string
import subprocess

import story
from story import compiled, random_text, recorded, which

BASE64 = string.ascii_letters + string.digits + "+/"
UPPER = string.ascii_uppercase + string.digits


class Secrets:
    """Makes secrets, and remembers the random text in them. A piece of six bytes
    (twelve where only hex digits vary: fingerprints are hex too) must never be seen."""

    def __init__(self):
        self.pieces = set()

    def text(self, length, alphabet=BASE64, piece=6):
        made = random_text(length, alphabet)
        pieces = (made[i:i + piece] for i in range(len(made) - piece + 1))
        # six digits, or hex digits, also stand in times and fingerprints by chance
        self.pieces.update(p for p in pieces if piece > 6 or not re.fullmatch("[0-9a-f]+", p))
        return made

    def shapes(self):
        text = self.text
        return {
            "base64": text(44), "hex": text(64, "0123456789abcdef", 12), "long": text(900),
            "openai": "sk-proj-" + text(48), "anthropic": "sk-ant-api03-" + text(80),
            "github": "ghp_" + text(36, string.ascii_letters), "short": text(6), "seven": text(7),
            "quoted": '"' + text(30) + '"', "newline": text(20) + "\n" + text(20) + "\n",
            "crlf": text(24) + "\r", "blanks": "  " + text(24) + " " + text(12) + " ",
            "json": '{"private_key": "' + text(40) + '", "client": "' + text(12) + '"}',
            "pem": "-----BEGIN PRIVATE KEY-----\n" + text(64) + "\n" + text(64) + "\n-----END PRIVATE KEY-----\n",
            "url": "postgres://app:" + text(20, string.ascii_letters) + "@db.internal/app", "dollar": "$" + text(20), "equals": text(16) + "==",
            "jwt": "eyJhbGciOiJIUzI1NiJ9." + text(40) + "." + text(43),
            "utf8": "\u00e9" + text(16) + "\u00fc", "bom": "\ufeff" + text(24), "backslash": text(10) + "\\n" + text(10),
        }

    def leaks(self, data):
        """Pieces that stand in some bytes; pieces of six make a quick first sieve."""
        text = data.decode("latin-1")
        found = set()
        for size in {len(p) for p in self.pieces}:
            wanted = {p for p in self.pieces if len(p) == size}
            seen = {text[i:i + size] for i in range(len(text) - size + 1)}
            found |= wanted & seen
        return found

    def expect_none_in(self, data, where):
        found = self.leaks(data)
        assert not found, f"{where} holds {sorted(found)[:5]}"


HOST = r"""
/* Does with the values of its environment whatever a program can do with them. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;

static void wait_for(pid_t pid)
{
	int status;

	if (pid > 0)
		waitpid(pid, &status, 0);
}

static void wipe(char *text)
{
	memset(text, 0, strlen(text));
}

static void use(const char *name)
{
	char other[200], pair[4000], *value = getenv(name), *copy;
	char *envp[] = {"PATH=/usr/bin:/bin", pair, NULL};
	char *argv[] = {"true", "--token", value, pair, NULL};
	pid_t pid = 0;

	if (!value)
		return;
	copy = strdup(value);
	argv[2] = copy;
	snprintf(pair, sizeof pair, "%s=%s", name, copy);
	snprintf(other, sizeof other, "OTHER_%s", name);
	secure_getenv(name);
	setenv(other, copy, 1);
	getenv(other);
	setenv(other, copy, 0);
	if (!(pid = fork())) {
		getenv(other);
		execle("/bin/true", "true", "-e", pair, NULL, envp);
		_exit(9);
	}
	wait_for(pid);
	if (!(pid = vfork())) {
		execve("/no/such/program", argv, envp);
		execve("/bin/true", argv, envp);
		_exit(9);
	}
	wait_for(pid);
	if (!posix_spawn(&pid, "/bin/true", NULL, NULL, argv, envp))
		wait_for(pid);
	posix_spawnp(&pid, "no-such-program", NULL, NULL, argv, envp);
	execvp("no-such-program", argv);
	wipe(getenv(other)); /* libc keeps it when it is unset */
	unsetenv(other);
	putenv(pair);
	getenv(name);
	if (!(pid = fork())) {
		clearenv();
		getenv(name);
		setenv(name, copy, 1);
		environ = envp;
		getenv(name);
		execv("/bin/true", argv);
		_exit(9);
	}
	wait_for(pid);
	setenv(name, copy, 1);
	memset(pair, 0, sizeof pair);
	wipe(copy);
	free(copy);
}

/* Overwrites the stack below and the vector registers: libc's own calls left copies there. */
static void __attribute__((noinline)) scrub(void)
{
	volatile char below[256 * 1024];
	static char zeros[4096], more[4096];

	for (size_t n = 0; n < sizeof zeros; n++)
		memcpy(more, zeros, n);
	for (size_t i = 0; i < sizeof below; i++)
		below[i] = 0;
}

static void wipe_environment(char **env)
{
	for (; env && *env; env++) {
		char *value = strchr(*env, '=');

		if (value)
			wipe(value + 1);
	}
}

int main(int argc, char **argv)
{
	char **first = environ, **copies = calloc(4096, sizeof *copies);
	size_t n = 0;

	mallopt(M_PERTURB, 1); /* free overwrites what libc itself copied */
	for (char **e = environ; *e; e++)
		copies[n++] = *e;
	for (int i = 2; i < argc; i++)
		use(argv[i]);
	fputs("done\n", stdout);
	fflush(stdout);
	if (strcmp(argv[1], "wipe"))
		return 0;
	wipe_environment(environ);
	wipe_environment(copies);
	wipe_environment(first);
	scrub();
	puts("wiped");
	fflush(stdout);
	pause();
	return 0;
}
"""

COMMAND_LINES = """
docker run -e {name}={base64} image
docker run --env {name}={base64} image
tool --token={base64} rest
tool --token {base64} rest
tool --api-key {openai}
tool --password={short}
tool --password {seven}
mysql -p{short} db
mysql --password={base64}
curl -u user:{base64} http://127.0.0.1:9/
curl -H 'Authorization: Bearer {openai}' http://127.0.0.1:9/
curl -H 'x-api-key: {anthropic}' http://127.0.0.1:9/
curl http://user:{url}@127.0.0.1:9/
curl 'http://127.0.0.1:9/?api_key={base64}'
psql {urlfull}
env {name}={base64} true
{openai}
--secret={json}
sh -c '{name}={word} true'
sh -c 'export {name}={word}; true'
sh -c 'curl -H "Authorization: Bearer {word}" http://127.0.0.1:9/ 2>/dev/null; true'
sh -c 'set -- {word}; true'
python3 -c "import os; os.environ['{name}'] = '{word}'"
python3 -c "key = '{word}'"
node -e "process.env.{name} = '{word}'"
perl -e "\\$ENV{{{name}}} = '{word}'"
bash -c 'read x <<< {word}; true'
env -S '{name}={word} true'
awk -v key={word} 'BEGIN {{ exit }}'
make -f /dev/null {name}={word} nothing
{name}={word}
""".strip().splitlines()


def written(run):
    """Everything that a recorded run left: the trace, its key file, what it said."""
    yield "stderr", run.err
    here = os.path.dirname(run.trace)
    for path in glob.glob(here + "/**", recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                yield os.path.relpath(path, here), file.read()


def told(trace):
    """Everything that every command tells of a trace."""
    formats = re.findall(rb"\b(text|json|html|perfetto|otlp|sarif|markdown|junit|dot|csv|github)\b",
                         story.keytrail("report", "-h").out)
    for format_ in sorted({f.decode() for f in formats} | {"text", "json"}):
        run = story.keytrail("report", "-f", format_, trace)
        yield f"report -f {format_}", run.out + run.err
    for command in (["replay", trace], ["diff", trace, trace], ["pack", trace, "-o", "packed"]):
        run = story.keytrail(*command)
        yield command[0], run.out + run.err
    with open("policy", "w") as file:
        file.write("OPENAI_API_KEY node\n")
    run = story.keytrail("check", "-p", "policy", trace)
    yield "check", run.out + run.err
    with open("packed", "rb") as file:
        yield "the packed file", file.read()


def expect_no_leak(secrets, run):
    """The values were met (else nothing is proved), and no piece of them was told."""
    for where, data in written(run):
        secrets.expect_none_in(data, where)
    for where, data in told(run.trace):
        secrets.expect_none_in(data, where)


def holders(secrets):
    """One watched variable per shape; every second by -w only, none both."""
    env, watch = {}, ["HOLDS_*"]
    for number, (shape, value) in enumerate(secrets.shapes().items()):
        env[f"{shape.upper()}_API_KEY" if number % 2 else f"HOLDS_{shape.upper()}"] = value
    env["OPENAI_API_KEY"] = "sk-proj-" + secrets.text(40)
    env["DATABASE_URL"] = "postgres://app:" + secrets.text(20) + "@db/app"
    return env, watch


def test_the_search_finds_what_is_there():
    secrets = Secrets()
    shapes = secrets.shapes()
    for shape, value in shapes.items():
        assert secrets.leaks(b"..." + value.encode() + b"..."), shape
    assert not secrets.leaks(b"OPENAI_API_KEY sk-proj- " + os.urandom(100000).hex().encode())


@story.patience(240)
def test_through_every_call_of_a_C_program():
    secrets = Secrets()
    env, watch = holders(secrets)
    run = recorded([compiled(HOST, "host"), "leave", *env], story.environment(**env), watch, timeout=200)
    assert run.out == b"done\n", run.out
    for name, value in env.items():
        met = [e for e in run.of("read", name=name) if e.get("found")]
        assert met, f"no read of {name}"
        assert met[0]["value"]["len"] == len(value.encode()), met[0]
    assert run.of("set") and run.of("exec") and run.of("clear"), "not every operation was seen"
    expect_no_leak(secrets, run)


@story.patience(300)
def test_on_command_lines():
    secrets = Secrets()
    os.mkdir("bin")
    for tool in ("docker", "tool", "mysql", "psql", "curl"):
        with open("bin/" + tool, "w") as file:
            file.write("#!/bin/sh\nexit 0\n")
        os.chmod("bin/" + tool, 0o755)
    env = story.environment()
    env["PATH"] = os.getcwd() + "/bin:" + env["PATH"]
    lines = []
    for template in COMMAND_LINES:
        word = secrets.text(40, string.ascii_letters + string.digits)
        shapes = {**secrets.shapes(), "url": secrets.text(16, string.ascii_letters),
                  "urlfull": f"postgres://u:{word}@db/x", "word": word, "name": story.random_name() + "_TOKEN"}
        if "'" not in template:
            shapes = {shape: shlex.quote(value) for shape, value in shapes.items()}
        lines.append(shlex.split(template.format(**shapes)))
    with open("lines.json", "w") as file:
        json.dump(lines, file)
    launcher = ("import json, subprocess, sys\n"
                "for line in json.load(open('lines.json')):\n"
                "    for start in (line, ['/bin/true', *line]):\n"
                "        try: subprocess.run(start, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
                "        except (OSError, ValueError): pass\n")
    run = recorded([story.PYTHON, "-c", launcher], env, timeout=200)
    assert run.status == 0, run.err
    assert len(run.of("exec")) >= len(lines), len(run.of("exec"))
    os.remove("lines.json")
    expect_no_leak(secrets, run)


def command_lines(secrets):
    """The table that tests/unit/recorder_command_lines.c plays, with secrets like words."""
    with open(os.path.join(story.ROOT, "tests/unit/data/command_lines.txt")) as file:
        lines = [line.rstrip("\n").split(" => ") for line in file if " => " in line and not line.startswith("#")]
    for argv, shown in lines:
        word = secrets.text(14, string.ascii_lowercase, 10)  # six letters are a word by chance
        yield [re.sub(r"\{[SWU]\}", word, part) for part in shlex.split(argv)], shown


def test_the_table_plays_what_the_limits_promise():
    """Each heading of its first part begins a point of docs/limits.md, and each point but that of known values has one."""
    with open(os.path.join(story.ROOT, "tests/unit/data/command_lines.txt")) as file:
        headings = re.findall(r"^## (.*)$", file.read().partition("# ---- the innocent")[0], re.M)
    with open(os.path.join(story.ROOT, "docs/limits.md")) as file:
        promises = re.findall(r"^- (.*)$", file.read().partition("## Command lines")[2].partition("\n## ")[0], re.M)
    for heading in headings:
        assert any(promise.startswith(heading) for promise in promises), heading
    for promise in promises[1:]:
        assert any(promise.startswith(heading) for heading in headings), promise
    assert promises[0].startswith("any word that overlaps the value of a watched variable"), promises[0]


@story.patience(300)
def test_on_each_command_line_of_the_table():
    """As a real process each: its launcher's exec and its own birth tell its arguments."""
    secrets = Secrets()
    lines = [(argv, shown) for argv, shown in command_lines(secrets) if argv[0]]
    with open("lines.json", "w") as file:
        json.dump([argv for argv, _ in lines], file)
    launcher = ("import json, os\n"
                "for argv in json.load(open('lines.json')):\n"
                "    os.waitpid(os.posix_spawn('/bin/true', argv, os.environ), 0)\n")
    run = recorded([story.PYTHON, "-c", launcher], timeout=200)
    assert run.status == 0, run.err
    born = [e for e in run.of("birth") if e["by"] == "exec" and e["exe"].endswith("/true")]
    assert len(born) == len(lines), (len(born), len(lines))
    for birth, (argv, shown) in zip(born, lines):
        if len(argv) <= 16:
            assert " ".join(birth["args"]) == shown, (argv, birth["args"])
    os.remove("lines.json")
    expect_no_leak(secrets, run)


NAMES_IN = {
    "c": """
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	char entry[400], other[400], *envp[] = {entry, other, "PATH=/usr/bin:/bin", NULL};

	for (int i = 1; i < argc; i++) {
		getenv(argv[i]);
		secure_getenv(argv[i]);
		setenv(argv[i], "1", 1);
		unsetenv(argv[i]);
		snprintf(entry, sizeof entry, "%s=1", argv[i]);
		putenv(strdup(entry));
	}
	putenv("=x");
	snprintf(other, sizeof other, "NEW_TOKEN=%s", argv[argc - 1]);
	execle("/bin/true", "true", NULL, envp);
	return 9;
}
""",
    "python": """
import os, subprocess, sys
for name in sys.argv[1:]:
    os.environ.get(name), name in os.environ, os.getenv(name)
    try:
        os.environ[name] = '1'
        subprocess.run(['true'])
        del os.environ[name]
    except ValueError:
        pass
""",
    "node": """
const { Worker } = require('worker_threads'), { execFileSync } = require('child_process')
const names = process.argv.slice(2), env = { PATH: process.env.PATH }
for (const name of names) {
    process.env[name]; name in process.env
    process.env[name] = '1'
    execFileSync('true')
    delete process.env[name]
    env[name] = '1'
}
new Worker(`for (const name of require('worker_threads').workerData) { process.env[name]; process.env[name] = '2'; delete process.env[name] }`,
           { eval: true, env, workerData: names })
""",
    "ruby": "ARGV.each { |n| begin; ENV[n]; ENV[n] = '1'; system('true'); ENV.delete(n); rescue SystemCallError, ArgumentError; end }",
    "php": "<?php foreach (array_slice($argv, 1) as $n) { getenv($n); putenv($n . '=1'); exec('true'); putenv($n); }",
}


@story.each(*((language, language) for language in NAMES_IN))
def test_in_the_names_of_variables(language):
    """getenv("OPENAI_API_KEY=sk-...") asks for a secret, and so does getenv("sk-...")."""
    secrets = Secrets()
    letters = string.ascii_lowercase
    word = secrets.text(14, letters)
    names = ["sk-ant-" + secrets.text(24, letters), "OPENAI_API_KEY=" + secrets.text(14, letters),
             secrets.text(40), secrets.text(32, "0123456789abcdef", 12), "PRE_" + word + "_KEY",
             "TWICE_TOKEN=" + secrets.text(14, letters) + "=" + secrets.text(14, letters), word]
    command = [compiled(NAMES_IN["c"], "names")]
    if language != "c":
        suffix = {"node": "js", "php": "php", "ruby": "rb", "python": "py"}[language]
        with open("names." + suffix, "w") as file:
            file.write(NAMES_IN[language])
        command = [story.PYTHON if language == "python" else which(language), "names." + suffix]
    with open("names.json", "w") as file:
        json.dump(names, file)
    # names as arguments would be masked by other rules: handed over where nobody looks
    start = "import json, os, sys; os.execv(sys.argv[1], sys.argv[1:] + json.load(open('names.json')))"
    run = recorded([story.PYTHON, "-c", start, *command], story.environment(HELD_TOKEN=word), ["*"])
    os.remove("names.json")
    assert run.status == 0, run.err
    asked = {e["name"] for e in run.of("read")}
    assert len([n for n in asked if n.startswith("***")]) >= 5, asked
    assert "OPENAI_API_KEY=***" in asked, asked
    expect_no_leak(secrets, run)


def test_in_names_that_are_folded():
    """A name for each tenant, and one day the tenant's key in its place."""
    secrets = Secrets()
    source = """
#include <stdlib.h>
#include <stdio.h>
int main(int argc, char **argv)
{
	char name[400];

	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof name, "%s%d_API_KEY", argv[1], i);
		getenv(name);
		setenv(name, "1", 1);
		unsetenv(name);
		snprintf(name, sizeof name, "%d", i);
		setenv(argv[2], name, 1);
	}
	return 0;
}
"""
    keys = ["sk-ant-" + secrets.text(24, string.ascii_lowercase), "sk-ant-" + secrets.text(24, string.ascii_lowercase) + "_KEY"]
    with open("keys.json", "w") as file:
        json.dump(keys, file)
    start = "import json, os, sys; os.execv(sys.argv[1], sys.argv[1:] + json.load(open('keys.json')))"
    run = recorded([story.PYTHON, "-c", start, compiled(source, "folds")])
    os.remove("keys.json")
    assert run.status == 0 and run.of("fold"), run.err
    expect_no_leak(secrets, run)


def test_in_what_run_is_told():
    """`keytrail run NAME=secret`, a key for a command, a key for -w."""
    secrets = Secrets()
    key, word = "sk-ant-" + secrets.text(24, string.ascii_lowercase), secrets.text(14, string.ascii_lowercase)
    env = story.environment(HELD_TOKEN=word)
    for arguments in (["OPENAI_API_KEY=" + word], [key], ["/srv/" + key + "/bin"], [word], ["-w", key, "true"],
                      ["-w", word, "true"], ["-w", "A=" + word, "true"]):
        run = subprocess.run([story.KEYTRAIL, "run", "-o", "told", *arguments], env=env, capture_output=True)
        assert run.returncode, arguments
        secrets.expect_none_in(run.stdout + run.stderr, "what run says")
    for path in glob.glob("told/*"):
        with open(path, "rb") as file:
            secrets.expect_none_in(file.read(), path)


def test_in_paths():
    """A key in a working directory, in the path of a program, of its library, of a script."""
    secrets = Secrets()
    key, word = "sk-ant-" + secrets.text(24, string.ascii_lowercase), secrets.text(14, string.ascii_lowercase)
    env = story.environment(HELD_TOKEN=word)
    source = '#include <stdlib.h>\nint main(void) { return !getenv("OPENAI_API_KEY") && !getenv("HELD_TOKEN"); }'
    for secret in (key, word):
        os.makedirs(f"in/{secret}/bin")
        program = compiled(source, f"in/{secret}/bin/{secret}")
        with open(f"in/{secret}/script.py", "w") as file:
            file.write("import os; os.environ.get('OPENAI_API_KEY')")
        run = recorded(["sh", "-c", 'cd "$1"; "$2"; "$3" script.py; "$3" "$1/script.py"; ./no-such-program "$1"', "sh",
                        os.path.abspath(f"in/{secret}"), os.path.abspath(program), story.PYTHON], env)
        assert run.of("read", name="OPENAI_API_KEY"), run.err
        assert any("***" in b["cwd"] for b in run.of("birth")), [b["cwd"] for b in run.of("birth")]
        for where, data in written(run):
            if where != "stderr" and where.endswith(".jsonl"):
                secrets.expect_none_in(data, where)


@story.each(("python", "shop.py", "import os; os.environ.get('OPENAI_API_KEY')", [story.PYTHON]),
            ("node", "shop.js", "process.env.OPENAI_API_KEY", ["node"]), ("ruby", "shop.rb", "ENV['OPENAI_API_KEY']", ["ruby"]))
def test_a_directory_called_as_a_value_hides_no_file(name, text, command):
    """A word such as `test` may be a value, and a directory."""
    which(command[0])
    os.makedirs("parcel/in")
    with open("parcel/in/" + name, "w") as file:
        file.write(text)
    run = recorded(["sh", "-c", 'cd parcel && exec "$@"', "sh", *command, "in/" + name], story.environment(OPENAI_API_KEY="parcel"))
    read, = run.of("read", name="OPENAI_API_KEY")
    assert read["site"].startswith(os.getcwd() + "/***/in/" + name) or read["site"].startswith("in/" + name), read
    assert [b["cwd"] for b in run.of("birth")][-1] == os.getcwd() + "/***", run.of("birth")


def test_in_the_name_of_a_source():
    """What runs may be called by its own text, or by anything."""
    secrets = Secrets()
    env = story.environment(OPENAI_API_KEY="sk-proj-" + secrets.text(40), PLAIN_TOKEN=secrets.text(16, string.ascii_letters))
    text = "const k = process.env.OPENAI_API_KEY, vm = require('vm'), t = process.env.PLAIN_TOKEN\n" + "".join(
        f"vm.runInThisContext('process.env.OPENAI_API_KEY', {{ filename: {name} }})\n"
        for name in ("k", "'sql ' + k", "`/srv/${t}/x.js`", "`https://u:${t}@h/x.js?k=${k}`", "'data:text/javascript,' + k", "`${t}.js`"))
    with open("source.js", "w") as file:
        file.write(text + "import('data:text/javascript,' + encodeURIComponent(`const a = '${k}'; process.env.OPENAI_API_KEY`))\n")
    run = recorded(["node", "source.js"], env)
    assert run.status == 0 and len(run.of("read", name="OPENAI_API_KEY")) > 6, run.err
    expect_no_leak(secrets, run)
    script = "import os\nk = os.environ['OPENAI_API_KEY']\nfor name in (k, '<sql %s>' % k, '/srv/' + k + '/x.py', 'a b ' + k):\n" \
             "    exec(compile('os.environ[\"OPENAI_API_KEY\"]', name, 'exec'))\n"
    run = recorded([story.PYTHON, "-c", script], env)
    assert run.status == 0 and len(run.of("read", name="OPENAI_API_KEY")) >= 2, run.err
    expect_no_leak(secrets, run)


@story.each(("node", ["node", "-e", "process.env.FOO_API_KEY"], "[eval]:1"),
            ("a worker of node", ["node", "-e", "new (require('worker_threads').Worker)('process.env.FOO_API_KEY', { eval: true })"], "[worker eval]:1"),
            ("php", ["php", "-r", "getenv('FOO_API_KEY');"], "Command line code:1"))
def test_code_without_a_file_has_the_name_of_its_runtime(command, site):
    which(command[0])
    run = recorded(command)
    assert [e["site"] for e in run.of("read", name="FOO_API_KEY")] == [site], run.of("read")


@story.each(("bash", ["bash", "-c"]), ("dash", ["dash", "-c"]), ("python", [story.PYTHON, "-c"]),
            ("node", ["node", "-e"]), ("perl", ["perl", "-e"]), ("ruby", ["ruby", "-e"]), ("php", ["php", "-r"]))
def test_set_and_handed_on_by(start):
    secrets = Secrets()
    which(start[0])
    value = secrets.text(40, string.ascii_letters + string.digits)
    scripts = {
        "bash": "X_TOKEN=%s env true; export Y_TOKEN=%s; env true",
        "dash": "X_TOKEN=%s env true; export Y_TOKEN=%s; env true",
        "node": "process.env.X_TOKEN = '%s'; require('child_process').execSync('Y_TOKEN=%s env true')",
        "perl": "$ENV{X_TOKEN} = '%s'; system('Y_TOKEN=%s env true')",
        "ruby": "ENV['X_TOKEN'] = '%s'; system('Y_TOKEN=%s env true')",
        "php": "putenv('X_TOKEN=%s'); shell_exec('Y_TOKEN=%s env true');",
    }
    script = scripts.get(start[0], "import os; os.environ['X_TOKEN'] = '%s'; os.system('Y_TOKEN=%s env true')")
    run = recorded([*start, script % (value, value)], timeout=90)
    assert run.status == 0, run.err
    names = {n for b in run.of("birth") for n in b.get("env", {})}
    assert {"X_TOKEN", "Y_TOKEN"} <= names, names
    expect_no_leak(secrets, run)


def test_the_first_command_line_is_masked_too():
    secrets = Secrets()
    word = secrets.text(40)
    run = recorded(["sh", "-c", f"TOKEN={word} true; true", "--token", word])
    expect_no_leak(secrets, run)


# ---- what lies in memory afterwards ---------------------------------------------------

def dumped(command, env):
    """A core of the host, taken when it has wiped its own copies."""
    gdb = which("gdb")
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"done\n", process.stderr.read()
        assert process.stdout.readline() == b"wiped\n"
        taken = subprocess.run([gdb, "-nx", "-batch", "-p", str(process.pid), "-ex", "gcore core.image"],
                               capture_output=True, env=story.environment())
        if not os.path.exists("core.image"):
            story.skip("gdb cannot attach here: " + taken.stderr.decode(errors="replace").strip()[-120:])
        with open("core.image", "rb") as file:
            core = file.read()
        os.remove("core.image")
        return core
    finally:
        process.kill()
        process.wait()


@story.patience(300)
def test_a_core_of_a_host_that_wiped_its_own():
    secrets = Secrets()
    env, watch = holders(secrets)
    # bound at start: a lazy binding saves vector registers, with their residue, on the stack
    host = [compiled(HOST, "host", flags=("-Wl,-z,now",)), "wipe", *env]
    alone = secrets.leaks(dumped(host, story.environment(**env)))
    if alone:  # vector registers of its libc, where that keeps them
        story.skip(f"the host alone leaves {len(alone)} values in its core: nothing is proven here")
    os.mkdir("t")
    traced = story.preloaded(story.environment(**env), os.path.abspath("t"), *("watch=" + w for w in watch))
    core = dumped(host, traced)
    assert any(e["e"] == "read" and e.get("found") for e in story.events_of("t")), "nothing was recorded"
    secrets.expect_none_in(core, "the core")


def test_the_key_lies_beside_the_trace_and_nobody_else_reads_it():
    run = recorded(["true"], story.environment(OPENAI_API_KEY=story.openai_key()))
    path = run.trace + ".key"
    assert os.stat(path).st_mode & 0o777 == 0o600, oct(os.stat(path).st_mode)
    with open(path) as file:
        key = file.read().strip()
    assert re.fullmatch(r"[0-9a-f]{32}", key), len(key)
    for path in glob.glob(run.trace + "/*"):
        with open(path, "rb") as file:
            assert key.encode() not in file.read(), path
