"""A program that hands on nothing: the place of the loss is where the key was read, not where it was needed."""
import os

import nodes
import story
from story import environment, expect_fault, openai_key, packages, program, recorded, which

NAME = "OPENAI_API_KEY"

PRODUCER = f"""const key = process.env.{NAME}
require('fs').writeFileSync('job.json', JSON.stringify({{ prompt: 'hello', apiKey: String(key) }}))
"""

CONSUMER = """const job = JSON.parse(require('fs').readFileSync('job.json'))
const OpenAI = require('openai')
const server = require('http').createServer((request, answer) => {
  answer.statusCode = request.headers.authorization === 'Bearer KEY' ? 200 : 401
  answer.setHeader('content-type', 'application/json')
  answer.end('{"error":{"message":"Incorrect API key","code":"invalid_api_key"}}')
})
server.listen(0, async () => {
  const client = new OpenAI({ apiKey: job.apiKey, baseURL: `http://127.0.0.1:${server.address().port}/v1`, maxRetries: 0 })
  await client.chat.completions.create({ model: 'm', messages: [] })
  process.exit(0)
})
"""


def queue(key, held=None, **more):
    os.path.exists("node_modules") or os.symlink(packages("node") + "/node_modules", "node_modules")
    program(PRODUCER, "web.js")
    program(CONSUMER.replace("KEY", key), "worker.js")
    node = nodes.node()
    return recorded([which("sh"), program(f"{node} web.js\n{node} worker.js\n", "start.sh")], environment(**({NAME: held} if held else {})), **more)


def test_a_producer_that_puts_nothing_into_the_job():
    found = expect_fault(queue(openai_key()), "KT101", NAME, victim="node")
    assert found["summary"] == f"web.js:1 asks for {NAME}, which was never set", found
    assert "worker.js" in found["detail"], found


def test_a_producer_that_puts_the_key_into_the_job():
    key = openai_key()
    run = queue(key, held=key)
    assert run.status == 0 and run.report["verdict"] == "healthy", (run.status, run.report)


def test_a_key_in_the_job_that_is_refused():
    run = queue(openai_key(), held=openai_key())
    assert run.status and not run.codes("fault"), run.report


# ---- a name that is taken from another, which nobody set -------------------------------------------------

APP = f"if ((process.env.{NAME} || '').length < 20) process.exit(1)\n"
ECOSYSTEM = """module.exports = {
  apps: [{
    name: 'api', script: './app.js', autorestart: false,
    env: { OPENAI_API_KEY: VALUE },
  }],
}
"""


@story.each(("left out", "process.env.OPENAI_KEY", "KT101"), ("the text undefined", "`${process.env.OPENAI_KEY}`", "KT607"), ("empty", "process.env.OPENAI_KEY || ''", "KT601"))
def test_an_ecosystem_file_that_takes_another_name(value, code):
    program(APP, "app.js")
    program(ECOSYSTEM.replace("VALUE", value), "ecosystem.config.js")
    pm2 = f"{nodes.node()} {packages('tools-node')}/node_modules/pm2/bin/pm2"
    script = program(f"{pm2} start ecosystem.config.js\nsleep 1\n{pm2} kill\n", "run.sh")
    run = recorded([which("sh"), script], environment(PM2_HOME=os.path.abspath("pm2")))
    found = expect_fault(run, code, NAME, victim="node")
    assert found["summary"].startswith(f"ecosystem.config.js:4 takes {NAME} from OPENAI_KEY, which was never set; app.js:1 "), found


TWO_APPS = """module.exports = {
  apps: [
    { name: 'api', script: './app.js', autorestart: false, env: { OPENAI_API_KEY: 'VALUE' } },
    { name: 'worker', script: './work.js', autorestart: false, env: { MODE: 'x' } },
  ],
}
"""


@story.each(("the daemon", "PM2 start two.config.js\nsleep 2\nPM2 kill\n"), ("pm2-runtime", "PM2-runtime start two.config.js & sleep 3; kill $!; wait\n"))
def test_an_ecosystem_file_that_gives_the_name_to_one_app(commands):
    program(APP, "app.js")
    program(APP, "work.js")
    program(TWO_APPS.replace("VALUE", story.openai_key()), "two.config.js")
    pm2 = f"{nodes.node()} {packages('tools-node')}/node_modules/pm2/bin/pm2"
    script = program(commands.replace("PM2", pm2), "run.sh")
    run = recorded([which("sh"), script], environment(PM2_HOME=os.path.abspath("pm2")))
    found = expect_fault(run, "KT101", NAME, victim="node")
    assert found["summary"].startswith(f"work.js:1 asks for {NAME}, which two.config.js:3 gives to another app alone"), found
    assert "the app of work.js" in found["fix"] and "two.config.js --update-env" in found["fix"], found


def test_an_ecosystem_file_that_gives_the_name_to_no_app():
    program(APP, "work.js")
    program(TWO_APPS.replace("OPENAI_API_KEY: 'VALUE'", "MODE: 'y'").replace("app.js", "work.js"), "two.config.js")
    pm2 = f"{nodes.node()} {packages('tools-node')}/node_modules/pm2/bin/pm2"
    script = program(f"{pm2} start two.config.js\nsleep 1\n{pm2} kill\n", "run.sh")
    run = recorded([which("sh"), script], environment(PM2_HOME=os.path.abspath("pm2")))
    found = expect_fault(run, "KT101", NAME, victim="node")
    assert "was never set" in found["summary"], found


LOADS = """const { readFileSync } = require('fs')
const line = readFileSync(__dirname + '/.env', 'utf8').trim()
if (OVERRIDE || !process.env.OPENAI_API_KEY) process.env.OPENAI_API_KEY = line.slice('OPENAI_API_KEY='.length)
module.exports = { apps: [{ name: 'api', script: './app.js', autorestart: false }] }
"""


# The first client starts the daemon before it loads the file.
@story.each(("the first client", ""), ("the daemon runs", "PM2 ping\n"))
def test_an_ecosystem_file_that_keeps_the_shells_value(before):
    program("process.exit(process.env.OPENAI_API_KEY ? 1 : 2)\n", "app.js")
    program(f"{NAME}={openai_key()}\n", ".env")
    pm2 = f"{nodes.node()} {packages('tools-node')}/node_modules/pm2/bin/pm2"
    script = program((before + "PM2 start ecosystem.config.js\nsleep 2\nPM2 kill\n").replace("PM2", pm2), "run.sh")
    for overrides in "false", "true":
        program(LOADS.replace("OVERRIDE", overrides), "ecosystem.config.js")
        run = recorded([which("sh"), script], environment(PM2_HOME=os.path.abspath("pm2"), OPENAI_API_KEY=openai_key()[::-1]))
        if overrides == "true":
            assert "KT703" not in run.codes(), run.report["findings"]
            continue
        found = expect_fault(run, "KT703", NAME, victim="node")
        assert found["summary"].startswith("ecosystem.config.js:2 loads .env:1, and keeps the other value"), found


@story.each(("python", "start.py", "import os, subprocess, sys\nkey = os.environ.get('OPENAI_KEY', '')\nsys.exit(subprocess.call(['NODE', 'app.js'], env={**os.environ, 'OPENAI_API_KEY': key}))\n"),
            ("node", "start.js", "const { spawnSync } = require('child_process')\nconst key = process.env.OPENAI_KEY\n"
             "process.exitCode = spawnSync('NODE', ['app.js'], { env: { ...process.env, OPENAI_API_KEY: String(key) } }).status\n"))
def test_a_launcher_that_takes_another_name(path, text):
    program(APP, "app.js")
    script = program(text.replace("NODE", nodes.node()), path)
    run = recorded([story.PYTHON if path.endswith("py") else nodes.node(), script], environment())
    found = [f for f in run.findings("fault") if f["variable"] == NAME]
    assert found and found[0] is run.findings()[0], run.report
    assert found[0]["summary"].startswith(f"{path}:2 takes {NAME} from OPENAI_KEY, which was never set"), found


def test_a_launcher_that_finds_the_other_name():
    program(APP, "app.js")
    text = f"import os, subprocess, sys\nkey = os.environ.get('OPENAI_KEY', '')\nsys.exit(subprocess.call(['{nodes.node()}', 'app.js'], env={{**os.environ, 'OPENAI_API_KEY': key}}))\n"
    run = recorded([story.PYTHON, program(text, "start.py")], environment(OPENAI_KEY=openai_key()))
    assert run.status == 0 and run.report["verdict"] == "healthy", run.report


# ---- a loop that starts a program until its environment is mended ----------------------------------------

@story.each(("an export", "until PYTHON app.py; do\n  n=$((n + 1))\n  [ $n = 2 ] && export OPENAI_API_KEY=KEY\ndone\n"),
            ("a file", "until (set -a; . ./.env; exec PYTHON app.py); do\n  n=$((n + 1))\n  [ $n = 2 ] && echo OPENAI_API_KEY=KEY > .env\ndone\n"),
            ("env", "until env $(cat .env) PYTHON app.py; do\n  n=$((n + 1))\n  [ $n = 2 ] && echo OPENAI_API_KEY=KEY > .env\ndone\n"))
def test_a_loop_of_a_shell_that_is_mended(text):
    program("\n", ".env")
    program("import os\nos.environ['OPENAI_API_KEY']\n", "app.py")
    script = program(text.replace("PYTHON", story.PYTHON).replace("=KEY", "=" + openai_key()), "loop.sh")
    run = recorded([which("sh"), script], environment())
    assert run.status == 0 and run.report["verdict"] == "healthy", run.report
    assert (run.report["earlier_starts"], run.report["failed_starts"]) == (2, 2), run.report


# ---- an address that a launcher drops --------------------------------------------------------------------

def test_a_base_url_that_a_launcher_drops():
    program("const base = process.env.OPENAI_BASE_URL || 'http://127.0.0.1:9'\nfetch(base, { headers: { authorization: `Bearer ${process.env.OPENAI_API_KEY}` } }).then(() => 0)\n", "worker.js")
    text = "const { spawnSync } = require('child_process')\nconst { PATH, HOME, OPENAI_API_KEY } = process.env\n" \
           f"process.exitCode = spawnSync('{nodes.node()}', ['worker.js'], {{ env: {{ PATH, HOME, OPENAI_API_KEY, LANG: 'C' }} }}).status\n"
    run = recorded([nodes.node(), program(text, "start.js")], environment(OPENAI_API_KEY=openai_key(), OPENAI_BASE_URL="http://127.0.0.1:8/v1"))
    assert run.status, run
    first = run.findings()[0]
    assert (first["variable"], first["severity"] in ("warning", "fault")) == ("OPENAI_BASE_URL", True), run.report
    assert first["summary"].startswith("start.js:3 starts node worker.js without OPENAI_BASE_URL"), first
