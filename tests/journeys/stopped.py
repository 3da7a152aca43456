"""Which process stopped another."""
import fcntl
import os
import pty
import signal
import time
import subprocess
import sys
import termios

import story
from story import bare, compiled, environment, events_of, each, preloaded, which


def kills(trace):
    """(fn, to, signal) of each signal that was told."""
    return [(e["fn"], e.get("to"), e["signal"]) for e in events_of(trace) if e["e"] == "kill"]


def told(command, status=0):
    """The events of a command that prints the pid of the process which it stops."""
    trace = os.path.abspath("trace")
    run = bare(command, preloaded(environment(), trace))
    assert run.status == status and not run.err, (run.status, run.err)
    return int(run.out or 0), kills(trace)


def test_timeout_stops_its_command():
    pid, told_ = told([which("timeout"), "1", "sh", "-c", "echo $$; exec sleep 9"], 124)
    assert told_[0] == ("kill", pid, signal.SIGTERM), (pid, told_)


@each(*((shell, shell) for shell in ("bash", "dash")))
def test_a_shell_kills(shell):
    pid, told_ = told([which(shell), "-c", "sleep 9 & echo $!; kill -0 $!; kill $!; wait"])
    assert told_ == [("kill", pid, signal.SIGTERM)], (pid, told_)


@each(("kill", "os.kill(c.pid, 9)", "kill"), ("killpg", "os.killpg(c.pid, 9)", "killpg"),
      ("terminate", "c.kill()", "kill"), ("pidfd", "signal.pidfd_send_signal(os.pidfd_open(c.pid), 9)", "syscall"))
def test_python_stops_a_child_by(call, fn):
    if "pidfd" in call and not hasattr(signal, "pidfd_send_signal"):
        story.skip("Python 3.9 has pidfd_send_signal")
    pid, told_ = told([sys.executable, "-c", "import os, signal, subprocess\n"
                       f"c = subprocess.Popen(['sleep', '9'], start_new_session=True); {call}; c.wait(); print(c.pid)"])
    assert told_ == [(fn, pid, 9)], (pid, told_)


def test_a_signal_is_told_before_the_sender_falls_to_it():
    trace = os.path.abspath("trace")
    run = bare(["sh", "-c", "kill -9 $$"], preloaded(environment(), trace))
    last = [e for e in events_of(trace) if e["e"] != "module"][-1]
    assert run.status == 137 and last["e"] == "kill" and last["to"] == int(last["image"].split(".")[0]), last


def test_a_repeated_signal_is_told_once_a_second_for_each_target():
    program = compiled(r"""
        #include <signal.h>
        #include <unistd.h>
        #include <sys/wait.h>
        int main(void) {
            pid_t pids[4];
            for (int i = 0; i < 4; i++) {
                pids[i] = fork();
                if (!pids[i]) { signal(15, SIG_IGN); pause(); _exit(0); }
            }
            usleep(100000);
            for (int i = 0; i < 100000; i++) kill(pids[i % 4], 15), kill(pids[i % 3], 0);
            for (int i = 0; i < 4; i++) kill(pids[i], 9), wait(0);
        }""")
    trace = os.path.abspath("trace")
    begun = time.monotonic()
    assert bare([program], preloaded(environment(), trace)).status == 0
    most = 4 * (time.monotonic() - begun + 2)
    terms = [k for k in kills(trace) if k[2] == 15]
    assert len(set(terms)) == 4 and len(terms) <= most, (most, terms)
    assert len([k for k in kills(trace) if k[2] == 9]) == 4, kills(trace)


def test_a_handler_sends_signals_while_the_recorder_is_at_work():
    program = compiled(r"""
        #include <errno.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/time.h>
        #include <unistd.h>
        static pid_t child;
        static volatile int n;
        static void on_alarm(int s) { (void)s; errno = 0; kill(child, SIGTERM); n += 1 + errno; }
        int main(void) {
            struct itimerval often = {{0, 50}, {0, 50}};
            char name[32];
            child = fork();
            if (!child) { signal(15, SIG_IGN); for (;;) pause(); }
            usleep(100000);
            signal(SIGALRM, on_alarm);
            setitimer(ITIMER_REAL, &often, NULL);
            for (int i = 0; n < 2000; i++) snprintf(name, sizeof name, "N%d_TOKEN", i % 900), errno = 77, getenv(name);
            setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
            if (errno != 77 && errno) return 3;
            return kill(child, 9);
        }""")
    trace = os.path.abspath("trace")
    run = bare([program], preloaded(environment(), trace))
    assert run.status == 0, run.status
    assert any(s == 15 for _, _, s in kills(trace)), kills(trace)


def test_a_filter_of_system_calls_meets_no_call_of_ours():
    """The target of a descriptor is looked up in /proc: not where a filter may end the process for that."""
    program = compiled(r"""
        #include <fcntl.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <signal.h>
        #include <stddef.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        int main(void) {
            struct sock_filter no_open[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
            struct sock_fprog program = {4, no_open};
            int fd = syscall(434, getpid(), 0);
            signal(SIGTERM, SIG_IGN);
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return 2;
            return syscall(424, fd, SIGTERM, 0, 0) ? 3 : 0;
        }""")
    _, told_ = told([program])
    assert told_ == [("syscall", None, 15)], told_


# ---- the signals of `keytrail run` ------------------------------------------------

RUN = [story.KEYTRAIL, "run", "-q", "-o", "trace", "--", "sh", "-c", "echo; exec sleep 9"]


def stopped_run(send):
    """The events `run` and `kill` of a run that is stopped by `send`."""
    process = subprocess.Popen(RUN, stdout=subprocess.PIPE, start_new_session=True)
    process.stdout.readline()
    send(process)
    assert process.wait(20) == 128 + signal.SIGTERM, process.returncode
    events = events_of("trace")
    return [e for e in events if e["e"] == "run"], [e for e in events if e["e"] == "kill"]


def test_run_tells_the_sender_of_what_it_passes_on():
    (run,), told_ = stopped_run(lambda process: process.send_signal(signal.SIGTERM))
    assert [(e["fn"], e["pid"], e["to"], e["signal"]) for e in told_] == [("run", os.getpid(), run["pid"], 15)], told_
    said = story.asked("replay", "trace").decode()
    assert f"process {os.getpid()} sends SIGTERM to {run['pid']}" in said, said


def test_run_tells_a_queued_signal_and_no_other():
    def send(process):
        process.send_signal(signal.SIGWINCH)
        bare([sys.executable, "-c", "import ctypes, sys; ctypes.CDLL(None).sigqueue(int(sys.argv[1]), 15, None)",
              str(process.pid)])
    _, told_ = stopped_run(send)
    assert [e["signal"] for e in told_] == [15] and told_[0]["pid"] != os.getpid(), told_


def test_run_tells_what_the_terminal_sends():
    master, slave = pty.openpty()
    # a command that ends a while after the signal: `run` has read its own by then
    command = "trap 'sleep 0.5; exit 130' INT; echo; sleep 9 & wait"
    process = subprocess.Popen([story.KEYTRAIL, "run", "-q", "-o", "trace", "--", "sh", "-c", command], stdin=slave,
                               stdout=slave, preexec_fn=lambda: (os.setsid(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)))
    os.read(master, 1)
    os.write(master, b"\x03")
    assert process.wait(20) == 128 + signal.SIGINT, process.returncode
    told_ = [e for e in events_of("trace") if e["e"] == "kill"]
    assert [(e["fn"], e["signal"], e.get("pid")) for e in told_] == [("run", 2, None)], told_
    assert "the kernel sends SIGINT" in story.asked("replay", "trace").decode()
