"""Ordinary work with keys in the environment: nothing to blame."""
import os
import shutil

import story
from story import compiled, expect_no_fault, recorded, which

KEYS = {"OPENAI_API_KEY": story.openai_key(), "GITHUB_TOKEN": "ghp_" + story.random_text(36),
        "AWS_ACCESS_KEY_ID": "AKIA" + story.random_text(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
        "AWS_SECRET_ACCESS_KEY": story.random_text(40), "NPM_TOKEN": "npm_" + story.random_text(36),
        "DATABASE_URL": f"postgres://app:{story.random_text(16)}@db.internal/app"}

SERVES = """
import http.server, os, threading, urllib.request
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
urllib.request.urlopen(f'http://127.0.0.1:{server.server_port}/').read()
assert os.environ['OPENAI_API_KEY']
"""

COMMANDS = (
    ("npm", ["npm", "--version"]),
    ("node's package manager helps", ["npm", "help"]),
    ("git in a fresh repository", ["sh", "-c", "git init -q r && cd r && git -c user.name=t -c user.email=t@t "
                                   "commit -q --allow-empty -m first && git log --oneline && git gc -q"]),
    ("make with a recursive make", ["make", "-f", "outer.mk"]),
    ("gcc", ["gcc", "-pipe", "-o", "hello", "hello.c"]),
    ("a Python web server", [story.PYTHON, "-c", SERVES]),
    ("python multiprocessing", [story.PYTHON, "-c", "import multiprocessing as m\n"
                                "if __name__ == '__main__':\n p = m.Pool(2); p.map(len, ['a'] * 9); p.close(); p.join()"]),
    ("python virtual environment", [story.PYTHON, "-m", "venv", "--without-pip", "venv"]),
    ("perl", ["perl", "-e", "system('true'); print $ENV{OPENAI_API_KEY} ? 1 : 0"]),
    ("ruby", ["ruby", "-e", "ENV['OPENAI_API_KEY'].size; system('true')"]),
    ("php", ["php", "-r", "strlen(getenv('OPENAI_API_KEY')); shell_exec('true');"]),
    ("a pipeline", ["sh", "-c", "env | sort | grep -c . | cat"]),
    ("find and xargs", ["sh", "-c", "find /usr/share/doc -maxdepth 1 -name 'g*' | xargs -n 20 echo | wc -l"]),
    ("bash with its functions", ["bash", "-c", "f() { true; }; export -f f; bash -c f; trap true EXIT"]),
    ("tar and gzip", ["sh", "-c", "tar czf t.tgz outer.mk && tar tzf t.tgz"]),
    ("curl that is refused", ["sh", "-c", "curl -s http://127.0.0.1:9/ || true"]),
    ("jq", ["sh", "-c", "echo '{}' | jq ."]),
    ("node's fallbacks", ["node", "-e", "const e = process.env; const k = e.ANTHROPIC_API_KEY || e.OPENAI_API_KEY;"
                          "const debug = e.DEBUG_TOKEN, proxy = e.HTTP_PROXY, org = e.OPENAI_ORG_ID;"
                          "process.exit(k ? 0 : 1)"]),
    ("node lists its environment", ["node", "-e", "Object.entries(process.env); ({...process.env})"]),
    ("an optional key that nobody has", ["node", "-e", "process.env.SENTRY_AUTH_TOKEN; process.env.MISTRAL_API_KEY"]),
    ("a probe that fails quietly in a shell", ["sh", "-c", "test -n \"$MISTRAL_API_KEY\" || true"]),
    ("a scrubbed helper that asks nothing", ["env", "-i", "PATH=/usr/bin:/bin", "ls", "/"]),
)


def prepare():
    with open("outer.mk", "w") as file:
        file.write("all:\n\t@$(MAKE) -f inner.mk\n")
    with open("inner.mk", "w") as file:
        file.write("all:\n\t@echo made\n")
    with open("hello.c", "w") as file:
        file.write("int main(void) { return 0; }\n")


@story.each(*COMMANDS)
def test_ordinary_work(command):
    which(command[0])
    if command[0] == "sh":
        for word in ("git", "jq", "curl"):
            if word in command[2].split():
                which(word)
    prepare()
    run = recorded(command, story.environment(**KEYS))
    assert run.status == 0, (run.status, run.err)
    expect_no_fault(run)


def test_java():
    which("javac")
    with open("Main.java", "w") as file:
        file.write("public class Main { public static void main(String[] a) throws Exception {"
                   "if (System.getenv(\"OPENAI_API_KEY\") == null) System.exit(1);"
                   "new ProcessBuilder(\"true\").start().waitFor(); } }\n")
    run = recorded(["java", "Main.java"], story.environment(**KEYS), timeout=110)
    assert run.status == 0, run.err
    expect_no_fault(run)


def test_nothing_happened():
    """A trace in which nobody read anything proves neither health nor fault."""
    run = recorded(["true"], story.environment(**KEYS))
    assert run.report["verdict"] == "inconclusive", run.report["verdict"]


def test_a_static_program_is_a_gap():
    if not any(shutil.which(c) for c in ("gcc", "cc")):
        story.skip("no compiler here")
    try:
        static = compiled("int main(void) { return 0; }", "static", flags=("-static",))
    except Exception:
        story.skip("no static libc here")
    run = recorded(["sh", "-c", static + "; true"], story.environment(**KEYS))
    gaps = run.report["coverage"]["gaps"]
    assert any(g["reason"] == "static" and os.path.basename(g["exe"]) == "static" for g in gaps), gaps
