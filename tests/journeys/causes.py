"""Real software that loses a key as its users lose it, and the same once healthy. The table in docs/causes.md
is made of these rows: system, cause, finding, the line that is named."""
import contextlib
import fcntl
import glob
import json
import os
import re
import subprocess

import story
import stored
import sweep
from containers import Docker, cell
from loopback import Server
from rabbitmq import RabbitMQ, free_port
from story import each, patience, recorded, skip

DOCS = os.path.join(story.ROOT, "docs", "causes.md")
KEY = "OPENAI_API_KEY"
KEY_OF_SERVER = story.openai_key()
PATIENCE = 100  # seconds for one run

# A client that needs the key, as most are written.
CLIENT_PY = 'import os\n\nkey = os.environ["OPENAI_API_KEY"]\nprint(len(key))\n'
CLIENT_JS = "const key = process.env.OPENAI_API_KEY\nif (!key) throw new Error('OPENAI_API_KEY is missing')\nconsole.log(key.length)\n"
OPENAI_JS = "const OpenAI = require('openai')\nconst client = new OpenAI()\nconsole.log(Boolean(client))\n"
OPENAI_MJS = "import OpenAI from 'openai'\nexport const client = new OpenAI()\n"
CLIENT_SH = 'python3 worker.py\n'


def row(system, cause, code, place, files, command, twin=None, env=None, twin_env=None, needs=(), often=False, severity="fault", twin_status=0, packages=(), variable=KEY, http=False, victim=None):
    """`place` is named by the first line of the report. `severity`: a warning where the contract has no more. `twin`: what differs in the healthy run, a command or
    files. `env`, `twin_env`: added to a shell that has the key; None takes a name away. `often`: in make test.
    `needs`: commands, files, "root", or "mounts". `packages`: directories of tests/packages, beside those of the tools.
    A `command` in several terminals is a tuple of them: what is typed, and what its shell has otherwise. `http`: with
    requests. A server at $SERVER takes KEY_OF_SERVER; $PORT is free. The reader's line is one of `files`; `victim`: a program
    without such a line, or NOBODY."""
    return dict(system=system, cause=cause, code=code, place=place, files=files, command=command, twin=twin,
                env=env or {}, twin_env=env or {} if twin_env is None else twin_env, needs=needs, often=often, severity=severity, twin_status=twin_status, packages=packages, variable=variable, http=http, victim=victim)


NOBODY = "nobody"  # what needs the key is on no machine that is recorded

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

# ---- packages of Python and Node: their programs

AUTOGEN = "import os\nfrom autogen_agentchat.agents import AssistantAgent\nfrom autogen_ext.models.openai import %s\n\n"
AGENTS = AUTOGEN % "OpenAIChatCompletionClient" + ("planner = AssistantAgent('planner', OpenAIChatCompletionClient(model='gpt-4o', api_key=os.environ['TEAM_SECRET']))\n"
    "critic = AssistantAgent('critic', OpenAIChatCompletionClient(model='gpt-4o'%s))\n")
ONE_AGENT = AUTOGEN % "OpenAIChatCompletionClient" + "critic = AssistantAgent('critic', OpenAIChatCompletionClient(model='gpt-4o'))\n"
NEST_MAIN = ("require('reflect-metadata')\nconst { Module } = require('@nestjs/common')\nconst { ConfigModule } = require('@nestjs/config')\n"
    "const { NestFactory } = require('@nestjs/core')\nconst { ask } = require('./service')\n\n"
    "class App {}\nModule({ imports: [ConfigModule.forRoot()] })(App)\n"
    "NestFactory.createApplicationContext(App, { logger: false }).then(ask).catch(error => { console.error(error); process.exit(1) })\n")
MCP_CLIENT_JS = ("import { Client } from '@modelcontextprotocol/sdk/client/index.js'\nimport { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'\n\n"
    "const transport = new StdioClientTransport({ command: 'node', args: ['server.mjs']%s })\n"
    "const client = new Client({ name: 'desk', version: '1.0.0' })\nawait client.connect(transport)\nconsole.log(await client.listTools())\nawait client.close()\n")
MCP_SERVER_JS = ("import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'\nimport { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'\n"
    "import OpenAI from 'openai'\n\nconst openai = new OpenAI()\nconst server = new McpServer({ name: 'ask', version: '1.0.0' })\n"
    "server.registerTool('ask', {}, async () => ({ content: [] }))\nawait server.connect(new StdioServerTransport())\n")
MCP_CLIENT_PY = ("import asyncio, os\nfrom mcp import ClientSession, StdioServerParameters\nfrom mcp.client.stdio import stdio_client\n\n"
    "async def main():\n    async with stdio_client(StdioServerParameters(command='python3', args=['server.py']%s)) as (read, write):\n"
    "        async with ClientSession(read, write) as session:\n            await session.initialize()\n            print(await session.list_tools())\n\nasyncio.run(main())\n")
MCP_SERVER_PY = "from mcp.server.fastmcp import FastMCP\nimport openai\n\nclient = openai.OpenAI()\nFastMCP('ask').run()\n"
JOBLIB = ("import os\nfrom joblib import Parallel, delayed\nfrom work import ask\n\nif __name__ == '__main__':\n"
    "    Parallel(n_jobs=2)(delayed(abs)(n) for n in range(4))\n%s    os.environ['OPENAI_API_KEY'] = os.environ['SAVED']\n"
    "    Parallel(n_jobs=2)(delayed(ask)(n) for n in range(4))\n")
ENV = f"{KEY}={story.openai_key()}\n"
NEWER = "import os\nkey = os.environ['OPENAI_API_KEY']\nif not key.endswith('NEWER'):\n    raise SystemExit('401 invalid API key')\n"
CN, CP, NL, NX, SN, SP = ("causes-node",), ("causes-python",), ("node-long",), ("next-16",), ("services-node",), ("services-python",)
SAVED = {KEY: None, "SAVED": story.openai_key()}

# ---- services, each ended by the script that starts it

REDIS = ("redis-server --port 0 --unixsocket $PWD/redis --save '' --dir $PWD >/dev/null & redis=$!\ntrap 'kill $redis' EXIT\n"
         "until redis-cli -s redis ping >/dev/null 2>&1; do sleep 0.2; done\n")
BULL = "const connection = { path: __dirname + '/redis', retryStrategy: () => 50 }\n"
BULL_WORKER = ("const { Worker } = require('bullmq')\nconst OpenAI = require('openai')\n" + BULL + "\n"
    "const worker = new Worker('mails', async () => Boolean(new OpenAI()), { connection })\n"
    "worker.on('error', () => {})\nworker.on('failed', (_, error) => { console.error(error); process.exit(1) })\nworker.on('completed', () => process.exit(0))\n")
BULL_ADD = ("const { Queue } = require('bullmq')\n" + BULL + "\nif (!process.env.OPENAI_API_KEY) throw new Error('OPENAI_API_KEY is missing')\n"
    "const queue = new Queue('mails', { connection })\nqueue.on('error', () => {})\nqueue.add('welcome', {}).then(() => queue.close())\n")
REDIS_TERMINAL = ("sh redis.sh", {KEY: None})
REDIS_SH = "redis-server --port 0 --unixsocket $PWD/redis --save '' --dir $PWD >/dev/null & redis=$!\nuntil [ -e ended ]; do sleep 0.2; done\nkill $redis\n"
SANDBOX = ("const { Worker, Queue } = require('bullmq')\n" + BULL + "\n"
    "const worker = new Worker('mails', __dirname + '/mail.js', { connection%s })\n"
    "worker.on('error', () => {})\nworker.on('failed', async (_, error) => { console.error(error); await worker.close(); process.exit(1) })\n"
    "worker.on('completed', async () => { await worker.close(); process.exit(0) })\n"
    "const queue = new Queue('mails', { connection })\nqueue.on('error', () => {})\nqueue.add('welcome', {})\n")
MAIL = "const OpenAI = require('openai')\n\nmodule.exports = async () => Boolean(new OpenAI())\n"
PM2 = "export PM2_HOME=$PWD/pm2\npm2 start eco.config.js --silent || exit 1\nuntil [ -s started ]; do sleep 0.2; done\n"
PM2_RESTART = PM2 + "rm started\nOPENAI_API_KEY=$NEXT pm2 restart worker --silent%s\nuntil [ -s started ]; do sleep 0.2; done\npm2 kill --silent\nexit $(cat started)\n"
PM2_WORKER = ("const fs = require('fs')\nconst is_new = process.env.OPENAI_API_KEY.endsWith('NEWER')\n"
    "fs.writeFileSync('told', is_new ? '0' : '1')\nfs.renameSync('told', 'started')\nif (!is_new && fs.existsSync('deployed')) process.exit(1)\nfs.writeFileSync('deployed', '')\nsetInterval(() => {}, 1000)\n")
SUPERVISOR = ("supervisord -n -c supervisord.conf >/dev/null & daemon=$!\nuntil [ -s ended ]; do sleep 0.2; done\nkill $daemon; wait $daemon\nexit $(cat ended)\n")
SUPERVISOR_CONF = ("[supervisord]\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=%(here)s/pid\nuser=root\n\n[program:worker]\ncommand=sh -c 'python3 worker.py; echo $? >told; mv told ended'\n"
    "autorestart=false\nstartsecs=0\n{}")
TMUX = ("tmux -L $$ -f /dev/null new-session -d 'sleep 60'\ntmux -L $$ set-option -g exit-empty off\n"
    "OPENAI_API_KEY=$SAVED tmux -L $$ new-window -d%s 'python3 worker.py; echo $? >told; mv told ended'\nuntil [ -s ended ]; do sleep 0.2; done\ntmux -L $$ kill-server\nexit $(cat ended)\n")
SCREEN = ("export SCREENDIR=$PWD/screens\nmkdir -m 700 screens\nscreen -dmS work sh -c 'until [ -s ended ]; do sleep 0.2; done'\n"
    "until screen -S work -Q windows >/dev/null 2>&1; do sleep 0.2; done\n"
    "%s\nuntil [ -s ended ]; do sleep 0.2; done\nexit $(cat ended)\n")
FPM = ("sed -i s#HERE#$PWD#g fpm.conf nginx.conf\nphp=$(ls /usr/sbin/php-fpm* | tail -n 1)\n$php -n -F -R -y fpm.conf 2>/dev/null & fpm=$!\nnginx -p $PWD -c nginx.conf & nginx=$!\n"
       "until [ -S socket ] && [ -S web ]; do sleep 0.2; done\n"
       "curl -s -f --unix-socket web http://localhost/; status=$?\nkill $fpm $nginx; wait\nexit $status\n")
FPM_CONF = "[global]\nerror_log = HERE/log\ndaemonize = no\n[www]\nuser = root\ngroup = root\nlisten = HERE/socket\npm = static\npm.max_children = 1\nphp_admin_flag[display_errors] = off\n"
NEW = story.openai_key() + "NEWER"
GPT = "import openai\n\nclient = openai.OpenAI()\n"

RABBIT_JS = ("const amqp = require('amqplib')\nconst OpenAI = require('openai')\n\nasync function main() {\n  const link = await amqp.connect(process.env.AMQP_URL)\n"
    "  const channel = await link.createChannel()\n  await channel.assertQueue('mails')\n%s}\nmain().catch(error => { console.error(error); process.exit(1) })\n")
RABBIT_WORKER_JS = RABBIT_JS % ("  channel.consume('mails', message => {\n    new OpenAI()\n    channel.ack(message)\n    setTimeout(() => process.exit(0), 100)\n  })\n")
RABBIT_SEND_JS = RABBIT_JS % ("  if (!process.env.OPENAI_API_KEY) throw new Error('OPENAI_API_KEY is missing')\n  channel.sendToQueue('mails', Buffer.from('welcome'))\n  await channel.close()\n  await link.close()\n")
RABBIT_PY = "import os\nimport openai, pika\n\nlink = pika.BlockingConnection(pika.URLParameters(os.environ['AMQP_URL']))\nchannel = link.channel()\nchannel.queue_declare('mails')\n"
RABBIT_WORKER_PY = RABBIT_PY + "\ndef work(channel, method, *_):\n    openai.OpenAI()\n    channel.basic_ack(method.delivery_tag)\n    channel.stop_consuming()\n\nchannel.basic_consume('mails', work)\nchannel.start_consuming()\n"
RABBIT_SEND_PY = RABBIT_PY + "assert os.environ['OPENAI_API_KEY']\nchannel.basic_publish('', 'mails', b'welcome')\nlink.close()\n"
CREW = "import os\nfrom crewai import Agent, LLM\n\nllm = LLM(model='gpt-4o', base_url=os.environ['SERVER'] + '/v1')\nwriter = Agent(role='writer', goal='write', backstory='', llm=llm)\nprint(writer.llm.call('hello'))\n"
QUIET_CREW = {"CREWAI_DISABLE_TELEMETRY": "true", "CREWAI_TRACING_ENABLED": "false", "OTEL_SDK_DISABLED": "true"}
APACHE_CONF = ("ServerRoot HERE\nDefaultRuntimeDir HERE\nServerName localhost\nListen 127.0.0.1:PORT\nPidFile pid\nErrorLog HERE/log\nUser daemon\nGroup daemon\n"
    + "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in ("mpm_prefork", "authz_core", "alias", "cgi", "env"))
    + "ScriptAlias /ask HERE/ask.py\n")
APACHE = ("sed -i \"s#HERE#$PWD#; s#PORT#$PORT#\" httpd.conf\nchmod 755 . ask.py\napache2 -f $PWD/httpd.conf\nuntil [ -s pid ]; do sleep 0.2; done\n"
    "curl -s -f http://127.0.0.1:$PORT/ask; status=$?\nkill $(cat pid); while [ -e pid ]; do sleep 0.2; done\nexit $status\n")
ASK_CGI = "#!/usr/bin/env python3\nimport os\nkey = os.environ['OPENAI_API_KEY']\nprint('Content-Type: text/plain\\n\\nanswer')\n"


def notebook(*cells):
    return json.dumps({"cells": [{"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [], "execution_count": None, "source": text} for n, text in enumerate(cells)],
                       "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}, "nbformat": 4, "nbformat_minor": 5})


NBCONVERT = "jupyter nbconvert --to notebook --execute --output done.ipynb ask.ipynb"
RELOADED = ("import os\nkey = os.environ['OPENAI_API_KEY']\nis_new = key.endswith('NEWER')\nopen('told', 'w').write('0' if is_new else '1')\nos.rename('told', 'started')\n"
    "if not is_new and os.path.exists('deployed'):\n    raise SystemExit('401 invalid API key')\nopen('deployed', 'w')\n\nasync def app(*_):\n    pass\n")
ROTATE = "until [ -s started ]; do sleep 0.2; done\nrm started\ncp new.env .env\n%s\nuntil [ -s started ]; do sleep 0.2; done\nsleep 2\nstatus=$(cat started)\nkill $server; wait $server\nexit $status\n"
GUNICORN = "gunicorn -b 127.0.0.1:$PORT --workers 1 app:app & server=$!\n" + ROTATE % "kill -HUP $server"
UVICORN = "uvicorn --reload --env-file .env --port $PORT app:app & server=$!\n" + ROTATE % "sleep 1; touch app.py"  # behind the reloader's first look
UVICORN_ANEW = "uvicorn --env-file .env --port $PORT app:app & server=$!\n" + ROTATE % "kill $server; wait $server; uvicorn --env-file .env --port $PORT app:app & server=$!"
NEWER_ENV = f"{KEY}={story.openai_key()}NEWER\n"
ESBUILD = ("import * as esbuild from 'esbuild'\n\nawait esbuild.build({ entryPoints: ['server.js'], platform: 'node', bundle: true, outfile: 'dist/server.js'%s })\n")
BAKED = ",\n  define: { 'process.env.OPENAI_API_KEY': JSON.stringify(process.env.OPENAI_API_KEY ?? '') }"
AT = ("unshare -m --propagation private sh -e spool.sh\n")
AT_SPOOL = ("mount -t tmpfs none /var/spool/cron\nmkdir -m 1770 /var/spool/cron/atjobs /var/spool/cron/atspool\ntouch /var/spool/cron/atjobs/.SEQ\nchmod 600 /var/spool/cron/atjobs/.SEQ\nchown -R daemon:daemon /var/spool/cron/at*\nmount -t tmpfs none /run\n"
    "atd -f -b 0 & atd=$!\nuntil [ -s /run/atd.pid ]; do sleep 0.2; done\n%suntil [ -s ended ]; do sleep 0.2; done\nkill $atd\nexit $(cat ended)\n")
AT_WORKER = "import os\ntry:\n    key = os.environ['OPENAI_API_KEY']\nfinally:\n    open('told', 'w').write(str(int('OPENAI_API_KEY' not in os.environ)))\n    os.rename('told', 'ended')\n"
AT_ALL = ("export OPENAI_API_KEY=$SAVED\n", "at -M now -f job.sh 2>/dev/null\n")
DOCKER_READER = ('#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint main(void)\n{\n\tconst char *key = getenv("OPENAI_API_KEY");\n\tif (key && !strncmp(key, "sk-", 3))\n\t\treturn 0;\n'
    '\tputs("401 invalid API key");\n\treturn 1;\n}\n')
DOCKER_RUN = f"docker run --rm --net=host --env-file prod.env -e LD_PRELOAD -e KEYTRAIL -v {story.BUILD}:{story.BUILD}:ro -v $PWD:$PWD app /reader\n"
COMPOSE = (f"services:\n  app:\n    image: app\n    command: /reader\n    network_mode: host\n    volumes: ['{story.BUILD}:{story.BUILD}:ro', '$PWD:$PWD']\n%s    environment:\n      - LD_PRELOAD\n      - KEYTRAIL\n")
COMPOSE_RUN = "docker-compose up --exit-code-from app 2>&1\nstatus=$?\ndocker-compose down >/dev/null 2>&1\nexit $status\n"
KERNEL = json.dumps({"argv": ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "Python 3", "language": "python"})
SUPERVISE = "s6-supervise web & supervisor=$!\nuntil [ -s web/ended ]; do sleep 0.2; done\ns6-svc -dx web; wait $supervisor\nexit $(cat web/ended)\n"
S6_RUN, S6_FINISH = "#!/bin/sh\nexec %spython3 ../worker.py\n", "#!/bin/sh\necho $1 >told; mv told ended; s6-svc -d .\n"

# ---- builds, servers and requests

VITE = ("export default { build: { ssr: 'server.js', outDir: 'dist' },\n  define: { 'process.env.OPENAI_API_KEY': JSON.stringify(process.env.OPENAI_API_KEY) } }\n")
SERVER_JS = "const key = process.env.OPENAI_API_KEY\nif (!key.endsWith('NEWER')) throw new Error('401 invalid API key')\n"
DEPLOY = "OPENAI_API_KEY=$OLD %s || exit 1\nnode dist/server.%s\n"
NGINX_CONF = ("daemon off; user root; pid nginx.pid; error_log stderr; {}\nevents {{}}\nhttp {{ access_log off; client_body_temp_path t; proxy_temp_path p;\n"
    "fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s; {} }}\n")
NGINX_RUN = "sed -i s#HERE#$PWD#g nginx.conf\nnginx -p $PWD -c nginx.conf & nginx=$!\nuntil [ -S web ]; do sleep 0.2; done\ncurl -s -f --unix-socket web http://localhost/; status=$?\nkill $nginx; wait\nexit $status\n"
PERL_MODULE = "/usr/lib/nginx/modules/ngx_http_perl_module.so"
PERL = f"load_module {PERL_MODULE};{{}}"
PERL_HTTP = "server { listen unix:HERE/web; location / { perl 'sub { my $r = shift; system(q(/usr/bin/python3), q(HERE/worker.py)) and return 500; $r->send_http_header(q(text/plain)); return 0 }'; } }"
SENDS = ("import os, sys, urllib.error, urllib.request\nkey = os.environ['OPENAI_API_KEY']\n"
    "request = urllib.request.Request(os.environ['SERVER'] + '/v1/responses', data=b'{}', headers=%s)\n"
    "try:\n    print(urllib.request.urlopen(request).status)\nexcept urllib.error.HTTPError as error:\n    error.read()\n    sys.exit(str(error))\n")
WITH, WITHOUT = SENDS % "{'Authorization': f'Bearer {key}'}", SENDS % "{}"

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
    row("Python, multiprocessing", "the key is set after a forkserver began", "KT401", "app.py:5",
        {"app.py": "import multiprocessing as m, os, work\n\nif __name__ == '__main__':\n    c = m.get_context('forkserver')\n"
         "    with c.Pool(1) as pool:\n        pool.apply(int)\n        os.environ['OPENAI_API_KEY'] = os.environ.pop('SAVED')\n        pool.apply(work.ask)\n",
         "work.py": "import os\n\ndef ask():\n    return len(os.environ['OPENAI_API_KEY'])\n"}, "python3 app.py",
        {"app.py": "import multiprocessing as m, os, work\n\nif __name__ == '__main__':\n    c = m.get_context('forkserver')\n"
         "    with c.Pool(1) as pool:\n        pool.apply(work.ask)\n"}, env={KEY: None, "SAVED": story.openai_key()}, twin_env={}),
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
    row("python-dotenv", "a variable of the shell shadows the file", "KT703", "app.py:2",
        {"app.py": "from dotenv import load_dotenv\nload_dotenv()\nimport os\nkey = os.environ['OPENAI_API_KEY']\n"
         "if not key.endswith('NEWER'):\n    raise SystemExit('401 invalid API key')\n", ".env": f"{KEY}={story.openai_key()[:-5]}NEWER\n"},
        "python3 app.py", {"app.py": "from dotenv import load_dotenv\nload_dotenv(override=True)\nimport os\nkey = os.environ['OPENAI_API_KEY']\n"
         "if not key.endswith('NEWER'):\n    raise SystemExit('401 invalid API key')\n"}, often=True),
    row("python-dotenv", "`dotenv_values` keeps a dict of its own", "KT106", "app.py:3",
        {"app.py": "from dotenv import dotenv_values\nimport openai\nsettings = dotenv_values()\nclient = openai.OpenAI()\n",
         ".env": f"{KEY}={story.openai_key()}\n"}, "python3 app.py",
        {"app.py": "from dotenv import load_dotenv\nimport openai\nload_dotenv()\nclient = openai.OpenAI()\n"}, env=NO_KEY),
    row("pydantic-settings", "`env_file` is looked for in the wrong directory", "KT103", "src/settings.py:7",
        {"src/settings.py": "from pydantic_settings import BaseSettings, SettingsConfigDict\n\nclass Settings(BaseSettings):\n"
         "    model_config = SettingsConfigDict(env_file='.env')\n    openai_api_key: str\n\nSettings()\n",
         "src/.env": f"{KEY}={story.openai_key()}\n"}, "python3 src/settings.py", "sh -c 'cd src && python3 settings.py'", env=NO_KEY, twin_env=NO_KEY),
    # ---- Node
    row("dotenv", "started from another directory", "KT103", "app.js:1",
        {"app.js": "require('dotenv').config()\nconst OpenAI = require('openai')\nnew OpenAI()\n", "sub/x": "",
         ".env": f"{KEY}={story.openai_key()}\n"}, "sh -c 'cd sub && node ../app.js'", "node app.js", env=NO_KEY, twin_env=NO_KEY),
    row("dotenv", "the web process loads `.env`, the worker beside it does not", "KT103", "worker.js:2",
        {"web.js": "require('dotenv').config()\nconst OpenAI = require('openai')\nnew OpenAI()\nsetTimeout(() => {}, 1500)\n",
         "worker.js": "const OpenAI = require('openai')\nnew OpenAI()\n",
         "start.sh": "node web.js & web=$!\nsleep 0.7\nnode worker.js; status=$?\nwait $web\nexit $status\n",
         ".env": f"{KEY}={story.openai_key()}\n"}, "bash start.sh",
        {"worker.js": "require('dotenv').config()\nconst OpenAI = require('openai')\nnew OpenAI()\n"}, env=NO_KEY, twin_env=NO_KEY),
    row("dotenv", "a variable of the shell shadows the file", "KT703", "app.js:1",
        {"app.js": "require('dotenv').config()\nconst key = process.env.OPENAI_API_KEY\nif (!key.endsWith('NEWER')) throw new Error('401')\n",
         ".env": f"{KEY}={story.openai_key()[:-5]}NEWER\n"}, "node app.js",
        {"app.js": "require('dotenv').config({ override: true })\nconst key = process.env.OPENAI_API_KEY\nif (!key.endsWith('NEWER')) throw new Error('401')\n"}),
    row("node --env-file", "a `#` in the value", "KT605", ".env:1",
        {"app.js": "const key = process.env.ACME_API_KEY\nif (!key.endsWith('NEWER')) throw new Error('401')\n",
         ".env": f"ACME_API_KEY={story.random_text(30)}#{story.random_text(20)}NEWER\n"}, "node --env-file=.env app.js",
        {".env": f"ACME_API_KEY='{story.random_text(30)}#{story.random_text(20)}NEWER'\n"}, env=NO_KEY, twin_env=NO_KEY, variable="ACME_API_KEY"),
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
    row("Node, cluster", "`cluster.fork({ NAME: '' })`", "KT601", "start.js:4",
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
    row("cross-env", "`cross-env NAME=v a && b`: b lacks it", "KT105", "package.json:1",
        {"worker.js": CLIENT_JS, "package.json": '{"scripts": {"start": "cross-env OPENAI_API_KEY=$SAVED node worker.js && node worker.js"}}'},
        "npm run -s start", {"package.json": '{"scripts": {"start": "cross-env-shell OPENAI_API_KEY=$SAVED \\"node worker.js && node worker.js\\""}}'},
        env={KEY: None, "SAVED": story.openai_key()}),
    row("concurrently", "the key is given to one of two commands", "KT105", "package.json:4",
        {"worker.js": CLIENT_JS, "package.json": '{\n  "scripts": {\n    "build": "true",\n    "start": "concurrently \'OPENAI_API_KEY=$SAVED node worker.js\' \'node worker.js\'"\n  }\n}\n'}, "npm run -s start",
        {"package.json": '{"scripts": {"start": "cross-env OPENAI_API_KEY=$SAVED concurrently \'node worker.js\' \'node worker.js\'"}}'},
        env={KEY: None, "SAVED": story.openai_key()}),
    row("PM2", "`env` of the ecosystem file has the key empty", "KT601", "eco.config.js:1",
        {"worker.js": CLIENT_JS, "eco.config.js": "module.exports = { apps: [{ name: 'w', script: 'worker.js', autorestart: false, env: { OPENAI_API_KEY: '' } }] }\n"},
        "pm2-runtime start eco.config.js",
        {"eco.config.js": "module.exports = { apps: [{ name: 'w', script: 'worker.js', autorestart: false }] }\n"}, twin_status=(0, 2)),
    row("PM2, cluster", "`${NAME}` in the ecosystem file, which nobody expands", "KT604", "eco.config.js:2",
        {"worker.js": "const key = process.env.OPENAI_API_KEY\nif (!key.startsWith('sk-')) throw new Error('401 invalid_api_key')\nprocess.exit(0)\n",
         "eco.config.js": "module.exports = { apps: [{ name: 'w', script: 'worker.js', exec_mode: 'cluster', autorestart: false,\n  env: { OPENAI_API_KEY: '${OPENAI_API_KEY}' } }] }\n"},
        "pm2-runtime start eco.config.js",
        {"eco.config.js": "module.exports = { apps: [{ name: 'w', script: 'worker.js', exec_mode: 'cluster', autorestart: false,\n  env: { OPENAI_API_KEY: process.env.OPENAI_API_KEY } }] }\n"}, twin_status=(0, 2)),
    row("Vitest", "a test's `vi.stubEnv`", "KT601", "app.test.mjs:4",
        {"app.test.mjs": "import { test, vi } from 'vitest'\nimport OpenAI from 'openai'\ntest('client', () => {\n  vi.stubEnv('OPENAI_API_KEY', ''); new OpenAI({ apiKey: process.env.OPENAI_API_KEY || undefined })\n})\n"},
        "vitest run app.test.mjs",
        {"app.test.mjs": "import { test } from 'vitest'\nimport OpenAI from 'openai'\ntest('client', () => {\n  new OpenAI()\n})\n"}),
    # ---- other languages
    row("Java, ProcessBuilder", "`environment().clear()`", "KT201", "Launch.java:3",
        {"worker.py": CLIENT_PY, "Launch.java": JAVA % 'String p = System.getenv("PATH"); b.environment().clear(); b.environment().put("PATH", p);'},
        "java Launch.java", {"Launch.java": JAVA % ""}, needs=("java",)),
    row("Go, os/exec", "`Cmd.Env` in place of the environment", "KT205", "launch.go:7",
        {"worker.py": CLIENT_PY, "launch.go": GO % 'c.Env = []string{"PATH=" + os.Getenv("PATH"), "LD_PRELOAD=" + os.Getenv("LD_PRELOAD"), "KEYTRAIL=" + os.Getenv("KEYTRAIL")}'},
        "./launch", {"launch.go": GO % ""}, needs=("go",)),
    row("Ruby, spawn", "`unsetenv_others: true`", "KT201", "launch.rb:1",
        {"worker.py": CLIENT_PY, "launch.rb": "ok = system({ 'PATH' => ENV['PATH'] }, 'python3', 'worker.py', unsetenv_others: true)\nexit ok\n"},
        "ruby launch.rb", {"launch.rb": "exit system('python3', 'worker.py')\n"}, often=True),
    row("Perl", "`%ENV` is emptied", "KT201", "launch.pl:2",
        {"worker.py": CLIENT_PY, "launch.pl": "my $p = $ENV{PATH}; %ENV = (); $ENV{PATH} = $p;\nexit(system('python3', 'worker.py') >> 8);\n"},
        "perl launch.pl", {"launch.pl": "%ENV = (PATH => $ENV{PATH}, OPENAI_API_KEY => $ENV{OPENAI_API_KEY});\nexit(system('python3', 'worker.py') >> 8);\n"}),
    row("PHP, proc_open", "an environment of its own", "KT201", "launch.php:2",
        {"worker.py": CLIENT_PY, "launch.php": "<?php\n$p = proc_open(['python3', 'worker.py'], [], $pipes, null, ['PATH' => getenv('PATH')]);\nexit(proc_close($p));\n"},
        "php launch.php", {"launch.php": "<?php\n$p = proc_open(['python3', 'worker.py'], [], $pipes);\nexit(proc_close($p));\n"}),
    # ---- shells and tools
    row("bash", "`env -i`", "KT201", "start.sh:3",
        {"worker.py": CLIENT_PY, "start.sh": "#!/bin/bash\nset -e\nenv -i PATH=\"$PATH\" python3 worker.py\n"}, "bash start.sh",
        {"start.sh": "#!/bin/bash\nset -e\npython3 worker.py\n"}, often=True),
    row("bash", "`unset` in a helper", "KT203", "start.sh:2",
        {"worker.py": CLIENT_PY, "start.sh": "#!/bin/bash\nunset OPENAI_API_KEY\npython3 worker.py\n"}, "bash start.sh",
        {"start.sh": "#!/bin/bash\npython3 worker.py\n"}),
    row("bash", "`source .env` without `export`", "KT104", "start.sh:2",
        {"worker.py": CLIENT_PY, "start.sh": "#!/bin/bash\nsource ./.env\npython3 worker.py\n", ".env": f"{KEY}={story.openai_key()}\n"},
        "bash start.sh", {"start.sh": "#!/bin/bash\nset -a; source ./.env\npython3 worker.py\n"}, env=NO_KEY, twin_env=NO_KEY, often=True),
    row("busybox (static)", "`env -u`", "KT205", "start.sh:2",
        {"worker.py": CLIENT_PY, "start.sh": "cd .\nbusybox env -u OPENAI_API_KEY python3 worker.py\n"}, "sh start.sh", {"start.sh": "cd .\nbusybox env python3 worker.py\n"}),
    row("make", "a recipe under `env -u`", "KT301", "Makefile:2",
        {"worker.py": CLIENT_PY, "Makefile": "all:\n\tenv -u OPENAI_API_KEY python3 worker.py\n"}, "make -s", {"Makefile": "all:\n\tpython3 worker.py\n"}),
    row("npm", "a script under `env -u`", "KT301", "package.json:1",
        {"worker.js": CLIENT_JS, "package.json": '{"scripts": {"start": "env -u OPENAI_API_KEY node worker.js"}}'}, "npm run -s start",
        {"package.json": '{"scripts": {"start": "node worker.js"}}'}),
    row("sudo", "`sudo` resets the environment", "KT204", "start.sh:2",
        {"worker.py": CLIENT_PY, "start.sh": "cd .\nsudo -n python3 worker.py\n"}, "sh start.sh", {"start.sh": "cd .\nsudo -n -E python3 worker.py\n"}, needs=("root",)),
    row("su", "`su -`", "KT204", "start.sh:1",
        {"worker.py": CLIENT_PY, "start.sh": "su - root -c \"cd $PWD && python3 worker.py\"\n"}, "sh start.sh", {"start.sh": "su root -c \"cd $PWD && python3 worker.py\"\n"}, needs=("root",)),
    row("setpriv", "`--reset-env`", "KT201", "start.sh:2",
        {"worker.py": CLIENT_PY, "start.sh": "cd .\nsetpriv --reset-env python3 worker.py\n"}, "sh start.sh", {"start.sh": "cd .\nsetpriv --no-new-privs python3 worker.py\n"}),
    row("cron", "a job's own environment", "KT201", "start.sh:2",
        {"worker.py": CLIENT_PY, "start.sh": "cd .\nenv -i HOME=/ LOGNAME=root SHELL=/bin/sh PATH=$PATH /bin/sh -c 'python3 worker.py'\n"}, "sh start.sh", {"start.sh": "/bin/sh -c 'python3 worker.py'\n"}),
    row("docker", "`docker run` without `-e`", "KT206", "run.sh:1", {"run.sh": "docker run --rm --net=host app /bin/sh /worker.sh\n"},
        "sh run.sh", {"run.sh": "docker run --rm --net=host -e OPENAI_API_KEY app /bin/sh /worker.sh\n"},
        env={name: None for name in sweep.SHELL if name != KEY}, needs=("root", "docker", "dockerd"), severity="warning", victim=NOBODY),
    # ---- agents, queues, daemons, servers, builds, requests
    row("AutoGen", "the second agent has a client without a key", "KT101", "app.py:6", {"app.py": AGENTS % ""}, "python3 app.py",
        {"app.py": AGENTS % ", api_key=os.environ['TEAM_SECRET']"}, env={KEY: None, "TEAM_SECRET": story.random_text(40)}, packages=CP),
    row("AutoGen", "the key has a name of one's own", "KT501", "app.py:5", {"app.py": ONE_AGENT}, "python3 app.py", env={KEY: None, "OPEN_AI_KEY": story.openai_key()}, packages=CP),
    row("AutoGen", "Azure's key alone", "KT502", "app.py:5", {"app.py": ONE_AGENT}, "python3 app.py",
        {"app.py": AUTOGEN % "AzureOpenAIChatCompletionClient" + "client = AzureOpenAIChatCompletionClient(azure_deployment='d', model='gpt-4o', api_version='2024-06-01',\n"
      "                                         azure_endpoint='https://example.invalid')\n"},
        env={KEY: None, "AZURE_OPENAI_API_KEY": story.random_text(32, "0123456789abcdef")}, twin_env={KEY: None, "AZURE_OPENAI_API_KEY": story.random_text(32, "0123456789abcdef")}, packages=CP),
    row("NestJS", "a service keeps the key of its import, before `ConfigModule` loads `.env`", "KT401", "service.js:1",
        {"main.js": NEST_MAIN, "service.js": "const key = process.env.OPENAI_API_KEY\n\nexports.ask = () => {\n  if (!key) throw new Error('OPENAI_API_KEY is missing')\n}\n", ".env": ENV},
        "node main.js", {"service.js": "exports.ask = () => {\n  if (!process.env.OPENAI_API_KEY) throw new Error('OPENAI_API_KEY is missing')\n}\n"}, env=NO_KEY, twin_env=NO_KEY, packages=NL),
    row("@anthropic-ai/sdk", "a name of one's own", "KT502", "app.js:2",
        {"app.js": "const Anthropic = require('@anthropic-ai/sdk')\nconst client = new Anthropic({ baseURL: 'http://127.0.0.1:9', maxRetries: 0 })\n"
      "client.messages.create({ model: 'claude', max_tokens: 9, messages: [] })\n"}, "node app.js",
        {"app.js": "const Anthropic = require('@anthropic-ai/sdk')\nconst client = new Anthropic()\nconsole.log(Boolean(client))\n"},
        env={"ANTHROPIC_API_KEY": None, "CLAUDE_API_KEY": "sk-ant-api03-" + story.random_text(80)}, twin_env={}, packages=CN, variable="ANTHROPIC_API_KEY"),
    row("@langchain/openai", "no key, no `apiKey`", "KT101", "app.js:2",
        {"app.js": "const { ChatOpenAI } = require('@langchain/openai')\nconst model = new ChatOpenAI({ model: 'gpt-4o', maxRetries: 0 })\n"
      "model.invoke('hello')\n"}, "node app.js",
        {"app.js": "const { ChatOpenAI } = require('@langchain/openai')\nconst model = new ChatOpenAI({ model: 'gpt-4o' })\nconsole.log(Boolean(model))\n"}, env=NO_KEY, twin_env={}, packages=CN),
    row("joblib", "workers that a first call started are used again after the key is set", "KT401", "app.py:6",
        {"app.py": JOBLIB % "", "work.py": "import os\n\ndef ask(n):\n    return len(os.environ['OPENAI_API_KEY'])\n"}, "python3 app.py",
        {"app.py": JOBLIB % "    from joblib.externals.loky import get_reusable_executor\n    get_reusable_executor().shutdown(wait=True)\n"},
        env={KEY: None, "SAVED": story.openai_key()}, twin_env={KEY: None, "SAVED": story.openai_key()}, packages=CP),
    row("joblib", "workers that a first call started keep the key from before the change", "KT702", "app.py:7",
        {"app.py": JOBLIB % "", "work.py": "import os\n\ndef ask(n):\n    if not os.environ['OPENAI_API_KEY'].endswith('NEWER'):\n        raise RuntimeError('401 invalid API key')\n"}, "python3 app.py",
        {"app.py": JOBLIB % "    from joblib.externals.loky import get_reusable_executor\n    get_reusable_executor().shutdown(wait=True)\n"},
        env={"SAVED": story.openai_key() + "NEWER"}, packages=CP, severity="warning"),
    row("uvicorn --env-file", "a variable of the shell shadows the file", "KT703", "run.sh:1",
        {"app.py": NEWER, "prod.env": f"{KEY}={story.openai_key()[:-5]}NEWER\n", "run.sh": "uvicorn --env-file prod.env --port 0 app:app\n"}, "sh run.sh",
        {"app.py": NEWER + "import signal\nsignal.raise_signal(signal.SIGTERM)\n"}, env={}, twin_env=NO_KEY, packages=CP, twin_status=143),
    row("pytest-xdist", "a test takes the key away from the next one on its worker", "KT301", "test_app.py:4",
        {"test_app.py": "import os, openai\n\ndef test_without_key():\n    os.environ.pop('OPENAI_API_KEY')\n\ndef test_client():\n    openai.OpenAI()\n"},
        "python3 -m pytest -q -n 1 test_app.py",
        {"test_app.py": "import os, openai\n\ndef test_without_key(monkeypatch):\n    monkeypatch.delenv('OPENAI_API_KEY')\n\ndef test_client():\n    openai.OpenAI()\n"}, packages=CP),
    row("tox", "`passenv` does not name the key", "KT202", "tox.ini:4",
        {"worker.py": CLIENT_PY, "tox.ini": "[testenv]\nskip_install = true\npass_env = AWS_*\ncommands = python worker.py\n"}, "tox -q",
        {"tox.ini": "[testenv]\nskip_install = true\npass_env = OPENAI_*\ncommands = python worker.py\n"}, packages=CP),
    row("uv run", "`.env` lies there, and nothing loads it", "KT103", "app.py:3", {"app.py": CLIENT_PY, ".env": ENV}, "uv run -q --no-project --no-cache python app.py",
        "uv run -q --no-project --no-cache --env-file .env python app.py", env=NO_KEY, twin_env=NO_KEY, packages=CP),
    row("MCP (Node)", "a stdio server gets the SDK's list of names alone", "KT202", "client.mjs:6", {"client.mjs": MCP_CLIENT_JS % "", "server.mjs": MCP_SERVER_JS},
        "node client.mjs", {"client.mjs": MCP_CLIENT_JS % ", env: { OPENAI_API_KEY: process.env.OPENAI_API_KEY }"}, packages=CN),
    row("MCP (Python)", "a stdio server gets the SDK's list of names alone", "KT202", "client.py:6", {"client.py": MCP_CLIENT_PY % "", "server.py": MCP_SERVER_PY},
        "python3 client.py", {"client.py": MCP_CLIENT_PY % ", env={'OPENAI_API_KEY': os.environ['OPENAI_API_KEY']}"}, packages=CP),
    row("jest-worker", "`forkOptions: { env: {...} }`", "KT201", "start.js:3",
        {"work.js": "exports.ask = () => {\n  if (!process.env.OPENAI_API_KEY) throw new Error('OPENAI_API_KEY is missing')\n}\n",
      "start.js": "const { Worker } = require('jest-worker')\n\nconst farm = new Worker(require.resolve('./work'), { numWorkers: 1, forkOptions: { env: { LANG: 'C' } } })\n"
      "farm.ask().finally(() => farm.end())\n"}, "node start.js",
        {"start.js": "const { Worker } = require('jest-worker')\n\nconst farm = new Worker(require.resolve('./work'), { numWorkers: 1, forkOptions: { env: { ...process.env, LANG: 'C' } } })\nfarm.ask().finally(() => farm.end())\n"}, packages=CN, severity="warning"),
    row("piscina", "`env` of the pool", "KT207", "start.js:3",
        {"work.js": "module.exports = () => {\n  if (!process.env.OPENAI_API_KEY) throw new Error('OPENAI_API_KEY is missing')\n}\n",
      "start.js": "const Piscina = require('piscina')\n\nconst pool = new Piscina({ filename: require.resolve('./work'), env: { LANG: 'C' } })\n"
      "pool.run().finally(() => pool.destroy())\n"}, "node start.js",
        {"start.js": "const Piscina = require('piscina')\n\nconst pool = new Piscina({ filename: require.resolve('./work'), env: { ...process.env, LANG: 'C' } })\npool.run().finally(() => pool.destroy())\n"}, packages=CN),
    row("BullMQ", "the worker runs in another terminal, without the key", "KT102", "worker.js:5",
        {"worker.js": BULL_WORKER, "add.js": BULL_ADD, "redis.sh": REDIS_SH, "worker.sh": "node worker.js; status=$?; touch ended; exit $status\n"},
        (("sh worker.sh", {KEY: None}), ("node add.js", {}), REDIS_TERMINAL), (("sh worker.sh", {}), ("node add.js", {}), REDIS_TERMINAL), packages=CN, needs=("redis-server",)),
    row("BullMQ", "a sandboxed processor, with `workerForkOptions: { env: {...} }`", "KT201", "start.js:4",
        {"start.js": SANDBOX % ", workerForkOptions: { env: { LANG: 'C' } }", "mail.js": MAIL, "run.sh": REDIS + "node start.js\n"}, "sh run.sh",
        {"start.js": SANDBOX % ", workerForkOptions: { env: { ...process.env, LANG: 'C' } }"}, packages=CN, needs=("redis-server",)),
    row("celery, Redis", "the worker runs in another terminal, without the key", "KT102", "tasks.py:8",
        {"tasks.py": "import os\nimport celery\n\napp = celery.Celery(broker='redis+socket://' + os.getcwd() + '/redis', backend='redis+socket://' + os.getcwd() + '/redis')\n\n"
        "@app.task\ndef work():\n    return len(os.environ['OPENAI_API_KEY'])\n", "call.py": "import os, tasks\n\nassert os.environ['OPENAI_API_KEY']\nprint(tasks.work.delay().get(timeout=60))\n",
        "redis.sh": REDIS_SH, "worker.sh": "until redis-cli -s redis ping >/dev/null 2>&1; do sleep 0.2; done\ncelery -A tasks worker --pool solo --pidfile=worker.pid\ntouch ended\n",
        "call.sh": "until [ -s worker.pid ]; do sleep 0.2; done\npython3 call.py; status=$?; kill -KILL $(cat worker.pid); exit $status\n"},
        (("sh call.sh", {}), ("sh worker.sh", {KEY: None}), REDIS_TERMINAL), (("sh call.sh", {}), ("sh worker.sh", {}), REDIS_TERMINAL), needs=("redis-server",), severity="warning"),
    row("PM2", "`restart` without `--update-env`", "KT701", "deploy.sh:5", {"worker.js": PM2_WORKER, "eco.config.js": "module.exports = { apps: [{ name: 'worker', script: 'worker.js', autorestart: false }] }\n",
        "deploy.sh": PM2_RESTART % ""}, "sh deploy.sh", {"deploy.sh": PM2_RESTART % " --update-env"}, env={"NEXT": story.openai_key() + "NEWER"}),
    row("PM2, cluster", "`restart` without `--update-env`", "KT701", "deploy.sh:5", {"worker.js": PM2_WORKER, "eco.config.js": "module.exports = { apps: [{ name: 'worker', script: 'worker.js', exec_mode: 'cluster', autorestart: false }] }\n",
        "deploy.sh": PM2_RESTART % ""}, "sh deploy.sh", {"deploy.sh": PM2_RESTART % " --update-env"}, env={"NEXT": story.openai_key() + "NEWER"}),
    row("supervisord", "`environment=` has the key empty", "KT601", "supervisord.conf:11", {"worker.py": "import os\n\nkey = os.environ['OPENAI_API_KEY']\nassert key, 'OPENAI_API_KEY is missing'\n",
        "run.sh": SUPERVISOR, "supervisord.conf": SUPERVISOR_CONF.format("environment=OPENAI_API_KEY=\"\"\n")}, "sh run.sh", {"supervisord.conf": SUPERVISOR_CONF.format("")}, packages=CP, severity="warning"),
    row("tmux", "a window of a server that began without the key", "KT102", "run.sh:1", {"worker.py": CLIENT_PY, "run.sh": TMUX % ""}, "sh run.sh", {"run.sh": TMUX % ' -e "OPENAI_API_KEY=$SAVED"'},
        env=SAVED, twin_env=SAVED, needs=("tmux",), severity="warning"),
    row("screen", "a window of a session that began without the key", "KT102", "run.sh:3", {"worker.py": CLIENT_PY, "w.sh": "python3 worker.py; echo $? >told; mv told ended\n",
        "run.sh": SCREEN % "OPENAI_API_KEY=$SAVED screen -S work -X screen sh w.sh"}, "sh run.sh",
        {"run.sh": SCREEN % "screen -S work -X setenv OPENAI_API_KEY $SAVED\nscreen -S work -X screen sh w.sh"}, env=SAVED, twin_env=SAVED, needs=("screen",), severity="warning"),
    row("PHP-FPM", "`clear_env` is on, as it is unless said otherwise", "KT302", "fpm.conf:4", {"index.php": "<?php\n$key = getenv('OPENAI_API_KEY') ?: throw new Exception('OPENAI_API_KEY is missing');\n",
        "fpm.conf": FPM_CONF, "run.sh": FPM, "nginx.conf": NGINX_CONF.format("", "server { listen unix:HERE/web; location / { fastcgi_pass unix:HERE/socket; "
            "fastcgi_param SCRIPT_FILENAME HERE/index.php; fastcgi_param REQUEST_METHOD GET; } }")}, "sh run.sh", {"fpm.conf": FPM_CONF + "clear_env = no\n"}, needs=("root", "nginx", "curl"), severity="warning"),
    row("runit", "`chpst -e`: a file with CR and LF at its end", "KT602", "env/OPENAI_API_KEY:1", {"env/OPENAI_API_KEY": story.openai_key() + "\r\n",
        "app.py": "import openai\n\nclient = openai.OpenAI(max_retries=0, base_url='http://127.0.0.1:9')\nclient.models.list()\n"}, "chpst -e ./env python3 app.py",
        {"app.py": "import openai\n\nopenai.OpenAI()\n", "env/OPENAI_API_KEY": story.openai_key() + "\n"}, env=NO_KEY, twin_env=NO_KEY, packages=CP, needs=("chpst",)),
    row("fish", "`set` without `-x`", "KT104", "start.fish:1", {"worker.py": CLIENT_PY, "start.fish": "set OPENAI_API_KEY (cat key)\npython3 worker.py\n", "key": story.openai_key()}, "fish start.fish",
        {"start.fish": "set -x OPENAI_API_KEY (cat key)\npython3 worker.py\n"}, env=NO_KEY, twin_env=NO_KEY, needs=("fish",)),
    row("tcsh", "`set` in place of `setenv`", "KT104", "start.csh:1", {"worker.py": CLIENT_PY, "start.csh": "set OPENAI_API_KEY=`cat key`\npython3 worker.py\n", "key": story.openai_key()}, "tcsh -f start.csh",
        {"start.csh": "setenv OPENAI_API_KEY `cat key`\npython3 worker.py\n"}, env=NO_KEY, twin_env=NO_KEY, needs=("tcsh",)),
    row("bash", "a variable of the shell that is not exported", "KT104", "start.sh:2", {"worker.py": CLIENT_PY, "start.sh": "#!/bin/bash\nOPENAI_API_KEY=$(cat key)\npython3 worker.py\n", "key": story.openai_key()}, "bash start.sh",
        {"start.sh": "#!/bin/bash\nexport OPENAI_API_KEY=$(cat key)\npython3 worker.py\n"}, env=NO_KEY, twin_env=NO_KEY),
    row("GNU parallel", "a variable of the shell that is not exported", "KT104", "start.sh:2", {"worker.py": CLIENT_PY, "start.sh": "#!/bin/bash\nOPENAI_API_KEY=$(cat key)\nparallel -j 1 python3 worker.py ::: a\n", "key": story.openai_key()}, "bash start.sh",
        {"start.sh": "#!/bin/bash\nexport OPENAI_API_KEY=$(cat key)\nparallel -j 1 python3 worker.py ::: a\n"}, env=NO_KEY, twin_env=NO_KEY, needs=("parallel",)),
    row("bash", "`NAME=v a && b`: b lacks it", "KT105", "start.sh:2", {"worker.py": CLIENT_PY, "start.sh": "#!/bin/bash\nOPENAI_API_KEY=$(cat key) python3 worker.py && python3 worker.py\n", "key": story.openai_key()}, "bash start.sh",
        {"start.sh": "#!/bin/bash\nOPENAI_API_KEY=$(cat key) python3 worker.py && echo done\n"}, env=NO_KEY, twin_env=NO_KEY),
    row("bash", "`.bashrc` returns early where nobody types", "KT104", "start.sh:2", {"worker.py": CLIENT_PY, ".bashrc": f"case $- in *i*) ;; *) return ;; esac\nexport {KEY}={story.openai_key()}\n", "start.sh": "#!/bin/bash\nsource ~/.bashrc\npython3 worker.py\n"}, "bash start.sh",
        {".bashrc": f"export {KEY}={story.openai_key()}\n"}, env=NO_KEY, twin_env=NO_KEY),
    row("direnv", "`.envrc` without `export`", "KT104", ".envrc:1", {"worker.py": CLIENT_PY, ".envrc": ENV, "start.sh": "direnv allow . && direnv exec . python3 worker.py\n"}, "sh start.sh",
        {".envrc": "export " + ENV}, env=NO_KEY, twin_env=NO_KEY, needs=("direnv",)),
    row("Turborepo", "strict mode: turbo.json does not name the key", "KT205", "turbo.json:1", {"worker.js": CLIENT_JS, "package.json": '{"name": "app", "packageManager": "npm@10.0.0", "workspaces": ["packages/*"]}',
        "package-lock.json": '{"name": "app", "lockfileVersion": 3, "requires": true, "packages": {"": {"name": "app", "workspaces": ["packages/*"]}, "node_modules/a": {"resolved": "packages/a", "link": true}, "packages/a": {"name": "a", "version": "1.0.0"}}}',
        "packages/a/package.json": '{"name": "a", "version": "1.0.0", "scripts": {"work": "node ../../worker.js"}}', "turbo.json": '{"tasks": {"work": {"cache": false}}}'},
        "turbo run work --no-update-notifier", {"turbo.json": '{"tasks": {"work": {"cache": false, "passThroughEnv": ["OPENAI_API_KEY"]}}}'}, packages=CN),
    row("Go, syscall.Exec", "the key is appended to an environment that has one", "KT608", "launch.go:7",
        {"app.py": "import os\nkey = os.environ['OPENAI_API_KEY']\nif not key.endswith('NEWER'):\n    raise SystemExit('401 invalid API key')\n",
        "launch.go": 'package main\n\nimport ("os"; "os/exec"; "syscall")\n\nfunc main() {\n\tpath, _ := exec.LookPath("python3")\n\tsyscall.Exec(path, []string{"python3", "app.py"}, append(os.Environ(), "OPENAI_API_KEY="+os.Getenv("NEXT")))\n}\n'},
        "./launch", {"launch.go": 'package main\n\nimport ("os"; "os/exec"; "syscall")\n\nfunc main() {\n\tpath, _ := exec.LookPath("python3")\n\tos.Setenv("OPENAI_API_KEY", os.Getenv("NEXT"))\n\tsyscall.Exec(path, []string{"python3", "app.py"}, os.Environ())\n}\n'},
        env={"NEXT": story.openai_key() + "NEWER"}, needs=("go",)),
    row("Vite", "`define` puts the key of the build into the server", "KT402", "vite.config.mjs:2", {"vite.config.mjs": VITE, "server.js": SERVER_JS, "deploy.sh": DEPLOY % ("vite build --logLevel error", "mjs")}, "sh deploy.sh",
        {"vite.config.mjs": "export default { build: { ssr: 'server.js', outDir: 'dist' } }\n"}, env={"OLD": story.openai_key(), KEY: NEW}, packages=NL, severity="warning", victim="node"),
    row("webpack", "`EnvironmentPlugin` puts the key of the build into the server", "KT402", "webpack.config.js:2",
        {"webpack.config.js": "const { EnvironmentPlugin } = require('webpack')\nmodule.exports = { mode: 'production', target: 'node', entry: './server.js', output: { filename: 'server.js' }, plugins: [new EnvironmentPlugin(['OPENAI_API_KEY'])] }\n", "server.js": SERVER_JS, "deploy.sh": DEPLOY % ("webpack >/dev/null", "js")}, "sh deploy.sh",
        {"webpack.config.js": "module.exports = { mode: 'production', target: 'node', entry: './server.js', output: { filename: 'server.js' } }\n"}, env={"OLD": story.openai_key(), KEY: NEW}, packages=NL, severity="warning", victim="node"),
    row("Next.js", "`env` of next.config puts the key of the build into the server", "KT402", "next.config.js:1",
        {"next.config.js": "module.exports = { env: { OPENAI_API_KEY: process.env.OPENAI_API_KEY }, experimental: { cpus: 1 } }\n", "pages/index.js": "export default function Home() { return null }\n",
        "instrumentation.js": "export async function register() {\n  if (process.env.NEXT_RUNTIME === 'nodejs' && !process.env.OPENAI_API_KEY.endsWith('NEWER')) process.exit(1)\n  if (process.env.NEXT_RUNTIME === 'nodejs' && process.env.ONCE) process.exit(0)\n}\n",
        "deploy.sh": "export NEXT_TELEMETRY_DISABLED=1\nOPENAI_API_KEY=$OLD next build --webpack >/dev/null || exit 3\nONCE=1 next start -p 0\n"}, "sh deploy.sh",
        {"next.config.js": "module.exports = { experimental: { cpus: 1 } }\n"}, env={"OLD": story.openai_key(), KEY: NEW}, packages=NX, severity="warning", victim="node"),
    row("nginx, Perl", "a worker has the names of `env` directives alone", "KT201", "nginx.conf:1", {"nginx.conf": NGINX_CONF.format(PERL.format(""), PERL_HTTP), "run.sh": NGINX_RUN, "worker.py": CLIENT_PY}, "sh run.sh",
        {"nginx.conf": NGINX_CONF.format(PERL.format(" env OPENAI_API_KEY;"), PERL_HTTP)}, needs=("root", "nginx", "curl", PERL_MODULE)),
    row("python-dotenv", "`override=True`, and the file is older than the shell", "KT303", "app.py:2", {"app.py": "from dotenv import load_dotenv\nload_dotenv(override=True)\n" + NEWER, ".env": ENV}, "python3 app.py",
        {"app.py": "from dotenv import load_dotenv\nload_dotenv()\n" + NEWER}, env={KEY: NEW}),
    row("Python", "`os.putenv`, which os.environ does not see", "KT403", "app.py:3", {"app.py": "import os\n\nos.putenv('OPENAI_API_KEY', os.environ['SAVED'])\n" + CLIENT_PY}, "python3 app.py",
        {"app.py": "import os\n\nos.environ['OPENAI_API_KEY'] = os.environ['SAVED']\n" + CLIENT_PY}, env=SAVED, twin_env=SAVED),
    row("openai (Python)", "Anthropic's key in the name of OpenAI's", "KT503", "app.py:3", {"app.py": GPT + "raise SystemExit('401 invalid API key')\n"}, "python3 app.py", {"app.py": GPT},
        env={KEY: "sk-ant-api03-" + story.random_text(80)}, twin_env={}),
    row("curl", "a key goes to another provider's host", "KT504", "ask.sh:2", {"ask.sh": 'port=${SERVER##*:}\ncurl -s -f --resolve "api.openai.com:$port:127.0.0.1" -H "x-api-key: $ANTHROPIC_API_KEY" "http://api.openai.com:$port/v1/models"\n'}, "sh ask.sh",
        {"ask.sh": 'port=${SERVER##*:}\ncurl -s -f --resolve "api.openai.com:$port:127.0.0.1" -H "Authorization: Bearer $OPENAI_API_KEY" "http://api.openai.com:$port/v1/models"\n'},
        env={}, twin_env={KEY: KEY_OF_SERVER}, http=True, variable="ANTHROPIC_API_KEY", needs=("curl",)),
    row("runit", "`chpst -e`: quotes are part of the value", "KT603", "env/OPENAI_API_KEY:1", {"env/OPENAI_API_KEY": f'"{story.openai_key()}"\n', "app.py": GPT + "raise SystemExit('401 invalid API key')\n"}, "chpst -e ./env python3 app.py",
        {"app.py": GPT, "env/OPENAI_API_KEY": story.openai_key() + "\n"}, env=NO_KEY, twin_env=NO_KEY, needs=("chpst",)),
    row("python-dotenv", "`.env` is a copy of `.env.example`", "KT604", "app.py:2", {"app.py": "from dotenv import load_dotenv\nload_dotenv()\n" + GPT + "raise SystemExit('401 invalid API key')\n", ".env": f"{KEY}=your-api-key-here\n"}, "python3 app.py",
        {"app.py": "from dotenv import load_dotenv\nload_dotenv()\n" + GPT, ".env": ENV}, env=NO_KEY, twin_env=NO_KEY),
    row("bash", "`.env` begins with a byte order mark", "KT606", ".env:1", {"worker.py": CLIENT_PY, ".env": "\ufeff" + ENV, "start.sh": "#!/bin/bash\nenv $(cat .env) python3 worker.py\n"}, "bash start.sh",
        {".env": ENV}, env=NO_KEY, twin_env=NO_KEY),
    row("Node, cluster", "one worker of two has no key", "KT704", "start.js:4", {"worker.js": CLIENT_JS + "process.exit(0)\n", "start.js": "const cluster = require('cluster')\n\ncluster.setupPrimary({ exec: 'worker.js' })\ncluster.fork({ OPENAI_API_KEY: process.env.SAVED }).on('exit', () => cluster.fork().on('exit', c => process.exit(c)))\n"}, "node start.js",
        {"start.js": "const cluster = require('cluster')\n\ncluster.setupPrimary({ exec: 'worker.js' })\nprocess.env.OPENAI_API_KEY = process.env.SAVED\ncluster.fork().on('exit', () => cluster.fork().on('exit', c => process.exit(c)))\n"}, env=SAVED, twin_env=SAVED),
    row("huggingface_hub", "an older `HF_TOKEN` outranks the other name", "KT705", "app.py:3", {"app.py": "import huggingface_hub\n\ntoken = huggingface_hub.get_token()\nif not token.endswith('NEWER'):\n    raise SystemExit('401')\n"}, "python3 app.py", {".x": ""},
        env={"HUGGING_FACE_HUB_TOKEN": "hf_" + story.random_text(29) + "NEWER"}, twin_env={"HF_TOKEN": "hf_" + story.random_text(29) + "NEWER"}, variable="HF_TOKEN", severity="warning"),
    # ---- brokers, supervisors, notebooks, servers that start again
    row("RabbitMQ, amqplib", "the consumer runs in another terminal, without the key", "KT102", "worker.js:9",
        {"worker.js": RABBIT_WORKER_JS, "send.js": RABBIT_SEND_JS}, (("node worker.js", NO_KEY), ("node send.js", {})), (("node worker.js", {}), ("node send.js", {})),
        packages=SN, needs=("rabbitmq-server",)),
    row("RabbitMQ, pika", "the consumer runs in another terminal, without the key", "KT102", "worker.py:9",
        {"worker.py": RABBIT_WORKER_PY, "send.py": RABBIT_SEND_PY}, (("python3 worker.py", NO_KEY), ("python3 send.py", {})), (("python3 worker.py", {}), ("python3 send.py", {})),
        packages=SP, needs=("rabbitmq-server",)),
    row("CrewAI", "its own `load_dotenv` looks beside the package, not beside crew.py", "KT103", "crew.py:4",
        {"crew.py": CREW, ".env": f"{KEY}={KEY_OF_SERVER}\n"}, "python3 crew.py", {"crew.py": "from dotenv import load_dotenv\nload_dotenv()\n" + CREW}, env={**NO_KEY, **QUIET_CREW}, twin_env={**NO_KEY, **QUIET_CREW}, packages=("crewai-python",)),
    row("CrewAI", "the key has a name of one's own", "KT502", "crew.py:4", {"crew.py": CREW}, "python3 crew.py", {".x": ""},
        twin_env={**QUIET_CREW, KEY: KEY_OF_SERVER}, env={**NO_KEY, **QUIET_CREW, "CREWAI_OPENAI_API_KEY": story.openai_key()}, packages=("crewai-python",)),
    row("Apache", "CGI: the configuration has no `PassEnv`", "KT201", "httpd.conf:1", {"ask.py": ASK_CGI, "httpd.conf": APACHE_CONF, "run.sh": APACHE}, (("sh run.sh", {}),),
        {"httpd.conf": APACHE_CONF + "PassEnv OPENAI_API_KEY\n"}, needs=("root", "apache2", "curl")),
    row("Jupyter", "`%env` in a cell below the import that reads", "KT401", "client.py:3", {"client.py": "import os\n\nkey = os.environ.get('OPENAI_API_KEY')\n",
        "ask.ipynb": notebook("import client, os", "%env " + ENV.strip(), "assert client.key, '401'")}, NBCONVERT,
        {"ask.ipynb": notebook("import os", "%env " + ENV.strip(), "import client\nassert client.key, '401'")}, env=SAVED, twin_env=SAVED, packages=SP, severity="warning"),
    row("Jupyter", "the kernel's spec has the key empty", "KT601", "run.sh:1", {"run.sh": NBCONVERT + "\n", "ask.ipynb": notebook("import os", "key = os.environ['OPENAI_API_KEY']\nassert key"),
        "share/jupyter/kernels/python3/kernel.json": KERNEL[:-1] + ', "env": {"OPENAI_API_KEY": ""}}'}, "sh run.sh", {"share/jupyter/kernels/python3/kernel.json": KERNEL}, env={"JUPYTER_PATH": "share/jupyter"}, packages=SP, severity="warning"),
    row("s6", "`run` reads no `env` directory", "KT101", "../worker.py:3", {"worker.py": CLIENT_PY, "web/run": S6_RUN % "", "web/finish": S6_FINISH, "web/env/OPENAI_API_KEY": story.openai_key() + "\n", "run.sh": "chmod 755 web/run web/finish\n" + SUPERVISE}, "sh run.sh",
        {"web/run": S6_RUN % "s6-envdir ./env "}, env=NO_KEY, twin_env=NO_KEY, needs=("s6-supervise",)),
    row("s6", "`s6-envdir`: an empty file takes the key away", "KT203", "env/OPENAI_API_KEY:1", {"worker.py": CLIENT_PY, "env/OPENAI_API_KEY": "", "run.sh": "s6-envdir ./env python3 worker.py\n"}, "sh run.sh",
        {"env/OPENAI_API_KEY": story.openai_key() + "\n"}, needs=("s6-envdir",)),
    row("daemontools", "`envdir`: an empty file takes the key away", "KT203", "env/OPENAI_API_KEY:1", {"worker.py": CLIENT_PY, "env/OPENAI_API_KEY": "", "run.sh": "envdir ./env python3 worker.py\n"}, "sh run.sh",
        {"env/OPENAI_API_KEY": story.openai_key() + "\n"}, needs=("envdir",)),
    row("runit", "`chpst -e`: an empty file takes the key away", "KT203", "env/OPENAI_API_KEY:1", {"worker.py": CLIENT_PY, "env/OPENAI_API_KEY": "", "run.sh": "chpst -e ./env python3 worker.py\n"}, "sh run.sh",
        {"env/OPENAI_API_KEY": story.openai_key() + "\n"}, needs=("chpst",)),
    row("gunicorn", "`kill -HUP` after .env changed: load_dotenv keeps the master's value", "KT703", "gunicorn.conf.py:2", {"gunicorn.conf.py": "from dotenv import load_dotenv\nload_dotenv()\n",
        "app.py": RELOADED, ".env": ENV, "new.env": NEWER_ENV, "run.sh": GUNICORN}, "sh run.sh", {"gunicorn.conf.py": "from dotenv import load_dotenv\nload_dotenv(override=True)\n"}, env=NO_KEY, twin_env=NO_KEY, packages=SP),
    row("uvicorn --reload", "the reloader keeps the value from before .env changed", "KT701", "run.sh:1", {"app.py": RELOADED, ".env": ENV, "new.env": NEWER_ENV, "run.sh": UVICORN}, "sh run.sh",
        {"run.sh": UVICORN_ANEW}, env=NO_KEY, twin_env=NO_KEY, packages=SP, severity="warning"),
    row("esbuild", "`define` puts the missing key of the build into the server", "KT402", "build.mjs:4", {"build.mjs": ESBUILD % BAKED, "server.js": CLIENT_JS, "deploy.sh": "node build.mjs || exit 3\nexport OPENAI_API_KEY=$SAVED\nnode dist/server.js\n"}, "sh deploy.sh",
        {"build.mjs": ESBUILD % ""}, env=SAVED, twin_env=SAVED, packages=SN, severity="warning", victim="node"),
    row("at", "the key is exported after the job was handed in", "KT101", "worker.py:3", {"worker.py": AT_WORKER, "job.sh": "python3 worker.py\n", "spool.sh": AT_SPOOL % "".join(AT_ALL[::-1]), "run.sh": AT}, "sh run.sh",
        {"spool.sh": AT_SPOOL % "".join(AT_ALL)}, env=SAVED, twin_env=SAVED, needs=("root", "at", "mounts")),
    row("docker", "`--env-file`: quotes are part of the value", "KT603", "prod.env:1", {"reader.c": DOCKER_READER, "prod.env": f'{KEY}="{story.openai_key()}"\n', "run.sh": DOCKER_RUN}, "sh run.sh",
        {"prod.env": ENV}, env={name: None for name in sweep.SHELL}, twin_env={name: None for name in sweep.SHELL}, needs=("root", "docker", "dockerd"), victim="reader"),
    row("docker-compose", "`.env` fills compose.yml alone: the service has no `env_file`", "KT101", "docker-compose.yml:2", {"reader.c": DOCKER_READER, ".env": ENV, "docker-compose.yml": COMPOSE % "", "run.sh": COMPOSE_RUN}, "sh run.sh",
        {"docker-compose.yml": COMPOSE % "    env_file: .env\n"}, env={name: None for name in sweep.SHELL}, twin_env={name: None for name in sweep.SHELL}, needs=("root", "docker-compose", "dockerd"), severity="warning", victim="reader"),
    row("urllib", "the request has no `Authorization`", "KT801", "app.py:5", {"app.py": WITHOUT}, "python3 app.py", {"app.py": WITH}, env={KEY: KEY_OF_SERVER}, http=True),
    row("nginx", "a proxy takes the header away", "KT802", "nginx.conf:4", {"app.py": WITH.replace("os.environ['SERVER']", "'http://127.0.0.1:' + os.environ['PORT']"),
        "nginx.conf": NGINX_CONF.format("", "server { listen 127.0.0.1:PORT; location / { proxy_pass SERVER; proxy_set_header Authorization \"\"; } }"),
        "run.sh": "sed -i \"s#SERVER#$SERVER#; s#PORT#$PORT#\" nginx.conf\nenv -u OPENAI_API_KEY nginx -p $PWD -c nginx.conf & nginx=$!\nuntil curl -s -o /dev/null http://127.0.0.1:$PORT/; do sleep 0.2; done\npython3 app.py; status=$?\nkill $nginx; wait\nexit $status\n"}, "sh run.sh",
        {"nginx.conf": NGINX_CONF.format("", "server { listen 127.0.0.1:PORT; location / { proxy_pass SERVER; } }")}, env={KEY: KEY_OF_SERVER}, http=True, needs=("nginx", "curl")),
    row("urllib", "the key is refused: no fault of the environment", "KT803", "refused", {"app.py": WITH}, "python3 app.py", {"app.py": WITH}, env={}, twin_env={KEY: KEY_OF_SERVER}, http=True, severity="note"),
    row("Python", "a program that fails with its key: no fault of the environment", "KT901", "app.py", {"app.py": GPT + "raise SystemExit('no credit')\n"}, "python3 app.py", {"app.py": GPT}, severity="note"),
)

LONG = {rf"\[(?!{'|'.join(re.escape(r['system'] + ': ' + r['cause']) for r in ROWS if r['often'])}\])": sweep.WHY_LONG}
LABELS = tuple((f"{r['system']}: {r['cause']}", r) for r in ROWS)


def built(files):
    """The programs in Go among these files."""
    for source in (name for name in files if name.endswith(".go")):
        story.built_in_go(source[:-3], source)


def need(r):
    for name in r["needs"]:
        if name == "root":
            os.geteuid() == 0 or skip("needs root")
        elif name == "mounts":
            story.need_mounts()
        elif name.startswith("/"):
            os.path.exists(name) or skip(f"no {name} here")
        else:
            story.which(name)


def environment(packages, *changes):
    changed = {name: value for change in changes for name, value in change.items()}
    return sweep.environment([n for n, v in changed.items() if v is None], packages, **{n: v for n, v in changed.items() if v is not None})


def words(line, packages, env):
    return sweep.words(line.replace("{cwd}", os.getcwd()).replace("{path}", env["PATH"]), packages)


def in_terminals(terminals, packages, services, added):
    """Each command in a terminal of its own, all into one trace; the first one's status and words."""
    trace, running = os.path.abspath("t"), []
    os.chmod(".", 0o755)
    os.mkdir(trace)
    os.chmod(trace, 0o1777)  # daemons have users of their own
    for line, change in terminals:
        env = environment(packages, services, added, change)
        command = [story.KEYTRAIL, "run", "-o", trace, "--", *words(line, packages, env)]
        running.append(subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
    try:
        said = [process.communicate(timeout=PATIENCE) for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()
    return story.Run(terminals, subprocess.CompletedProcess(terminals, running[0].returncode, *said[0]), trace)


def started(r, services):
    """What the programs of the row find on this machine, by name."""
    server = services.enter_context(Server(KEY_OF_SERVER))
    found = {"SERVER": server.url, "PORT": str(free_port())}
    if "dockerd" in r["needs"]:
        docker = services.enter_context(Docker())
        story.program("test -n \"$OPENAI_API_KEY\"\n", cell() + "/worker.sh")
        if "reader.c" in r["files"]:
            story.compiled(r["files"]["reader.c"], "cell/reader")
        docker.import_image("cell", "app")
        found["DOCKER_HOST"] = docker.socket
    if "rabbitmq-server" in r["needs"]:
        found["AMQP_URL"] = services.enter_context(RabbitMQ()).url
    return found


def ran(r, command, files, added):
    need(r)
    packages = [story.packages(name) for name in r["packages"]]
    sweep.write(files, packages)
    built(files)
    with contextlib.ExitStack() as services:
        found = started(r, services)
        if not isinstance(command, str):
            return in_terminals(command, packages, found, added)
        env = environment(packages, found, added)
        return recorded(words(command, packages, env), env, timeout=PATIENCE, quiet=False, http=r["http"])


def failing(r):
    return ran(r, r["command"], r["files"], r["env"])


def healthy(r):
    twin = r["twin"]
    files = {**r["files"], **twin} if isinstance(twin, dict) else r["files"]
    command = r["command"] if twin is None or isinstance(twin, dict) else twin
    return ran(r, command, files, r["twin_env"] if twin else {**r["env"], KEY: story.openai_key()})


# ---- what the report says, in causes.golden ----------------------------------------------

GOLDEN = os.path.join(story.ROOT, "tests", "journeys", "causes.golden")
MASKS = (
    (re.escape(story.CACHE) + r"/packages-([a-z-]+)-[0-9a-f]{12}", r"PACKAGES/\1"),
    (r"\(pid \d+\)", "(pid N)"), (r"(localhost|127\.0\.0\.1|openai\.com):\d+", r"\1:PORT"), (r" -L \d+", " -L N"),
    (r" \((\d+ of )?\d+ processes\)", ""), (r"\b(python|php-fpm)\d[\d.]*", r"\1"),
    (r"\b[0-9a-f]{8}\b", "FINGERPRINT"), (r"(401) invalid_api_key", r"\1"),  # a client need not read the body
)
SHORTENED = r"\S*\.\.\.\S*( --pipe \d+)?"  # a command line, at another place where paths are longer


def masked(text):
    """Less what differs between runs and machines."""
    text = text.replace(os.getcwd(), "HERE")
    for pattern, instead in MASKS:
        text = re.sub(pattern, instead, text)
    return text


def told_of(r, run):
    """Summary, path and fix, as a user reads them."""
    first = run.report["findings"][0]
    fingerprints = list(dict.fromkeys(hop["fingerprint"] for hop in first.get("path", ()) if "fingerprint" in hop))
    path = [f"{os.path.basename(hop['exe'])} {hop['state']}" + (f" {fingerprints.index(hop['fingerprint']) + 1}" if "fingerprint" in hop else "")
            for hop in first.get("path", ())]
    sentences = [re.sub(SHORTENED, "...", text) for text in (run.report["headline"], first.get("detail", ""))]
    lines = [f"{first['severity']} {first['code']}: {sentences[0]}", sentences[1], " > ".join(path), "fix: " + first["fix"]]
    return f"# {r['system']}: {r['cause']}\n" + "".join(masked(line) + "\n" for line in lines if line)


def goldens():
    """The paragraphs of the file, by their first lines."""
    with open(GOLDEN) as file:
        return {text.partition("\n")[0]: text.rstrip("\n") + "\n" for text in re.split(r"\n(?=# )", file.read())}


def write_golden(paragraph):
    """Several tests write at the same time."""
    with open(GOLDEN, "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = {**goldens(), paragraph.partition("\n")[0]: paragraph}
        rows = [f"# {label}" for label, _ in LABELS]
        with open(GOLDEN, "w") as file:
            file.write("\n".join(found[row] for row in rows if row in found))


def expect_golden(r, run):
    paragraph = told_of(r, run)
    if os.environ.get("KEYTRAIL_WRITE"):
        write_golden(paragraph)
    wanted = goldens().get(paragraph.partition("\n")[0], "")
    assert paragraph == wanted, f"{paragraph}\nis not what causes.golden has (KEYTRAIL_WRITE=1 writes it):\n{wanted}"


def line_at(place, files):
    """The text of the row's file at FILE:LINE, or FILE:cell N:LINE of a notebook; None: no such line."""
    name, cell, number = re.fullmatch(r"(.*?)(?::cell (\d+))?:(\d+)", place).groups()
    text = files.get(os.path.relpath(os.path.realpath(name)))
    if text and cell:
        text = json.loads(text)["cells"][int(cell) - 1]["source"]
    lines = [] if text is None else text.split("\n")
    return lines[int(number) - 1].strip() if int(number) <= len(lines) else None


def expect_victim(r, first):
    """The reader is named by a line that a person wrote, or the row says that it has none: no library's line will do."""
    victim = first.get("victim", {})
    place = victim.get("site", "")
    line = re.search(r":\d+$", place) and line_at(place, r["files"])
    if r["victim"] is None:
        assert line, f"no line of the row's own files reads: {victim}"
        return
    assert not line, f"the row says that its reader has no line, and it has {place}: {line}"
    assert r["victim"] == (os.path.basename(victim["exe"]) if victim else NOBODY), victim


def told(run):
    """What the first finding says, in words that are the same everywhere."""
    report = run.report
    first = report["findings"][0] if report["findings"] else {}
    return first, f"{first.get('code')} {first.get('severity')}: {report.get('headline')}\n{report}"


def packed_report(run):
    story.asked("pack", "-o", "packed.jsonl", run.trace)
    return json.loads(story.asked("report", "-f", "json", "packed.jsonl"))


def is_told_first(r, headline):
    """A line that a person wrote begins the sentence; a note accuses none."""
    return headline.startswith(r["place"]) or r["severity"] == "note"


@patience(200)
@each(*LABELS)
def test_the_cause_is_the_first_line(r):
    run = failing(r)
    first, all_of_it = told(run)
    assert run.status, "the program ended well"
    assert first.get("code") == r["code"] and first["severity"] == r["severity"], all_of_it
    assert first["variable"] == r["variable"], all_of_it
    assert r["place"] in run.report["headline"] and is_told_first(r, run.report["headline"]), all_of_it
    expect_victim(r, first)
    expect_golden(r, run)
    packed = packed_report(run)
    assert packed["headline"] == run.report["headline"], f"the packed trace says otherwise: {packed['headline']}"
    if os.environ.get("KEYTRAIL_STORE"):
        stored.store(f"{r['system']}: {r['cause']}", run)
    if isinstance(r["command"], str):
        said = "".join(run.err.decode("utf-8", "replace").split())  # a long path is cut anywhere
        assert "".join(run.report["headline"].split()) in said, f"run says otherwise: {said[-600:]}"


@patience(200)
@each(*LABELS)
def test_the_same_without_the_cause_is_accused_of_nothing(r):
    run = healthy(r)
    statuses = r["twin_status"] if isinstance(r["twin_status"], tuple) else (r["twin_status"],)
    assert run.status in statuses, (run.status, run.out[-500:], run.err[-1500:])
    accused = [f for f in run.report["findings"] if f["severity"] != "note"]
    assert not accused, accused


# ---- the table in docs/causes.md -------------------------------------------------------

HEAD = """# What was tried on real software

Each row is a program of [tests/journeys/causes.py](../tests/journeys/causes.py): the program fails as users see it fail, its
report's first line names the finding and the place, and the same program without the cause is accused of nothing.
`KEYTRAIL_WRITE=1 tests/run 'journeys/causes: the table'` writes this page. What the report says of each, and advises, is in
[tests/journeys/causes.golden](../tests/journeys/causes.golden).

| system | what is wrong | finding | named first |
|---|---|---|---|
"""


def page():
    return HEAD + "".join(f"| {r['system']} | {r['cause']} | {r['code']}{'' if r['severity'] == 'fault' else ', a ' + r['severity']} | `{r['place']}` |\n"
                          for r in ROWS)


def test_the_table_in_the_docs_is_made_of_these_rows():
    if os.environ.get("KEYTRAIL_WRITE"):
        with open(DOCS, "w") as file:
            file.write(page())
    with open(DOCS) as file:
        assert file.read() == page(), "KEYTRAIL_WRITE=1 tests/run 'journeys/causes: the table' writes the page"


def test_every_finding_is_caused_by_real_software():
    """And the row's twin is innocent of it."""
    rules = {os.path.basename(path).split("_")[0].upper() for path in glob.glob(os.path.join(story.ROOT, "src", "rules", "kt*_*.c"))}
    assert rules == {r["code"] for r in ROWS}, rules ^ {r["code"] for r in ROWS}


def test_every_place_is_a_line_that_a_person_wrote():
    for label, r in LABELS:
        place = r["place"].removeprefix("../")  # of a program that runs in a directory below
        assert r["severity"] == "note" or line_at(place, r["files"]) is not None, f"{label}: {place} is no line of its files"


def test_every_row_has_its_words():
    assert list(goldens()) == [f"# {label}" for label, _ in LABELS], "KEYTRAIL_WRITE=1 tests/run --long 'journeys/causes' writes them"
