"""The line of a tool's own file: a command of tox, a setting that names the variable. Only where it is certain."""
import os

import story
import sweep
from story import each, patience, recorded

LONG = {"": sweep.WHY_LONG}
KEY = "OPENAI_API_KEY"
WORKER_PY = "import os\n\nkey = os.environ['OPENAI_API_KEY'] or 1 / 0\n"
WORKER_JS = "const key = process.env.OPENAI_API_KEY\nif (!key) throw new Error('OPENAI_API_KEY is missing')\n"
TOX = "[testenv]\nskip_install = true\npass_env = AWS_*\n"
PLUGIN = "const { EnvironmentPlugin } = require('webpack')\n"
WEBPACK = "module.exports = { mode: 'production', target: 'node', entry: './server.js', output: { filename: 'server.js' }, plugins: [new EnvironmentPlugin(%s)] }\n"
DEPLOY = "OPENAI_API_KEY=$OLD webpack%s >/dev/null || exit 1\nnode dist/server.js\n"
APP = '{ "name": "w", "script": "worker.js", "autorestart": false'
CP, NL = ("causes-python",), ("node-long",)


def told(command, files, packages=(), **more):
    places = [story.packages(name) for name in packages]
    sweep.write(files, places)
    env = sweep.environment((), places, **{KEY: story.openai_key(), **more})
    run = recorded(sweep.words(command, places), env, timeout=100)
    return run.report["headline"]


def expect(headline, beginning):
    assert headline.startswith(beginning), headline


TOX_INI = (
    ("several lines", TOX + "commands =\n    python -c pass\n    python worker.py {posargs}\n", "tox.ini:6: tox starts"),
    ("a mark", TOX + "# python worker.py\ncommands = - python -c pass\n    ! python -c 0/0\n    python worker.py\n", "tox.ini:7: tox starts"),
    ("before the others", TOX + "commands_pre = python worker.py\ncommands = python -c pass\n", "tox.ini:4: tox starts"),
    ("two equal lines", TOX + "commands_pre = - python worker.py\ncommands = python worker.py\n", "tox (__init__.py"),
    ("any text may be it", TOX + "commands =\n    {env:RUN:python -c pass}\n    python worker.py\n", "tox (__init__.py"),
)


@patience(200)
@each(*TOX_INI)
def test_a_command_of_tox(text, wanted):
    expect(told("tox -q", {"worker.py": WORKER_PY, "tox.ini": text}, CP), wanted)


@patience(200)
def test_a_file_that_the_command_line_of_tox_names():
    expect(told("tox -q -c ci.ini", {"worker.py": WORKER_PY, "tox.ini": TOX + "\n\n", "ci.ini": TOX + "commands = python worker.py\n"}, CP), "ci.ini:4: tox starts")


@each(("the list of a plugin", "", PLUGIN + WEBPACK % "['OPENAI_API_KEY']", "webpack.config.js:2: webpack puts"),
      ("the file of an option", " -c build.js", PLUGIN + WEBPACK % "['OPENAI_API_KEY']", "build.js:2: webpack puts"),
      ("a comment has the name, too", "", PLUGIN + "// OPENAI_API_KEY\n" + WEBPACK % "['OPENAI_API_KEY']", "webpack.config.js:3: webpack puts"),
      ("two lines have the name", "", PLUGIN + "const names = ['OPENAI_API_KEY', 'X']\nif (names[0] !== 'OPENAI_API_KEY') throw names\n" + WEBPACK % "names.slice(0, 1)", "deploy.sh:1: webpack puts"),
      ("a longer name", "", PLUGIN + "const MY_OPENAI_API_KEY = 'OPENAI_API' + '_KEY'\n" + WEBPACK % "[MY_OPENAI_API_KEY]", "deploy.sh:1: webpack puts"))
def test_a_plugin_of_webpack(option, text, wanted):
    files = {option.strip(" -c") or "webpack.config.js": text, "server.js": "const key = process.env.OPENAI_API_KEY\nif (!key.endsWith('NEWER')) throw new Error('401 invalid API key')\n",
             "deploy.sh": DEPLOY % option}
    expect(told("sh deploy.sh", files, NL, OLD=story.openai_key(), OPENAI_API_KEY=story.openai_key() + "NEWER"), wanted)


@each(("in JSON", "apps.json", '{ "apps": [\n' + APP + ',\n  "env": { "OPENAI_API_KEY": "" } } ] }\n', "apps.json:3: pm2-runtime sets"),
      ("in YAML", "apps.yml", "apps:\n  - name: w\n    script: worker.js\n    autorestart: false\n    env:\n      OPENAI_API_KEY: ''\n", "apps.yml:6: pm2-runtime sets"),
      ("of two modes", "eco.config.js", "module.exports = { apps: [\n" + APP + ",\n  env: { OPENAI_API_KEY: '' },\n  env_test: { OPENAI_API_KEY: '' } } ] }\n", "pm2 (ForkMode.js"))
def test_an_environment_of_pm2(name, text, wanted):
    expect(told(f"pm2-runtime start {name}", {"worker.js": WORKER_JS, name: text}), wanted)


def test_an_environment_of_supervisor_is_told_by_its_line():
    conf = ("[supervisord]\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=%(here)s/pid\nuser=root\n\n[program:worker]\ncommand=sh -c 'python3 worker.py; echo >told; mv told ended'\n"
            "autorestart=false\nstartsecs=0\nenvironment=OPENAI_API_KEY=\"\"\n")
    os.geteuid() == 0 or story.skip("needs root")
    sweep.write({"worker.py": WORKER_PY, "supervisord.conf": conf, "run.sh": "supervisord -n -c supervisord.conf >/dev/null & daemon=$!\nuntil [ -e ended ]; do sleep 0.2; done\nkill $daemon; wait\n"},
                [story.packages("causes-python")])
    run = recorded(["sh", "run.sh"], sweep.environment((), [story.packages("causes-python")]))
    first = run.report["findings"][0]
    expect(first["summary"], "supervisord.conf:11: supervisord sets OPENAI_API_KEY")
    assert first["detail"].startswith("before supervisord.conf:8 starts sh -c"), first
