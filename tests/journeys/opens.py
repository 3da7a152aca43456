"""Which env and secret files a program opens and looks for, told with the line of the program that did."""
import json
import os
import shutil
import tempfile

import nodes
import pythons
import story
from story import bare, compiled, recorded, which

LONG = {**nodes.LONG, **pythons.LONG}

KEY = "OPENAI_API_KEY"


def env_file(path=".env", text=None):
    if os.path.dirname(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text or f"{KEY}={story.openai_key()}\n")
    return os.path.abspath(path)


def opens(command, env=None, **more):
    """The opens of a command that does the same as without us."""
    alone = bare(command, env)
    run = recorded(command, env, **more)
    assert (run.status, run.out, run.err) == (alone.status, alone.out, alone.err), (run.status, run.out, run.err, alone.err)
    return run.of("open")


def told(event):
    """(r|w|?, path below here, errno, line, function)."""
    how = "?" if event.get("probe") else "w" if event.get("write") else "r"
    line = event.get("site", "").rsplit(":", 1)[-1]
    return how, os.path.relpath(event["path"]), event.get("errno"), line and int(line), event.get("in", "")


NODE = """const fs = require('fs');
function load() {
  if (fs.existsSync('no/.env')) return;
  return fs.readFileSync('.env', 'utf8');
}
load();
"""
PYTHON = """import os
def load():
    if os.path.exists('no/.env'):
        return
    open('.env').read()
load()
"""
RUBY = """def load_it
  return if File.exist?('no/.env')
  File.read('.env')
end
load_it
"""
PHP = """<?php
function load() {
  if (file_exists('no/.env')) return;
  return file_get_contents('.env');
}
load();
"""
PERL = """sub load {
  return if -e 'no/.env';
  open(my $f, '<', '.env');
}
load();
"""
BASH = """load() {
  [ -f no/.env ] ||
    . ./.env
}
load
"""


def interpreter(language):
    return story.PYTHON if language == "python" else which(language)


@story.each(*((row[0], *row) for row in (
    ("node", NODE, 3, 4, "load"), ("python", PYTHON, 3, 5, "load"), ("ruby", RUBY, 2, 3, "load_it"), ("php", PHP, 3, 4, "load"),
    ("perl", PERL, 2, 3, "load"), ("bash", BASH, 2, 3, ""))))
def test_a_program_of(language, text, looks, reads, function):
    env_file()
    command = interpreter(language)
    found = [told(e) for e in opens([command, story.program(text, "app")])]
    missed = [f for f in found if f[2]]
    opened = [f for f in found if f[0] == "r"]
    assert missed == [("?", "no/.env", 2, looks, function)], found
    assert opened == [("r", ".env", None, reads, function)], found


@pythons.each_python
def test_every_python(python):
    env_file()
    found = [told(e) for e in opens([python, story.program(PYTHON, "app.py")])]
    assert found == [("?", "no/.env", 2, 3, "load"), ("r", ".env", None, 5, "load")], found


def test_an_older_debian():
    """Programs that were linked before glibc 2.33 ask by __xstat."""
    root = story.old_debian()
    folder = tempfile.mkdtemp(dir=root + "/tmp")
    here = folder[len(root):]
    try:
        shutil.copy(story.LIBRARY, folder)
        os.mkdir(folder + "/t")
        env_file(folder + "/.env")
        ended = bare([which("chroot"), root, "/usr/bin/env", f"LD_PRELOAD={here}/libkeytrail.so", f"KEYTRAIL=dir={here}/t",
                      "/bin/sh", "-c", f"cd {here}; [ -e no/.env ]; cat .env >/dev/null; ls -d no/.env; /usr/bin/perl -e '-e \"no/.env\"'"])
        found = [(e["path"], e.get("errno"), e["fn"]) for e in story.events_of(folder + "/t") if e["e"] == "open"]
        assert [f[:2] for f in found] == [(f"{here}/no/.env", 2), (f"{here}/.env", None), (f"{here}/no/.env", 2), (f"{here}/no/.env", 2)], (found, ended.err)
        assert any(f[2].startswith("__xstat") for f in found), found
    finally:
        shutil.rmtree(folder)


@story.each(*((row[0], *row) for row in (
    ("node", NODE, "app:6"), ("python", PYTHON, "app:6 <module>"), ("ruby", RUBY, "app:5 <main>"), ("php", PHP, "app:6"), ("perl", PERL, "app:5"))))
def test_the_callers_of(language, text, caller):
    env_file()
    event = next(e for e in opens([interpreter(language), story.program(text, "app")]) if e.get("errno"))
    assert [os.path.basename(c) for c in event["callers"]] == [caller], event


def test_dash_and_programs_of_coreutils_tell_no_line():
    env_file()
    found = opens([which("dash"), "-c", "[ -r no/.env ] || . ./.env; cat .env >/dev/null; ls .env"])
    assert [told(e) for e in found if not e.get("n")] == [("?", "no/.env", 2, "", ""), ("r", ".env", None, "", ""), ("r", ".env", None, "", ""), ("?", ".env", None, "", "")], found


def test_a_thread_of_node_and_its_own_option():
    env_file()
    found = opens([which("node"), "--env-file=.env", story.program("require('fs').promises.readFile('.env')", "app.js")])
    assert [told(e) for e in found] == [("r", ".env", None, "", "")] * 2 and found[1].get("thread"), found


def test_python_with_more_threads_tells_a_look_without_a_line():
    """Python's lock cannot be taken back without waiting; an open has its line from before."""
    env_file()
    found = opens([story.PYTHON, story.program("""import os, threading
stop = threading.Event()
other = threading.Thread(target=stop.wait)
other.start()
os.path.exists('no/.env')
open('.env').read()
stop.set()
""", "app.py")])
    assert [told(e) for e in found] == [("?", "no/.env", 2, "", ""), ("r", ".env", None, 6, "<module>")], found


def test_every_look_of_many_has_its_own_line_and_equal_ones_are_counted():
    found = opens([story.PYTHON, story.program("import os\nfor i in range(9): os.path.exists('.env')\nos.path.exists('.env')\n", "app.py")])
    assert [(told(e)[3], e.get("n")) for e in found] == [(2, None), (2, 2), (2, 4), (2, 8), (3, None)], found


def test_other_files_are_not_told():
    for name in ("env", ".environment", "app.env.js", ".gitignore", "README.md"):
        env_file(name)
    assert not opens([which("cat"), "env", ".environment", "app.env.js", ".gitignore", "README.md"])


def test_a_file_that_a_variable_names():
    path = env_file("keys/openai.txt", "sk-x\n")
    env = story.environment(OPENAI_API_KEY_FILE=path, SSL_CERT_FILE=env_file("cert.pem"))
    event, = opens([which("cat"), path, "cert.pem"], env)
    assert event["path"] == path and event["name"] == "OPENAI_API_KEY_FILE", event


def test_files_of_other_credentials():
    home = os.path.abspath("home")
    paths = [env_file(os.path.join(home, p)) for p in (".aws/credentials", ".netrc", ".pgpass", ".config/gcloud/application_default_credentials.json")]
    found = opens([which("cat"), *paths, "/run/secrets/no-such-secret"])
    assert [e["path"] for e in found] == [*paths, "/run/secrets/no-such-secret"], found


def test_paths_are_absolute_and_hold_no_secret():
    secret = story.openai_key()
    env_file("a/b/.env")
    env_file(f"{secret}/.env")
    found = opens([which("sh"), "-c", f"cd a; cat ./b/../b//.env; cat ../{secret}/.env"], story.environment(OPENAI_API_KEY=secret))
    assert [os.path.relpath(e["path"]) for e in found][0] == "a/b/.env", found
    assert secret not in json.dumps(found) and "***" in found[1]["path"], found


def test_a_directory_by_its_descriptor():
    env_file("deep/.env")
    found = opens([compiled("""#include <fcntl.h>
#include <unistd.h>
int main(void) { int d = open("deep", O_RDONLY | O_DIRECTORY); return openat(d, ".env", O_RDONLY) < 0 || openat(-1, ".env", O_RDONLY) >= 0; }""")])
    assert [os.path.relpath(e["path"]) for e in found] == ["deep/.env"], found


@story.each(("glibc", "gcc"), ("musl", "musl-gcc"))
def test_a_bad_pointer_stays_the_programs_own(compiler):
    which(compiler)
    run = opens([compiled(r"""#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void)
{
	struct stat st;
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *end = page + 4096;

	munmap(end, 4096);
	memset(page, 'a', 4096);
	printf("%d", open((char *)8, O_RDONLY)), printf(" %d\n", errno);
	printf("%d", open(NULL, O_RDONLY | O_TMPFILE)), printf(" %d\n", errno);
	printf("%d", open(page, O_RDONLY)), printf(" %d\n", errno);
	printf("%d", stat(end - 6, &st)), printf(" %d\n", errno);
	memcpy(end - 6, ".env", 5);
	printf("%d", open(end - 6, O_RDONLY)), printf(" %d\n", errno);
	printf("%d", access(end - 6, R_OK)), printf(" %d\n", errno);
	printf("%d", !!fopen(end - 6, "r")), printf(" %d\n", errno);
	return 0;
}""", "pointers", compiler)])
    assert [told(e)[:3] for e in run] == [("r", ".env", 2), ("?", ".env", 2), ("r", ".env", 2)], run


def test_a_vfork_child_and_a_signal_handler():
    env_file()
    found = opens([compiled(r"""#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
static void on(int n) { close(open(".env", O_RDONLY)); }
int main(void)
{
	int status;
	pid_t child = vfork();

	if (!child)
		_exit(open(".env", O_RDONLY) < 0);
	waitpid(child, &status, 0);
	signal(SIGUSR1, on);
	raise(SIGUSR1);
	return status;
}""")])
    assert [told(e)[:3] for e in found] == [("r", ".env", None)], found


def test_by_the_number_of_the_call():
    env_file()
    found = opens([compiled(r"""#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void) { return syscall(SYS_openat, AT_FDCWD, ".env", O_RDONLY) != 3 || syscall(SYS_openat, AT_FDCWD, "no/.env", O_RDONLY) != -1; }""")])
    assert [(e["fn"], told(e)[:3]) for e in found] == [("syscall", ("r", ".env", None)), ("syscall", ("r", "no/.env", 2))], found


def test_a_tool_that_looks_at_thousands_is_told_up_to_a_limit():
    os.makedirs("many")
    for i in range(1500):
        open(f"many/{i}.env", "w").close()
    run = recorded([which("sh"), "-c", "cat many/*.env"])
    assert len(run.of("open")) == 1024 and not run.of("lost"), len(run.of("open"))


@nodes.each_node
def test_calls_that_v8_makes_in_a_hurry(version):
    """A loop is compiled, and V8 then calls Node past all that a question for frames needs: nothing breaks."""
    env_file()
    found = opens([nodes.node(version), "--expose-internals", "--no-warnings", story.program("""const fs = require('fs');
const { internalBinding } = require('internal/test/binding');
const { internalModuleStat } = internalBinding('fs');
const ask = internalModuleStat.length > 1 ? path => internalModuleStat(undefined, path) : path => internalModuleStat(path);
let n = 0, path = __dirname + '/.env';
function all() { return fs.existsSync(path) + !!fs.statSync(path); }
for (let i = 0; i < 20000; i++) n += all();
try { for (let i = 0; i < 200000; i++) n += ask(path); } catch { n = 0; }
for (let i = 0; i < 200; i++) n += all();
console.log(n > 0);
""", "app.js")])
    assert {e["fn"] for e in found} >= {"access", "syscall"} or {e["fn"] for e in found} >= {"access", "statx"}, found
    assert {told(e)[3] for e in found if "site" in e} >= {6}, found
