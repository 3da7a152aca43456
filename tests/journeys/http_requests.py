"""Requests of HTTP, recorded with --http: the credential that was sent, to whom, and the
answer. Every client sends the same with the recorder and without."""
import json
import os
import re
import socket
import threading

import story
from loopback import NAME, Server, certificate, expect_sent, line_of
from story import bare, openai_key, program, recorded, which

CURL = ["sh", "-c", 'exec curl -s --http1.1 --cacert ca.pem -H "Authorization: Bearer $OPENAI_API_KEY" -d "{}" "$0/v1/chat?x=1"']

WGET = ["sh", "-c", 'exec wget -q -O - --content-on-error --ca-certificate=ca.pem --header="Authorization: Bearer $OPENAI_API_KEY" '
        '--post-data="{}" "$0/v1/chat?x=1"']

PYTHON = {
    "urllib": """
import os, ssl, sys, urllib.error, urllib.request
def ask(url):
    request = urllib.request.Request(url, data=b"{}", headers={"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]})
    try:
        urllib.request.urlopen(request, context=ssl.create_default_context(cafile="ca.pem"))  # here
    except urllib.error.HTTPError as error:
        print(error.code)
ask(sys.argv[1] + "/v1/chat?x=1")
""",
    "http.client": """
import http.client, os, ssl, sys, urllib.parse
url = urllib.parse.urlsplit(sys.argv[1])
def ask():
    kind = http.client.HTTPConnection
    more = {}
    if url.scheme == "https":
        kind, more = http.client.HTTPSConnection, {"context": ssl.create_default_context(cafile="ca.pem")}
    connection = kind("localhost", url.port, **more)
    connection.request("POST", "/v1/chat?x=1", "{}", {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]})  # here
    print(connection.getresponse().read())
ask()
""",
    "httpx": """
import os, ssl, sys, httpx
def ask():
    with httpx.Client(verify=ssl.create_default_context(cafile="ca.pem")) as client:
        print(client.post(sys.argv[1] + "/v1/chat?x=1", content="{}",  # here
                          headers={"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}).text)
ask()
""",
}

# With the packages of tests/packages/python-long: their own lines lie between.
OPENAI = """
import os, ssl, sys, httpx, openai
def ask():
    client = openai.OpenAI(base_url=sys.argv[1] + "/v1", max_retries=0, http_client=httpx.Client(verify=ssl.create_default_context(cafile="ca.pem")))
    try:
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}])  # here
    except openai.AuthenticationError as error:
        print(error.code)
ask()
"""

ASYNC = """
import asyncio, os, ssl, sys, httpx
async def ask():
    async with httpx.AsyncClient(verify=ssl.create_default_context(cafile="ca.pem")) as client:
        answer = await client.post(sys.argv[1] + "/v1/chat?x=1", content="{}",
                                   headers={"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]})
        print(answer.text)
asyncio.run(ask())  # here
"""

RUBY = """
require 'net/http'
uri = URI(ARGV[0] + '/v1/chat?x=1')
def ask(uri)
  Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == 'https', ca_file: 'ca.pem') do |http|
    request = Net::HTTP::Post.new(uri)
    request['Authorization'] = "Bearer #{ENV['OPENAI_API_KEY']}"
    request.body = '{}'
    puts http.request(request).body # here
  end
end
ask(uri)
"""

PHP = """<?php
function ask($url) {
    $context = stream_context_create(['http' => ['method' => 'POST', 'content' => '{}', 'ignore_errors' => true,
        'header' => 'Authorization: Bearer ' . getenv('OPENAI_API_KEY')], 'ssl' => ['cafile' => 'ca.pem']]);
    echo file_get_contents($url . '/v1/chat?x=1', false, $context); // here
}
ask($argv[1]);
"""

LONG = {"python httpx|python openai": "packages of Python", r"^(wget|ruby|php|python http client) \[plain": "TLS is enough for make test"}


def journey(command, text=None, tls=False, code="invalid_api_key", env=None):
    """With the wrong key and with the right one; the server hears the same as without the recorder."""
    key = openai_key()
    certificate()
    env = story.environment(**{NAME: key}, **(env or {}))
    for good, status in ((openai_key(), 401), (key, 200)):
        with Server(good, tls) as server:
            alone = bare([*command, server.url], env)
            run = recorded([*command, server.url], env, http=True)
            assert (alone.status, alone.out, alone.err) == (run.status, run.out, run.err), (alone.err, run.err)
            first, second = server.seen
            assert first == second, (first, second)
            request = expect_sent(run, server, status, code if status == 401 else None)
        if text:
            assert request.get("site", "").endswith(f":{line_of(text)}"), request
            assert request["in"].endswith("ask"), request


both = story.each(("plain", False), ("TLS", True))


@both
def test_curl(tls):
    journey(CURL, tls=tls)


@both
def test_wget(tls):
    which("wget")
    journey(WGET, tls=tls)


def python(name, tls, **more):
    text = PYTHON[name]
    journey([story.PYTHON, program(text, "app.py")], text if not more else None, tls, **more)


@both
def test_python_urllib(tls):
    python("urllib", tls, code=None)  # the body is not read


@both
def test_python_http_client(tls):
    python("http.client", tls)


def with_packages(text, path, tls):
    """Of these libraries the line of the program is among the callers."""
    python = story.packages("python-long") + "/bin/python"
    key, app = openai_key(), program(text, "app.py")
    certificate()
    env = story.environment(**{NAME: key})
    with Server(None, tls) as server:
        alone = bare([python, app, server.url], env)
        run = recorded([python, app, server.url], env, http=True)
        assert (alone.status, alone.out, alone.err) == (run.status, run.out, run.err), (alone.err, run.err)
        assert alone.status == 0, alone.err
        request, = run.of("request")
    assert (request["path"], request["credentials"][0]["name"]) == (path, NAME), request
    assert {e["status"] for e in run.of("response")} == {401}
    assert "invalid_api_key" in {e.get("code") for e in run.of("response")}, run.of("response")
    places = [request["site"], *(c.split(" ")[0] for c in request.get("callers", []))]
    assert f"{app}:{line_of(text)}" in places, request


@both
def test_python_httpx(tls):
    with_packages(PYTHON["httpx"], "/v1/chat", tls)


@both
def test_python_httpx_async(tls):
    with_packages(ASYNC, "/v1/chat", tls)


@both
def test_python_openai(tls):
    with_packages(OPENAI, "/v1/chat/completions", tls)


@both
def test_ruby(tls):
    journey([which("ruby"), program(RUBY, "app.rb")], RUBY, tls)


@both
def test_php(tls):
    journey([which("php"), program(PHP, "app.php")], PHP, tls)


# ---- what is sent --------------------------------------------------------------

def sent(headers, path="/v1", env=None, more=()):
    """The request event of a curl."""
    certificate()
    with Server() as server:
        options = [word for header in headers for word in ("-H", header)]
        run = recorded([which("curl"), "-s", *options, *more, server.url + path], env, http=True)
    request, = run.of("request")
    return request


@story.each(("undefined", "Bearer undefined", ["literal"]), ("empty", "Bearer ", ["empty"]), ("quoted", 'Bearer "abcdef"', ["quoted"]),
            ("a blank behind", "Bearer abcdef ", ["blank"]))
def test_the_shape_of_what_was_sent(value, shape):
    credential, = sent(["Authorization: " + value])["credentials"]
    assert credential["value"].get("is", []) == shape, credential
    assert "name" not in credential


def test_no_credential_is_told_as_none():
    assert "credentials" not in sent(["Cookie: session=abcdef123456"])


def test_the_query_is_no_part_of_the_path_and_its_key_is_told():
    key = openai_key()
    request = sent([], f"/v1/items/12345?api_key={key}&q=hello", story.environment(ACME_API_KEY=key))
    credential, = request["credentials"]
    assert request["path"] == "/v1/items/*"
    assert credential["header"] == "query:api_key" and credential["name"] == "ACME_API_KEY", credential


def test_a_password_of_basic_is_the_credential():
    key = openai_key()
    credential, = sent([], env=story.environment(ACME_API_KEY=key), more=["-u", "user:" + key])["credentials"]
    assert credential["scheme"] == "Basic" and credential["name"] == "ACME_API_KEY", credential


# ---- streams of bytes ----------------------------------------------------------

SENDER = """
import os, socket, sys
step, port = int(sys.argv[1]), int(sys.argv[2])
head = "%s / HTTP/1.1\\r\\nHost: localhost\\r\\nAuthorization: Bearer " + os.environ["OPENAI_API_KEY"] + "\\r\\nContent-Length: 2\\r\\n\\r\\n{}"
with socket.create_connection(("127.0.0.1", port)) as connection:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for method in sys.argv[3:]:
        data = (head % method).encode()
        for i in range(0, len(data), step):
            connection.sendall(data[i:i + step])
        if method != sys.argv[-1]:
            continue
    got = b""
    while got.count(b"HTTP/1.1 ") < len(sys.argv) - 3 or not got.endswith(b"}"):
        got += connection.recv(7)
    print(got.count(b"HTTP/1.1 "))
"""


@story.each(("whole", 4096), ("in single bytes", 1), ("in pieces of 7", 7))
def test_a_head_in_pieces(step):
    with Server() as server:
        run = recorded([story.PYTHON, program(SENDER, "sender.py"), str(step), str(server.port), "POST"], story.with_key(NAME), http=True)
        assert len(server.seen) == 1
    request, = run.of("request")
    assert request["credentials"][0]["name"] == NAME, request
    assert "invalid_api_key" in {e.get("code") for e in run.of("response")}, run.of("response")


def test_requests_before_the_answers():
    with Server() as server:
        run = recorded([story.PYTHON, program(SENDER, "sender.py"), "4096", str(server.port), "GET", "POST", "PUT"], story.with_key(NAME), http=True)
    assert [e["method"] for e in run.of("request")] == ["GET", "POST", "PUT"]
    assert sorted({e["request"] for e in run.of("response")}) == [1, 2, 3]


LOOP = """
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
for i in range(20):
    connection.request("GET", "/loop", headers={"x-api-key": "abc"})
    connection.getresponse().read()
"""


def test_repeats_are_counted():
    with Server() as server:
        run = recorded([story.PYTHON, program(LOOP, "loop.py"), str(server.port)], http=True)
    requests = run.of("request")
    assert [e.get("n", 1) for e in requests] == [1, 2, 4, 8, 16], requests
    assert {e["number"] for e in requests} == {1}
    assert len(run.of("response")) <= 10


ECHO = """
import os, socket, sys, threading
a, b = socket.socketpair()
noise = [b"\\x00\\x01GET", b"POSTcard", b"HTTP/1.1 200 OK\\r\\n\\r\\n", b"GET / HTTP/1.1\\r\\n" + bytes(range(256)) * 5000, b"P", b"O", b"ST",
         b"GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\n\\r\\n" + os.urandom(1 << 16)]
got = []
def receive():
    while (data := b.recv(1000)):
        got.append(data)
thread = threading.Thread(target=receive)
thread.start()
for data in noise:
    a.sendall(data)
a.close()
thread.join()
print(b"".join(got) == b"".join(noise))
"""


def test_bytes_of_other_protocols_pass_unchanged():
    run = recorded([story.PYTHON, program(ECHO, "echo.py")], http=True)
    assert run.out == b"True\n" and run.status == 0, run.err


FILES = """
import os
with open("file", "wb", buffering=0) as file:
    file.write(b"GET / HTTP/1.1\\r\\nHost: x\\r\\nx-api-key: abc\\r\\n\\r\\n")
with open("file", "rb", buffering=0) as file:
    file.read()
os.write(1, b"POST / HTTP/1.1\\r\\n\\r\\n")
"""


def test_a_file_is_no_connection():
    run = recorded([story.PYTHON, program(FILES, "files.py")], http=True)
    assert not run.of("request"), run.of("request")


# ---- both ends -----------------------------------------------------------------

RECEIVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
import subprocess
child = subprocess.Popen(["curl", "-s", "-H", "x-api-key: abcdef", "http://127.0.0.1:%d/in" % server.server_address[1]])
server.handle_request()
sys.exit(child.wait())
"""


def test_a_server_tells_what_it_received():
    which("curl")
    run = recorded([story.PYTHON, program(RECEIVER, "receiver.py")], http=True)
    received, = run.of("request", incoming=True)
    sent_, = [e for e in run.of("request") if "incoming" not in e]
    assert (received["peer"], received["local"]) == (sent_["local"], sent_["peer"]), (received, sent_)
    assert received["credentials"][0]["value"] == sent_["credentials"][0]["value"]


NGINX = """daemon off; pid nginx.pid; error_log stderr; worker_processes 1; events {}
http { access_log off; client_body_temp_path t; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
server { listen 127.0.0.1:PORT; location / { proxy_pass http://127.0.0.1:BEHIND; MORE } } }
"""


@story.each(("hands on", "", True), ("strips", 'proxy_set_header Authorization "";', False))
def test_nginx_as_a_proxy(more, keeps):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Server() as server:
        text = NGINX.replace("PORT;", f"{port};").replace("BEHIND", str(server.port)).replace("MORE", more)
        story.program(text, "nginx.conf")
        script = f"{which('nginx')} -p . -c nginx.conf & n=$!; until curl -s http://127.0.0.1:{port}/up; do sleep 0.1; done; " \
                 f'curl -s -H "Authorization: Bearer $OPENAI_API_KEY" http://127.0.0.1:{port}/v1/in; kill -QUIT $n; wait $n'
        run = recorded(["sh", "-c", script], story.with_key(NAME), http=True)
        heard = [head for line, head, _ in server.seen if "/v1/in" in line]
    came, = [e for e in run.of("request", path="/v1/in") if e.get("incoming")]
    left, = [e for e in run.of("request", path="/v1/in", port=server.port) if not e.get("incoming")]
    sent_, = [e for e in run.of("request", path="/v1/in", port=port) if not e.get("incoming")]
    assert came["image"] == left["image"] != sent_["image"], (came, left, sent_)
    assert came["peer"] == sent_["local"] and came["credentials"][0]["value"] == sent_["credentials"][0]["value"]
    assert ("credentials" in left) == keeps == ("Bearer" in heard[0]), (left, heard)
    assert {e["status"] for e in run.of("response", image=left["image"])} == {401}


# ---- without --http ------------------------------------------------------------

def test_without_the_option_nothing_is_hooked():
    run = recorded(CURL + ["http://127.0.0.1:9"], story.with_key(NAME))
    assert not run.of("request")
    symbols = bare([which("nm"), "-D", "--defined-only", story.LIBRARY]).out.decode()
    assert not re.search(r" (SSL_\w+|read|write|send|recv)\n", symbols), symbols


def test_a_missing_recorder_for_http_is_told():
    run = bare([story.KEYTRAIL, "run", "--http", "true"], story.environment(KEYTRAIL_LIB=story.LIBRARY + "/../nowhere.so"))
    line, = run.err.decode().splitlines()
    assert run.status and "http/nowhere.so" in line and "KEYTRAIL_LIB" in line, run.err


# ---- secrets -------------------------------------------------------------------

LEAKS = """
import http.client, os, sys
secrets = os.environ["SECRETS"].split(",")
def ask(method, path, headers, body=None):
    connection = http.client.HTTPConnection("localhost", int(sys.argv[1]))
    connection.putrequest(method, path, skip_host=True)
    for name, value in {"Host": "localhost", "Content-Length": str(len(body or "")), **headers}.items():
        connection.putheader(name, value)
    connection.endheaders((body or "").encode())
    connection.getresponse().read()
    connection.close()
for secret in secrets:
    for name in ("Authorization", "Proxy-Authorization", "X-Api-Key", "Cookie", "X-Custom", "Host", "Content-Type", "Referer"):
        for before in ("", "Bearer ", "Basic ", "AWS4-HMAC-SHA256 Credential=", "Digest response="):
            ask("GET", "/", {name: before + secret})
    for path in ("/%s", "/a/%s/b", "/?key=%s", "/x?%s", "/?q=%s&token=%s", "http://user:%s@localhost/", "http://%s.example/", "/bot%s/send", "/v1;%s"):
        ask("POST", path.replace("%s", secret), {}, '{"code":"%s","error":"%s"}' % (secret, secret))
"""


def test_no_secret_is_in_the_trace():
    secrets = [story.random_text(40), "sk-proj-" + story.random_text(40), "ghp_" + story.random_text(36), story.random_text(16),
               story.random_text(32, "0123456789abcdef") + "Q"]
    env = story.environment(SECRETS=",".join(secrets), OPENAI_API_KEY=secrets[1], ACME_API_KEY=secrets[0], DB_PASSWORD=secrets[3])
    with Server() as server:
        run = recorded([story.PYTHON, program(LEAKS, "leaks.py"), str(server.port)], env, http=True)
        assert run.status == 0 and len(server.seen) == len(secrets) * 49, (run.err, len(server.seen))
    assert len(run.of("request")) > 100
    for name in os.listdir(run.trace):
        with open(os.path.join(run.trace, name)) as file:
            text = file.read()
        for secret in secrets:
            pieces = {secret[i:i + 9] for i in range(8, len(secret) - 9)}
            found = [p for p in pieces if p in text or p.lower() in text]
            assert not found, (found, [line for line in text.split("\n") if found[0].lower() in line.lower()][:3])
