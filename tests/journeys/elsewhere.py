"""Other libcs than the one we were built on: an older glibc, and musl."""
import fcntl
import os
import shutil
import subprocess

import story
from story import bare, compiled, expect_healthy, recorded, which

NAME = "OPENAI_API_KEY"
OLD = "/var/tmp/kt-bullseye"  # Debian 11, glibc 2.31: kept from run to run


def old_root():
    """The tree of an older Debian; made once, by root, where the network allows it."""
    if os.geteuid() != 0:
        story.skip("chroot needs root")
    debootstrap = shutil.which("debootstrap", path=story.PATH) or story.skip("no debootstrap here")
    with open(OLD + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(OLD + "/bin/dash"):
            shutil.rmtree(OLD + ".new", ignore_errors=True)
            made = subprocess.run([debootstrap, "--variant=minbase", "--include=perl-base,python3-minimal",
                                   "bullseye", OLD + ".new"], capture_output=True, timeout=540,
                                  env={**os.environ, "PATH": story.PATH})
            if made.returncode:  # no network, most often
                story.skip("debootstrap cannot fetch Debian 11 here")
            os.rename(OLD + ".new", OLD)
    if bare([which("chroot"), OLD, "/bin/true"]).status:
        story.skip("cannot chroot here")
    return OLD


SCRIPTS = (
    ("dash", ["/bin/dash", "-c", "/bin/true; X_TOKEN=1 env >/dev/null; exit 3"]),
    ("dash, not found", ["/bin/dash", "-c", "no-such-command"]),
    ("dash, replaced", ["/bin/dash", "-c", "exec /bin/echo gone"]),
    ("bash", ["/bin/bash", "-c", "export X_TOKEN=1; env | grep -c X_TOKEN; (exit 4)"]),
    ("perl", ["/usr/bin/perl", "-e", "system('/bin/true'); print $ENV{OPENAI_API_KEY} ? 1 : 0; exit 5"]),
    ("python", ["/usr/bin/python3", "-c", "import os, subprocess; subprocess.run(['/bin/true']);"
                " os.environ['X_TOKEN'] = '1'; print(len(os.environ['OPENAI_API_KEY'])); raise SystemExit(6)"]),
    ("awk", ["/usr/bin/awk", "BEGIN { print length(ENVIRON[\"OPENAI_API_KEY\"]); system(\"true\") }"]),
    ("env -i", ["/usr/bin/env", "-i", "/bin/sh", "-c", "/bin/true; exit 8"]),
)


@story.patience(700)
@story.each(*SCRIPTS)
def test_an_older_glibc(command):
    root = old_root()
    if not os.path.exists(root + command[0]):
        story.skip(f"no {command[0]} in there")
    place = f"/tmp/kt-{os.getpid()}"
    os.mkdir(root + place)
    try:
        shutil.copy(story.LIBRARY, root + place + "/libkeytrail.so")
        os.mkdir(root + place + "/t")
        env = {"PATH": "/usr/bin:/bin", "HOME": "/root", NAME: story.openai_key()}
        chroot = which("chroot")
        inside = [chroot, root, "/usr/bin/env", f"LD_PRELOAD={place}/libkeytrail.so",
                  f"KEYTRAIL=dir={place}/t", *command]
        alone, traced = bare([chroot, root, *command], env), bare(inside, env)
        assert (traced.status, traced.out, traced.err) == (alone.status, alone.out, alone.err), \
            (traced.status, traced.out, traced.err, alone.status, alone.out, alone.err)
        births = [e for e in story.events_of(root + place + "/t") if e["e"] == "birth"]
        first = os.path.realpath(root + command[0])[len(root):] if not os.path.islink(root + command[0]) else None
        assert births, "nothing was born"
        names = [os.path.basename(b["exe"]) for b in births]
        if first:
            assert os.path.basename(first) in names, names
        if "/bin/true" in " ".join(command):
            assert "true" in names, names
        assert NAME in births[0]["env"], births[0]
    finally:
        shutil.rmtree(root + place, ignore_errors=True)


MUSL = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	char *key = getenv("OPENAI_API_KEY"), *envp[] = {"A=b", NULL};
	int status = 0;

	printf("%d %s\n", key ? (int)strlen(key) : -1, argc > 1 ? argv[1] : "parent");
	fflush(stdout);
	setenv("X_TOKEN", "some text", 1);
	unsetenv("X_TOKEN");
	if (argc > 1)
		return 5;
	if (!fork()) {
		execle(argv[0], argv[0], "child", NULL, envp);
		_exit(9);
	}
	wait(&status);
	if (system("exit 3") != 3 << 8)
		return 8;
	return WEXITSTATUS(status) + 1;
}
"""


def musl_program():
    which("musl-gcc")
    program = compiled(MUSL, "musl", "musl-gcc")
    kind = subprocess.run(["readelf", "-l", program], capture_output=True, text=True).stdout
    if "ld-musl" not in kind:
        story.skip("musl-gcc links statically here")
    return program


def test_a_musl_program():
    program = musl_program()
    env = story.environment(**{NAME: story.openai_key()})
    alone, traced = bare([program], env), recorded([program], env)
    assert alone.status == 6, alone.err
    assert (traced.status, traced.out, traced.err) == (alone.status, alone.out, alone.err), (traced.err, alone.err)
    births = [b for b in traced.of("birth", by="exec") if b["exe"] == program]
    assert len(births) == 2, births
    reads = {e["image"]: e for e in traced.of("read", name=NAME)}
    assert reads[births[0]["image"]]["found"] is True, reads
    assert reads[births[1]["image"]]["found"] is False, reads
    assert traced.of("set", name="X_TOKEN") and traced.of("unset", name="X_TOKEN")
    story.expect_fault(traced, "KT201", NAME, victim="/musl", culprit="/musl")


def test_a_musl_program_under_a_glibc_one():
    program = musl_program()
    env = story.environment(**{NAME: story.openai_key()})
    run = recorded(["sh", "-c", f"{program} child; exit $?"], env)
    assert run.status == 5 and not run.err, run.err
    assert [e["found"] for e in run.of("read", name=NAME) if e["image"].split(".")[0]] == [True]

def test_who_goes_on_as_another_user_is_recorded_too():
    if os.geteuid():
        story.skip("only root can become somebody else")
    reader = story.compiled(story.READER, "reader")
    for path in (os.getcwd(), os.path.dirname(os.getcwd())):
        os.chmod(path, 0o755)
    command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", reader, "OPENAI_API_KEY"]
    ended = bare([story.KEYTRAIL, "run", "-q", "-o", "t", "--", *command],
                 story.environment(OPENAI_API_KEY=story.openai_key()))
    run = story.Run(command, subprocess.CompletedProcess(command, ended.status, ended.out, ended.err),
                    os.path.abspath("t"))
    expect_healthy(run, "OPENAI_API_KEY")
    assert {b.get("euid", b["uid"]) for b in run.of("birth")} == {0, 65534}, run.of("birth")
