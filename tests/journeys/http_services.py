"""Five services that catch every 401 and live on, recorded with --http and judged while they run: express, FastAPI,
workers of BullMQ and celery with a real Redis, and PM2. Each is asked three times, and answers with the status from upstream."""
import contextlib
import json
import os
import socket
import subprocess
import tempfile
import time

import nodes
import story
from loopback import Server
from story import environment, openai_key, packages, patience, program, which

NAME = "OPENAI_API_KEY"
TIMES = 3

LONG = {"live": "packages of npm and PyPI"}

EXPRESS = """
const axios = require('PACKAGES/axios');
const app = require('PACKAGES/express')();
const key = process.env.OPENAI_API_KEY;
async function ask() {
	const headers = { Authorization: `Bearer ${key}` };
	const answer = await axios.post(`${process.env.UPSTREAM}/v1/responses`, {}, { headers, validateStatus: null });
	return answer.status;
}
app.get('/', async (request, response) => response.send(`${await ask()}`));
app.listen('service.sock');
"""

FASTAPI = """
import os
import fastapi
import openai
app = fastapi.FastAPI()
client = openai.AsyncOpenAI(base_url=os.environ["UPSTREAM"] + "/v1", api_key=os.environ.get("OPENAI_API_KEY", "unset"), max_retries=0)
@app.get("/")
async def ask():
    try:
        await client.responses.create(model="gpt-4o", input="hi")
        return 200
    except openai.AuthenticationError as error:
        return error.status_code
"""

BULLMQ = """
const { Worker } = require('PACKAGES/bullmq');
new Worker('letters', async () => {
	const headers = { Authorization: `Bearer ${process.env.OPENAI_API_KEY}` };
	const answer = await fetch(`${process.env.UPSTREAM}/v1/responses`, { method: 'POST', body: '{}', headers });
	await answer.text();
	return answer.status;
}, { connection: { path: process.env.REDIS } });
"""

BULLMQ_CLIENT = """
const { Queue, QueueEvents } = require('PACKAGES/bullmq');
const options = { connection: { path: process.env.REDIS } };
const queue = new Queue('letters', options), events = new QueueEvents('letters', options);
async function add() {
	await events.waitUntilReady();
	for (let i = 0; i < TIMES; i++)
		console.log(await (await queue.add('welcome', {})).waitUntilFinished(events));
	process.exit();
}
add();
"""

CELERY = """
import os
import celery
import requests
app = celery.Celery("letters", broker="redis+socket://" + os.environ["REDIS"], backend="redis+socket://" + os.environ["REDIS"])
@app.task
def welcome():
    headers = {"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY')}"}
    return requests.post(os.environ["UPSTREAM"] + "/v1/responses", json={}, headers=headers).status_code
"""

CELERY_CLIENT = """
import letters
for _ in range(TIMES):
    print(letters.welcome.delay().get(timeout=120))
"""

PM2 = """
const key = process.env.OPENAI_API_KEY;
async function ask() {
	const headers = { Authorization: `Bearer ${key}` };
	const answer = await fetch(`${process.env.UPSTREAM}/v1/responses`, { method: 'POST', body: '{}', headers });
	await answer.text();
	return answer.status;
}
require('http').createServer(async (request, response) => response.end(`${await ask()}`)).listen('service.sock');
"""

ECOSYSTEM = "module.exports = { apps: [{ name: 'app', script: 'app.js', exec_mode: 'MODE', MORE }] };\n"


def node_program(text, name):
    return program(text.replace("PACKAGES", packages("http-node") + "/node_modules").replace("TIMES", str(TIMES)), name)


def python_program(text, name):
    return program(text.replace("TIMES", str(TIMES)), name)


def until(probe, service):
    """What a probe answers, as soon as it does."""
    end = time.monotonic() + 120
    while time.monotonic() < end and service.poll() is None:
        answer = probe()
        if answer is not None:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"no answer; status {service.poll()}")


def over_http(service, _):
    def probe():
        asked = subprocess.run([which("curl"), "-s", "--unix-socket", "service.sock", "http://service/"], capture_output=True)
        return asked.stdout.decode() if not asked.returncode else None
    return [until(probe, service) for _ in range(TIMES)]


def by_a_client(*command):
    """Jobs wait in Redis until the worker is there."""
    def use(_, env):
        return subprocess.run(command, env=env, capture_output=True, check=True, timeout=120).stdout.decode().split()
    return use


def express():
    return [nodes.node(), node_program(EXPRESS, "server.js")], over_http


def fastapi():
    python_program(FASTAPI, "server.py")
    return [packages("http-python") + "/bin/uvicorn", "--uds", "service.sock", "server:app"], over_http


def bullmq():
    return [nodes.node(), node_program(BULLMQ, "worker.js")], by_a_client(nodes.node(), node_program(BULLMQ_CLIENT, "client.js"))


def celery():
    folder = packages("tools-python") + "/bin/"
    python_program(CELERY, "letters.py")
    return ([folder + "celery", "-A", "letters", "worker", "-c", "2"],
            by_a_client(folder + "python", python_program(CELERY_CLIENT, "client.py")))


def pm2(mode="cluster", more="instances: 2"):
    program(PM2, "app.js")
    tool = packages("tools-node") + "/node_modules/.bin/pm2-runtime"
    return [nodes.node(), tool, "start", program(ECOSYSTEM.replace("MODE", mode).replace("MORE", more), "eco.config.js")], over_http


SERVICES = {"express": express, "FastAPI": fastapi, "BullMQ": bullmq, "celery": celery, "PM2": pm2}
FILE = {"express": "server.js", "FastAPI": "server.py", "BullMQ": "worker.js", "celery": "letters.py", "PM2": "app.js"}
FILE_OF = {SERVICES[name]: file for name, file in FILE.items()}


def end(process):
    """Nothing is asked of how it ends."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def is_redis(path):
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(path)
            client.sendall(b"PING\r\n")
            return client.recv(99).startswith(b"+PONG") or None
        except OSError:
            return None


@contextlib.contextmanager
def redis(env):
    """On a socket of its own: no port is taken. A socket's path must be short."""
    with tempfile.TemporaryDirectory(prefix="kt-") as place:
        path = place + "/redis"
        server = subprocess.Popen([which("redis-server"), "--port", "0", "--unixsocket", path, "--save", "", "--dir", place],
                                  env=env, stdout=subprocess.DEVNULL)
        try:
            until(lambda: is_redis(path), server)
            yield path
        finally:
            end(server)


@contextlib.contextmanager
def started(service, env, upstream, before):
    command, use = service()
    with redis(env) as path:
        env = {**env, "UPSTREAM": upstream.url, "REDIS": path, "PM2_HOME": os.path.abspath("pm2")}
        with open("said", "wb") as said:
            process = subprocess.Popen([story.KEYTRAIL, "run", "-q", "--http", "-o", os.path.abspath("live"), "--", *before, *command],
                                       env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            yield process, use(process, env)
        finally:
            end(process)


LAUNCHER = """
import os, subprocess, sys
KEPT = [NAMES]
sys.exit(subprocess.call(sys.argv[1:], env={name: os.environ[name] for name in KEPT}))
"""


def launcher(*more):
    """A launcher that hands on the variables of a list."""
    names = ("PATH", "HOME", "UPSTREAM", "REDIS", "PM2_HOME", *more)
    return [story.PYTHON, program(LAUNCHER.replace("NAMES", ", ".join(map(repr, names))), "start.py")]


def report_of(service, key, good, before=()):
    """The report on the service, while it runs."""
    env = environment(**({NAME: key} if key is not None else {}))
    with Server(good) as upstream, started(service, env, upstream, before) as (process, answers):
        assert answers == ["200" if good == key else "401"] * TIMES, (answers, open("said").read())
        assert process.poll() is None, open("said").read()
        return json.loads(story.asked("report", "-f", "json", os.path.abspath("live"))), upstream


each_service = story.each(*((name, service) for name, service in SERVICES.items()))


def expect_first(report, upstream, code, file):
    """The first finding is a fault that ended in the refusal, of a line of the service."""
    first = report["findings"][0]
    assert (report["verdict"], first["code"], first["variable"]) == ("fault", code, NAME), report
    assert (first["severity"], first["victim"]["end"]) == ("fault", "failed-by-it"), first
    assert (first["request"]["status"], first["request"]["port"]) == (401, upstream.port), first
    assert f"/{file}:" in first["victim"]["site"], first
    return first


FOREIGN = "sk-ant-api03-" + story.random_text(80)
CAUSES = (("express", "never set", None, "KT101"), ("FastAPI", "the key of another provider", FOREIGN, "KT503"),
          ("BullMQ", "a placeholder", "your-api-key-here", "KT604"), ("celery", "never set", None, "KT101"), ("PM2", "never set", None, "KT101"))


@story.each(*((f"{name}, {cause}", name, *row) for name, cause, *row in CAUSES))
@patience(300)
def test_a_live_service_without_its_key(name, key, code):
    report, upstream = report_of(SERVICES[name], key, openai_key())
    expect_first(report, upstream, code, FILE[name])


@each_service
@patience(300)
def test_a_live_service_whose_launcher_drops_the_key(service):
    report, upstream = report_of(service, openai_key(), openai_key(), launcher())
    first = expect_first(report, upstream, "KT202", FILE_OF[service])
    assert first["culprit"]["site"].endswith("/start.py:4"), first


@each_service
@patience(300)
def test_a_live_service_whose_key_is_refused(service):
    report, upstream = report_of(service, openai_key(), openai_key(), launcher(NAME))
    first = report["findings"][0]
    assert (report["verdict"], first["code"], first["variable"]) == ("exonerated", "KT803", NAME), report
    assert report["headline"] == (f"the key of this run was sent to localhost:{upstream.port} and refused "
                                  "(401 invalid_api_key): not the environment"), report["headline"]
    assert first["victim"]["end"] == "failed-by-it" and first["request"]["port"] == upstream.port, first
    assert f"/{FILE_OF[service]}:" in first["victim"]["site"], first


@each_service
@patience(300)
def test_a_live_service_whose_key_is_taken(service):
    key = openai_key()
    report, _ = report_of(service, key, key, launcher(NAME))
    assert report["verdict"] == "healthy", report
    assert not [f for f in report["findings"] if f["severity"] != "note"], report


@patience(300)
def test_a_live_app_of_pm2_whose_ecosystem_file_empties_the_key():
    report, upstream = report_of(lambda: pm2("fork", "env: { OPENAI_API_KEY: '' }"), openai_key(), openai_key())
    expect_first(report, upstream, "KT601", "app.js")
