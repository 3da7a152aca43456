"""What the report says of requests by clients that people use: a refused key exonerates, an accepted one is healthy, a missing
one is the fault, whoever sends."""
import http.server
import os
import threading

import nodes
import story
from loopback import NAME, Server, certificate, line_of
from story import environment, expect_exonerated, expect_fault, expect_healthy, openai_key, packages, patience, recorded

LONG = {"": "packages of npm and PyPI"}

AXIOS = """
const axios = require('HTTP/axios');
async function ask(url, key) {
	const answer = await axios.post(`${url}/v1/responses`, {}, { headers: { Authorization: `Bearer ${key}` } }); // here
	return answer.status;
}
ask(process.argv[2], process.env.OPENAI_API_KEY).catch((error) => {
	console.log(error.response.status);
	process.exitCode = 1;
});
"""

GOT = """
import got from 'HTTP/got/dist/source/index.js';
async function ask(url, key) {
	await got.post(`${url}/v1/responses`, { json: {}, headers: { Authorization: `Bearer ${key}` }, retry: { limit: 0 } }); // here
}
ask(process.argv[2], process.env.OPENAI_API_KEY).catch((error) => {
	console.log(error.response.statusCode);
	process.exitCode = 1;
});
"""

REQUEST = """
const { request } = require(process.argv[2].split(':')[0]);
function ask(url, key) {
	const options = { method: 'POST', headers: { Authorization: `Bearer ${key}` } };
	request(`${url}/v1/responses`, options, (answer) => { // here
		console.log(answer.statusCode);
		process.exitCode = answer.statusCode === 200 ? 0 : 1;
		answer.resume();
	}).end('{}');
}
ask(process.argv[2], process.env.OPENAI_API_KEY);
"""

ANTHROPIC = """
const { Anthropic } = require('NODE/@anthropic-ai/sdk');
async function ask(url, key) {
	const client = new Anthropic({ apiKey: key ?? 'undefined', baseURL: url, maxRetries: 0 });
	await client.messages.create({ model: 'claude', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }); // here
}
ask(process.argv[2], process.env.ANTHROPIC_API_KEY).catch((error) => {
	console.log(error.status);
	process.exitCode = 1;
});
"""

LANGCHAIN = """
const { ChatOpenAI } = require('HTTP/@langchain/openai');
async function ask(url, key) {
	const model = new ChatOpenAI({ model: 'gpt-4o', apiKey: key ?? 'undefined', maxRetries: 0, configuration: { baseURL: `${url}/v1` } });
	await model.invoke('hi'); // here
}
ask(process.argv[2], process.env.OPENAI_API_KEY).catch((error) => {
	console.log(error.status);
	process.exitCode = 1;
});
"""

REQUESTS = """
import os, sys, requests
def ask(url):
    headers = {"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY')}"}
    answer = requests.post(url + "/v1/responses", json={}, headers=headers, verify="ca.pem")  # here
    print(answer.status_code)
    answer.raise_for_status()
ask(sys.argv[1])
"""

AIOHTTP = """
import asyncio, os, ssl, sys, aiohttp
async def ask(url):
    headers = {"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY')}"}
    async with aiohttp.ClientSession() as session:
        async with session.post(url + "/v1/responses", json={}, headers=headers, ssl=ssl.create_default_context(cafile="ca.pem")) as answer:  # here
            print(answer.status)
            answer.raise_for_status()
asyncio.run(ask(sys.argv[1]))
"""

LITELLM = """
import os, sys, litellm
def ask(url):
    key = os.environ.get("OPENAI_API_KEY", "None")
    try:
        litellm.completion(model="openai/gpt-4o", messages=[{"role": "user", "content": "hi"}], api_base=url + "/v1", api_key=key, num_retries=0)  # here
    except litellm.AuthenticationError as error:
        print(error.status_code)
        sys.exit(1)
ask(sys.argv[1])
"""

OPENAI_ASYNC = """
import asyncio, os, sys, openai
async def ask(url):
    client = openai.AsyncOpenAI(base_url=url + "/v1", api_key=os.environ.get("OPENAI_API_KEY", "None"), max_retries=0)
    await client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}])  # here
asyncio.run(ask(sys.argv[1]))
"""

AUTOGEN = """
import asyncio, os, sys
from autogen_core.models import UserMessage
from autogen_ext.models.openai import OpenAIChatCompletionClient
async def ask(url):
    key = os.environ.get("OPENAI_API_KEY", "None")
    client = OpenAIChatCompletionClient(model="gpt-4o", base_url=url + "/v1", api_key=key, max_retries=0)
    await client.create([UserMessage(content="hi", source="me")])  # here
asyncio.run(ask(sys.argv[1]))
"""

CUSTOM_FETCH = """
const OpenAI = require('NODE/openai').OpenAI;
const tracing = (url, options) => fetch(url, { ...options, headers: HEADERS }); // here
async function ask(url) {
	const client = new OpenAI({ baseURL: `${url}/v1`, maxRetries: 0, fetch: tracing });
	await client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] });
}
ask(process.argv[2]).catch((error) => {
	console.log(error.status);
	process.exitCode = 1;
});
"""

NETRC = """
import os, sys, requests
def ask(url):
    headers = {"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}
    requests.post(url + "/v1/responses", json={}, headers=headers).raise_for_status()  # here
ask(sys.argv[1])
"""

# A supervisor that rotates the key: the first of its four workers lives on with the old one.
FOUR = """
import os, subprocess, sys
def start():
    worker = subprocess.Popen([sys.executable, "worker.py", sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    worker.stdout.readline()
    return worker
workers = [start()]
os.environ["OPENAI_API_KEY"] = sys.argv[2]
workers += [start() for _ in range(3)]
print(*sorted(int(worker.communicate(b"go")[0]) for worker in workers))
"""

WORKER = """
import os, sys, requests
key = os.environ["OPENAI_API_KEY"]
def ask(url):
    return requests.get(url + "/v1/models", headers={"Authorization": f"Bearer {key}"}).status_code  # here
print("ready", flush=True)
sys.stdin.read()
print(ask(sys.argv[1]))
"""

FOLLOWS = """
import os, sys, requests
def ask(url):
    headers = {"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}
    requests.get(url + "/v1/models", headers=headers).raise_for_status()  # here
ask(sys.argv[1])
"""

PYTHON = {"requests": REQUESTS, "aiohttp": AIOHTTP, "litellm": LITELLM, "openai async": OPENAI_ASYNC, "autogen": AUTOGEN}
NODE = {"axios": AXIOS, "got": GOT, "http request": REQUEST, "@anthropic-ai sdk": ANTHROPIC, "@langchain openai": LANGCHAIN}
CLIENTS = {**PYTHON, **NODE}
WITH_LINE = "axios", "http request", "requests", "aiohttp", "litellm"  # among the callers of the request
KEYS = {"@anthropic-ai sdk": ("ANTHROPIC_API_KEY", lambda: "sk-ant-api03-" + story.random_text(90))}


def command(text):
    if "\nimport os" in text or "\nimport asyncio" in text:
        tree = "causes-python" if "autogen" in text else "tools-python"
        return [packages(tree) + "/bin/python", story.program(text, "app.py")]
    text = text.replace("HTTP/", packages("http-node") + "/node_modules/").replace("NODE/", packages("node") + "/node_modules/")
    return [nodes.node("22"), story.program(text, "app.mjs" if "\nimport got" in text else "app.js")]


def ran(text, given, good, tls=False):
    """The program with these variables, against a server that takes the key `good`."""
    authority = os.path.join(os.getcwd(), "ca.pem")
    env = environment(NODE_EXTRA_CA_CERTS=authority, SSL_CERT_FILE=authority, LITELLM_LOCAL_MODEL_COST_MAP="True", **given)
    certificate()
    with Server(good, tls) as server:
        run = recorded([*command(text), server.url], env, http=True, timeout=380)
        assert server.seen, (run.out, run.err)
    return run, server


def name_and_key(client):
    name, make = KEYS.get(client, (NAME, openai_key))
    return name, make(), make()


each_client = story.each(*((f"{name}, plain", name, False) for name in CLIENTS), *((f"{name}, TLS", name, True) for name in ("axios", "requests", "aiohttp")))


@each_client
@patience(400)
def test_a_refused_key(client, tls):
    name, key, good = name_and_key(client)
    run, server = ran(CLIENTS[client], {name: key}, good, tls)
    first = run.report["findings"][0]
    expect_exonerated(run, name)
    assert (run.status, first["code"], first["variable"], first["victim"]["end"]) == (1, "KT803", name, "failed-by-it"), (run.err, first)
    assert f"was sent to localhost:{server.port} and refused (401" in run.report["headline"], run.report["headline"]
    assert "/app." in first["victim"]["site"], first
    if client in WITH_LINE:
        assert first["victim"]["site"].endswith(f":{line_of(CLIENTS[client])}"), first


@each_client
@patience(400)
def test_an_accepted_key(client, tls):
    name, key, _ = name_and_key(client)
    run, server = ran(CLIENTS[client], {name: key}, key, tls)
    expect_healthy(run, name)
    assert f"localhost:{server.port} accepted {name} (200)" in run.report["headline"], run.report["headline"]


@story.each(*((name, name) for name in CLIENTS if name != "litellm"))
@patience(400)
def test_a_key_that_was_never_set(client):
    name, _, good = name_and_key(client)
    run, _ = ran(CLIENTS[client], {}, good)
    found = expect_fault(run, "KT101", name)
    assert found["victim"]["end"] == "failed-by-it" and found["request"]["status"] == 401, found


# ---- not sent ----------------------------------------------------------------------

def custom_fetch(headers, key, good):
    return ran(CUSTOM_FETCH.replace("HEADERS", headers), {NAME: key}, good)[0]


@patience(400)
def test_a_custom_fetch_of_a_client_drops_the_header():
    run = custom_fetch("{ 'Content-Type': 'application/json' }", openai_key(), openai_key())
    found = expect_fault(run, "KT801", NAME, victim="node", culprit="node")
    assert found["victim"]["site"].endswith(f"/app.js:{line_of(CUSTOM_FETCH)}") and found["victim"]["end"] == "failed-by-it", found


@patience(400)
def test_a_custom_fetch_of_a_client_keeps_the_header():
    key = openai_key()
    expect_healthy(custom_fetch("options.headers", key, key), NAME)


def with_netrc(key, good):
    story.program(f"machine localhost login me password {story.random_text(30)}\n", ".netrc")
    os.chmod(".netrc", 0o600)
    return ran(NETRC, {NAME: key}, good)[0]


@patience(400)
def test_netrc_wins_over_the_header_of_requests():
    key = openai_key()
    run = with_netrc(key, key)
    found = expect_fault(run, "KT801", NAME)
    assert found["victim"]["site"].endswith(f"/app.py:{line_of(NETRC)}"), found
    assert ".netrc" in found["detail"] and "Basic" in found["detail"], found


@patience(400)
def test_a_netrc_for_another_host():
    key = openai_key()
    story.program("machine example.com login me password secret\n", ".netrc")
    expect_healthy(ran(NETRC, {NAME: key}, key)[0], NAME)


class Redirects(http.server.BaseHTTPRequestHandler):
    """To the same path of another server, on another host's name."""
    def do_GET(self):
        self.send_response(307)
        self.send_header("Location", self.server.to + self.path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def redirected(key, good):
    with Server() as server, http.server.ThreadingHTTPServer(("127.0.0.1", 0), Redirects) as first:
        server.http.good, first.to = good, server.url
        threading.Thread(target=first.serve_forever, daemon=True).start()
        run = recorded([*command(FOLLOWS), f"http://127.0.0.1:{first.server_address[1]}"], environment(OPENAI_API_KEY=key), http=True, timeout=380)
        first.shutdown()
    return run


@patience(400)
def test_requests_drops_the_header_on_the_way_to_another_host():
    key = openai_key()
    run = redirected(key, key)
    found = expect_fault(run, "KT801", NAME)
    assert "a redirect from 127.0.0.1 (307)" in found["detail"], found
    assert found["victim"]["site"].endswith(f"/app.py:{line_of(FOLLOWS)}"), found


@patience(400)
def test_requests_follows_to_a_host_that_needs_no_key():
    run = redirected(openai_key(), "")  # taken: a request without a header has this one
    assert (run.status, run.report["verdict"]) == (0, "healthy"), run.report


# ---- a rotated key -----------------------------------------------------------------

def four(old, new, good):
    story.program(WORKER, "worker.py")
    certificate()
    with Server(good) as server:
        return recorded([*command(FOUR), server.url, new], environment(OPENAI_API_KEY=old), http=True, timeout=380)


@patience(400)
def test_a_rotated_key_in_one_of_four_workers():
    new = openai_key()
    run = four(openai_key(), new, new)
    assert run.out == b"200 200 200 401\n", (run.out, run.err)
    found = expect_fault(run, "KT702", NAME, victim="python")
    assert found["confidence"] == "certain" and found["count"] == 1, found
    assert found["request"]["site"].endswith(f"/worker.py:{line_of(WORKER)}"), found


@patience(400)
def test_four_workers_with_one_key():
    key = openai_key()
    run = four(key, key, key)
    assert run.out == b"200 200 200 200\n", (run.out, run.err)
    expect_healthy(run, NAME)
