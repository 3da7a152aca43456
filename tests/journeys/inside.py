"""A key that went missing inside a program, and the twin where it did not."""
import os

import story
from story import (NAME_KINDS, compiled, each_name, expect_fault, expect_no_fault, recorded, watched, which,
                   with_key)


def node(script):
    which("node")
    return ["node", "-e", script]


# ---- unset, cleared ---------------------------------------------------------------

DELETES = """
import os, subprocess
os.environ['MODE'] = 'x'
del os.environ[%r]
%s
subprocess.run(['node', '-e', 'if (!process.env.%s) throw new Error()'])
"""


@each_name
def test_python_deletes_it_before_the_launch(kind):
    name, watch = watched(kind)
    which("node")
    run = recorded([story.PYTHON, "-c", DELETES % (name, "", name)], with_key(name), watch)
    expect_fault(run, "KT301", name, victim="node", culprit="python")


@each_name
def test_python_deletes_it_and_sets_it_again(kind):
    name, watch = watched(kind)
    which("node")
    again = f"os.environ[{name!r}] = {story.openai_key()!r}"
    with open("launch.py", "w") as file:
        file.write(DELETES % (name, again, name))
    expect_no_fault(recorded([story.PYTHON, "launch.py"], with_key(name), watch))


@each_name
def test_node_deletes_it_and_reads(kind):
    name, watch = watched(kind)
    run = recorded(node(f"delete process.env.{name}; process.env.{name}.trim()"), with_key(name), watch)
    fault = expect_fault(run, "KT301", name, victim="node", culprit="node")
    assert fault["victim"]["pid"] == fault["culprit"]["pid"], fault


CLEARER = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
int main(int argc, char **argv)
{
	char *name = argv[2], *kept = getenv(name), *nothing[] = {NULL};
	int status;

	kept = kept ? strdup(kept) : NULL;
	if (!strcmp(argv[1], "unsetenv"))
		unsetenv(name);
	else if (!strcmp(argv[1], "putenv"))
		putenv(name);
	else if (!strcmp(argv[1], "clearenv"))
		clearenv();
	else if (!strcmp(argv[1], "environ"))
		environ = nothing;
	else if (!strcmp(argv[1], "rebuilt")) {
		clearenv();
		setenv(name, kept, 1);
	}
	if (argc > 3 && fork()) {
		wait(&status);
		return WEXITSTATUS(status);
	}
	return getenv(name) == NULL;
}
"""


@story.each(*((f"{how}{forked and ', read in a forked child'}, {kind}", how, code, forked, kind)
              for how, code in (("unsetenv", "KT301"), ("putenv", "KT301"),
                                ("clearenv", "KT302"), ("environ", "KT302"))
              for forked in ("", "fork") for kind in NAME_KINDS))
def test_a_C_program_loses_it(how, code, forked, kind):
    name, watch = watched(kind)
    program = compiled(CLEARER, "clearer")
    run = recorded([program, how, name, *forked.split()], with_key(name), watch)
    assert run.status == 1, run.status
    expect_fault(run, code, name, victim="/clearer", culprit="/clearer")


@each_name
def test_a_C_program_clears_and_rebuilds(kind):
    name, watch = watched(kind)
    run = recorded([compiled(CLEARER, "clearer"), "rebuilt", name], with_key(name), watch)
    assert run.status == 0, run.status
    expect_no_fault(run)


# ---- read before it was set -----------------------------------------------------------

LOADS = """
const fs = require('fs')
%s
for (const line of fs.readFileSync('.env', 'utf8').split('\\n')) {
	const [name, value] = line.split('=')
	if (name && !(name in process.env)) process.env[name] = value
}
%s
%s
"""


def loader(name, before, after, ending):
    with open(".env", "w") as file:
        file.write(f"{name}={story.openai_key()}\n")
    with open("app.js", "w") as file:
        file.write(LOADS % (before, after, ending))
    which("node")
    return ["node", "app.js"]


@each_name
def test_node_reads_before_its_loader_sets_it(kind):
    name, watch = watched(kind)
    command = loader(name, f"const key = process.env.{name}", "", "process.exit(key ? 0 : 1)")
    run = recorded(command, story.environment(), watch)
    assert run.status == 1
    expect_fault(run, "KT401", name, victim="node")


@each_name
def test_node_reads_after_its_loader_set_it(kind):
    name, watch = watched(kind)
    command = loader(name, "", f"const key = process.env.{name}", "process.exit(key ? 0 : 1)")
    run = recorded(command, story.environment(), watch)
    assert run.status == 0
    expect_no_fault(run)


def test_an_early_miss_that_did_no_harm_is_a_warning_at_most():
    name = "OPENAI_API_KEY"
    command = loader(name, f"process.env.{name}", f"const key = process.env.{name}", "process.exit(key ? 0 : 1)")
    run = recorded(command, story.environment())
    assert run.status == 0
    expect_no_fault(run)


# ---- shells --------------------------------------------------------------------------------

@story.each(("bash", "bash"), ("dash", "dash"))
def test_a_prefix_assignment_reaches_one_command_only(shell):
    story.need_rule("KT105")
    name, key = "OPENAI_API_KEY", story.openai_key()
    reader = compiled(story.READER, "reader")
    with open("job.sh", "w") as file:
        file.write(f"{name}={key} {reader} {name}\n{reader} {name}\n")
    run = recorded([which(shell), "job.sh"])
    assert run.status == 1
    expect_fault(run, "KT105", name, victim="/reader", culprit=shell)


@story.each(("bash", "bash"), ("dash", "dash"))
def test_an_exported_variable_reaches_every_command(shell):
    name, key = "OPENAI_API_KEY", story.openai_key()
    reader = compiled(story.READER, "reader")
    with open("job.sh", "w") as file:
        file.write(f"export {name}={key}\n{reader} {name}\n{reader} {name}\n")
    run = recorded([which(shell), "job.sh"])
    assert run.status == 0
    expect_no_fault(run)


@story.each(("bash", "bash"), ("dash", "dash"))
def test_a_shell_unsets_it(shell):
    name = "OPENAI_API_KEY"
    reader = compiled(story.READER, "reader")
    run = recorded([which(shell), "-c", f"unset {name}; {reader} {name}; exit $?"], with_key(name))
    assert run.status == 1
    first = run.report["findings"][0]
    assert first["severity"] == "fault" and first["code"] in ("KT203", "KT301"), run.codes()
    assert shell in os.path.basename(first["culprit"]["exe"]), first["culprit"]
