"""A key that crosses into a program which cannot be observed, to another user or another place."""
import os
import subprocess

import story
from story import (bare, compiled, each_name, expect_fault, expect_healthy, expect_no_fault, need_rule, preloaded,
                   recorded, watched, which, with_key)

NAME = "OPENAI_API_KEY"

LAUNCHER = r"""
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Starts argv[2] with its environment, less argv[1] when that is a name. */
int main(int argc, char **argv)
{
	int status;

	if (strcmp(argv[1], "-"))
		unsetenv(argv[1]);
	if (!fork()) {
		execv(argv[2], argv + 2);
		_exit(9);
	}
	wait(&status);
	return WEXITSTATUS(status);
}
"""


def launcher():
    return compiled(LAUNCHER, "launcher", flags=("-static",))


def reader():
    return compiled(story.READER, "reader")


def gaps(run):
    return {(os.path.basename(g["exe"]), g["reason"]) for g in run.report["coverage"]["gaps"]}


# ---- a static program in between ---------------------------------------------------

@each_name
def test_a_static_launcher_drops_the_key(kind):
    name, watch = watched(kind)
    run = recorded(["sh", "-c", f"{launcher()} {name} {reader()} {name}; exit $?"], with_key(name), watch)
    fault = expect_fault(run, "KT205", name, victim="reader", culprit="launcher")
    assert [s["state"] for s in fault["path"]][-3:] == ["present", "unseen", "absent"], fault["path"]
    assert "operation" not in fault["culprit"] and "static" in fault["detail"], fault
    assert ("launcher", "static") in gaps(run), gaps(run)


@each_name
def test_a_static_launcher_hands_the_key_on(kind):
    name, watch = watched(kind)
    run = recorded(["sh", "-c", f"{launcher()} - {reader()} {name}; exit $?"], with_key(name), watch)
    assert run.report["verdict"] == "healthy", run.report
    assert ("launcher", "static") in gaps(run) and "KT901" not in run.codes(), run.report


def test_the_static_launcher_was_not_given_the_key():
    run = recorded(["env", "-u", NAME, launcher(), "-", reader(), NAME], with_key(NAME))
    expect_fault(run, "KT301", NAME, victim="reader", culprit="env")


def test_a_static_command_of_run_is_known_to_have_had_the_key():
    run = recorded([launcher(), NAME, reader(), NAME], with_key(NAME))
    expect_fault(run, "KT205", NAME, victim="reader", culprit="launcher")


def test_a_static_program_that_is_not_known_to_have_had_the_key():
    """Preloaded without a recorded parent: nobody saw what it was given."""
    trace = os.path.abspath("trace")
    bare([launcher(), NAME, reader(), NAME], preloaded(with_key(NAME), trace))
    report = story.asked("report", trace).decode()
    assert "KT205" not in report and "reader" in report, report


# ---- other rights --------------------------------------------------------------------

def as_root(command):
    if os.geteuid() != 0:
        story.skip("only root crosses without a password")
    path = which(command)
    probe = [path, "-n", "true"] if command == "sudo" else [path, "root", "-c", "true"]
    if command in ("sudo", "su") and bare(probe).status:
        story.skip(f"{command} does not work here")
    return path


def test_sudo_drops_the_key():
    run = recorded([as_root("sudo"), reader(), NAME], with_key(NAME))
    fault = expect_fault(run, "KT204", NAME, victim="reader", culprit="sudo")
    assert fault["id"] == "privilege-boundary" and f"--preserve-env={NAME}" in fault["fix"], fault


def expect_kept(run):
    """PAM may start a set-id helper of its own (unix_chkpwd, Debian 13): then not all was seen."""
    if run.report["coverage"]["gaps"]:
        expect_no_fault(run)
        assert run.report["verdict"] == "healthy" and not run.codes("warning"), run.report
    else:
        expect_healthy(run, NAME)
        assert "KT204" not in run.codes(), run.codes()


def test_sudo_keeps_the_key():
    for option in ("-E", f"--preserve-env={NAME}"):
        expect_kept(recorded([as_root("sudo"), option, reader(), NAME], with_key(NAME)))


def test_sudo_of_what_wants_no_key():
    run = recorded([as_root("sudo"), "true"], with_key(NAME))
    expect_no_fault(run)
    assert "KT204" not in run.codes("warning"), run.codes()


def beside_its_file(program):
    """A login shell begins in the home directory; a program of the user's own is known by where it lies."""
    return f"cd {os.path.dirname(program)} && ./{os.path.basename(program)} {NAME}"


def test_su_with_a_dash_drops_the_key():
    run = recorded([as_root("su"), "-", "root", "-c", beside_its_file(reader())], with_key(NAME))
    fault = expect_fault(run, "KT204", NAME, victim="reader", culprit="su")
    assert "su -w" in fault["fix"], fault


def test_su_without_a_dash_keeps_the_key():
    expect_kept(recorded([as_root("su"), "root", "-c", f"{reader()} {NAME}"], with_key(NAME)))


def test_runuser_with_a_dash_drops_the_key():
    run = recorded([as_root("runuser"), "-", "root", "-c", beside_its_file(reader())], with_key(NAME))
    expect_fault(run, "KT204", NAME, victim="reader", culprit="runuser")


def test_a_set_uid_program_beyond_which_nothing_is_seen():
    if os.geteuid() != 0:
        story.skip("only root gives a program away")
    program = compiled(story.READER, "private")
    os.chown(program, 65534, -1)
    os.chmod(program, 0o4755)
    os.chmod(".", 0o755)
    run = recorded(["sh", "-c", f"{program} {NAME} NOT_THERE; exit $?"], with_key(NAME))
    assert run.status == 1 and run.report["verdict"] == "inconclusive", run.report
    assert ("private", "setuid") in gaps(run), gaps(run)
    said = story.asked("report", run.trace).decode()
    assert "private" in said and "could not be observed (setuid)" in " ".join(said.split()), said


# ---- another place ----------------------------------------------------------------------

def client(name, status):
    """A stand-in for docker, ssh, ...: nothing leaves this machine."""
    os.makedirs("bin", exist_ok=True)
    with open("bin/" + name, "w") as file:
        file.write(f"#!/bin/sh\nexit {status}\n")
    os.chmod("bin/" + name, 0o755)
    return os.path.abspath("bin/" + name)


@story.each(("docker", "docker", ["run", "--rm", "app"]), ("ssh", "ssh", ["host", "./app"]),
            ("kubectl", "kubectl", ["exec", "pod", "--", "./app"]))
def test_a_client_keeps_the_key_to_itself(program, arguments):
    need_rule("KT206")
    run = recorded([client(program, 1), *arguments], with_key(NAME), watch=(NAME,))
    fault = expect_fault(run, "KT206", NAME, culprit="")
    assert "victim" not in fault and program in fault["summary"], fault


@story.each(("name alone", "docker", ["run", "-e", NAME, "app"]),
            ("name and value", "docker", ["run", "-e", NAME + "=sk-proj-nothing", "app"]),
            ("in one word", "docker", ["run", f"--env={NAME}", "app"]),
            ("a file", "docker", ["run", "--env-file", ".env", "app"]),
            ("SendEnv", "ssh", ["-o", f"SendEnv={NAME}", "host", "./app"]))
def test_a_client_that_is_told_to_pass_it(program, arguments):
    run = recorded([client(program, 1), *arguments], with_key(NAME), watch=(NAME,))
    assert "KT206" not in run.codes(), run.report["findings"]


def test_a_client_that_did_well():
    run = recorded([client("docker", 0), "run", "--rm", "app"], with_key(NAME))
    expect_no_fault(run)
    assert "KT206" in run.codes("note"), run.codes()


# ---- why there is a gap ---------------------------------------------------------------------

def test_who_turns_the_recorder_off_is_a_gap():
    run = recorded(["sh", "-c", f"env KEYTRAIL=off {reader()} {NAME}; true"], with_key(NAME))
    reasons = dict(gaps(run))
    if reasons.get("reader") == "no-library":
        story.skip("the recorder does not say yet that it was turned off")
    assert reasons.get("reader") == "opted-out", reasons


def test_a_program_of_another_libc_is_a_gap():
    program = compiled(story.READER, "reader", flags=("-Wl,--dynamic-linker=/system/bin/linker64",))
    run = story.keytrail("run", "-q", "-o", "t", "--", program)
    assert run.status == 127 or run.status == 126, run.status
    with open("t/run.jsonl") as file:
        assert '"target":"other-libc"' in file.read()


def test_a_library_that_is_not_within_reach_is_a_gap():
    if os.geteuid() != 0:
        story.skip("chroot needs root")
    os.makedirs("root/bin")
    reader_ = compiled(story.READER, "reader")
    libraries = subprocess.run(["ldd", reader_], capture_output=True, text=True).stdout.split()
    for library in filter(os.path.isfile, libraries):
        os.makedirs("root" + os.path.dirname(library), exist_ok=True)
        subprocess.run(["cp", "-L", library, "root" + library], check=True)
    os.rename("reader", "root/bin/reader")
    run = recorded([which("chroot"), "root", "/bin/reader", NAME], with_key(NAME))
    assert run.status == 0 and not run.err, (run.status, run.err)
    assert ("reader", "no-library") in gaps(run), gaps(run)
