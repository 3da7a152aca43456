"""What a Perl program reads, sets, removes and copies of %ENV, with file, line, function and callers."""
import os
import re

import observe
import story
from story import bare, environment, events_of, expect_fault, preloaded, recorded, which

KEY = "OPENAI_API_KEY"


def program(text, name="app.pl"):
    with open(name, "w") as file:
        file.write(text)
    return name


def ran(text, *flags, env=None, status=0):
    """Runs a program bare and recorded, which must be the same."""
    command = [which("perl"), *flags, program(text)]
    env = env or story.with_key(KEY)
    alone, run = bare(command, env), recorded(command, env)
    for each in alone, run:
        each.err = re.sub(rb"\(0x[0-9a-f]+\)", b"(0x)", each.err)
    observe.expect_same(alone, run)
    assert run.status == status, (run.status, run.err)
    return run


def lines(run, kind, **fields):
    return [int(e["site"].rpartition(":")[2]) if e.get("site", "").startswith("app.pl:") else e.get("site") for e in run.of(kind, **fields)]


READS = f"""my $name = '{KEY}';
our $global = 'A_TOKEN';
my $x = $ENV{{{KEY}}};
$x = $ENV{{$name}};
$x = $ENV{{$global}};
$x = $ENV{{'A_' . 'TOKEN'}};
$x = exists $ENV{{A_TOKEN}};
$x = exists $ENV{{'B_' . 'TOKEN'}};
$x = $ENV{{A_TOKEN}} || 'default';
$ENV{{B_TOKEN}} ||= 'b';
$ENV{{C_TOKEN}} //= 'c';
$x = "$ENV{{D_TOKEN}} in a text";
sub f {{ }} f($ENV{{D_TOKEN}});
my $env = \\%ENV; $x = $env->{{E_TOKEN}};
$x = (sub {{ $_[0]{{E_TOKEN}} }})->(\\%ENV);
$x = $main::ENV{{F_TOKEN}};
package Other; $x = $ENV{{F_TOKEN}};
for my $n ('G_TOKEN', 'H_TOKEN') {{ $x = $ENV{{$n}} }}
$x = eval '$ENV{{I_TOKEN}}';
my %of = map {{ $_ => $ENV{{$_}} }} 'J_TOKEN';
"""


def test_reads():
    run = ran(READS)
    found = {(e["name"], n) for e, n in zip(run.of("read", fn="%ENV", found=True), lines(run, "read", fn="%ENV", found=True))}
    missed = {(e["name"], n) for e, n in zip(run.of("read", fn="%ENV", found=False), lines(run, "read", fn="%ENV", found=False))}
    assert found == {(KEY, 3), (KEY, 4)}, found
    assert missed == {("A_TOKEN", 5), ("A_TOKEN", 6), ("A_TOKEN", 7), ("B_TOKEN", 8), ("A_TOKEN", 9), ("B_TOKEN", 10), ("C_TOKEN", 11),
                      ("D_TOKEN", 12), ("D_TOKEN", 13), ("E_TOKEN", 14), ("F_TOKEN", 16), ("F_TOKEN", 17),
                      ("G_TOKEN", 18), ("H_TOKEN", 18), ("I_TOKEN", 19), ("J_TOKEN", 20)}, missed


def test_what_is_no_read():
    run = ran("my %h = (A_TOKEN => 1); my $x = $h{A_TOKEN}; our %g; $x = $g{A_TOKEN};\n"
              "$ENV{A_TOKEN} = 1; delete $ENV{A_TOKEN}; { local $ENV{A_TOKEN} = 2; }\n"
              "my @names = keys %ENV; my $n = %ENV; $n = scalar(keys %ENV); while (my $k = each %ENV) { } if (%ENV) { }\n")
    assert not run.of("read", fn="%ENV") and not run.of("copy"), run.of("read") + run.of("copy")


def test_callers_of_a_read_in_vain():
    run = ran("sub ask {\n  return $ENV{$_[0]};\n}\nsub main {\n  ask('A_TOKEN');\n  ask('" + KEY + "');\n}\nmain();\n")
    missed, = run.of("read", name="A_TOKEN")
    assert (missed["site"], missed["in"], missed["callers"]) == ("app.pl:2", "ask", ["app.pl:5 main", "app.pl:8"]), missed
    assert "callers" not in run.of("read", name=KEY, fn="%ENV")[0], run.of("read")


def test_a_read_through_a_module_of_perl_has_the_line_of_the_program():
    run = ran("use Env qw(A_TOKEN);\nsub ask {\n  return $A_TOKEN;\n}\nmy $x = ask();\n$x = $A_TOKEN;\n")
    assert lines(run, "read", name="A_TOKEN") == [3, 6], run.of("read")


def test_a_repeated_read_is_told_once():
    run = ran(f"for (1 .. 1000) {{ my $x = $ENV{{{KEY}}}; $x = $ENV{{A_TOKEN}}; }}\n")
    told = run.of("read", fn="%ENV")
    # two reads that share a place in the table of met reads are told at each power of two
    assert 2 <= len(told) <= 2 * 10, told


CHANGES = """$ENV{A_TOKEN} = 'a';
sub change {
  $ENV{A_TOKEN} = 'b';
  delete $ENV{A_TOKEN};
}
change();
{ local $ENV{B_TOKEN} = 'b'; }
$ENV{C_TOKEN} .= 'c';
@ENV{'D_TOKEN', 'E_TOKEN'} = (1, 2);
my $env = \\%ENV; $env->{F_TOKEN} = 'f';
$_ = 'g' for $ENV{G_TOKEN};
%ENV = (%ENV, H_TOKEN => 'h');
%ENV = ();
"""


def test_changes():
    run = ran(CHANGES)
    assert lines(run, "set", name="A_TOKEN") == [1, 3] and lines(run, "unset", name="A_TOKEN") == [4], run.of("set")
    event = run.of("unset", name="A_TOKEN")[0]
    assert event["in"] == "change" and event["callers"] == ["app.pl:6"] and event["had"], event
    assert lines(run, "set", name="B_TOKEN") == [7] and lines(run, "unset", name="B_TOKEN") == [7], run.of("unset")
    for name, line in (("C_TOKEN", 8), ("D_TOKEN", 9), ("E_TOKEN", 9), ("F_TOKEN", 10), ("G_TOKEN", 11), ("H_TOKEN", 12)):
        assert line in lines(run, "set", name=name), (name, run.of("set", name=name))
    assert lines(run, "clear") == [12, 13] and KEY in run.of("clear")[0]["had"], run.of("clear")
    assert not run.of("swap"), run.of("swap")


COPIES = {"a hash": "my %e = %ENV;", "a reference": "my $e = { %ENV };", "an argument": "sub f { } f(%ENV);", "values": "my @v = values %ENV;",
          "each": "while (my ($k, $v) = each %ENV) { }", "through a reference": "my $e = \\%ENV; my %f = %$e;", "a slice": "my @v = @ENV{'HOME', 'PATH'};",
          "a part": "my %e = %ENV{'HOME'};", "local": "local %ENV = %ENV;", "map": "my %e = map { lc } %ENV;"}


@story.each(*((label, text) for label, text in COPIES.items()))
def test_a_copy(text):
    run = ran(f"sub copy {{\n  {text}\n}}\ncopy();\ncopy();\n")
    assert lines(run, "copy") == [2], run.of("copy")
    assert (run.of("copy")[0]["fn"], run.of("copy")[0]["in"], run.of("copy")[0]["callers"]) == ("%ENV", "copy", ["app.pl:4"]), run.of("copy")


def test_a_lost_key_is_told_with_the_line_that_missed_it():
    story.need_rule("KT201")
    text = f"die 'no key' unless $ENV{{{KEY}}};\n"
    run = recorded(["env", "-i", "PATH=" + story.PATH, which("perl"), program(text)], story.with_key(KEY))
    found = expect_fault(run, "KT201", KEY, victim="perl", culprit="env")
    assert "app.pl:1" in str(found), found


def test_a_perl_that_never_asks_is_heard():
    run = ran("exit 0;\n")
    assert run.of("hears", what="%ENV"), run.events


def test_a_thread_has_an_environment_of_its_own():
    which("perl")
    if bare(["perl", "-Mthreads", "-e", "1"]).status:
        story.skip("this perl has no threads")
    run = ran(f"""use threads;
my @all = map {{ threads->create(sub {{
  $ENV{{A_TOKEN}} = 'own'; my $x = $ENV{{A_TOKEN}}; $x = $ENV{{{KEY}}}; $x = $ENV{{B_TOKEN}}; %ENV = ();
}}) }} 1 .. 4;
$_->join for @all;
print defined $ENV{{A_TOKEN}} ? "set" : "not set", exists $ENV{{{KEY}}} ? " kept" : " lost", "\\n";
print `printenv {KEY}` ? "handed on\\n" : "not handed on\\n";
""")
    assert not run.of("set") and not run.of("clear") and not run.of("swap"), run.events
    assert set(lines(run, "read", name="B_TOKEN")) == {3}, run.of("read")


def test_a_fork_tells_its_own_reads():
    run = ran("sub ask { $ENV{A_TOKEN} } ask();\nunless (my $p = fork) { ask(); exit 0 } wait;\n")
    assert len({e["image"] for e in run.of("read", name="A_TOKEN")}) == 2, run.of("read")


def test_nothing_is_replaced_with_ends_0():
    trace = os.path.abspath("t")
    run = bare([which("perl"), program(READS)], preloaded(environment(), trace, "ends=0"))
    told = events_of(trace)
    assert run.status == 0 and not [e for e in told if e.get("fn") == "%ENV" or e["e"] == "hears"], told


SAME = r"""use B; use warnings;
sub try_ { my $r = eval { $_[0]->() }; print defined $r ? $r : 'undef', ' ', $@ =~ s/ at .*//sr, "\n" }
try_(sub { $ENV{A_TOKEN} }); try_(sub { $ENV{A_TOKEN} = undef; $ENV{A_TOKEN} }); try_(sub { exists $ENV{A_TOKEN} });
try_(sub { delete $ENV{A_TOKEN} }); try_(sub { delete local $ENV{HOME} }); try_(sub { $ENV{HOME} eq $ENV{HOME} });
try_(sub { my $r = \$ENV{A_TOKEN}; $$r = 5; `printenv A_TOKEN` }); try_(sub { $ENV{A_TOKEN}++; `printenv A_TOKEN` });
try_(sub { $ENV{"W\x{100}_TOKEN"} = "\x{100}"; `printenv | grep -c _TOKEN` });
try_(sub { join ',', sort { $a cmp $b } grep { /TOKEN/ } %ENV }); try_(sub { my ($n) = scalar(my @l = %ENV); $n > 4 });
try_(sub { local %ENV = (A_TOKEN => 1); `/usr/bin/env` =~ /A_TOKEN/ }); try_(sub { $ENV{HOME} });
try_(sub { local @ENV{qw(A_TOKEN HOME)} = (3, 4); join ' ', @ENV{qw(A_TOKEN HOME)} }); try_(sub { $ENV{A_TOKEN}{x} });
try_(sub { tie my %t, 'T'; $t{A_TOKEN} . exists($t{A_TOKEN}) }); try_(sub { my %h; $h{a}{b}{c}[2] = 1; exists $h{a}{b}{d} ? 1 : 0 });
try_(sub { my @l = (1, 2); exists $l[5] ? 1 : 0 }); try_(sub { exists &try_ ? 1 : 0 }); try_(sub { my $x = 'ENV'; no strict 'refs'; $x->{HOME} eq $ENV{HOME} });
try_(sub { my %h = (a => 1, b => 2); join ' ', map { "$_=$h{$_}" } sort { $a cmp $b } keys %h }); try_(sub { my $h = { %ENV }; ref $h });
try_(sub { B::svref_2object(\&try_)->ROOT->name }); try_(sub { join ' ', map { $_->TYPE } B::svref_2object(\%ENV)->MAGIC });
try_(sub { my $r = \%ENV; my $n = 0; $n++ while each %$r; $n == keys %ENV });
try_(sub { $! = 2; my $x = $ENV{A_TOKEN}; $ENV{A_TOKEN} = 1; $! + 0 }); try_(sub { $@ = 'kept'; my $x = $ENV{NO_TOKEN}; $@ });
package T; sub TIEHASH { bless {} } sub FETCH { "fetched $_[1]" } sub EXISTS { 1 }
"""


@story.each(("plain", ()), ("taint", ("-T",)), ("debugger", ("-d",)))
def test_the_program_is_the_same(flags):
    if flags == ("-d",):
        env = environment(PERLDB_OPTS="NonStop=1 noTTY")
    else:
        env = environment()
    ran(SAME, *flags, env=env, status=0)
