"""Services that are probed, used and stopped, in a shell that exports twenty keys: no fault, no warning."""
import os
import signal
import socket
import subprocess
import time
import urllib.request

import story
import sweep
from story import each, patience

LONG = {"^a service": sweep.WHY_LONG}

FILES = {
    "server.js": "const http = require('http')\nif (!process.env.OPENAI_API_KEY) process.exit(1)\nconst dsn = process.env.SENTRY_DSN\n"
                 "http.createServer((q, a) => a.end(process.env.STRIPE_SECRET_KEY ? 'ok' : 'no')).listen(+process.env.PORT, '127.0.0.1')\n",
    "rude.js": "require('./server.js')\nprocess.on('SIGTERM', () => process.exit(1))\n",
    "app.py": "import os\nimport openai\nclient = openai.OpenAI()\n"
              "def app(environ, start):\n    start('200 OK', [])\n    return [b'ok' if os.environ['STRIPE_SECRET_KEY'] else b'']\n",
    "aio.py": "import os\nKEY = os.environ['OPENAI_API_KEY']\nasync def app(scope, receive, send):\n    if scope['type'] != 'http':\n        return\n"
              "    await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n"
              "    await send({'type': 'http.response.body', 'body': b'ok'})\n",
    "web.py": "import os\nfrom flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef home():\n    return str(bool(os.environ.get('OPENAI_API_KEY')))\n",
    "plain.py": "import http.server, os\nos.environ['OPENAI_API_KEY']\nclass H(http.server.BaseHTTPRequestHandler):\n"
                "    def do_GET(self):\n        self.send_response(200)\n        self.end_headers()\n"
                "http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), H).serve_forever()\n",
    "index.php": "<?php echo getenv('OPENAI_API_KEY') ? 'ok' : 'no';\n",
    "config.ru": "run ->(env) { [200, {}, [ENV['OPENAI_API_KEY'] ? 'ok' : 'no']] }\n",
    "nginx.conf": "daemon off; pid nginx.pid; error_log stderr; events {}\nhttp { access_log off; client_body_temp_path t; proxy_temp_path p;\n"
                  "fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s; server { listen 127.0.0.1:PORT; location / { return 200 ok; } } }\n",
    "pm2.sh": "pm2 start server.js --silent || exit 1\nuntil curl -sf http://127.0.0.1:$PORT/; do sleep 0.2; done\n"
              "pm2 restart server --silent; until curl -sf http://127.0.0.1:$PORT/; do sleep 0.2; done\npm2 delete server --silent; pm2 kill --silent\n",
    "jobs.py": "import os, sys\nimport redis, rq\nimport task\nq = rq.Queue(connection=redis.Redis(port=int(os.environ['PORT'])))\n"
               "q.enqueue(task.work)\n",
    "task.py": "import os\ndef work(): return len(os.environ['OPENAI_API_KEY'])\n",
    "rq.sh": "redis-server --port $PORT --save '' >/dev/null & trap 'kill $!' EXIT\nuntil redis-cli -p $PORT ping >/dev/null; do sleep 0.1; done\n"
             "python3 jobs.py && rq worker --burst --url redis://127.0.0.1:$PORT\n",
    "tasks.py": "import os\nimport celery\napp = celery.Celery(broker=f\"redis://127.0.0.1:{os.environ['PORT']}\")\n"
                "app.conf.result_backend = app.conf.broker_url\n@app.task\ndef work(): return len(os.environ['OPENAI_API_KEY'])\n",
    "call.py": "import tasks\nprint(tasks.work.delay().get(timeout=60))\n",
    "celery.sh": "redis-server --port $PORT --save '' >/dev/null & redis=$!\nuntil redis-cli -p $PORT ping >/dev/null; do sleep 0.1; done\n"
                 "celery -A tasks worker -c 1 --pidfile=worker.pid & worker=$!\npython3 call.py\nkill $worker; wait $worker; kill $redis\n",
}


def answers_http(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
        return answer.status == 200


def answers_redis(port):
    with socket.create_connection(("127.0.0.1", port), 5) as s:
        s.sendall(b"PING\r\n")
        return s.recv(99).startswith(b"+PONG")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(probe, port, process):
    """Readiness, as a supervisor looks for it; then some use."""
    end = time.monotonic() + 90
    while time.monotonic() < end and process.poll() is None:
        try:
            return all(probe(port) for _ in range(3))
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no answer; status {process.poll()}")


SERVICES = (
    ("node server.js", answers_http, signal.SIGTERM), ("node rude.js", answers_http, signal.SIGTERM), ("node server.js", answers_http, signal.SIGINT),
    ("uvicorn aio:app --port {port}", answers_http, signal.SIGTERM), ("gunicorn app:app -b 127.0.0.1:{port}", answers_http, signal.SIGTERM),
    ("flask --app web run -p {port}", answers_http, signal.SIGINT), ("python3 plain.py", answers_http, signal.SIGTERM),
    ("php -S 127.0.0.1:{port}", answers_http, signal.SIGINT), ("puma -b tcp://127.0.0.1:{port}", answers_http, signal.SIGTERM),
    ("nginx -p . -c nginx.conf", answers_http, signal.SIGTERM), ("redis-server --port {port} --save ''", answers_redis, signal.SIGTERM),
    ("nodemon server.js", answers_http, signal.SIGTERM), ("concurrently 'node server.js'", answers_http, signal.SIGINT),
)
EVERYDAY = SERVICES[:2]


def expect_quiet_service(line, probe, stop):
    port = free_port()
    sweep.write({name: text.replace("PORT;", f"{port};") if name == "nginx.conf" else text for name, text in FILES.items()})
    command = [story.KEYTRAIL, "run", "-q", "-o", "trace", "--", *sweep.words(line.format(port=port))]
    with open("said", "wb") as said:
        process = subprocess.Popen(command, env=sweep.environment(PORT=str(port)), stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            wait_for(probe, port, process)
            process.send_signal(stop)
            process.wait(60)
        finally:
            process.kill()
            process.wait()
    run = story.Run(command, subprocess.CompletedProcess(command, process.returncode, b"", b""), os.path.abspath("trace"))
    assert not sweep.accused(run), sweep.accused(run)


def rows(services):
    return ((f"{line}, {stop.name}", line, probe, stop) for line, probe, stop in services)


@each(*rows(EVERYDAY))
def test_an_everyday_service(line, probe, stop):
    expect_quiet_service(line, probe, stop)


@each(*rows(SERVICES[2:]))
@patience(200)
def test_a_service_that_is_stopped(line, probe, stop):
    expect_quiet_service(line, probe, stop)


@each(*((script, script, needs) for script, needs in (("pm2.sh", "pm2"), ("rq.sh", "rq"), ("celery.sh", "celery"))))
@patience(200)
def test_a_service_in_a_script(script, needs):
    for tool in (needs, "redis-server", "redis-cli", "curl"):
        sweep.words(tool)
    sweep.write(FILES)
    run = story.recorded(["sh", script], sweep.environment(PORT=str(free_port())), timeout=150)
    assert run.status == 0, (run.status, run.out[-900:], run.err[-900:])
    assert not sweep.accused(run), sweep.accused(run)
