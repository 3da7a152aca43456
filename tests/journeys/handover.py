"""A key that its launcher did not hand on, and the twin that got it."""
import json
import os
import shlex

import story
from story import (NAME_KINDS, READER, compiled, each_name, expect_fault, expect_healthy, expect_no_fault,
                   recorded, watched, which, with_key)


def asks(name):
    """JavaScript that ends with an error where the name is missing, as programs do."""
    return f"if (!process.env.{name}) throw new Error('set {name}')"


def node_reads(name):
    which("node")
    return ["node", "-e", asks(name)]


def path_of(command):
    return os.path.dirname(which(command)) + ":/bin"


def python_launches(command, env=None):
    """A Python program that runs a command with env=EXPRESSION, or with its own."""
    given = f", env={env}" if env else ""
    return [story.PYTHON, "-c", f"import os, subprocess; subprocess.run({command!r}{given})"]


# ---- replaced, filtered, dropped ----------------------------------------------

@each_name
def test_python_replaces_the_environment(kind):
    name, watch = watched(kind)
    launch = python_launches(node_reads(name), repr({"PATH": path_of("node")}))
    run = recorded(launch, with_key(name), watch)
    fault = expect_fault(run, "KT201", name, victim="node", culprit="python")
    assert fault["id"] == "env-replaced", fault
    assert fault["culprit"]["operation"].startswith(("exec", "posix_spawn")), fault["culprit"]
    assert fault["victim"]["pid"] != fault["culprit"]["pid"], fault
    states = [step["state"] for step in fault["path"]]
    assert states[0] == "present" and states[-1] == "absent", states


@each_name
def test_python_hands_the_environment_on(kind):
    name, watch = watched(kind)
    expect_healthy(recorded(python_launches(node_reads(name)), with_key(name), watch), name)


def test_the_python_of_the_users_path_replaces_the_environment():
    path = os.environ.get("PATH", story.PATH)
    env = with_key("OPENAI_API_KEY", PATH=path)
    script = f"import subprocess; subprocess.run({node_reads('OPENAI_API_KEY')!r}, env={{'PATH': {path_of('node')!r}}})"
    run = recorded(["python3", "-c", script], env)
    expect_fault(run, "KT201", "OPENAI_API_KEY", victim="node", culprit="python")


@each_name
def test_env_i_clears_the_way(kind):
    name, watch = watched(kind)
    run = recorded(["env", "-i", "PATH=" + path_of("node"), *node_reads(name)], with_key(name), watch)
    expect_fault(run, "KT201", name, victim="node", culprit="env")


@each_name
def test_env_adds_a_variable_only(kind):
    name, watch = watched(kind)
    expect_healthy(recorded(["env", "ADDED=1", *node_reads(name)], with_key(name), watch), name)


def node_launches(name, options):
    which("node")
    return ["node", "-e", "const {spawn} = require('child_process');"
            f"spawn(process.execPath, ['-e', {json.dumps(asks(name))}], {options})"]


@each_name
def test_node_spawns_with_an_environment_of_its_own(kind):
    name, watch = watched(kind)
    run = recorded(node_launches(name, "{env: {PATH: process.env.PATH}}"), with_key(name), watch)
    fault = expect_fault(run, "KT201", name, victim="node", culprit="node")
    assert fault["victim"]["pid"] != fault["culprit"]["pid"], fault


@each_name
@story.patience(120)
def test_node_spawns_with_what_it_has(kind):
    name, watch = watched(kind)
    for options in ("{}", "{env: {...process.env, MODE: 'test'}}"):
        expect_healthy(recorded(node_launches(name, options), with_key(name), watch), name)


@each_name
def test_python_drops_exactly_the_key(kind):
    name, watch = watched(kind)
    less = f"{{k: v for k, v in os.environ.items() if k != {name!r}}}"
    run = recorded(python_launches(node_reads(name), less), with_key(name), watch)
    expect_fault(run, "KT203", name, victim="node", culprit="python")


@each_name
def test_python_passes_an_allow_list(kind):
    name, watch = watched(kind)
    listed = "{k: os.environ[k] for k in ('PATH', 'HOME', 'LANG', 'USER', 'SHELL')}"
    run = recorded(python_launches(node_reads(name), listed), with_key(name), watch)
    expect_fault(run, "KT202", name, victim="node", culprit="python")


@each_name
def test_python_passes_an_allow_list_with_the_key(kind):
    name, watch = watched(kind)
    listed = f"{{k: os.environ[k] for k in ('PATH', 'HOME', 'LANG', 'USER', {name!r})}}"
    run = recorded(python_launches(node_reads(name), listed), with_key(name), watch)
    expect_healthy(run, name)


def test_a_deny_list_is_a_filter():
    env = with_key("OPENAI_API_KEY", GH_TOKEN="ghp_" + story.random_text(36),
                   STRIPE_SECRET_KEY="sk_live_" + story.random_text(24))
    less = "{k: v for k, v in os.environ.items() if not k.endswith(('_KEY', '_TOKEN'))}"
    run = recorded(python_launches(node_reads("OPENAI_API_KEY"), less), env)
    expect_fault(run, "KT202", "OPENAI_API_KEY", victim="node", culprit="python")


def test_a_child_that_never_asks_is_no_fault():
    name = "OPENAI_API_KEY"
    child = ["node", "-e", "1"]
    which("node")
    expect_no_fault(recorded(python_launches(child, repr({"PATH": path_of("node")})), with_key(name)))


# ---- a shell in between ---------------------------------------------------------

@each_name
def test_the_loss_is_two_hops_up(kind):
    """The launcher's child is a shell that asks nothing; its child is the victim."""
    name, watch = watched(kind)
    shell = ["sh", "-c", f"{shlex.join(node_reads(name))}; true"]
    run = recorded(python_launches(shell, repr({"PATH": path_of("node")})), with_key(name), watch)
    expect_fault(run, "KT201", name, victim="node", culprit="python")


# ---- C programs -------------------------------------------------------------------

SPAWNER = r"""
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;

int main(int argc, char **argv)
{
	/* argv: how, whole or less, program, name */
	char *less[] = {"PATH=/usr/bin:/bin", "MODE=test", NULL};
	char **envp = strcmp(argv[2], "less") ? environ : less;
	char *child[] = {argv[3], argv[4], NULL};
	pid_t pid;
	int status;

	if (!strcmp(argv[1], "posix_spawn")) {
		if (posix_spawn(&pid, argv[3], NULL, NULL, child, envp))
			return 99;
	} else if (!strcmp(argv[1], "posix_spawnp")) {
		if (posix_spawnp(&pid, argv[3], NULL, NULL, child, envp))
			return 99;
	} else if (!strcmp(argv[1], "vfork")) {
		if (!(pid = vfork())) {
			execve(argv[3], child, envp);
			_exit(98);
		}
	} else if (!strcmp(argv[1], "execle")) {
		execle(argv[3], argv[3], argv[4], NULL, envp);
		return 97;
	} else {
		if (!(pid = fork())) {
			if (!strcmp(argv[1], "execvpe"))
				execvpe(argv[3], child, envp);
			else if (!strcmp(argv[1], "fork+execle"))
				execle(argv[3], argv[3], argv[4], NULL, envp);
			else if (!strcmp(argv[1], "environ+execv")) {
				environ = envp;
				execv(argv[3], child);
			}
			_exit(96);
		}
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 95;
}
"""

WAYS = ("posix_spawn", "posix_spawnp", "vfork", "execle", "execvpe", "fork+execle", "environ+execv")


@story.each(*((f"{way}, {kind}", way, kind) for way in WAYS for kind in NAME_KINDS))
def test_a_C_program_starts_a_reader(way, kind):
    name, watch = watched(kind)
    spawner, reader = compiled(SPAWNER, "spawner"), compiled(READER, "reader")
    lost = recorded([spawner, way, "less", reader, name], with_key(name), watch)
    assert lost.status == 1, lost.err
    expect_fault(lost, "KT201", name, victim="/reader", culprit="/spawner")
    kept = recorded([spawner, way, "whole", reader, name], with_key(name), watch)
    assert kept.status == 0, kept.err
    expect_healthy(kept, name)


# ---- many equal workers --------------------------------------------------------------

POOL = """
import os, subprocess, sys
env = %s
workers = [subprocess.Popen(%r, env=env) for _ in range(8)]
sys.exit(max(w.wait() for w in workers))
"""


@each_name
def test_eight_equal_workers_are_one_finding(kind):
    name, watch = watched(kind)
    script = POOL % (repr({"PATH": path_of("node")}), node_reads(name))
    run = recorded([story.PYTHON, "-c", script], with_key(name), watch)
    expect_fault(run, "KT201", name, victim="node", culprit="python", count=8)
    assert run.codes("fault") == ["KT201"], run.codes("fault")


@each_name
def test_eight_equal_workers_that_got_it(kind):
    name, watch = watched(kind)
    run = recorded([story.PYTHON, "-c", POOL % ("None", node_reads(name))], with_key(name), watch)
    expect_healthy(run, name)


# ---- privilege and other machines: told by the command that took the key away --------

def test_a_missing_key_that_nobody_had_is_told_as_never_present():
    """Named with -w, so the miss matters; nobody held it."""
    name = story.random_name()
    run = recorded(node_reads(name), story.environment(), (name,))
    expect_fault(run, "KT101", name, victim="node")


def test_the_report_names_what_was_given_as_variable():
    """A report about one name is about that name only."""
    name, other = "OPENAI_API_KEY", "ANTHROPIC_API_KEY"
    env = with_key(name)
    env[other] = "sk-ant-" + story.random_text(40)
    both = f"if (!process.env.{name} | !process.env.{other}) throw new Error('set both')"
    launch = python_launches(["node", "-e", both], repr({"PATH": path_of("node")}))
    run = recorded(launch, env)
    assert {f["variable"] for f in run.findings("fault")} == {name, other}, run.codes()
    told = json.loads(story.asked("report", "-f", "json", "--variable", other, run.trace))
    assert {f["variable"] for f in told["findings"] if f["severity"] == "fault"} == {other}, told["findings"]
