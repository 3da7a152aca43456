"""`keytrail doctor -p PID`: is a process that runs already being recorded, and if not, why."""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import time

import story
from containers import cell
from story import compiled, which

READS_AND_WAITS = r"""
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	char name[32];

	for (int i = 0; argc > 1 && i < atoi(argv[1]); i++) {
		sprintf(name, "A%d_API_KEY", i);
		getenv(name);
	}
	getenv("OPENAI_API_KEY");
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
"""


@contextlib.contextmanager
def running(command, env=None, **more):
    """A process that has said `ready`, or, of a pid said by a shell, that process."""
    process = subprocess.Popen(command, env=env or story.environment(), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                               start_new_session=True, **more)
    try:
        said = process.stdout.readline().decode().split()
        assert said, (command, process.poll())
        yield int(said[1]) if len(said) > 1 else process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def answer(pid, status, *parts, as_user=()):
    """What doctor says of the process; a secret of its environment is never in there."""
    run = story.bare([*as_user, story.KEYTRAIL, "doctor", "-p", str(pid)])
    text = " ".join((run.out + run.err).decode().split())
    assert run.status == status, (run.status, text)
    assert len(run.err.splitlines()) == (status == 2) and bool(run.out) == (status != 2), (run.out, run.err)
    for part in parts:
        assert part in text, f"nothing of {part!r} in:\n{text}"
    return text


def program(name="daemon", flags=()):
    return compiled(READS_AND_WAITS, name, flags=flags)


def trace(name="t"):
    return os.path.abspath(name)


def as_root():
    if os.geteuid():
        story.skip("only root changes users, mounts and pids")


NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def preloaded(directory, *before):
    """The daemon alone is recorded, not what starts it."""
    return [*before, "env", "LD_PRELOAD=" + story.LIBRARY, "KEYTRAIL=dir=" + directory, program()]


# ---- it records -----------------------------------------------------------------

def test_a_preloaded_daemon_that_records():
    with running([program()], story.preloaded(story.environment(), trace())) as pid:
        answer(pid, 0, f"ok process {pid} is {os.path.abspath('daemon')}", "ok the recorder is in it", story.LIBRARY,
               f"it records to {trace()}: born", f"process {pid} is being recorded")
        answer(os.getpid(), 1)


def test_a_forked_child_and_a_daemon_in_a_default_directory():
    os.mkdir("tmp")
    env = story.environment(LD_PRELOAD=story.LIBRARY, TMPDIR=trace("tmp"))
    with running(["sh", "-c", f'"{program()}" & wait'], env):
        children = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True).stdout.splitlines()
        pid = next(int(line.split()[0]) for line in children if line.split()[1:] == [os.path.abspath("daemon")])
        answer(pid, 0, trace("tmp/keytrail-"), "is being recorded")


def test_it_records_by_appending():
    limit = ["sh", "-c", 'ulimit -v 8000000; exec "$0"', program()]
    with running(limit, story.preloaded(story.environment(), trace())) as pid:
        answer(pid, 0, f"it records to {trace()}: born")
    with running(limit, story.preloaded(story.environment(), trace(), "key=zz")) as pid:
        answer(pid, 1, "key= is not 32 hex digits")  # the birth of sh by another pid, or none


def test_no_secret_is_told():
    secret, key = story.openai_key(), "0123456789abcdef" * 2
    env = story.preloaded(story.environment(OPENAI_API_KEY=secret, LD_PRELOADX=secret), trace(), "key=" + key, "kay=" + key)
    with running([program()], env) as pid:
        text = answer(pid, 0, "is being recorded")
        assert secret not in text and key not in text, text
    env["KEYTRAIL"] = f"dir=relative,kay={key},{key}"
    with running([program()], env) as pid:
        text = answer(pid, 1, "kay= is no option", "did you mean key=?", "dir=relative does not begin with /")
        assert secret not in text and key not in text, text


def test_a_misspelt_option_is_told_of_a_process_that_records():
    with running([program()], story.preloaded(story.environment(), trace(), "wacth=MY_*")) as pid:
        answer(pid, 0, "part KEYTRAIL: wacth= is no option", "did you mean watch=?", "is being recorded")


# ---- it does not ------------------------------------------------------------------

def test_nobody_preloads_it():
    with running([program()]) as pid:
        answer(pid, 1, "LD_PRELOAD was not set when it began", "start it again", "is not being recorded")
    with running([program()], story.environment(KEYTRAIL="dir=" + trace())) as pid:
        answer(pid, 1, "KEYTRAIL was set and LD_PRELOAD was not")
    with running([program()], story.environment(LD_PRELOAD=story.KEYTRAIL), stderr=subprocess.DEVNULL) as pid:
        answer(pid, 1, "LD_PRELOAD named the command keytrail, which is no library", "set LD_PRELOAD=" + story.LIBRARY)
    with running([program()], story.environment(LD_PRELOAD="libm.so.6")) as pid:
        answer(pid, 1, "LD_PRELOAD named other libraries only")


def test_a_launcher_dropped_the_preload():
    script = f'unset LD_PRELOAD; "{program()}" >out & while ! grep -q ready out; do sleep 0.01; done; echo ready $!; wait'
    with running(["sh", "-c", script], story.environment(LD_PRELOAD=story.LIBRARY, KEYTRAIL="off")) as pid:
        text = answer(pid, 1, "(sh) has LD_PRELOAD with the recorder, and process", "let sh pass LD_PRELOAD and KEYTRAIL on")
        assert f"process {pid} (" in text, text


def test_it_is_turned_off():
    with running([program()], story.environment(LD_PRELOAD=story.LIBRARY, KEYTRAIL="off")) as pid:
        answer(pid, 1, "KEYTRAIL=off turns the recorder off", "start it again")


def test_a_full_trace():
    env = story.preloaded(story.environment(), trace(), "max=64k")
    with running([program(), "3000"], env) as pid:
        answer(pid, 1, f"the trace in {trace()} is full (64 KiB) since 20", "max=BYTES")
    with running([program(), "3000"], story.preloaded(story.environment(), trace("large"))) as pid:
        answer(pid, 0, "is being recorded")


def test_the_full_trace_of_another_user():
    as_root()
    os.mkdir("t", 0o1777)
    os.chmod("t", 0o1777)
    os.chmod(".", 0o755)
    env = story.preloaded(story.environment(), trace(), "max=64k", "key=" + "0f" * 16)
    with running([*NOBODY, program(), "3000"], env) as other:
        with running([program()], env) as pid:
            answer(other, 1, "is full (64 KiB)")
            answer(pid, 0, f"it records to {trace()}")


def test_a_directory_that_cannot_be_written():
    as_root()
    os.mkdir("closed", 0o755)
    os.chmod(".", 0o755)
    with running(preloaded(trace("closed/t"), *NOBODY)) as pid:
        answer(pid, 1, "closed/t cannot be made", "may not be written by uid 65534 (mode 0755, of uid 0)", "name a directory")
    with running([program()], story.preloaded(story.environment(), trace("closed/t"))) as pid:
        answer(pid, 0)
    with running([program()], story.preloaded(story.environment(), trace("none/t"))) as pid:
        answer(pid, 1, "is missing", f"mkdir -p {trace('none')}")
    with running(preloaded(trace("none/t"), *NOBODY)) as pid:
        answer(pid, 1, "is missing", f"install -d -o 65534 {trace('none')}")
    os.mkdir("private", 0o700)
    with running(preloaded(trace("private"), *NOBODY)) as pid:
        answer(pid, 1, "private may not be written by uid 65534 (mode 0700, of uid 0)", "chown 65534, or chmod 1777 for several users")
    open("file", "w").close()
    with running([program()], story.preloaded(story.environment(), trace("file"))) as pid:
        answer(pid, 1, "is no directory")


def test_a_trace_that_was_removed():
    with running([program()], story.preloaded(story.environment(), trace())) as pid:
        shutil.rmtree("t")
        answer(pid, 1, "its trace was removed", "start the process again")


def test_a_static_program():
    flags = ("-static",)
    with running([program("still", flags)], story.preloaded(story.environment(), trace())) as pid:
        answer(pid, 1, "still is statically linked: no loader", "what it starts is recorded")
    with running([story.static_busybox(), "sh", "-c", "echo ready; read x </dev/fd/0; sleep 60"],
                 story.preloaded(story.environment(), trace())) as pid:
        text = answer(pid, 1, "is statically linked: no loader")
        assert "link it dynamically" not in text, text
    with running([program("docker", flags)], story.preloaded(story.environment(), trace())) as pid:
        answer(pid, 1, "give the recorder to the container")


def test_a_set_uid_program():
    as_root()
    daemon = program()
    os.chown(daemon, 65534, -1)
    os.chmod(daemon, 0o4755)
    with running([daemon], story.preloaded(story.environment(), trace())) as pid:
        answer(pid, 1, "began with other rights", "takes no LD_PRELOAD")
    os.chmod(daemon, 0o755)
    with running([daemon], story.preloaded(story.environment(), trace())) as pid:
        answer(pid, 0)


def test_the_library_is_not_there():
    env = {**story.environment(), "LD_PRELOAD": trace("libkeytrail.so"), "KEYTRAIL": "dir=" + trace()}
    with running([program()], env, stderr=subprocess.DEVNULL) as pid:
        answer(pid, 1, f"LD_PRELOAD names the recorder, but {trace('libkeytrail.so')} is not there", "mount")


def unloaded(library):
    return {**story.environment(), "LD_PRELOAD": trace(library), "KEYTRAIL": "dir=" + trace()}


def test_the_library_is_of_another_kind():
    os.mkdir("lib")
    with open(story.LIBRARY, "rb") as file:
        whole = file.read()
    for content, said in ((whole[:18] + b"\xb7\0" + whole[20:], "it is built for another kind of machine"),
                          (whole[:4] + b"\1" + whole[5:], "it is built for another kind of machine"),
                          (b"text\n" * 99, "it is no shared library"), (b"", "it is no shared library")):
        with open("lib/libkeytrail.so", "wb") as file:
            file.write(content)
        with running([program()], unloaded("lib/libkeytrail.so"), stderr=subprocess.DEVNULL) as pid:
            answer(pid, 1, f"LD_PRELOAD names the recorder, but {trace('lib/libkeytrail.so')} cannot be loaded: {said}")
    env = story.environment(KEYTRAIL_LIB=trace("lib/libkeytrail.so"))
    with open("lib/libkeytrail.so", "wb") as file:
        file.write(whole[:18] + b"\xb7\0" + whole[20:])
    run = story.bare([story.KEYTRAIL, "run", "true"], env)
    assert run.status == 2 and b"it is built for another kind of machine" in run.err, run.err


def test_the_library_may_not_be_read():
    as_root()
    os.chmod(".", 0o755)
    os.mkdir("lib", 0o755)
    for mode, directory, said in ((0o600, 0o755, "may not be read by uid 65534 (mode 0600, of uid 0)"),
                                  (0o644, 0o700, f"lies in {trace('lib')}, which may not be entered by uid 65534 (mode 0700")):
        shutil.copy(story.LIBRARY, "lib/libkeytrail.so")
        os.chmod("lib/libkeytrail.so", mode)
        os.chmod("lib", directory)
        with running([*NOBODY, "env", "LD_PRELOAD=" + trace("lib/libkeytrail.so"), program()], stderr=subprocess.DEVNULL) as pid:
            answer(pid, 1, said)
            text = answer(pid, 1, as_user=NOBODY)
            assert ("may not be" in text) or directory == 0o700, text
    os.chmod("lib", 0o755)
    os.chmod("lib/libkeytrail.so", 0o644)
    with running([*NOBODY, "env", "LD_PRELOAD=" + trace("lib/libkeytrail.so"), "KEYTRAIL=off", program()]) as pid:
        answer(pid, 1, "KEYTRAIL=off turns the recorder off")


def test_the_library_on_a_file_system_without_programs():
    mount = 'mount -t tmpfs -o noexec none "$1"; cp "$2" "$1/libkeytrail.so"; shift 2; exec "$@"'
    os.mkdir("lib")
    command = ["env", "LD_PRELOAD=" + trace("lib/libkeytrail.so"), program()]
    with running(story.in_own_mounts(mount, "sh", trace("lib"), story.LIBRARY, *command), stderr=subprocess.DEVNULL) as pid:
        answer(pid, 1, "is on a file system without programs (noexec)")


def test_a_library_that_came_after_the_start():
    os.mkdir("lib")
    with running([program()], unloaded("lib/libkeytrail.so"), stderr=subprocess.DEVNULL) as pid:
        shutil.copy(story.LIBRARY, "lib/libkeytrail.so")
        answer(pid, 1, "came after the start, or the loader refused it")


def test_KEYTRAIL_is_not_set_or_empty():
    as_root()
    os.chmod(".", 0o755)
    with running(["setpriv", "--reuid=54321", "--clear-groups", "env", "LD_PRELOAD=" + story.LIBRARY, "TMPDIR=/proc", program()]) as pid:
        answer(pid, 1, "part KEYTRAIL is not set: the trace is looked for in /tmp/keytrail-54321, not in its TMPDIR",
               "there is no trace at /tmp/keytrail-54321")
    with running(["env", "LD_PRELOAD=" + story.LIBRARY, "KEYTRAIL=dir=", "TMPDIR=" + os.getcwd(), program()]) as pid:
        answer(pid, 0, "part KEYTRAIL: dir= is empty", "is being recorded")


def test_the_parents_that_were_looked_into_are_told_from_the_others():
    """Of nobody's process, a parent of nobody is looked into, and one of root is not."""
    as_root()
    script = '"$0" >out & while ! grep -q ready out; do sleep 0.01; done; echo ready $!; wait'
    os.chmod(".", 0o777)
    with running([*NOBODY, "bash", "-c", script, program()]) as pid:
        shell = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])
        text = answer(pid, 1, f"nor in the processes above, up to process {shell} (bash); process {os.getpid()} (",
                      "which started that one, may not be looked into", "set LD_PRELOAD=" + story.LIBRARY, as_user=NOBODY)
        assert "nor in any process" not in text, text
        assert f"its parent, process {shell}" not in answer(pid, 1)
    with running([*NOBODY, program()]) as pid:
        answer(pid, 1, f"its parent, process {os.getpid()} (", "may not be looked into", as_user=NOBODY)


# ---- who may look -------------------------------------------------------------------

def test_another_users_process():
    as_root()
    os.chmod(".", 0o755)
    with running([program()], story.preloaded(story.environment(), trace())) as pid:
        answer(pid, 2, f"not allowed to look into process {pid} (daemon, uid 0)", "as root", as_user=NOBODY)
    os.mkdir("open", 0o777)
    os.chmod("open", 0o777)
    with running(preloaded(trace("open/t"), *NOBODY)) as pid:
        answer(pid, 0, "is being recorded", as_user=NOBODY)
        answer(pid, 0, "is being recorded")


@story.each(*((word, word) for word in ("0", "-1", "abc", "1x", "4194999", "99999999999", "4294967297")))
def test_no_such_process(word):
    answer(word, 2, "doctor: ", "ps -e lists them")


def test_misuse():
    run = story.keytrail("doctor", "-p", "1", "true")
    assert run.status == 2 and b"not both" in run.err and len(run.err.splitlines()) == 1, run.err
    assert story.keytrail("doctor", "--pid", str(os.getpid())).status == 1


# ---- another mount namespace, another process of the same pid ----------------------------

def test_a_process_with_mounts_of_its_own():
    """The directory of the same name here is another trace, and is left as it is."""
    os.mkdir("t")
    mount = 'mount -t tmpfs none "$1"; chmod 700 "$1"; shift; exec "$@"'
    with running(story.in_own_mounts(mount, "sh", trace(), *preloaded(trace("t/in")))) as pid:
        answer(pid, 0, f"it records to {trace('t/in')}")
        assert not os.listdir("t")
        os.mkdir("t/in")
        os.mkfifo("t/in/0-00000000-0000000000000000.jsonl")
        answer(pid, 0, f"it records to {trace('t/in')}")
    with running([program()], story.preloaded(story.environment(), trace("other"))) as pid:
        answer(pid, 0)
        os.rename("other", "moved")
        shutil.copytree("moved", "other")  # another directory of this name
        answer(pid, 0, "it records to " + trace("moved"))


def test_a_pipe_and_a_link_in_the_trace_are_not_followed():
    with running([program()], story.preloaded(story.environment(), trace())) as pid:
        os.mkfifo("t/0-11111111-1111111111111111.jsonl")
        os.symlink("/proc/self/environ", "t/0-22222222-2222222222222222.jsonl")
        answer(pid, 0)
    os.mkfifo("pipe")
    with running([program()], story.preloaded(story.environment(), trace("pipe"))) as pid:
        answer(pid, 1, "is no directory")


REUSED = r"""
start() { "$1" >out & while ! grep -q ready out; do sleep 0.01; done; pid=$!; }
KEYTRAIL="dir=$2" LD_PRELOAD=$3 start "$1"
kill -9 $pid; wait $pid 2>&-; : >out
first=$pid
sleep 0.05  # the kernel tells a start to a hundredth of a second
while :; do
	echo $((first - 1)) >/proc/sys/kernel/ns_last_pid
	KEYTRAIL="dir=$2$5" LD_PRELOAD=$3 start "$1"
	[ $pid = $first ] && break
	kill -9 $pid; wait $pid 2>&-; : >out
done
"$4" doctor -p $pid
echo status $?
kill -9 $pid
"""


@story.each(("that records", "", 0), ("that does not", ",inode=1.1,key=" + "0f" * 16, 1))
def test_a_pid_that_another_process_had(setting, status):
    """The birth of the one before is in the trace, with the same pid."""
    story.need_mounts()
    run = story.bare(["unshare", "-pf", "--mount-proc", "bash", "-c", REUSED, "bash", program(), trace(), story.LIBRARY,
                      story.KEYTRAIL, setting])
    births = [e for e in story.events_of("t") if e["e"] == "birth" and e["exe"] == os.path.abspath("daemon")]
    assert len(births) == 2 - status and len({e["pid"] for e in births}) == 1, births
    assert f"status {status}" in run.out.decode(), (run.out, run.err)
    if status:
        assert b"has no birth of this process since its start" in b" ".join(run.out.split()), run.out


def test_a_birth_counts_from_the_start_of_the_process():
    """A birth told by a file of the trace: of this boot and start, of another boot, of before."""
    with running([program()], story.preloaded(story.environment(), trace("model"))):
        pass
    birth = next(e for e in story.events_of("model") if e["e"] == "birth")
    os.mkdir("t", 0o700)
    with running([program()], story.preloaded(story.environment(), trace(), "inode=1.1", "key=" + "0f" * 16)) as pid:
        for status, change in ((1, {"t": 1000}), (1, {"boot": "00000001"}), (1, {"pid": pid + 1}), (0, {})):
            told = {**birth, "pid": pid, "t": time.monotonic_ns(), "image": f"{pid}.7", **change}
            with open("t/1.jsonl", "w") as file:
                file.write(json.dumps(told, separators=(",", ":")) + "\n")
            answer(pid, status)


def test_a_process_of_another_container_with_the_same_pid():
    """It was born later into the same trace, and has become another program."""
    with running([program()], story.preloaded(story.environment(), trace("model"))):
        pass
    birth = next(e for e in story.events_of("model") if e["e"] == "birth")
    os.mkdir("t", 0o700)
    with running([program()], story.preloaded(story.environment(), trace(), "inode=1.1", "key=" + "0f" * 16)) as pid:
        own = {**birth, "pid": pid, "t": time.monotonic_ns(), "image": f"{pid}.7"}
        other = {**own, "t": own["t"] + 1, "image": f"{pid}.8", "exe": "/srv/other"}
        left = {"e": "exec", "t": own["t"] + 2, "image": f"{pid}.8", "fn": "execve", "path": "/bin/true", "same": True}
        for status, events in ((1, (other, left)), (0, (own, other, left)), (0, (other, own, left))):
            with open("t/1.jsonl", "w") as file:
                file.writelines(json.dumps(e, separators=(",", ":")) + "\n" for e in events)
            answer(pid, status)


# ---- more of its kind -------------------------------------------------------------------

def test_a_process_of_another_pid_namespace():
    story.need_mounts()
    inner = ["unshare", "-pf", "sh", "-c", '"$0" >out & while ! grep -q ready out; do sleep 0.01; done; echo ready; wait']
    with running([*inner, program()], story.preloaded(story.environment(), trace())):
        births = [e for e in story.events_of("t") if e["e"] == "birth" and e["exe"] == os.path.abspath("daemon")]
        pids = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and exe_of(pid) == os.path.abspath("daemon")]
        assert len(births) == len(pids) == 1 and births[0]["pid"] != pids[0], (births, pids)
        answer(pids[0], 0, "is being recorded")


def exe_of(pid):
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/{pid}/exe")


def test_a_process_that_changed_its_root():
    as_root()
    code = "import os, sys, time; os.chroot(sys.argv[1]); os.chdir('/'); print('ready', flush=True); time.sleep(60)"
    os.mkdir("root")
    with running([story.PYTHON, "-c", code, "root"], story.preloaded(story.environment(), trace())) as pid:
        answer(pid, 0, f"it records to {trace()}")


def test_a_process_in_a_root_of_its_own_without_the_directory():
    as_root()
    root = cell()
    shutil.copy(story.LIBRARY, root + "/libkeytrail.so")
    shutil.copy(program("still"), root + "/daemon")
    command = [which("chroot"), root, "/usr/bin/env", "LD_PRELOAD=/libkeytrail.so", "KEYTRAIL=dir=/data/web", "/daemon"]
    with running(command) as pid:
        answer(pid, 1, "/data/web cannot be made: /data is missing", "mount a directory there that uid 0 may write: docker run -v",
               "/traces:/data")


def test_a_process_that_gave_up_its_rights():
    as_root()
    code = "import os, time; os.setuid(65534); print('ready', flush=True); time.sleep(60)"
    with running([story.PYTHON, "-c", code], story.preloaded(story.environment(), trace())) as pid:
        answer(pid, 0, f"it records to {trace()}")


def test_a_recorded_program_that_became_another():
    env = story.preloaded(story.environment(), trace())
    with running(["sh", "-c", 'exec env -i "$0"', program()], env) as pid:
        answer(pid, 0, "is being recorded")
    with running(["sh", "-c", 'exec "$0"', program("still", ("-static",))], env) as pid:
        answer(pid, 1, "still is statically linked")
    with running(["sh", "-c", 'KEYTRAIL=off exec "$0"', program()], env) as pid:
        answer(pid, 1, "KEYTRAIL=off")


def test_a_program_of_a_run():
    with running([story.KEYTRAIL, "run", "-q", "-o", "t", "--", "sh", "-c", '"$0" & wait', program()]):
        pids = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and exe_of(pid) == os.path.abspath("daemon")]
        answer(pids[0], 0, f"it records to {trace()}")


def test_a_thread_and_a_process_that_has_ended():
    code = ("import os, sys, threading, time; t = threading.Thread(target=time.sleep, args=(60,), daemon=True); t.start();"
            "print('ready', t.native_id, flush=True); time.sleep(60)")
    with running([story.PYTHON, "-c", code]) as thread:
        answer(thread, 2, f"{thread} is a thread of process", "keytrail doctor -p")
    code = "import os, time; p = os.fork(); p or os._exit(0); time.sleep(0.1); print('ready', p, flush=True); time.sleep(60)"
    with running([story.PYTHON, "-c", code]) as pid:
        answer(pid, 1, "it has ended, and waits for its parent")


def test_an_environment_file_for_all_programs():
    """The file names the recorder since the start of the process."""
    script = ('mount -t tmpfs none /mnt; mkdir /mnt/u /mnt/w; mount -t overlay -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w '
              'none /etc; "$1" >out & while ! grep -q ready out; do sleep 0.01; done; pid=$!; '
              'echo "$2" >/etc/ld.so.preload; "$3" doctor -p $pid || echo "status $?"; kill -9 $pid')
    run = story.bare(story.in_own_mounts(script, "sh", program(), story.LIBRARY, story.KEYTRAIL))
    if b"overlay" in run.err or b"mount" in run.err:
        story.skip("no overlay can be mounted here")
    assert b"status 1" in run.out and b"started before /etc/ld.so.preload named the recorder" in b" ".join(run.out.split()), run
