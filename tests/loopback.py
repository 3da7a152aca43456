"""A server of HTTP on the loopback, plain and with TLS, that takes one credential
and refuses every other as a provider does."""
import http.server
import json
import os
import ssl
import subprocess
import threading

import story

NAME = "OPENAI_API_KEY"
REFUSAL = {"error": {"message": "Incorrect API key", "type": "invalid_request_error", "code": "invalid_api_key"}}

# Clients of OpenAI's chats want this much.
TAKEN = {"id": "1", "object": "chat.completion", "created": 1, "model": "gpt-4o", "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
         "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hi"}}]}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    good = None

    def answer(self):
        given = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.seen.append((self.requestline, self.headers.as_string(), given))
        sent = self.headers.get("authorization", "").removeprefix("Bearer "), self.headers.get("x-api-key")
        is_good = self.server.good in sent
        body = json.dumps(TAKEN if is_good else REFUSAL).encode()
        self.send_response(200 if is_good else 401)
        if not is_good:
            self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_HEAD = answer

    def log_message(self, *_):
        pass


class Server:
    """`good`: the credential that is taken. `seen`: what was received."""

    def __init__(self, good=None, tls=False):
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.good, self.http.seen = good or "never given", []
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate())
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.port, self.seen, self.tls = self.http.server_address[1], self.http.seen, tls
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}"

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()


def certificate():
    """A test authority's certificate for localhost, here: its file, and the key's."""
    if not os.path.exists("ca.pem"):
        subprocess.run([story.which("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
                        "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                       check=True, capture_output=True)
    return os.path.abspath("ca.pem"), os.path.abspath("ca.key")


def line_of(text):
    return next(i for i, line in enumerate(text.split("\n"), 1) if line.rstrip().endswith(("# here", "// here")))


def expect_sent(run, server, status, code="invalid_api_key", name=NAME):
    """One request with the key, and its answer."""
    request, = run.of("request", incoming=None) or [None]
    credential, = request["credentials"]
    assert (request["method"], request["host"], request["port"], request["path"]) == ("POST", "localhost", server.port, "/v1/chat"), request
    assert request.get("tls", False) == server.tls, request
    assert credential["header"] == "authorization" and credential["scheme"] == "Bearer", credential
    assert credential.get("name") == name and credential.get("held") == (name and "now"), credential
    answers = [e for e in run.of("response") if e["request"] == request["number"]]
    assert answers and {e["status"] for e in answers} == {status}, answers
    if status == 401:
        assert {e.get("scheme") for e in answers} == {"Bearer"}, answers
    assert code is None or code in {e.get("code") for e in answers}, answers
    return request
