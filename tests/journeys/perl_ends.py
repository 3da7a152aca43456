"""Why a Perl program ended: the `die` that no eval caught, or the line that called exit; and who called
the line that started a program. Perl's own behaviour is that of a bare run."""
import os
import re

import observe
import story
from story import bare, environment, events_of, preloaded, recorded, which


def program(text, name="app.pl"):
    if os.path.dirname(name):
        os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w") as file:
        file.write(text)
    return name


def ended(text, *words, status=1, flags=(), env=None):
    """Runs a program bare and recorded, which must be the same."""
    command = [which("perl"), *flags, program(text), *words]
    alone, run = bare(command, env), recorded(command, env)
    for each in alone, run:
        each.out, each.err = (re.sub(rb"\(0x[0-9a-f]+\)", b"(0x)", text) for text in (each.out, each.err))
    observe.expect_same(alone, run)
    assert run.status == status or status is None and run.status, (run.status, run.err)
    return run


def place(event):
    return event.get("site"), event.get("in")


def raises(run):
    return [(e["type"], *place(e)) for e in run.of("raise")]


def last_exit(run):
    return place(run.of("exit", fn="exit")[-1])


CLASS = "package Lost; sub new { bless {} } sub go { die $_[0]->new }\npackage main;\n"
THROW = "sub ask {\n  die 'no key' unless $ENV{NO_SUCH_TOKEN};\n}\nsub main {\n  ask();\n}\nmain();\n"


def test_a_die_that_nobody_catches():
    run = ended(THROW, status=255)
    assert raises(run) == [("die", "app.pl:2", "ask")], run.of("raise")
    read, raised = run.of("read", name="NO_SUCH_TOKEN")[0], run.of("raise")[0]
    assert read["callers"] == ["app.pl:5 main", "app.pl:7"] and raised["place"] == read["place"], run.events
    assert b"no key" in run.err and "no key" not in str(run.events), "a message is told"
    assert last_exit(run) == (None, None), run.of("exit")


DIES = {  # label: (program, what is told)
    "an object": (CLASS + "Lost->go;\n", [("Lost", "app.pl:1", "Lost::go")]),
    "an object that an eval caught, thrown again": (CLASS + "eval { Lost->go };\ndie $@;\n", [("Lost", "app.pl:4", None)]),
    "a hash": ("die { code => 5 };\n", [("die", "app.pl:1", None)]),
    "a text of several values": (CLASS + "die 'x', Lost->new;\n", [("die", "app.pl:3", None)]),
    "nothing": ("die;\n", [("die", "app.pl:1", None)]),
    "behind one that was caught": ("eval { die 'x' };\neval { eval { die 'x' }; die 'y' };\ndie 'z';\n", [("die", "app.pl:3", None)]),
    "in an eval of a text, thrown again": ("eval 'die 1; 1' or do {\n  die 'again';\n}\n", None),
    "in a required file": ("require './lib.pl';\n", [("die", "./lib.pl:2", None)]),
    "in a sort": ("my @a = sort { die 'x' } 1, 2;\n", [("die", "app.pl:1", None)]),
    "in a handler of a signal": ("$SIG{ALRM} = sub { die 'x' };\nkill ALRM => $$;\nsleep 1;\n", None),
    "in a handler of die": ("$SIG{__DIE__} = sub { die 'y' };\ndie 'x';\n", [("die", "app.pl:2", None), ("die", "app.pl:1", "__ANON__")]),
    "in END": ("END { die 'x' }\n", [("die", "app.pl:1", "END")]),
    "in BEGIN": ("BEGIN { die 'x' }\n", None),
    "in an anonymous sub": ("my $f = sub { die 'x' };\n$f->();\n", [("die", "app.pl:1", "__ANON__")]),
}


@story.each(*((label, *row) for label, row in DIES.items()))
def test_die(text, told):
    program("my $x = 1;\ndie 'x';\n", "lib.pl")
    run = ended(text, status=None)
    assert told is None or raises(run) == told, run.of("raise")


@story.each(("croak", "use Carp;\nsub ask { croak 'no key' }\nsub f {\n  ask();\n}\nf();\n", ("app.pl:2", "ask")),
            ("confess", "use Carp;\nsub ask {\n  confess 'no key' }\nask();\n", ("app.pl:3", "ask")))
def test_a_croak_has_the_line_of_the_program(text, where):
    run = ended(text, status=255)
    assert [r[1:] for r in raises(run)] == [where], run.of("raise")


def test_of_a_library_both_lines_are_told():
    program("package Client;\nsub ask { inner() }\nsub inner {\n  die 'no key' }\n1;\n", "vendor/acme/client/Client.pm")
    run = ended("use lib 'vendor/acme/client';\nuse Client;\nsub main {\n  Client::ask();\n}\nmain();\n", status=255)
    event, = run.of("raise")
    assert place(event) == ("vendor/acme/client/Client.pm:4", "Client::inner"), event
    assert event["callers"] == ["vendor/acme/client/Client.pm:2 Client::ask", "app.pl:4 main", "app.pl:6"], event


def test_what_perl_itself_complains_of_is_not_told():
    run = ended("my $x;\n$x->ask;\n", status=255)
    assert not run.of("raise"), run.of("raise")


def test_what_an_eval_catches_is_not_told():
    run = ended("for (1 .. 1000) { eval { die 'x' } }\neval { eval 'die 1'; eval { die { a => 1 } }; die $@ };\n"
                "sub f { die 'x' } eval { f() };\neval { my @a = map { eval { f() }; 1 } 1 .. 3; f() };\n", status=0)
    assert not run.of("raise"), run.of("raise")


EXITS = {  # label: (program, status, place)
    "exit": ("my $x = 1;\nexit 3;\n", 3, ("app.pl:2", None)),
    "exit in a sub": ("sub leave {\n  exit 4;\n}\nEND { my $x = 1 }\nleave();\n", 4, ("app.pl:2", "leave")),
    "exit 0": ("exit;\n", 0, ("app.pl:1", None)),
    "exit in END": ("END {\n  exit 5 }\ndie 'x';\n", 5, ("app.pl:2", "END")),
    "exit in an eval": ("eval {\n  exit 6 };\n", 6, ("app.pl:2", None)),
    "exit in an eval of a text": ("my $x = 1;\neval \"\\n\\nexit 6\";\n", 6, ("app.pl:2", None)),
    "exit in a handler of die": ("$SIG{__DIE__} = sub {\n  exit 7 };\ndie 'x';\n", 7, ("app.pl:2", "__ANON__")),
    "exit in a handler of a signal": ("$SIG{USR1} = sub {\n  exit 8 };\nkill USR1 => $$;\nsleep 5;\n", 8, ("app.pl:2", "__ANON__")),
    "exit after an eval that died": ("eval { die 'x' };\nif ($@) {\n  exit 2;\n}\n", 2, ("app.pl:3", None)),
    "the end": ("my $x = 1;\n", 0, (None, None)),
    "a status in END": ("END { $? = 9 }\n", 9, (None, None)),
    "an exit of the program's own": ("BEGIN { *CORE::GLOBAL::exit = sub { CORE::exit(3) } }\nexit 0;\n", 3, ("app.pl:1", "__ANON__")),
}


@story.each(*((label, *row) for label, row in EXITS.items()))
def test_exit(text, status, where):
    run = ended(text, status=status)
    assert last_exit(run) == where, run.of("exit")


def test_exit_in_a_fork():
    run = ended("my $p = fork // die;\nunless ($p) {\n  exit 3;\n}\nwaitpid $p, 0;\nexit $? >> 8;\n", status=3)
    assert [place(e)[0] for e in run.of("exit")] == ["app.pl:3", "app.pl:6"], run.of("exit")


def test_a_fork_that_ends_otherwise():
    """Nothing is left of the parent's call."""
    run = ended("END {\n  local $?;\n  if (my $p = fork) { waitpid $p, 0 } else { exec '/bin/true' }\n}\nexit 3;\n", status=3)
    assert last_exit(run) == ("app.pl:5", None), run.of("exit")


def test_threads():
    which("perl")
    if bare(["perl", "-Mthreads", "-e", "1"]).status:
        story.skip("this perl has no threads")
    run = ended("use threads;\nthreads->create(sub {\n  eval { die 'x' }; die 'y' })->join for 1 .. 4;\n"
                "threads->create(sub { system('/bin/true') for 1 .. 5 }) for 1 .. 4;\n$_->join for threads->list;\nexit 4;\n", status=4)
    assert {r[1] for r in raises(run)} == {"app.pl:3"}, run.of("raise")
    assert last_exit(run) == ("app.pl:6", None), run.of("exit")


def test_callers_of_a_launch():
    run = ended("sub start {\n  system('/bin/true');\n}\nsub main {\n  my @x = map { start($_) } 1;\n}\neval { main() };\n", status=0)
    event = [e for e in run.of("exec") if e.get("site") == "app.pl:2"][0]
    assert event["in"] == "start" and event["callers"] == ["app.pl:5 main", "app.pl:7"], event


def test_a_launch_by_a_module_of_perl_has_the_line_of_the_program():
    run = ended("use IPC::Open3;\nsub start {\n  my $p = open3(my $in, my $out, undef, '/bin/true'); waitpid $p, 0 }\nstart();\n", status=0)
    assert [place(e) for e in run.of("exec", path="/bin/true")] == [("app.pl:3", "start")], run.of("exec")


def test_nothing_is_replaced_with_ends_0():
    trace = os.path.abspath("t")
    command = [which("perl"), program(THROW)]
    run = bare(command, preloaded(environment(), trace, "ends=0"))
    assert run.status == 255 and not [e for e in events_of(trace) if e["e"] == "raise"], events_of(trace)


SAME = """use B;
sub f { eval { die { code => $_[0] } }; exit $_[0] if $_[1]; $@->{code} }
print join(' ', map { f($_) } 1 .. 3), "\\n";
local $SIG{__DIE__} = sub { print "handler: @_" };
local $SIG{__WARN__} = sub { print "warned: @_" };
eval { eval { die "inner\\n" }; print "got $@"; die };
print "outer: $@";
print "state: $!|$?|$0\\n";
print join(',', map { B::svref_2object(\\&f)->START->ppaddr } 1), "\\n";
print exists $main::{"\\x13"} ? "a name was made\\n" : "no name was made\\n";
sub deep { $_[0] ? deep($_[0] - 1) : eval { die 'deep' } } { no warnings; deep(500) } print "deep: $@";
my @sorted = sort { eval { die 'x' }; $a <=> $b } 3, 2, 1; print "@sorted\\n";
package Goes { sub new { bless {} } sub DESTROY { eval { die 'gone' }; print "destroyed\\n" } } { Goes->new } print "after: $@\\n";
tie my $t, 'Tied'; sub Tied::TIESCALAR { bless [], 'Tied' } sub Tied::FETCH { eval { die 'tied' }; 7 } print "tied $t\\n";
print "text: ", eval("die 'x'; 1") // "undefined: $@";
f(5, 1);
"""


def test_the_program_is_the_same():
    run = ended(SAME, status=5)
    assert last_exit(run) == ("app.pl:2", "f"), run.of("exit")
    assert b"no name was made" in run.out, run.out
