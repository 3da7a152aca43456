"""Daemons, workers and replicas that go on with an older value, or never had one."""
import os

import story
from story import each, environment, expect_fault, expect_no_fault, openai_key, packages, patience, program, recorded, which

NAME = "OPENAI_API_KEY"

WORK = f"""
import multiprocessing, os, sys
old = sys.argv[1]

def work():
    if os.environ["{NAME}"] == old:
        raise SystemExit(1)

def loop(pipe):
    pipe.recv()
    work()
"""

FORKSERVER = WORK + f"""
if __name__ == "__main__":
    context = multiprocessing.get_context("forkserver")
    first = context.Process(target=print); first.start(); first.join()
    os.environ["{NAME}"] = sys.argv[2]
    second = context.Process(target=work); second.start(); second.join()
    sys.exit(second.exitcode)
"""

LATE_WORKER = WORK + f"""
if __name__ == "__main__":
    here, there = multiprocessing.Pipe()
    worker = multiprocessing.Process(target=loop, args=(there,)); worker.start()
    os.environ["{NAME}"] = sys.argv[2]
    here.send(1); worker.join()
    sys.exit(worker.exitcode)
"""

CHANGED_BEFORE = WORK + f"""
if __name__ == "__main__":
    os.environ["{NAME}"] = sys.argv[2]
    context = multiprocessing.get_context("forkserver")
    worker = context.Process(target=work); worker.start(); worker.join()
    sys.exit(worker.exitcode)
"""


@each(("a forkserver", FORKSERVER, "KT701", "app.py:16"), ("a worker that waits for work", LATE_WORKER, "KT702", "app.py:16"))
def test_a_worker_of_multiprocessing_keeps_the_value_from_before_the_change(text, code, site):
    app, old = program(text, "app.py"), openai_key()
    run = recorded([story.PYTHON, app, old, openai_key()], environment(**{NAME: old}))
    assert run.status == 1, run.err
    found = expect_fault(run, code, NAME, victim="python", culprit="python")
    assert found["culprit"]["site"].endswith(site), found
    assert found["victim"]["site"].endswith("app.py:6"), found
    assert "the forkserver" in found["fix"], found


def test_a_forkserver_that_begins_after_the_change():
    app, old = program(CHANGED_BEFORE, "app.py"), openai_key()
    run = recorded([story.PYTHON, app, old, openai_key()], environment(**{NAME: old}))
    assert run.status == 0, run.err
    expect_no_fault(run)
    assert not {"KT701", "KT702"} & set(run.codes()), run.codes()


SERVICE = f"""
import os, time
for line in open(".env"):
    os.environ.setdefault(*line.strip().split("=", 1))
key = os.environ["{NAME}"]
open("ready", "w").close()
time.sleep(60)
"""

ROTATION = """
python3 service.py & service=$!
until [ -e ready ]; do sleep 0.1; done
sleep 0.1; echo "OPENAI_API_KEY=$NEXT" >.env; sleep 1.2
kill $service; wait $service
exit 0
"""


def rotated(first, following):
    program(SERVICE, "service.py")
    program(f"{NAME}={first}\n", ".env")
    run = recorded(["sh", program(ROTATION, "run.sh")], environment(NEXT=following), quiet=False)
    assert run.status == 0 and run.report["verdict"] == "healthy", (run.err, run.report)
    return b" ".join(run.err.split()).decode()


@patience(60)
def test_the_summary_names_a_file_that_was_changed_under_a_service():
    told = rotated(openai_key(), openai_key())
    assert "keytrail: note: service.py:3 loaded .env:1 before the file was changed" in told, told


@patience(60)
def test_the_summary_names_no_file_that_was_written_with_the_same_value():
    key = openai_key()
    told = rotated(key, key)
    assert "keytrail: note:" not in told, told


DEPLOY = """
pm2 start worker.js --silent || exit 1
until [ -e started ]; do sleep 0.1; done; rm started
OPENAI_API_KEY=$NEXT pm2 restart worker --silent $1
until [ -e started ]; do sleep 0.1; done
pm2 kill --silent
"""


def deployed(*options):
    which("node")
    tools = os.path.join(packages("tools-node"), "node_modules", ".bin")
    program("if (process.env.OPENAI_API_KEY) require('fs').writeFileSync('started', ''); setInterval(() => {}, 1000)", "worker.js")
    env = environment(OPENAI_API_KEY=openai_key(), NEXT=openai_key(), PM2_HOME=os.path.abspath("pm2"))
    return recorded(["sh", program(DEPLOY, "deploy.sh"), *options], {**env, "PATH": tools + ":" + env["PATH"]})


@patience(60)
def test_pm2_restarts_with_the_environment_of_the_first_start():
    run = deployed()
    assert run.status == 0, run.err
    found = expect_fault(run, "KT701", NAME, victim="node", culprit="node", severity="warning")
    assert "pm2" in found["summary"] and "--update-env" in found["fix"], found
    assert found["victim"]["site"].endswith("worker.js:1"), found


MENDS = """
start() { n=0; until [ $(ls | grep -c "^$1") = $2 ] || [ $n = 200 ]; do sleep 0.1; n=$((n+1)); done; sleep 0.3; }
env -u OPENAI_API_KEY pm2 start eco.config.js --silent
start missed 2
pm2 restart $1 --update-env --silent
start started $2
pm2 kill --silent
"""
WORKER = """
const put = (name) => require('fs').writeFileSync(name + process.pid, '')
if (!process.env.OPENAI_API_KEY) { put('missed'); throw new Error('OPENAI_API_KEY is missing') }
put('started')
setInterval(() => {}, 1000)
"""


def mended(apps, *words):
    which("node")
    tools = os.path.join(packages("tools-node"), "node_modules", ".bin")
    program(WORKER, "worker.js")
    app = "{ name: 'NAME', script: 'worker.js', autorestart: false, MODE }"
    program("module.exports = { apps: [" + ",".join(app.replace("NAME", name).replace("MODE", mode) for name, mode in apps) + "] }", "eco.config.js")
    env = environment(OPENAI_API_KEY=openai_key(), PM2_HOME=os.path.abspath("pm2"))
    return recorded(["sh", program(MENDS, "deploy.sh"), *words], {**env, "PATH": tools + ":" + env["PATH"]})


@story.each(("two instances", [("w", "instances: 2")]), ("two instances of a cluster", [("w", "instances: 2, exec_mode: 'cluster'")]), ("two apps", [("a", ""), ("b", "")]))
@patience(60)
def test_pm2_mends_each_worker(apps):
    run = mended(apps, "eco.config.js", "2")
    assert run.report["verdict"] == "healthy" and (run.report["earlier_starts"], run.report["failed_starts"]) == (2, 2), run.report


@story.each(("a fork", "exec_mode: 'fork'"), ("a cluster", "instances: 1, exec_mode: 'cluster'"))
@patience(60)
def test_pm2_mends_one_of_two(mode):
    found = expect_fault(mended([("a", mode), ("b", mode)], "a", "1"), "KT301", NAME, victim="node", culprit="env")
    assert found["count"] == 2, found


@patience(60)
def test_pm2_restarts_with_update_env():
    run = deployed("--update-env")
    assert run.status == 0, run.err
    expect_no_fault(run)
    assert "KT701" not in run.codes(), run.codes()


WINDOW = """
tmux -L $$ -f /dev/null new-session -d 'sleep 60'
OPENAI_API_KEY=$NEXT tmux -L $$ new-window -d %s 'python3 worker.py; echo $? >ended'
until [ -s ended ]; do sleep 0.1; done
tmux -L $$ kill-server
exit $(cat ended)
"""


def in_window(*, first=None, options=""):
    which("tmux")
    program(f"import os\nKEY = os.environ['{NAME}']\nraise SystemExit(KEY != os.environ['NEXT'])\n", "worker.py")
    env = environment(NEXT=openai_key(), TMUX_TMPDIR=os.getcwd(), **({NAME: first} if first else {}))
    return recorded(["sh", program(WINDOW % options, "run.sh")], env)


@patience(60)
def test_a_tmux_server_without_the_key():
    run = in_window()
    found = expect_fault(run, "KT102", NAME, victim="python", culprit="tmux")
    assert found["victim"]["site"].endswith("worker.py:2") and "tmux set-environment" in found["fix"], found


@patience(60)
def test_a_tmux_server_from_before_the_rotation():
    run = in_window(first=openai_key())
    found = expect_fault(run, "KT701", NAME, victim="python", culprit="tmux")
    assert found["victim"]["site"].endswith("worker.py:2") and "tmux new-window -e" in found["fix"], found


@patience(60)
def test_a_tmux_window_that_is_given_the_key():
    run = in_window(options='-e "OPENAI_API_KEY=$NEXT"')
    assert run.status == 0, run.err
    expect_no_fault(run)


SUPERVISE = """
set -a; . ./worker.env; set +a
for round in 1 2; do
    %s
    python3 worker.py; ended=$?
    [ $round = 1 ] && { sleep 0.1; echo OPENAI_API_KEY=$NEXT >worker.env; sleep 0.1; }
done
exit $ended
"""


def supervised(shell, reload=":"):
    which(shell)
    program(f"import os\nKEY = os.environ['{NAME}']\nraise SystemExit(os.path.exists('rotated') and KEY != os.environ['NEXT'])\n", "worker.py")
    program(f"{NAME}={openai_key()}\n", "worker.env")
    script = program(SUPERVISE.replace("echo OPENAI", ">rotated; echo OPENAI") % reload, "supervise.sh")
    return recorded([shell, script], environment(NEXT=openai_key()))


@each(("dash", "dash"), ("bash", "bash"))
def test_a_shell_that_read_an_env_file_before_it_was_changed(shell):
    run = supervised(shell)
    assert run.status == 1, run.err
    found = expect_fault(run, "KT701", NAME, victim="python", culprit=shell)
    assert "worker.env:1 before the file was changed" in found["summary"], found
    assert found["victim"]["site"].endswith("worker.py:2"), found


@each(("dash", "dash"), ("bash", "bash"))
def test_a_shell_that_reads_the_env_file_anew_before_each_start(shell):
    run = supervised(shell, reload="set -a; . ./worker.env; set +a")
    assert run.status == 0, run.err
    expect_no_fault(run)
    assert "KT701" not in run.codes(), run.codes()
