"""How a program ended: by its own word, where nobody waits for it."""
import os
import sys

import observe
import story
from story import LIBRARY, bare, compiled, each, environment, events_of, preloaded, recorded


def ends(command, status=None):
    """The `exit` events of a command that is preloaded: nobody waits for it in the trace."""
    trace = os.path.abspath("trace")
    run = bare(command, preloaded(environment(), trace))
    assert not run.err, run.err
    assert status is None or run.status == status, run.status
    return [(e["fn"], e["status"]) for e in events_of(trace) if e["e"] == "exit"]


def program(body, *flags):
    return compiled("#define _GNU_SOURCE\n#include <pthread.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <err.h>\n"
                    "#include <sys/wait.h>\n#include <unistd.h>\n" + body, flags=flags)


HANDLERS = "".join(f"static void h{i}(void) {{ printf(\"{i} \"); fflush(stdout); }}\n" for i in range(40))
REGISTER = "".join(f"atexit(h{i});" for i in range(40))

ENDS = {
    "a return": ("int main(void) { return 7; }", [("return", 7)]),
    "a return of more than a byte": ("int main(void) { return 0x107; }", [("return", 7)]),
    "err": ("int main(void) { fclose(stderr); err(3, \"x\"); }", [("return", 3)]),
    "exit": ("int main(void) { exit(7); }", [("exit", 7)]),
    "exit in a handler": ("static void h(void) { exit(4); } int main(void) { atexit(h); return 2; }", [("exit", 4)]),
    "_exit in a handler": ("static void h(void) { _exit(4); } int main(void) { atexit(h); return 2; }", [("_exit", 4)]),
    "the last thread's end": ("int main(void) { pthread_exit(NULL); }", [("return", 0)]),
    "exit of a thread": ("static void *f(void *a) { (void)a; exit(6); } int main(void) { pthread_t t;"
                         " pthread_create(&t, NULL, f, NULL); for (;;) pause(); }", [("exit", 6)]),
    "returns of a fork's child and parent": ("int main(void) { int s; if (!fork()) return 5; wait(&s); return WEXITSTATUS(s); }",
                                             [("return", 5), ("return", 5)]),
    "a return after a vfork child's _exit": ("int main(void) { if (!vfork()) _exit(3); wait(NULL); return 1; }",
                                             [("_exit", 3), ("return", 1)]),
    "a return after a fork in a handler": ("static void h(void) { if (!fork()) return; wait(NULL); }"
                                           " int main(void) { atexit(h); return 2; }", [("return", 2), ("return", 2)]),
    "many handlers": (HANDLERS + "int main(void) { " + REGISTER + " return 9; }", [("return", 9)]),
}


@each(*((name, *row) for name, row in ENDS.items()))
def test_the_program_tells(source, expected):
    assert ends([program(source, "-pthread")], expected[-1][1]) == expected


def test_an_exec_is_no_end_of_its_own():
    assert ends(["sh", "-c", "exec true"], 0) in ([("exit", 0)], [("return", 0)])


def test_python_returns_from_main():
    assert ends([sys.executable, "-c", "import os; os.environ.get('A_TOKEN')"], 0)[-1] == ("return", 0)
    assert ends([sys.executable, "-c", "1 / 0 if 0 else exit(3)"], 3)[-1][1] == 3


def test_handlers_and_destructors_run_as_without_the_recorder():
    """Their order, their number (more than glibc keeps without memory), and what they print."""
    source = HANDLERS + r"""
        static void last(int status, void *a) { printf("on_exit %d %s\n", status, (char *)a); }
        static __attribute__((destructor)) void gone(void) { printf("destructor\n"); fflush(stdout); }
        int main(void) { on_exit(last, "first"); """ + REGISTER + r""" on_exit(last, "second"); return 3; }"""
    command = [program(source)]
    alone = bare(command)
    assert alone.status == 3 and alone.out.count(b" ") > 40, alone.out
    observe.expect_same(alone, recorded(command))


@each(("once", 1), ("again and again", 50))
def test_a_library_that_is_loaded_late_and_unloaded_ends_well(times):
    command = [program(r"""
        #include <dlfcn.h>
        int main(int argc, char **argv) {
            (void)argc;
            for (int i = 0; i < atoi(argv[2]); i++) {
                void *it = dlopen(argv[1], RTLD_NOW);
                if (!it) return fprintf(stderr, "%s\n", dlerror()), 2;
                dlclose(it);
            }
            return 4;
        }""", "-ldl"), LIBRARY, str(times)]
    trace = os.path.abspath("trace")
    run = bare(command, {**environment(), "KEYTRAIL": "dir=" + trace})
    assert (run.status, run.err) == (4, b""), (run.status, run.err)


def test_a_failure_without_a_waiter_is_a_fault():
    """A service that is preloaded, and whose parent is not traced."""
    reader = compiled("#include <stdlib.h>\nint main(void)\n"
                      "{ unsetenv(\"OPENAI_API_KEY\"); return !getenv(\"OPENAI_API_KEY\"); }")
    trace = os.path.abspath("trace")
    assert bare([reader], preloaded(story.with_key("OPENAI_API_KEY"), trace)).status == 1
    assert '"verdict":"fault"' in story.asked("report", "-f", "json", trace).decode().replace(" ", ""), \
        story.asked("report", trace)
