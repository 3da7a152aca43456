"""A service that a signal ended records no end: its next start is a restart all the same, while replicas are none."""
import json
import os
import signal
import time

import story
from story import compiled, each, environment, preloaded, with_key

SERVICE = """#include <stdlib.h>
#include <unistd.h>
int main(void) { getenv("OPENAI_API_KEY"); write(1, "r", 1); pause(); }"""


class Service:
    """A preloaded service that has asked for its key."""

    def __init__(self, program, env):
        out, ready = os.pipe()
        self.pid = os.posix_spawn(program, [program], preloaded(env, os.path.abspath("trace")),
                                  file_actions=[(os.POSIX_SPAWN_DUP2, ready, 1)])
        os.close(ready)
        assert os.read(out, 1) == b"r"
        os.close(out)

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)


def report():
    return json.loads(story.asked("report", "-f", "json", "trace"))


def kinds(found):
    return [(f["severity"], f["code"]) for f in found["findings"] if f["severity"] != "note"]


@each(("absent", {}), ("empty", {"OPENAI_API_KEY": ""}))
def test_a_service_that_was_started_again_with_the_key(before):
    program = compiled(SERVICE)
    first = Service(program, {**environment(), **before})
    assert kinds(report()), "the first start lacks the key"
    first.stop()
    second = Service(program, with_key("OPENAI_API_KEY"))
    living = report()
    second.stop()
    assert not kinds(living) and living["earlier_starts"] == 1, living


def test_both_starts_have_ended():
    program = compiled(SERVICE)
    first = Service(program, environment())
    time.sleep(2.1)
    first.stop()
    second = Service(program, with_key("OPENAI_API_KEY"))
    second.stop()
    ended = report()
    assert not kinds(ended) and ended["earlier_starts"] == 1, ended


def test_two_replicas_live_beside_each_other():
    program = compiled(SERVICE)
    both = Service(program, environment()), Service(program, with_key("OPENAI_API_KEY"))
    living = report()
    for service in both:
        service.stop()
    ended = report()
    assert kinds(living) == kinds(ended) == [("warning", "KT704")], (living, ended)


def test_the_newest_start_lacks_the_key():
    program = compiled(SERVICE)
    first = Service(program, with_key("OPENAI_API_KEY"))
    first.stop()
    second = Service(program, environment())
    living = report()
    second.stop()
    assert living["verdict"] != "healthy" and living["earlier_starts"] == 1, living
