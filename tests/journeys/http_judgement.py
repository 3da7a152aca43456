"""What the report says of requests, by real clients: a key that was refused, not sent,
sent astray or taken away by a proxy; and the twins in which all is well."""
import contextlib
import json
import os
import re
import socket
import subprocess

import story
from loopback import Server
from story import environment, expect_exonerated, expect_fault, expect_healthy, openai_key, program, recorded, which

NAME = "OPENAI_API_KEY"

SENDS = """
import os, sys, urllib.error, urllib.request
key = os.environ.get("OPENAI_API_KEY")
def ask(url):
    request = urllib.request.Request(url + "/v1/responses", data=b"{}", headers=HEADERS)
    try:
        return urllib.request.urlopen(request).status  # here
    except urllib.error.HTTPError as error:
        error.read()
        return error.code
print(ask(sys.argv[1]))
"""
WITH = SENDS.replace("HEADERS", '{"Authorization": f"Bearer {key}"}')
WITHOUT = SENDS.replace("HEADERS", "{}")


# A fetch of one's own that makes its headers anew, and drops what it was given.
NODE = """
const key = process.env.OPENAI_API_KEY;
const wrapped = (url, options) => fetch(url, { ...options, headers: HEADERS });
async function ask(url) {
	const answer = await wrapped(`${url}/v1/responses`, { method: 'POST', body: '{}', headers: { Authorization: `Bearer ${key}` } });
	await answer.text();
	return answer.status;
}
ask(process.argv[2]).then(console.log);
"""


def line_of(text):
    return next(i for i, line in enumerate(text.split("\n"), 1) if line.endswith("# here"))


def ran(command, key, good, **more):
    """The command, against a server that takes the key `good`."""
    with Server(good) as server:
        return recorded([*command, server.url], environment(OPENAI_API_KEY=key, **more), http=True), server


# ---- refused, and accepted -------------------------------------------------------

def expect_refused(run, server):
    expect_exonerated(run, NAME)
    first = run.report["findings"][0]
    assert first["code"] == "KT803" and first["victim"]["end"] == "failed-by-it", first
    assert (first["request"]["status"], first["request"]["port"]) == (401, server.port), first
    assert run.report["headline"] == (f"the key of this run was sent to localhost:{server.port} and refused "
                                      "(401 invalid_api_key): not the environment"), run.report["headline"]
    return first


def test_a_refused_key_of_python():
    run, server = ran([story.PYTHON, program(WITH, "app.py")], openai_key(), openai_key())
    first = expect_refused(run, server)
    assert first["victim"]["site"].endswith(f"app.py:{line_of(WITH)}"), first


def test_an_accepted_key_of_python():
    key = openai_key()
    run, server = ran([story.PYTHON, program(WITH, "app.py")], key, key)
    expect_healthy(run, NAME)
    assert f"localhost:{server.port} accepted {NAME} (200)" in run.report["headline"], run.report["headline"]


def test_a_refused_key_of_a_shell_and_curl():
    which("curl")
    script = program('curl -s -H "Authorization: Bearer $OPENAI_API_KEY" "$1/v1/models"\n', "ask.sh")
    run, server = ran(["bash", script], openai_key(), openai_key())
    assert run.report["verdict"] == "exonerated", run.report
    assert f"sent to localhost:{server.port} and refused (401 invalid_api_key)" in run.report["headline"]


def node(headers):
    return [which("node"), program(NODE.replace("HEADERS", headers), "app.js")]


def test_a_refused_key_of_node():
    expect_refused(*ran(node("options.headers"), openai_key(), openai_key()))


def test_an_accepted_key_of_node():
    key = openai_key()
    run, _ = ran(node("options.headers"), key, key)
    expect_healthy(run, NAME)


# ---- not sent ---------------------------------------------------------------------

def test_a_key_that_was_not_sent():
    run, _ = ran([story.PYTHON, program(WITHOUT, "app.py")], openai_key(), openai_key())
    found = expect_fault(run, "KT801", NAME, victim="python", culprit="python")
    assert found["victim"]["site"].endswith(f"app.py:{line_of(WITHOUT)}"), found
    assert found["victim"]["end"] == "failed-by-it", found


def test_a_fetch_of_ones_own_drops_the_header():
    run, _ = ran(node("{ 'Content-Type': 'application/json' }"), openai_key(), openai_key())
    found = expect_fault(run, "KT801", NAME, victim="node", culprit="node")
    assert ".js:" in found["victim"]["site"] and "keep the headers" in found["fix"], found


REDIRECTS = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(302)
        self.send_header("Location", sys.argv[1] + self.path)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.handle_request()
"""


def redirected(good):
    """curl follows a redirect from 127.0.0.1 to localhost, another host for it."""
    which("curl")
    script = program('curl -s -L -H "Authorization: Bearer $OPENAI_API_KEY" "http://127.0.0.1:$1/v1/models"\n', "ask.sh")
    with Server() as server:
        server.http.good = good
        first = subprocess.Popen([story.PYTHON, program(REDIRECTS, "redirects.py"), server.url], stdout=subprocess.PIPE, env=environment())
        try:
            return recorded(["bash", script, str(int(first.stdout.readline()))], story.with_key(NAME), http=True)
        finally:
            first.kill()
            first.wait()


def test_a_redirect_to_another_host_drops_the_header():
    found = expect_fault(redirected(openai_key()), "KT801", NAME, victim="curl")
    assert "a redirect from 127.0.0.1 (302)" in found["detail"] and "--location-trusted" in found["fix"], found


def test_a_redirect_to_a_host_that_needs_no_key():
    run = redirected("")  # taken: a request without a header has this one
    assert run.report["verdict"] == "healthy", run.report


def test_single_quotes_keep_the_name_in_the_header():
    which("curl")
    script = program("true\ncurl -s --resolve \"api.openai.com:$1:127.0.0.1\" -H 'Authorization: Bearer $OPENAI_API_KEY' "
                     "\"http://api.openai.com:$1/v1/models\"\n", "ask.sh")
    with Server() as server:
        run = recorded(["bash", script, str(server.port)], story.with_key(NAME), http=True)
    found = expect_fault(run, "KT801", NAME, victim="curl", culprit="curl")
    assert found["culprit"]["site"].endswith("ask.sh:2") and "double quotes" in found["fix"], found


# ---- sent astray ------------------------------------------------------------------

def astray(variable, key, header):
    """curl asks for api.openai.com, which a resolver leads here."""
    which("curl")
    script = program(f'curl -s --resolve "api.openai.com:$1:127.0.0.1" -H "{header}${variable}" "http://api.openai.com:$1/v1/models"\n', "ask.sh")
    with Server(key if variable == NAME else None) as server:
        return recorded(["bash", script, str(server.port)], environment(**{variable: key}), http=True)


def test_a_key_for_another_providers_host():
    run = astray("ANTHROPIC_API_KEY", "sk-ant-api03-" + story.random_text(40), "x-api-key: ")
    found = expect_fault(run, "KT504", "ANTHROPIC_API_KEY", victim="curl")
    assert "api.openai.com" in found["summary"] and "ask.sh:1" in found["summary"], found


def test_a_key_for_its_own_host():
    run = astray(NAME, openai_key(), "Authorization: Bearer ")
    assert run.report["verdict"] == "healthy", run.report
    assert not run.codes("fault") and "KT504" not in run.codes(), run.codes()


# ---- taken away -------------------------------------------------------------------

NGINX = """daemon off; pid nginx.pid; error_log stderr; events {}
http { access_log off; client_body_temp_path t; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
server { listen 127.0.0.1:FRONT; location / { proxy_pass http://127.0.0.1:BACK; MORE } } }
"""

BEHIND_NGINX = """
import os, socket, subprocess, sys, time
env = {name: value for name, value in os.environ.items() if name != "OPENAI_API_KEY"}
nginx = subprocess.Popen([NGINX, "-p", ".", "-c", "nginx.conf"], env=env)
while True:
    try:
        socket.create_connection(("127.0.0.1", FRONT)).close()
        break
    except OSError:
        time.sleep(0.05)
subprocess.run([sys.executable, "app.py", "http://127.0.0.1:FRONT"])
nginx.terminate()
nginx.wait()
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def behind_nginx(more, key, good):
    nginx, front = which("nginx"), free_port()
    with Server(good) as server:
        program(NGINX.replace("FRONT", str(front)).replace("BACK", str(server.port)).replace("MORE", more), "nginx.conf")
        program(WITH, "app.py")
        launcher = program(BEHIND_NGINX.replace("FRONT", str(front)).replace("NGINX", repr(nginx)), "run.py")
        return recorded([story.PYTHON, launcher], environment(OPENAI_API_KEY=key), http=True), server


def test_nginx_takes_the_header_away():
    key = openai_key()
    run, server = behind_nginx('proxy_set_header Authorization "";', key, key)
    found = expect_fault(run, "KT802", NAME, victim="python", culprit="nginx")
    assert "proxy_set_header" in found["fix"] and f":{server.port}" in found["summary"], found


def test_nginx_passes_the_header_on():
    key = openai_key()
    run, _ = behind_nginx("", key, key)
    expect_healthy(run, NAME)


def test_nginx_passes_the_header_on_and_the_key_is_refused():
    run, server = behind_nginx("", openai_key(), openai_key())
    assert run.report["verdict"] == "exonerated", run.report
    assert f":{server.port} and refused (401 invalid_api_key)" in run.report["headline"], run.report["headline"]


# ---- services that catch every refusal, and live ----------------------------------

SERVICE = """
import http.server, os, sys, urllib.error, urllib.request
key = os.environ.get("OPENAI_API_KEY")
def ask():
    request = urllib.request.Request(sys.argv[1] + "/v1/responses", data=b"{}", headers={"Authorization": f"Bearer {key}"})
    try:
        return urllib.request.urlopen(request).status  # here
    except urllib.error.HTTPError as error:
        error.read()
        return error.code
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(ask()).encode())
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
"""

LAUNCHER = """
import os, sys
os.execve(sys.executable, [sys.executable, "service.py", *sys.argv[1:]], ENV)
"""


@contextlib.contextmanager
def live(command, key, good):
    """A service that runs, and was asked once: its report."""
    trace = os.path.abspath("live")
    with Server(good) as upstream:
        service = subprocess.Popen([story.KEYTRAIL, "run", "-q", "--http", "-o", trace, "--", *command, upstream.url],
                                   env=environment(OPENAI_API_KEY=key), stdout=subprocess.PIPE)
        try:
            port = int(service.stdout.readline())
            for _ in range(3):
                answer = subprocess.run([which("curl"), "-s", f"http://127.0.0.1:{port}/"], capture_output=True, check=True).stdout
            assert answer == (b"200" if good == key else b"401"), answer
            assert service.poll() is None
            yield json.loads(story.asked("report", "-f", "json", trace)), upstream
        finally:
            service.terminate()
            service.wait()


FOUR = WITH.replace("print(ask(sys.argv[1]))", "answers = [ask(sys.argv[1]) for _ in range(4)]\nprint(answers)\nif 401 in answers: sys.exit('401')")


@story.each(("of four", 2, 2), ("all", 0, 4))
def test_refusals_are_counted_apart_from_what_was_taken_before(taken, refused):
    key = openai_key()
    with Server(key) as server:
        class Seen(list):
            def append(self, item):
                super().append(item)
                server.http.good = key if len(self) <= taken else "rotated"
        server.http.seen = Seen()
        run = recorded([story.PYTHON, program(FOUR, "app.py"), server.url], environment(OPENAI_API_KEY=key), http=True)
    assert run.out.count(b"401") == refused and len(server.http.seen) == 4, run.out
    requests = [f["request"] for f in run.report["findings"] if f.get("request")]
    assert requests and requests[0]["count"] == refused, run.report


def test_a_live_service_whose_key_is_refused():
    program(SERVICE, "service.py")
    with live([story.PYTHON, "service.py"], openai_key(), openai_key()) as (report, upstream):
        assert report["verdict"] == "exonerated", report
        assert report["headline"] == (f"the key of this run was sent to localhost:{upstream.port} and refused "
                                      "(401 invalid_api_key): not the environment"), report["headline"]
        assert report["findings"][0]["request"]["count"] >= 2, report["findings"][0]


def test_a_live_service_whose_launcher_dropped_the_key():
    program(SERVICE, "service.py")
    launcher = program(LAUNCHER.replace("ENV", '{"PATH": os.environ["PATH"]}'), "start.py")
    with live([story.PYTHON, launcher], openai_key(), openai_key()) as (report, _):
        first = report["findings"][0]
        assert (report["verdict"], first["code"], first["variable"]) == ("fault", "KT201", NAME), report
        assert first["victim"]["end"] == "failed-by-it" and first["culprit"]["site"].endswith("start.py:3"), first
        assert first["request"]["status"] == 401, first


def test_a_live_service_whose_key_is_taken():
    key = openai_key()
    program(SERVICE, "service.py")
    with live([story.PYTHON, "service.py"], key, key) as (report, _):
        assert report["verdict"] == "healthy", report


# ---- the README --------------------------------------------------------------------

WORKER = """const key = process.env.OPENAI_API_KEY;
async function ask() {
	const headers = { Authorization: `Bearer ${key}` };
	const answer = await fetch('URL/v1/chat/completions', { method: 'POST', body: '{}', headers });
	await answer.text();
	return answer.status;
}
async function work() {
	for (let i = 0; i < 4; i++)
		console.log(await ask());
	process.stdin.resume(); // until the launcher ends
}
work();
"""

START = "require('child_process').spawn(process.execPath, ['worker.js'], { stdio: ['pipe', 'inherit', 'inherit'], argv0: 'node' });\n"


def words(report):
    """Without what differs each time: process ids, ports, and where lines break."""
    return re.sub(r"(pid |127\.0\.0\.1:)\d+", r"\1N", " ".join(report.split()))


def test_the_live_service_of_the_readme():
    which("node")
    with open(os.path.join(story.ROOT, "README.md")) as file:
        shown, = re.findall(r"\$ keytrail run --http -o trace node start.js &\n\$ keytrail report trace\n(.*?)```", file.read(), flags=re.S)
    program(START, "start.js")
    with Server() as server:
        program(WORKER.replace("URL", f"http://127.0.0.1:{server.port}"), "worker.js")
        service = subprocess.Popen([story.KEYTRAIL, "run", "-q", "--http", "-o", "trace", "node", "start.js"], env=environment(), stdout=subprocess.PIPE)
        try:
            assert [service.stdout.readline() for _ in range(4)] == [b"401\n"] * 4
            told = story.asked("report", "trace").decode()
        finally:
            service.terminate()
            service.wait()
    assert words(shown) in words(told), (shown, told)
