"""Every interposed function, called in all the ways that succeed or fail: value,
errno and whatever it writes are those of a bare run."""
import os
import re

import observe
import story

LONG = {r"(64|64_2|_chk|_2)\]|\[__[^a]|\[(wait|waitpid|wait3)\]": "its twin of another name is enough for make test"}
HERE = os.path.dirname(os.path.abspath(__file__))


def host_of(hook):
    """The program that calls this function: errno.host.c in every way that succeeds or fails; for a
    function without a walk there, the host of tests/hooks, whose CALL prints the same."""
    for host in (os.path.join(HERE, "errno.host.c"), os.path.join(story.ROOT, "tests/hooks/walk.host.c")):
        with open(host) as file:
            source = file.read()
        if re.search(rf"^(?:static )?void walk_{hook}\(void\)$", source, flags=re.M):
            return source
    raise AssertionError(f"tests/hooks/walk.host.c has no walk_{hook}")


def prepare(hook):
    program = story.compiled(host_of(hook), "walk", flags=["-I" + story.ROOT + "/src", "-lutil", "-pthread"])
    for name, text, mode in (("data", "not a program\n", 0o644), ("plain", "exit 13\n", 0o755)):
        with open(name, "w") as file:
            file.write(text)
        os.chmod(name, mode)
    os.symlink("/bin/true", "link")
    os.chmod(".", 0o755)
    return program


@story.each(*((name, name) for name in story.hooks()))
def test_value_and_errno_of(name):
    program = prepare(name)
    env = story.environment(OPENAI_API_KEY=story.openai_key(), HOME_IS="here", PATH="/usr/bin:/bin")
    alone = story.bare([program, name], env)
    # A function of the exit family may end the program in place of a printed line.
    assert b"errno" in alone.out or alone.status, (alone.status, alone.out, alone.err)
    differing = []
    for traced in (story.recorded([program, name], env), story.bare([program, name], {**env, "LD_PRELOAD": story.LIBRARY})):
        assert not observe.NOISE.search(traced.err), traced.err
        assert traced.err == alone.err and traced.status == alone.status, (traced.status, traced.err)
        was, is_ = alone.out.splitlines(), traced.out.splitlines()
        differing += [f"recorded {b!r}, bare {a!r}" for a, b in zip(was, is_) if a != b]
        assert len(was) == len(is_), (was, is_)
    assert not differing, "\n".join(sorted(set(differing)))


BAD = r"""
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <unistd.h>
extern char **environ;
#define SAY(call) printf(#call " = %d, errno %d\n", call, errno), fflush(stdout)
int main(void)
{
	char *words[] = {"true", NULL}, *bad[] = {(char *)1, NULL};
	pid_t pid;

	SAY(execve((char *)1, words, environ));
	SAY(execve(NULL, words, environ));
	SAY(execve("/bin/true", (char **)1, environ));
	SAY(execve("/bin/true", bad, environ));
	SAY(execve("/bin/true", words, (char **)1));
	SAY(execve("/bin/true", words, bad));
	SAY(execv("/bin/true", bad));
	SAY(posix_spawn(&pid, "/bin/true", NULL, NULL, bad, environ));
	SAY(posix_spawn(&pid, "/bin/true", NULL, NULL, words, bad));
	return 0;
}
"""


def test_addresses_that_are_none():
    """The kernel answers EFAULT, where a look of our own would end the host."""
    program = story.compiled(BAD)
    alone = story.bare([program])
    assert alone.status == 0, alone.status
    observe.expect_same(alone, story.recorded([program]))
