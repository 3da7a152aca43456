"""Other libcs than the one we were built on: an older glibc, and musl."""
import json
import os
import shutil
import subprocess

import story
from story import bare, compiled, expect_healthy, recorded, which

NAME = "OPENAI_API_KEY"

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


@story.each(*SCRIPTS)
def test_an_older_glibc(command):
    root = story.old_debian()
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


CLIENT = r"""
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)   /* docker run --rm app: another root, and an environment of its own */
{
    char *argv[] = {"perl", "-e", "exit(defined $ENV{OPENAI_API_KEY} ? 0 : 1)", 0};
    char *envp[] = {"PATH=/usr/bin:/bin", "LD_PRELOAD=" PLACE "/libkeytrail.so", "KEYTRAIL=dir=" PLACE "/t", 0};
    int status;
    if (!fork()) chroot(INSIDE), chdir("/"), execve("/usr/bin/perl", argv, envp), _exit(98);
    wait(&status);
    return WEXITSTATUS(status);
}"""


def test_the_trace_of_a_container_beside_that_of_its_client():
    root, place = story.old_debian(), f"/tmp/kt-{os.getpid()}"
    os.mkdir(root + place)
    try:
        shutil.copy(story.LIBRARY, root + place + "/libkeytrail.so")
        os.mkdir(root + place + "/t")
        compiled(CLIENT, "docker", flags=["-static", f'-DPLACE="{place}"', f'-DINSIDE="{root}"'])
        run = recorded(["sh", "-c", "./docker run --rm app; exit $?"], story.with_key(NAME))
        assert run.status == 1, run
        report = json.loads(story.asked("report", "-f", "json", run.trace, root + place + "/t"))
        first = report["findings"][0]
        assert (first["code"], first["severity"], first["victim"]["exe"], os.path.basename(first["culprit"]["exe"])) == ("KT206", "fault", "/usr/bin/perl", "docker"), report
    finally:
        shutil.rmtree(root + place)
