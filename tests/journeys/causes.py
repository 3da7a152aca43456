"""Real software that loses a key as its users lose it, and the same once healthy. The table in docs/causes.md
is made of these rows: system, cause, finding, the line that is named."""
import os
import re

import story
import sweep
from story import each, patience, recorded, skip

DOCS = os.path.join(story.ROOT, "docs", "causes.md")
KEY = "OPENAI_API_KEY"

# A client that needs the key, as most are written.
CLIENT_PY = 'import os\n\nkey = os.environ["OPENAI_API_KEY"]\nprint(len(key))\n'
CLIENT_JS = "const key = process.env.OPENAI_API_KEY\nif (!key) throw new Error('OPENAI_API_KEY is missing')\nconsole.log(key.length)\n"
OPENAI_JS = "const OpenAI = require('openai')\nconst client = new OpenAI()\nconsole.log(Boolean(client))\n"
OPENAI_MJS = "import OpenAI from 'openai'\nexport const client = new OpenAI()\n"
CLIENT_SH = 'python3 worker.py\n'


def row(system, cause, code, place, files, command, twin=None, env=None, twin_env=None, needs=(), often=False, severity="fault", twin_status=0):
    """`place` is named by the first line of the report. `severity`: a warning where the contract has no more. `twin`: what differs in the healthy run, a command or
    files. `env`, `twin_env`: added to a shell that has the key; None takes a name away. `often`: in make test."""
    return dict(system=system, cause=cause, code=code, place=place, files=files, command=command, twin=twin,
                env=env or {}, twin_env=env or {} if twin_env is None else twin_env, needs=needs, often=often, severity=severity, twin_status=twin_status)


NO_KEY = {KEY: None}
LAUNCH_PY = "import os, subprocess, sys\n\nsys.exit(subprocess.call([sys.executable, 'worker.py'], env={}))\n"
JAVA = """public class Launch {
	public static void main(String[] a) throws Exception {
		ProcessBuilder b = new ProcessBuilder("python3", "worker.py").inheritIO();
		%s
		System.exit(b.start().waitFor());
	}
}
"""
GO = """package main

import ("os"; "os/exec")

func main() {
	c := exec.Command("python3", "worker.py")
	%s
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if c.Run() != nil { os.Exit(1) }
}
"""
CELERY = "import celery, os\n\napp = celery.Celery('tasks', broker='memory://')\nKEY = os.environ['OPENAI_API_KEY']\n"

ROWS = (
    # ---- Python
    row("Python, subprocess", "`env={...}` in place of the environment", "KT201", "launch.py:3",
        {"worker.py": CLIENT_PY, "launch.py": LAUNCH_PY.format("{'PATH': os.environ['PATH']}")}, "python3 launch.py",
        {"launch.py": LAUNCH_PY.format("{**os.environ, 'A': 'b'}")}, often=True),
    row("Python, subprocess", "a list of names to pass on", "KT202", "launch.py:4",
        {"worker.py": CLIENT_PY, "launch.py": "import os, subprocess, sys\nkeep = ('PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'NO_COLOR', 'CI')\n\n"
         "sys.exit(subprocess.call([sys.executable, 'worker.py'], env={n: os.environ[n] for n in keep if n in os.environ}))\n"},
        "python3 launch.py",
        {"launch.py": "import os, subprocess, sys\n\nsys.exit(subprocess.call([sys.executable, 'worker.py'], env=os.environ.copy()))\n"}),
    row("Python, subprocess", "one name taken out of a copy", "KT203", "launch.py:5",
        {"worker.py": CLIENT_PY, "launch.py": "import os, subprocess, sys\n\nenv = dict(os.environ)\nenv.pop('OPENAI_API_KEY')\n"
         "sys.exit(subprocess.call([sys.executable, 'worker.py'], env=env))\n"}, "python3 launch.py",
        {"launch.py": "import os, subprocess, sys\n\nenv = dict(os.environ)\nsys.exit(subprocess.call([sys.executable, 'worker.py'], env=env))\n"}),
    row("Python", "`os.environ.pop` before the read", "KT301", "app.py:3",
        {"app.py": "import os\n\nos.environ.pop('OPENAI_API_KEY')\n" + CLIENT_PY}, "python3 app.py", {"app.py": CLIENT_PY}, often=True),
    row("Python, multiprocessing", "the key is set after a forkserver began", "KT401", "app.py:7",
        {"app.py": "import multiprocessing as m, os, work\n\nif __name__ == '__main__':\n    c = m.get_context('forkserver')\n"
         "    with c.Pool(1) as pool:\n        pool.apply(int)\n        os.environ['OPENAI_API_KEY'] = os.environ.pop('SAVED')\n        pool.apply(work.ask)\n",
         "work.py": "import os\n\ndef ask():\n    return len(os.environ['OPENAI_API_KEY'])\n"}, "python3 app.py",
        {"app.py": "import multiprocessing as m, os, work\n\nif __name__ == '__main__':\n    c = m.get_context('forkserver')\n"
         "    with c.Pool(1) as pool:\n        pool.apply(work.ask)\n"}, env={KEY: None, "SAVED": story.openai_key()}, twin_env={}, severity="warning"),
    row("python-dotenv", "`load_dotenv` after the import that reads", "KT103", "client.py:3",
        {"app.py": "import client\nfrom dotenv import load_dotenv\n\nload_dotenv()\n", "client.py": CLIENT_PY, ".env": f"{KEY}={story.openai_key()}\n"},
        "python3 app.py", {"app.py": "from dotenv import load_dotenv\n\nload_dotenv()\nimport client\n"}, env=NO_KEY),
    row("pydantic-settings", "the settings' own error for a key that a launcher dropped", "KT201", "launch.py:3",
        {"worker.py": "from pydantic_settings import BaseSettings\n\nclass Settings(BaseSettings):\n    openai_api_key: str\n\nSettings()\n",
         "launch.py": LAUNCH_PY.format("{'PATH': os.environ['PATH']}")}, "python3 launch.py",
        {"launch.py": LAUNCH_PY.format("dict(os.environ)")}),
    row("gunicorn", "a worker's hook removes the key", "KT301", "gunicorn.conf.py:4",
        {"app.py": "def app(environ, start):\n    pass\nimport os, sys\n\ndef boot():\n    return os.environ['OPENAI_API_KEY']\n",
         "gunicorn.conf.py": "import os\n\ndef post_fork(server, worker):\n    os.environ.pop('OPENAI_API_KEY', None)\n\n"
         "def post_worker_init(worker):\n    import app\n    app.boot()\n"},
        "gunicorn -b 127.0.0.1:0 --workers 1 app:app",
        {"gunicorn.conf.py": "import os\n\ndef post_worker_init(worker):\n    import app\n    app.boot()\n    os.kill(os.getppid(), 15)\n"}),
    row("celery", "a worker started by hand, without the key", "KT101", "tasks.py:4",
        {"tasks.py": CELERY}, "celery -A tasks worker --pool solo", "celery -A tasks report", env=NO_KEY, twin_env={}, severity="warning"),
    row("pytest", "`monkeypatch` and a client built in a fixture", "KT301", "test_app.py:4",
        {"test_app.py": "import os, openai\n\ndef test_client(monkeypatch):\n    monkeypatch.delenv('OPENAI_API_KEY')\n    openai.OpenAI()\n"},
        "python3 -m pytest -q test_app.py",
        {"test_app.py": "import openai\n\ndef test_client():\n    openai.OpenAI()\n"}, severity="warning"),
    row("openai (Python)", "a name of one's own", "KT501", "app.py:3",
        {"app.py": "import openai\n\nclient = openai.OpenAI()\n"}, "python3 app.py", None,
        env={KEY: None, "OPEN_AI_API_KEY": story.openai_key()}),
    row("openai (Python)", "Azure's key alone", "KT502", "app.py:3",
        {"app.py": "import openai\n\nclient = openai.OpenAI()\n"}, "python3 app.py", None,
        env={KEY: None, "AZURE_OPENAI_API_KEY": story.random_text(32, "0123456789abcdef")}),
    row("python-dotenv", "a variable of the shell shadows the file", "KT703", ".env:1",
        {"app.py": "from dotenv import load_dotenv\nload_dotenv()\nimport os\nkey = os.environ['OPENAI_API_KEY']\n"
         "if not key.endswith('NEWER'):\n    raise SystemExit('401 invalid API key')\n", ".env": f"{KEY}={story.openai_key()[:-5]}NEWER\n"},
        "python3 app.py", {"app.py": "from dotenv import load_dotenv\nload_dotenv(override=True)\nimport os\nkey = os.environ['OPENAI_API_KEY']\n"
         "if not key.endswith('NEWER'):\n    raise SystemExit('401 invalid API key')\n"}, often=True),
    row("python-dotenv", "`dotenv_values` keeps a dict of its own", "KT106", "app.py:4",
        {"app.py": "from dotenv import dotenv_values\nimport openai\nsettings = dotenv_values()\nclient = openai.OpenAI()\n",
         ".env": f"{KEY}={story.openai_key()}\n"}, "python3 app.py",
        {"app.py": "from dotenv import load_dotenv\nimport openai\nload_dotenv()\nclient = openai.OpenAI()\n"}, env=NO_KEY),
    row("pydantic-settings", "`env_file` is looked for in the wrong directory", "KT103", "settings.py:7",
        {"src/settings.py": "from pydantic_settings import BaseSettings, SettingsConfigDict\n\nclass Settings(BaseSettings):\n"
         "    model_config = SettingsConfigDict(env_file='.env')\n    openai_api_key: str\n\nSettings()\n",
         "src/.env": f"{KEY}={story.openai_key()}\n"}, "python3 src/settings.py", "sh -c 'cd src && python3 settings.py'", env=NO_KEY, twin_env=NO_KEY),
    # ---- Node
    row("dotenv", "started from another directory", "KT103", "app.js:3",
        {"app.js": "require('dotenv').config()\nconst OpenAI = require('openai')\nnew OpenAI()\n", "sub/x": "",
         ".env": f"{KEY}={story.openai_key()}\n"}, "sh -c 'cd sub && node ../app.js'", "node app.js", env=NO_KEY, twin_env=NO_KEY),
    row("dotenv", "a variable of the shell shadows the file", "KT703", ".env:1",
        {"app.js": "require('dotenv').config()\nconst key = process.env.OPENAI_API_KEY\nif (!key.endsWith('NEWER')) throw new Error('401')\n",
         ".env": f"{KEY}={story.openai_key()[:-5]}NEWER\n"}, "node app.js",
        {"app.js": "require('dotenv').config({ override: true })\nconst key = process.env.OPENAI_API_KEY\nif (!key.endsWith('NEWER')) throw new Error('401')\n"}, severity="warning"),
    row("node --env-file", "a `#` in the value", "KT605", ".env:1",
        {"app.js": "const key = process.env.OPENAI_API_KEY\nif (!key.endsWith('NEWER')) throw new Error('401')\n",
         ".env": f"{KEY}={story.openai_key()[:30]}#{story.random_text(20)}NEWER\n"}, "node --env-file=.env app.js",
        {".env": f"{KEY}='{story.openai_key()[:30]}#{story.random_text(20)}NEWER'\n"}, env=NO_KEY, twin_env=NO_KEY, severity="warning"),
    row("Node, child_process", "`env: {...}` in place of the environment", "KT201", "start.js:3",
        {"worker.js": CLIENT_JS, "start.js": "const { spawnSync } = require('child_process')\n\n"
         "process.exit(spawnSync('node', ['worker.js'], { stdio: 'inherit', env: { PATH: process.env.PATH } }).status)\n"}, "node start.js",
        {"start.js": "const { spawnSync } = require('child_process')\n\n"
         "process.exit(spawnSync('node', ['worker.js'], { stdio: 'inherit', env: { ...process.env, A: 'b' } }).status)\n"}, often=True),
    row("execa", "`extendEnv: false`", "KT201", "start.mjs:3",
        {"worker.js": CLIENT_JS, "start.mjs": "import execa from 'execa'\n\n"
         "await execa('node', ['worker.js'], { stdio: 'inherit', env: { PATH: process.env.PATH }, extendEnv: false })\n"}, "node start.mjs",
        {"start.mjs": "import execa from 'execa'\n\nawait execa('node', ['worker.js'], { stdio: 'inherit', env: { A: 'b' } })\n"}),
    row("Node, worker_threads", "`new Worker(file, { env: {...} })`", "KT207", "start.js:3",
        {"worker.js": CLIENT_JS, "start.js": "const { Worker } = require('worker_threads')\n\nnew Worker('./worker.js', { env: { LANG: 'C' } })\n"},
        "node start.js", {"start.js": "const { Worker } = require('worker_threads')\n\nnew Worker('./worker.js')\n"}, often=True),
    row("Node, cluster", "`cluster.fork({ NAME: '' })`", "KT601", "worker.js:1",
        {"worker.js": CLIENT_JS, "start.js": "const cluster = require('cluster')\n\ncluster.setupPrimary({ exec: 'worker.js' })\n"
         "cluster.fork({ OPENAI_API_KEY: '' }).on('exit', c => process.exit(c))\n"}, "node start.js",
        {"start.js": "const cluster = require('cluster')\n\ncluster.setupPrimary({ exec: 'worker.js' })\n"
         "cluster.fork().on('message', () => process.exit(0))\n", "worker.js": CLIENT_JS + "process.send('done')\n"}),
    row("openai (Node), dotenv", "imports are hoisted above `dotenv.config()`", "KT103", "client.mjs:2",
        {"app.mjs": "import dotenv from 'dotenv'\ndotenv.config()\nimport { client } from './client.mjs'\n", "client.mjs": OPENAI_MJS,
         ".env": f"{KEY}={story.openai_key()}\n"}, "node app.mjs",
        {"app.mjs": "import 'dotenv/config'\nimport { client } from './client.mjs'\n"}, env=NO_KEY),
    row("openai (Node)", "`process.env.NAME = undefined`", "KT607", "app.js:1",
        {"app.js": "process.env.OPENAI_API_KEY = undefined\n" + OPENAI_JS + "process.exit(3)\n"}, "node app.js",
        {"app.js": OPENAI_JS}),
    row("Node", "`delete process.env.NAME`", "KT301", "app.js:1",
        {"app.js": "delete process.env.OPENAI_API_KEY\n" + CLIENT_JS}, "node app.js", {"app.js": CLIENT_JS}),
    row("cross-env", "`cross-env NAME=v a && b`: b lacks it", "KT105", "worker.js:1",
        {"worker.js": CLIENT_JS, "package.json": '{"scripts": {"start": "cross-env OPENAI_API_KEY=$SAVED node worker.js && node worker.js"}}'},
        "npm run -s start", {"package.json": '{"scripts": {"start": "cross-env OPENAI_API_KEY=$SAVED node worker.js"}}'},
        env={KEY: None, "SAVED": story.openai_key()}),
    row("concurrently", "the key is given to one of two commands", "KT105", "worker.js:1",
        {"worker.js": CLIENT_JS}, "concurrently 'OPENAI_API_KEY=$SAVED node worker.js' 'node worker.js'", None,
        env={KEY: None, "SAVED": story.openai_key()}),
    row("PM2", "`env` of the ecosystem file has the key empty", "KT601", "worker.js:1",
        {"worker.js": CLIENT_JS, "eco.config.js": "module.exports = { apps: [{ name: 'w', script: 'worker.js', autorestart: false, env: { OPENAI_API_KEY: '' } }] }\n"},
        "pm2-runtime start eco.config.js",
        {"eco.config.js": "module.exports = { apps: [{ name: 'w', script: 'worker.js', autorestart: false }] }\n"}, twin_status=2),
    row("Vitest", "a test's `vi.stubEnv`", "KT601", "app.test.mjs:4",
        {"app.test.mjs": "import { test, vi } from 'vitest'\nimport OpenAI from 'openai'\ntest('client', () => {\n  vi.stubEnv('OPENAI_API_KEY', ''); new OpenAI({ apiKey: process.env.OPENAI_API_KEY || undefined })\n})\n"},
        "vitest run app.test.mjs",
        {"app.test.mjs": "import { test } from 'vitest'\nimport OpenAI from 'openai'\ntest('client', () => {\n  new OpenAI()\n})\n"}),
    # ---- other languages
    row("Java, ProcessBuilder", "`environment().clear()`", "KT201", "java",
        {"worker.py": CLIENT_PY, "Launch.java": JAVA % 'String p = System.getenv("PATH"); b.environment().clear(); b.environment().put("PATH", p);'},
        "java Launch.java", {"Launch.java": JAVA % ""}, needs=("java",)),
    row("Go, os/exec", "`Cmd.Env` in place of the environment", "KT205", "launch",
        {"worker.py": CLIENT_PY, "launch.go": GO % 'c.Env = []string{"PATH=" + os.Getenv("PATH"), "LD_PRELOAD=" + os.Getenv("LD_PRELOAD"), "KEYTRAIL=" + os.Getenv("KEYTRAIL")}'},
        "./launch", {"launch.go": GO % ""}, needs=("go",)),
    row("Ruby, spawn", "`unsetenv_others: true`", "KT201", "launch.rb:1",
        {"worker.py": CLIENT_PY, "launch.rb": "ok = system({ 'PATH' => ENV['PATH'] }, 'python3', 'worker.py', unsetenv_others: true)\nexit ok\n"},
        "ruby launch.rb", {"launch.rb": "exit system('python3', 'worker.py')\n"}, often=True),
    row("Perl", "`%ENV` is emptied", "KT201", "launch.pl:2",
        {"worker.py": CLIENT_PY, "launch.pl": "my $p = $ENV{PATH}; %ENV = (); $ENV{PATH} = $p;\nexit(system('python3', 'worker.py') >> 8);\n"},
        "perl launch.pl", {"launch.pl": "exit(system('python3', 'worker.py') >> 8);\n"}),
    row("PHP, proc_open", "an environment of its own", "KT201", "launch.php:2",
        {"worker.py": CLIENT_PY, "launch.php": "<?php\n$p = proc_open(['python3', 'worker.py'], [], $pipes, null, ['PATH' => getenv('PATH')]);\nexit(proc_close($p));\n"},
        "php launch.php", {"launch.php": "<?php\n$p = proc_open(['python3', 'worker.py'], [], $pipes);\nexit(proc_close($p));\n"}),
    # ---- shells and tools
    row("bash", "`env -i`", "KT201", "start.sh:3",
        {"worker.py": CLIENT_PY, "start.sh": "#!/bin/bash\nset -e\nenv -i PATH=\"$PATH\" python3 worker.py\n"}, "bash start.sh",
        {"start.sh": "#!/bin/bash\nset -e\npython3 worker.py\n"}, often=True),
    row("bash", "`unset` in a helper", "KT203", "start.sh:3",
        {"worker.py": CLIENT_PY, "start.sh": "#!/bin/bash\nunset OPENAI_API_KEY\npython3 worker.py\n"}, "bash start.sh",
        {"start.sh": "#!/bin/bash\npython3 worker.py\n"}),
    row("bash", "`source .env` without `export`", "KT104", "start.sh:2",
        {"worker.py": CLIENT_PY, "start.sh": "#!/bin/bash\nsource ./.env\npython3 worker.py\n", ".env": f"{KEY}={story.openai_key()}\n"},
        "bash start.sh", {"start.sh": "#!/bin/bash\nset -a; source ./.env\npython3 worker.py\n"}, env=NO_KEY, twin_env=NO_KEY, often=True),
    row("busybox (static)", "`env -u`", "KT205", "worker.py:3",
        {"worker.py": CLIENT_PY}, "busybox env -u OPENAI_API_KEY python3 worker.py", "busybox env python3 worker.py"),
    row("make", "a recipe under `env -u`", "KT301", "Makefile:2",
        {"worker.py": CLIENT_PY, "Makefile": "all:\n\tenv -u OPENAI_API_KEY python3 worker.py\n"}, "make -s", {"Makefile": "all:\n\tpython3 worker.py\n"}),
    row("npm", "a script under `env -u`", "KT301", "package.json",
        {"worker.js": CLIENT_JS, "package.json": '{"scripts": {"start": "env -u OPENAI_API_KEY node worker.js"}}'}, "npm run -s start",
        {"package.json": '{"scripts": {"start": "node worker.js"}}'}),
    row("sudo", "`sudo` resets the environment", "KT204", "worker.py:3",
        {"worker.py": CLIENT_PY}, "sudo -n python3 worker.py", "sudo -n -E python3 worker.py", needs=("root",)),
    row("su", "`su -`", "KT204", "worker.py:3",
        {"worker.py": CLIENT_PY}, "su - root -c 'cd {cwd} && python3 worker.py'", "su root -c 'cd {cwd} && python3 worker.py'", needs=("root",)),
    row("setpriv", "`--reset-env`", "KT201", "worker.py:3",
        {"worker.py": CLIENT_PY}, "setpriv --reset-env python3 worker.py", "setpriv --no-new-privs python3 worker.py"),
    row("cron", "a job's own environment", "KT201", "worker.py:3",
        {"worker.py": CLIENT_PY}, "env -i HOME=/ LOGNAME=root SHELL=/bin/sh PATH={path} /bin/sh -c 'python3 worker.py'", "/bin/sh -c 'python3 worker.py'"),
)

LONG = {rf"\[(?!{'|'.join(re.escape(r['system'] + ': ' + r['cause']) for r in ROWS if r['often'])}\])": sweep.WHY_LONG}
LABELS = tuple((f"{r['system']}: {r['cause']}", r) for r in ROWS)


def ran(r, command, files, added):
    for need in r["needs"]:
        if need == "root":
            os.geteuid() == 0 or skip("needs root")
        else:
            story.which(need)
    sweep.write(files)
    if any(name.endswith(".go") for name in files):
        built = story.bare([story.which("go"), "build", "-o", "launch", "launch.go"], story.environment(HOME=os.environ.get("HOME", "/")))
        built.status == 0 or skip("go builds nothing here")
    env = sweep.environment(without=[n for n, v in added.items() if v is None], **{n: v for n, v in added.items() if v is not None})
    line = command.replace("{cwd}", os.getcwd()).replace("{path}", env["PATH"])
    return recorded(sweep.words(line), env, timeout=100, quiet=False)


def told(run):
    """What the first finding says, in words that are the same everywhere."""
    report = run.report
    first = report["findings"][0] if report["findings"] else {}
    return first, f"{first.get('code')} {first.get('severity')}: {report.get('headline')}\n{report}"


@patience(200)
@each(*LABELS)
def test_the_cause_is_the_first_line(r):
    run = ran(r, r["command"], r["files"], r["env"])
    first, all_of_it = told(run)
    assert run.status, "the program ended well"
    assert first.get("code") == r["code"] and first["severity"] == r["severity"], all_of_it
    assert first["variable"] == KEY, all_of_it
    assert r["place"] in run.report["headline"], all_of_it
    said = " ".join(run.err.decode("utf-8", "replace").split())
    assert " ".join(run.report["headline"].split()) in said, f"run says otherwise: {said[-600:]}"


@patience(200)
@each(*LABELS)
def test_the_same_without_the_cause_is_accused_of_nothing(r):
    twin = r["twin"]
    files = {**r["files"], **twin} if isinstance(twin, dict) else r["files"]
    run = ran(r, twin if isinstance(twin, str) else r["command"], files, r["twin_env"] if twin else {**r["env"], KEY: story.openai_key()})
    assert run.status == r["twin_status"], (run.status, run.out[-500:], run.err[-1500:])
    accused = [f for f in run.report["findings"] if f["severity"] != "note"]
    assert not accused, accused


# ---- the table in docs/causes.md -------------------------------------------------------

HEAD = """# What was tried on real software

Each row is a program of [tests/journeys/causes.py](../tests/journeys/causes.py): it fails as its users see it fail, its
report's first line names the finding and the place, and the same program without the cause is accused of nothing.
`KEYTRAIL_WRITE=1 tests/run 'journeys/causes: the table'` writes this page.

| system | what is wrong | finding | named first |
|---|---|---|---|
"""


def page():
    return HEAD + "".join(f"| {r['system']} | {r['cause']} | {r['code']}{'' if r['severity'] == 'fault' else ', a warning'} | `{r['place']}` |\n"
                          for r in ROWS)


def test_the_table_in_the_docs_is_made_of_these_rows():
    if os.environ.get("KEYTRAIL_WRITE"):
        with open(DOCS, "w") as file:
            file.write(page())
    with open(DOCS) as file:
        assert file.read() == page(), "KEYTRAIL_WRITE=1 tests/run 'journeys/causes: the table' writes the page"
