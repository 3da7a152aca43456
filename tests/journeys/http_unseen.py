"""Requests that --http cannot read: HTTP/2 over libssl, and TLS that is a part of the program. The report says so, and
neither exonerates nor accuses."""
import contextlib
import os
import socket
import subprocess
import time

import nodes
import story
from loopback import NAME, Server, certificate, line_of
from story import bare, expect_healthy, expect_no_fault, openai_key, packages, program, recorded, which

LONG = {**nodes.LONG, "httpx|Deno|Bun": "packages of npm and PyPI", "node": "several Nodes"}

NGINX = """daemon off; master_process off; pid PORT.pid; error_log stderr crit; events {}
http { access_log off; client_body_temp_path t; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
server { listen 127.0.0.1:PORT ssl http2; ssl_certificate ca.pem; ssl_certificate_key ca.key;
location /up { return 200 up; } location / { if ($http_authorization = "Bearer GOOD") { return 200 ok; } return 401 no; } } }
"""


def need_http2():
    if b"http_v2" not in bare([which("nginx"), "-V"]).err:
        story.skip("the nginx here knows no HTTP/2")
    if b"HTTP2" not in bare([which("curl"), "--version"]).out:
        story.skip("the curl here knows no HTTP/2")


def is_up(port):
    asked = subprocess.run([which("curl"), "-s", "--cacert", "ca.pem", f"https://localhost:{port}/up"], capture_output=True)
    return asked.stdout == b"up"


def start(port, good):
    """A nginx that answers; None: another has taken the port."""
    program(NGINX.replace("PORT", str(port)).replace("GOOD", good), "nginx.conf")
    server = subprocess.Popen([which("nginx"), "-p", ".", "-c", "nginx.conf"], stderr=subprocess.DEVNULL, env=story.environment())
    end = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < end:
        if is_up(port):
            return server
        time.sleep(0.05)
    server.kill()
    server.wait()
    return None


@contextlib.contextmanager
def http2_server(good):
    """Its URL. HTTP/2 and HTTP/1.1, with TLS."""
    need_http2()
    certificate()
    for _ in range(10):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = start(port, good)
        if server:
            break
    assert server, "nginx does not answer"
    try:
        yield f"https://localhost:{port}"
    finally:
        server.terminate()
        server.wait()


CURL = 'key=$OPENAI_API_KEY\ncurl -sf OPTION --cacert ca.pem -H "Authorization: Bearer $key" "$1/v1/models"\n'

HTTPX = """
import os, ssl, sys, httpx
key = os.environ["OPENAI_API_KEY"]
with httpx.Client(http2=True, verify=ssl.create_default_context(cafile="ca.pem")) as client:
    answer = client.get(sys.argv[1] + "/v1/models", headers={"Authorization": f"Bearer {key}"})
    print(answer.http_version)
    answer.raise_for_status()
"""

FETCH = """
const key = globalThis.Deno ? Deno.env.get('OPENAI_API_KEY') : process.env.OPENAI_API_KEY;
const url = globalThis.Deno ? Deno.args[0] : process.argv[2];
const answer = await fetch(url + '/v1/models', { headers: { Authorization: `Bearer ${key}` } });
if (!answer.ok) throw new Error(`status ${answer.status}`);
"""

HTTP2 = """
const client = require('http2').connect(process.argv[2]);
function ask(key) {
	const request = client.request({ ':path': '/v1/models?x=1', authorization: `Bearer ${key}` }); // here
	request.on('response', (headers) => {
		client.close();
		process.exitCode = headers[':status'] === 200 ? 0 : 1;
	});
	request.resume().end();
}
ask(process.env.OPENAI_API_KEY);
"""


def shell(option="--http2"):
    which("curl")
    return ["bash", program(CURL.replace("OPTION", option), "ask.sh")]


def asked(command, url, key):
    """A program that holds the key, with the authority of the server."""
    ca = os.path.abspath("ca.pem")
    env = story.environment(OPENAI_API_KEY=key, NODE_EXTRA_CA_CERTS=ca, DENO_CERT=ca, SSL_CERT_FILE=ca)
    return recorded([*command, url], env, http=True)


def expect_unseen(run, gap, reason="requests-unseen"):
    """Requests were made, and no word is said of them."""
    assert gap in [g["reason"] for g in run.report["coverage"]["gaps"]], run.report["coverage"]
    assert (run.report["verdict"], run.report["reason_code"]) == ("inconclusive", reason), run.report
    assert {"http2": "HTTP/2", "tls": "TLS"}[gap] in run.report["headline"], run.report["headline"]
    assert not {"KT801", "KT802", "KT803", "KT901"} & set(run.codes()), run.codes()
    expect_no_fault(run)


def test_a_refused_key_of_curl_over_http2():
    with http2_server(openai_key()) as url:
        run = asked(shell(), url, openai_key())
    assert run.status == 22, run.err
    expect_unseen(run, "http2", "not-read")  # a shell's own reads are not seen


def test_an_accepted_key_of_curl_over_http2():
    key = openai_key()
    with http2_server(key) as url:
        run = asked(shell(), url, key)
    assert (run.status, run.out) == (0, b"ok"), run.err
    expect_no_fault(run)
    assert "http2" in [g["reason"] for g in run.report["coverage"]["gaps"]], run.report


def test_the_same_curl_over_http1():
    with http2_server(openai_key()) as url:
        run = asked(shell("--http1.1"), url, openai_key())
    assert run.report["verdict"] == "exonerated" and run.codes()[0] == "KT803", run.report
    assert not run.report["coverage"]["gaps"], run.report


def test_httpx_over_http2():
    command = [packages("tools-python") + "/bin/python", program(HTTPX, "app.py")]
    key = openai_key()
    with http2_server(key) as url:
        refused, accepted = asked(command, url, openai_key()), asked(command, url, key)
    assert (refused.status, refused.out) == (1, b"HTTP/2\n"), refused.err
    expect_unseen(refused, "http2")
    assert accepted.status == 0, accepted.err
    expect_healthy(accepted, NAME)
    assert accepted.report["headline"].endswith("whether it was accepted cannot be read: see what was unseen"), accepted.report


def runtime(name, part, *words):
    path = os.path.join(story.fetched(name, *story.downloads(name)), part)
    return [path, *words, program(FETCH, "app.mjs")]


@story.each(("Bun", "@oven/bun-linux-x64", "bin/bun"), ("Deno", "@deno/linux-x64-glibc", "deno", "run", "-A", "--quiet"))
def test_tls_inside_the_program(*words):
    command = runtime(*words)
    with Server(openai_key(), tls=True) as server:
        run = asked(command, server.url, openai_key())
        assert server.seen or run.status, run.err
    assert run.status == 1, run.err
    assert "tls" in [g["reason"] for g in run.report["coverage"]["gaps"]], run.report["coverage"]
    assert run.report["verdict"] == "inconclusive", run.report
    expect_no_fault(run)


TELLS_HTTP2 = ("22", "24", "26")


@story.each(*((version, version) for version in ("18", "20", *TELLS_HTTP2)))
def test_http2_of_node(version):
    app = program(HTTP2, "app.js")
    command, key = [nodes.node(version), app], openai_key()
    with http2_server(key) as url:
        refused, accepted = asked(command, url, openai_key()), asked(command, url, key)
    assert (refused.status, accepted.status) == (1, 0), (refused.err, accepted.err)
    if version not in TELLS_HTTP2:
        return expect_unseen(refused, "http2")
    first, request = refused.report["findings"][0], refused.of("request")[0]
    assert refused.report["verdict"] == "exonerated" and first["code"] == "KT803", refused.report
    assert first["victim"]["site"] == f"{app}:{line_of(HTTP2)}" and first["request"]["status"] == 401, first
    assert (request["fn"], request["path"], request["credentials"][0]["name"]) == ("http2", "/v1/models", NAME), request
    assert not refused.report["coverage"]["gaps"], refused.report["coverage"]
    expect_healthy(accepted, NAME)


# No ALPN is offered; a network of its own has the port.
HELLO = """
import fcntl, socket, struct, sys
with socket.socket() as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 1))  # SIOCSIFFLAGS: up
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
with socket.create_connection(server.getsockname()) as client:
    client.sendall(bytes([22, 3, 1, 0, 75, 1]) + bytes(74))
"""


@story.each(("443", 443, ["tls"]), ("another", 465, []))
def test_the_port_of_https_without_a_word_of_protocols(port, told):
    command = [which("unshare"), "-n", story.PYTHON, program(HELLO, "hello.py"), str(port)]
    if bare(command[:2] + ["true"]).status:
        story.skip("no network namespace can be made here")
    run = recorded(command, http=True)
    assert run.status == 0, run.err
    assert [e["what"] for e in run.of("unseen")] == told, run.of("unseen")


def test_no_request_at_all():
    name = "OPENAI_API_KEY"
    app = program(f"import os\nos.environ['{name}']\n", "app.py")
    with_http, without = (recorded([story.PYTHON, app], story.environment(**{name: openai_key()}), http=http) for http in (True, False))
    assert with_http.report["headline"].endswith("; no request with it was seen"), with_http.report["headline"]
    assert without.report["headline"].endswith("was not looked at (--http)"), without.report["headline"]
