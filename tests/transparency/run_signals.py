"""A command gets each signal once, whoever sends it: `keytrail run` passes on what reached `run` alone."""
import fcntl
import glob
import os
import pty
import signal
import subprocess
import termios
import time

import story

LONG = {r"^each signal arrives once \[SIG(HUP|WINCH|RTMIN)": "two signals are enough for make test"}

COUNTS = """
import os, signal, sys, time
got = []
for s in map(int, sys.argv[1].split(",")):
    signal.signal(s, lambda n, frame: got.append(n))
open("ready", "w").close()
while not os.path.exists("told"):
    time.sleep(0.01)
time.sleep(0.3)
print(len(got))
"""


def in_group(group):
    """The processes of the group, the oldest first."""
    pids = sorted(int(os.path.basename(p)) for p in glob.glob("/proc/[0-9]*"))
    return [p for p in pids if group_of(p) == group and not is_zombie(p)]


def is_zombie(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def group_of(pid):
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def the_group(leader, number):
    os.killpg(leader, number)


def its_leader(leader, number):
    os.kill(leader, number)


def each_in_turn(leader, number):
    """As systemd ends a unit."""
    for pid in in_group(leader):
        os.kill(pid, number)


def the_group_twice(leader, number):
    the_group(leader, number)
    time.sleep(0.2)
    the_group(leader, number)


def group_then_leader(leader, number):
    the_group(leader, number)
    time.sleep(0.2)
    its_leader(leader, number)


def leader_then_group(leader, number):
    its_leader(leader, number)
    time.sleep(0.2)
    the_group(leader, number)


def two_signals(leader, number):
    the_group(leader, number)
    the_group(leader, signal.SIGUSR1)


def until(is_so):
    end = time.time() + 30
    while not is_so():
        assert time.time() < end
        time.sleep(0.01)


def received(prefix, send, number):
    """How many signals the command handled; it leads the group, or `run` does."""
    for left in ("ready", "told"):
        if os.path.exists(left):
            os.unlink(left)
    command = [*prefix, story.PYTHON, "-c", COUNTS, f"{number:d},{signal.SIGUSR1:d}"]
    child = subprocess.Popen(command, env=story.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             start_new_session=True)
    until(lambda: os.path.exists("ready"))
    send(child.pid, number)
    time.sleep(0.1)
    open("told", "w").close()
    out, err = child.communicate(timeout=60)
    assert not child.returncode, (child.returncode, err)
    return int(out)


RUN = (story.KEYTRAIL, "run", "-q", "-o", "trace", "--")


@story.each(*((f"{signal.Signals(n).name} to {send.__name__}", send, n)
              for n in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGWINCH, signal.SIGRTMIN)
              for send in (the_group, its_leader, each_in_turn, the_group_twice, group_then_leader, leader_then_group,
                           two_signals)))
def test_each_signal_arrives_once(send, number):
    assert received(RUN, send, number) == received((), send, number)


def test_nothing_is_left_in_the_group():
    child = subprocess.Popen([*RUN, "sh", "-c", ":"], env=story.environment(), start_new_session=True)
    child.wait(60)
    assert not in_group(child.pid)


def test_nothing_outlives_a_killed_run():
    child = subprocess.Popen([*RUN, "sleep", "30"], env=story.environment(), start_new_session=True)
    until(lambda: [p for p in in_group(child.pid) if "sleep" in name_of(p)])
    child.kill()
    child.wait(60)
    time.sleep(0.3)
    left = in_group(child.pid)
    os.killpg(child.pid, signal.SIGKILL)
    assert len(left) == 1, left


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read()
    except OSError:
        return ""


def test_it_holds_no_stream_of_the_command():
    """A pipe's reader gets the end as soon as the command has ended, and run with it."""
    done = subprocess.run([*RUN, "sh", "-c", "exec >&- 2>&-; sleep 1"], env=story.environment(), capture_output=True,
                          timeout=60)
    assert not done.returncode and not done.stdout


def on_a_terminal(command, keys):
    """What the command prints when the keys are struck, in the foreground group of a shell's job."""
    leader, terminal = pty.openpty()
    child = subprocess.Popen(command, env=story.environment(), stdin=terminal, stdout=subprocess.PIPE,
                             preexec_fn=lead_foreground)
    os.close(terminal)
    until(lambda: os.path.exists("ready"))
    os.write(leader, keys)
    time.sleep(0.2)
    open("told", "w").close()
    out = child.communicate(timeout=60)[0]
    os.close(leader)
    return child.returncode, out


def lead_foreground():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


LEADS = "import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])"


@story.each(("in the group of run", ()), ("in a group of its own", (story.PYTHON, "-c", LEADS)))
def test_ctrl_c_arrives_once(launcher):
    command = [*launcher, story.PYTHON, "-c", COUNTS, f"{signal.SIGINT:d}"]
    status, out = on_a_terminal([*RUN, *command], b"\3")
    assert (status, out) == (0, b"1\n"), (status, out)


def test_an_alarm_set_before_run_ends_the_command():
    """perl -e 'alarm shift; exec @ARGV' 5 COMMAND"""
    sets = "import os, signal, sys; signal.alarm(1); os.execv(sys.argv[1], sys.argv[1:])"
    done = subprocess.run([story.PYTHON, "-c", sets, *RUN, "sleep", "20"], env=story.environment(), timeout=60)
    assert done.returncode == 128 + signal.SIGALRM, done.returncode
