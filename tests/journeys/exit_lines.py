"""Which line of a program ended it, where its language tells."""
import os

import observe
import story
from story import bare, each, environment, events_of, preloaded, recorded, which


def ends(command, env=None):
    """(fn, status, site) of each `exit` event; the program does what it does bare."""
    alone = bare(command, env or environment())
    run = recorded(command, env or environment())
    observe.expect_same(alone, run)
    return [(e["fn"], e["status"], os.path.basename(e["site"]) if "site" in e else None)
            for e in events_of(run.trace) if e["e"] == "exit"]


def script(text, name):
    with open(name, "w") as file:
        file.write(text)
    return name


BASH = {  # label: (script, status, site of the last exit)
    "exit": ("true\n\nexit 3\n", 3, "a.sh:3"),
    "exit in a function": ("leave()\n{\n\texit 4\n}\ntrue\nleave\n", 4, "a.sh:3"),
    "exit behind a command that failed": ("true\nfalse || exit 5\n", 5, "a.sh:2"),
    "exit 0": ("true\nexit 0\n", 0, "a.sh:2"),
    "exit in a loop": ("while true; do\n\n\texit 5\ndone\n", 5, "a.sh:3"),
    "exit behind a sourced file": ("echo true >b.sh\n. ./b.sh\nexit 6\n", 6, "a.sh:3"),
    "exit in a function of a sourced file": ("printf 'true\\nfail() {\\n exit 6\\n}\\n' >b.sh\n. ./b.sh\nfail\n", 6, "b.sh:3"),
    "exit in a sourced file": ("printf 'true\\nexit 6\\n' >b.sh\n. ./b.sh\n", 6, None),
    "a variable that must be there": ("true\n: \"${NOWHERE_TOKEN:?is needed}\"\ntrue\n", None, "a.sh:2"),
    "such a variable in a function": ("f() {\n\t: \"${NOWHERE_TOKEN:?is needed}\"\n}\ntrue\nf\n", None, "a.sh:5"),
    "such a variable in a subshell": ("true\n( : \"${NOWHERE_TOKEN:?is needed}\" )\nexit 3\n", 3, "a.sh:3"),
    "set -u": ("set -u\ntrue\necho \"$NOWHERE_TOKEN\"\n", None, "a.sh:3"),
    "set -u in a function": ("set -eu\nf() {\n\ttrue\n\techo \"$NOWHERE_TOKEN\"\n}\nf\n", None, "a.sh:4"),
    "set -e": ("set -e\ntrue\nfalse\ntrue\n", 1, "a.sh:3"),
    "set -e in a pipe": ("set -eo pipefail\ntrue\nfalse | cat\n", 1, "a.sh:3"),
    "set -e in a loop": ("set -e\ntrue\nfor i in 1 2; do\n\tfalse\ndone\n", 1, "a.sh:3"),
    "set -e in a sourced file": ("printf 'true\\nfalse\\n' >b.sh\nset -e\n. ./b.sh\n", 1, None),
    "set -e in a substitution": ("set -e\ntrue\nx=$(false)\ntrue\n", 1, "a.sh:3"),
    "set -e with a trap": ("set -e\ntrap true EXIT\nfalse\ntrue\n", 1, None),
    "a command that is not there": ("set -e\nno_such_command_at_all\ntrue\n", 127, "a.sh:2"),
    "set -e in a function": ("set -e\nf() {\n\ttrue\n\tfalse\n}\nf\n", 1, None),
    "an exit with set -e": ("set -e\ntrue\nexit 7\n", 7, "a.sh:3"),
    "the end": ("true\ntrue\n", 0, None),
    "the last command failed": ("true\nfalse\n", 1, None),
    "the last command failed, without a line end": ("true\nfalse", 1, None),
    "an exit in a trap": ("trap 'true\nexit 8' EXIT\ntrue\n", 8, None),
    "an exit under a trap": ("trap true EXIT\ntrue\nexit 3\n", 3, None),
    "an exit in a trap of a signal": ("trap 'exit 3' TERM\nkill -TERM $$\ntrue\n", 3, None),
    "an exit in an eval": ("eval 'true\nexit 9'\n", 9, None),
    "a failed exec": ("exec /nowhere/program\n", 127, "a.sh:1"),
}


@each(*((label, *row) for label, row in BASH.items()))
def test_bash(text, status, site):
    told = ends([which("bash"), script(text, "a.sh")])
    assert told[-1][2] == site and (status is None or told[-1][1] == status), told


def test_bash_without_a_script_has_no_line():
    assert ends([which("bash"), "-c", "true; exit 3"])[-1][1:] == (3, None)


def test_a_subshell_of_bash():
    told = ends([which("bash"), script("true\n( true\n  exit 3 )\nexit 4\n", "a.sh")])
    assert [(s, l) for _, s, l in told] == [(3, "a.sh:3"), (4, "a.sh:4")], told


RUBY = {
    "exit!": ("x = 1\nexit!(3)\n", ("_exit", 3, "a.rb:2")),
    "exit! of a method": ("def leave\n  exit!(4)\nend\nleave\n", ("_exit", 4, "a.rb:2")),
    "exit! of a fork": ("pid = fork do\n  exit!(5)\nend\nProcess.wait(pid)\nexit!($?.exitstatus)\n", ("_exit", 5, "a.rb:5")),
    "exit of a fork": ("pid = fork { exit 6 }\nProcess.wait(pid)\nexit!($?.exitstatus)\n", ("_exit", 6, "a.rb:3")),
    "a failed exec": ("system('/no such program')\nfork { exec('/no such program') rescue exit!(3) }; Process.wait\n"
                      "spawn('/no such program') rescue exit!(9)\n", ("_exit", 9, "a.rb:3")),
    "at_exit": ("at_exit { exit!(7) }\nraise 'x' rescue exit(1)\n", ("_exit", 7, "a.rb:1")),
}


@each(*((label, *row) for label, row in RUBY.items()))
def test_ruby(text, told):
    assert ends([which("ruby"), script(text, "a.rb")])[-1] == told


def test_a_child_that_became_nothing_called_no_exit():
    told = ends([which("ruby"), script("system('/no such program')\nexit!(3)\n", "a.rb")])
    assert [row[2] for row in told if row[0] == "_exit" and row[1] != 3] in ([], [None]) and told[-1] == ("_exit", 3, "a.rb:2"), told


@each(("an exception", "raise 'x'"), ("exit", "exit 3"), ("abort", "abort"), ("a thread", "Thread.new { exit 4 }.join"),
      ("a fork that ends", "fork { ENV['A_TOKEN'] }; Process.wait"), ("a fork that raises", "fork { raise 'x' }; Process.wait"),
      ("TERM", "Process.kill(:TERM, $$); sleep 9"), ("INT", "Process.kill(:INT, $$); sleep 9"),
      ("KILL of a child", "pid = fork { sleep 9 }; Process.kill(:KILL, pid); Process.wait(pid); exit $?.termsig"),
      ("exec", "exec 'true'"))
def test_ruby_is_asked_nothing_after_its_end(text):
    """At libc's exit, and at a signal that it sends itself then."""
    ends([which("ruby"), "-e", text.replace("raise 'x'", "$stderr = File.open('/dev/null', 'w'); raise 'x'")])


@each(("exit", "exit(3);"), ("die", "die(3);"), ("an exception", "throw new Exception('x');"), ("the end", "echo 1;"))
def test_php_ends_as_bare(text):
    ends([which("php"), "-n", "-d", "display_errors=0", script("<?php\n" + text + "\n", "a.php")])


@each(("exit", "exit 3;"), ("die", "close STDERR; die 'x';"), ("POSIX::_exit", "use POSIX; POSIX::_exit(4);"), ("END", "END { $? = 5 }"))
def test_perl_ends_as_bare(text):
    ends([which("perl"), script(text + "\n", "a.pl")])
