"""A launcher that hands on LD_PRELOAD and drops KEYTRAIL."""
import os

import story
from story import LIBRARY, bare, compiled, each, environment, events_of, expect_fault, preloaded, recorded, with_key

READER = story.READER

# A program that no recorder enters, and that keeps of the environment what its arguments say, as turbo does.
KEEPS = r"""
    #define _GNU_SOURCE
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <unistd.h>
    #include <sys/wait.h>
    int main(int argc, char **argv)   /* keeps DEPTH PROGRAM [ARGUMENT]: a chain of DEPTH processes */
    {
        static char preload[4096];
        char *envp[] = {preload, "PATH=/usr/bin:/bin", NULL};
        int depth = atoi(argv[1]), status;
        char rest[8], **next = argv + 2;
        (void)argc;
        snprintf(preload, sizeof preload, "LD_PRELOAD=%s", getenv("LD_PRELOAD"));
        snprintf(rest, sizeof rest, "%d", depth - 1);
        if (depth > 1) argv[1] = rest, next = argv;
        pid_t pid = fork();
        if (!pid) execve(next[0], next, envp), _exit(98);
        waitpid(pid, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
    }"""


def keeps():
    return compiled(KEEPS, "keeps", flags=["-static"])


def readers(trace):
    return [e for e in events_of(trace) if e["e"] == "birth" and e["exe"].endswith("probe")]


def quiet(run):
    assert not run.err, run.err


def test_busybox_env_dash_i_stays_in_the_trace():
    run = recorded(["sh", "-c", f"{story.static_busybox()} env -i LD_PRELOAD=$LD_PRELOAD {compiled(READER)} OPENAI_API_KEY;"
                    " exit $?"], with_key("OPENAI_API_KEY"))
    quiet(run)
    assert run.status == 1
    expect_fault(run, "KT205", "OPENAI_API_KEY", victim="probe", culprit="busybox")


def test_a_loss_in_a_launcher_that_keeps_us_is_found():
    run = recorded(["sh", "-c", f"{keeps()} 1 {compiled(READER)} OPENAI_API_KEY; exit $?"], with_key("OPENAI_API_KEY"))
    assert run.status == 1
    expect_fault(run, "KT205", "OPENAI_API_KEY", victim="probe", culprit="keeps")


@each(("eight parents", 8, True), ("more than eight", 9, False))
def test_parents_are_looked_through(depth, found):
    run = recorded([keeps(), str(depth), compiled(READER), "OPENAI_API_KEY"], environment(TMPDIR=os.getcwd()))
    quiet(run)
    assert bool(readers(run.trace)) == found, (depth, [e["exe"] for e in events_of(run.trace) if e["e"] == "birth"])


def test_its_children_do_not_search_again():
    """A child is handed the settings."""
    run = recorded([keeps(), "1", "/bin/sh", "-c", "env | grep -c ^KEYTRAIL=; exit 0"], environment())
    births = [e for e in events_of(run.trace) if e["e"] == "birth"]
    assert [b["exe"] for b in births if b["exe"].endswith("env")], births


def test_off_in_a_parent_is_heeded():
    trace = os.path.abspath("trace")
    env = {**preloaded(environment(TMPDIR=os.getcwd()), trace), "KEYTRAIL": "off"}
    run = bare([keeps(), "1", compiled(READER), "OPENAI_API_KEY"], env)
    quiet(run)
    assert not os.path.exists(trace) and not [d for d in os.listdir(".") if d.startswith("keytrail-")], os.listdir(".")


def test_without_settings_anywhere_the_default_directory_is_taken():
    env = {**environment(TMPDIR=os.getcwd()), "LD_PRELOAD": LIBRARY}
    quiet(bare([compiled(READER), "OPENAI_API_KEY"], env))
    assert os.path.isdir(f"keytrail-{os.geteuid()}"), os.listdir(".")


def test_another_users_parent_is_not_believed():
    """The parent belongs to a stranger: its directory is not written."""
    if os.geteuid():
        story.skip("a parent of another user: needs root")
    trace = os.path.abspath("trace")
    os.chmod(".", 0o777)
    become = compiled(KEEPS.replace("pid_t pid = fork();\n        if (!pid) execve",
                                    "pid_t pid = fork();\n        if (!pid) setuid(65534), execve"), "become", flags=["-static"])
    program = compiled(READER)
    run = bare([become, "1", program, "OPENAI_API_KEY"], {**environment(), "KEYTRAIL": "dir=" + trace, "LD_PRELOAD": LIBRARY,
                                                         "TMPDIR": os.getcwd()})
    quiet(run)
    assert not readers(trace) if os.path.isdir(trace) else True


@each(("a long value", "x" * 5000), ("an empty value", ""), ("no directory", "watch=A_THING"))
def test_odd_values_of_a_parent(value):
    env = {**environment(TMPDIR=os.getcwd()), "LD_PRELOAD": LIBRARY, "KEYTRAIL": value}
    run = bare([keeps(), "1", compiled(READER), "OPENAI_API_KEY"], env)
    quiet(run)
    assert run.status == 1, run.status
