"""Ruby, PHP and Perl tell file and line: of what asked for a variable, set it, took it
away (Perl: not of reads), and of what started the next program; through the library alone.
So does bash; of other shells the script is known, and which of its programs it was."""
import os
import socket
import subprocess
import time
import urllib.request

import story
from story import bare, compiled, expect_fault, expect_healthy, recorded, which

LONG = {"^a go program": "builds the runtime of Go"}

KEY = "OPENAI_API_KEY"


def program(text, name):
    with open(name, "w") as file:
        file.write(text)
    return os.path.abspath(name)


def holding(**more):
    return story.environment(**{KEY: story.openai_key(), **more})


def ran(language, text, *flags, watch=(), **more):
    """A run of a program that must succeed, and its events' places by line."""
    app = program(text, "app." + language)
    run = recorded([which(language), *flags, app], holding(**more), watch)
    assert run.status == 0, run.err
    return run


def lines(run, kind, **fields):
    """The lines of app.* at which events were told; None: no place."""
    return [int(e["site"].rsplit(":", 1)[1]) if "/app." in e.get("site", "") else e.get("site")
            for e in run.of(kind, **fields)]


def launches(run):
    """Lines that started another program, in order; not what a shell between did."""
    shells = {b["image"] for b in run.of("birth", by="exec") if "/dash" in b["exe"] or b["exe"].endswith("/sh")}
    return [line for e in run.of("exec") + run.of("spawn") if e["image"] not in shells
            for line in lines_of(e)]


def lines_of(event):
    return [int(event["site"].rsplit(":", 1)[1])] if "/app." in event.get("site", "") else []


# ---- Ruby ------------------------------------------------------------------------------

RUBY_READS = f"""
a = ENV['{KEY}']
def fetch
  ENV.fetch('{KEY}')
end
fetch
ENV.key?('{KEY}')
begin
  ENV.fetch('NO_SUCH_TOKEN')
rescue KeyError
end
[1].each {{ ENV['{KEY}'] }}
eval("ENV['{KEY}']", binding, '/given/app.name', 77)
1.then {{ ENV['{KEY}'] }}
"""


def test_ruby_reads():
    run = ran("ruby", RUBY_READS)
    assert lines(run, "read", name=KEY) == [2, 4, 7, 12, 77, 14], run.of("read", name=KEY)
    assert run.of("read", name=KEY)[1]["in"] == "fetch"
    assert lines(run, "read", name="NO_SUCH_TOKEN") == [9]


def test_ruby_sets_and_deletes():
    run = ran("ruby", "ENV['NEW_TOKEN'] = 'x'\nENV.store('NEW_TOKEN', 'y')\n"
                      "ENV.delete('NEW_TOKEN')\nENV['NEW_TOKEN'] = nil\nENV.update('NEW_TOKEN' => 'z')\n")
    assert lines(run, "set", name="NEW_TOKEN") == [1, 2, 5], run.of("set")
    assert lines(run, "unset", name="NEW_TOKEN")[0] == 3, run.of("unset")


RUBY_LAUNCHES = """require 'open3'
system('/bin/true')
spawn('/bin/true'); Process.wait
`/bin/true`
Process.wait(fork { exec('/bin/true') })
Open3.capture2('/bin/true')
IO.popen(['/bin/true']).read
Process.wait(Process.spawn({'A' => 'b'}, '/bin/true', unsetenv_others: true))
system('/bin/no such program')
Process.wait(fork { ENV['OWN_TOKEN'] = 'x' })
exec('/bin/true')
"""


def ran_by_ordinary_user(app):
    """Ruby, by a user for whom it takes vfork."""
    if os.getuid():
        return recorded(["ruby", app], holding())
    place = os.getcwd()
    os.chmod(place, 0o1777)
    trace = os.path.join(place, "trace")
    ended = subprocess.run([which("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups",
                            story.KEYTRAIL, "run", "-q", "-o", trace, "--", "ruby", app],
                           env=holding(), stdin=subprocess.DEVNULL, capture_output=True, timeout=90)
    return story.Run(["ruby", app], ended, trace)


@story.each(("fork", False), ("vfork", True))
def test_ruby_launches(ordinary):
    which("ruby")
    app = program(RUBY_LAUNCHES, "app.ruby")
    run = ran_by_ordinary_user(app) if ordinary else recorded(["ruby", app], holding())
    assert run.status == 0, run.err
    assert launches(run)[:6] == [2, 3, 4, 5, 6, 7], run.of("exec")
    assert launches(run)[-1] == 11 and 8 in launches(run), launches(run)
    assert lines(run, "set", name="OWN_TOKEN") == [10]
    if ordinary:
        assert run.of("fork", fn="vfork"), run.of("fork")


def test_ruby_threads_ractors_and_fibers():
    run = ran("ruby", f"""
threads = 8.times.map {{ Thread.new {{ 200.times {{ ENV['{KEY}'] }} }} }}
threads.each(&:join)
Ractor.new {{ ENV['{KEY}'] }}.take
Fiber.new {{ ENV['{KEY}'] }}.resume
GC.stress = true
ENV['{KEY}']
GC.stress = false
def deep(n) = n > 0 ? deep(n - 1) : ENV['{KEY}']
deep(3000)
""")
    assert set(lines(run, "read", name=KEY)) == {2, 4, 5, 7, 9}, run.of("read", name=KEY)
    assert all(b["found"] for b in run.of("read", name=KEY))


# A library's getenv, from a thread of the interpreter's and from one of its own; and a call of the
# interpreter's own from a thread that must not ask it.
INTRUDER = r"""
#include <pthread.h>
#include <stdlib.h>
void ruby_setenv(const char *, const char *) __attribute__((weak));
const char *php_get_temporary_directory(void) __attribute__((weak));
static pthread_t thread;
static volatile int done;
static void *loop(void *arg)
{
	while (!done)
		getenv("LIBRARY_TOKEN");
	return arg;
}
static void *set(void *name) { ruby_setenv(name, "value"); return 0; }
static void *temporary(void *arg) { php_get_temporary_directory(); return arg; }
void once(void) { getenv("LIBRARY_TOKEN"); setenv("LIBRARY_TOKEN", "x", 1); unsetenv("LIBRARY_TOKEN"); }
void begin(void) { done = 0; pthread_create(&thread, 0, loop, 0); }
void end(void) { done = 1; pthread_join(thread, 0); }
static void elsewhere(void *(*do_it)(void *), void *arg)
{
	pthread_t t;
	pthread_create(&t, 0, do_it, arg);
	pthread_join(t, 0);
}
void ruby_elsewhere(void) { elsewhere(set, "THREAD_TOKEN"); }
void php_elsewhere(void) { elsewhere(temporary, 0); }
"""


def intruder():
    return compiled(INTRUDER, "intruder.so", flags=("-shared", "-fPIC", "-pthread"))


def test_a_library_in_ruby_is_not_told_as_ruby():
    run = ran("ruby", f"""require 'fiddle'
library = Fiddle.dlopen('{intruder()}')
call = ->(name) {{ Fiddle::Function.new(library[name], [], Fiddle::TYPE_VOID).call }}
call['once']
call['begin']
20000.times {{ ENV['{KEY}'] }}
call['end']
call['ruby_elsewhere']
ENV['LAST_TOKEN'] = 'x'
""")
    for kind in ("read", "set", "unset"):
        assert set(lines(run, kind, name="LIBRARY_TOKEN")) == {None}, run.of(kind, name="LIBRARY_TOKEN")
    assert all(e["at"].rsplit("/")[-1].startswith("intruder.so+") for e in run.of("read", name="LIBRARY_TOKEN"))
    assert lines(run, "set", name="THREAD_TOKEN") == [None]
    assert "libruby" in run.of("set", name="THREAD_TOKEN")[0]["at"], "it was not Ruby's own call"
    assert set(lines(run, "read", name=KEY)) == {6} and lines(run, "set", name="LAST_TOKEN") == [9]


def test_a_failed_launch_leaves_no_place_behind():
    which("ruby")
    app = program(f"""require 'fiddle'
library = Fiddle.dlopen('{intruder()}')
system('/bin/no such program')
Fiddle::Function.new(library['once'], [], Fiddle::TYPE_VOID).call
""", "app.ruby")
    run = ran_by_ordinary_user(app)
    assert run.status == 0, run.err
    assert lines(run, "set", name="LIBRARY_TOKEN") == [None], run.of("set")


# ---- PHP -------------------------------------------------------------------------------

PHP_READS = f"""<?php
getenv('{KEY}');
function local() {{
    return getenv('{KEY}', true);
}}
local();
getenv('NO_SUCH_TOKEN');
array_map('getenv', ['{KEY}']);
eval("getenv('{KEY}');");
putenv('NEW_TOKEN=x');
putenv('NEW_TOKEN');
getenv();
register_shutdown_function(function () {{ getenv('{KEY}'); }});
"""


@story.each(("plain", ()), ("compiled at run time", ("-d", "opcache.enable_cli=1", "-d", "opcache.jit_buffer_size=16M",
                                                     "-d", "opcache.jit=1255")))
def test_php_reads_and_sets(flags):
    run = ran("php", PHP_READS, *flags)
    assert lines(run, "read", name=KEY)[:3] == [2, 4, 8], run.of("read", name=KEY)
    assert run.of("read", name=KEY)[3]["site"].endswith("app.php(9) : eval()'d code:1"), run.of("read", name=KEY)
    assert lines(run, "read", name=KEY)[4] == 13
    assert lines(run, "read", name="NO_SUCH_TOKEN") == [7]
    assert lines(run, "set", name="NEW_TOKEN") == [10]
    assert lines(run, "unset", name="NEW_TOKEN")[0] == 11


PHP_LAUNCHES = """<?php
system('/bin/true');
shell_exec('/bin/true');
exec('/bin/true');
pclose(popen('/bin/true', 'r'));
proc_close(proc_open(['/bin/true'], [], $p));
proc_close(proc_open('/bin/true', [], $p, null, ['A' => 'b']));
if (function_exists('pcntl_fork')) {
    if (!pcntl_fork())
        pcntl_exec('/bin/true');
    pcntl_wait($s);
}
"""


def test_php_launches():
    run = ran("php", PHP_LAUNCHES)
    assert set(launches(run)) - {10} == {2, 3, 4, 5, 6, 7}, run.of("exec") + run.of("spawn")


def test_php_in_another_thread_is_not_asked():
    which("php")
    if bare(["php", "-r", "exit(extension_loaded('ffi') ? 0 : 1);"]).status:
        story.skip("this php has no FFI")
    run = ran("php", f"""<?php
$library = FFI::cdef('void php_elsewhere(void);', '{intruder()}');
$library->php_elsewhere();
getenv('{KEY}');
""", "-d", "ffi.enable=1", watch=("TMPDIR",))
    told = run.of("read", name="TMPDIR")
    assert any("/php" in e["at"] and "site" not in e for e in told), told
    assert lines(run, "read", name=KEY) == [4]


def test_php_before_and_after_its_program():
    """php.ini's own look at a variable is no line's; what a request left set is taken away after it."""
    program("error_log=${INI_TOKEN}\n", "php.ini")
    run = ran("php", "<?php putenv('LEFT_TOKEN=x');\n", "-c", ".", INI_TOKEN="/dev/null")
    assert set(lines(run, "read", name="INI_TOKEN")) == {None}, run.of("read")
    assert lines(run, "set", name="LEFT_TOKEN") == [1] and lines(run, "unset", name="LEFT_TOKEN") == [None]


@story.patience(120)
def test_phps_own_server():
    which("php")
    app = program(f"<?php\necho getenv('{KEY}') ? 'has it' : 'misses it';\n", "app.php")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    trace = os.path.abspath("trace")
    server = subprocess.Popen(["php", "-S", f"127.0.0.1:{port}", app], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env=story.preloaded(holding(PHP_CLI_SERVER_WORKERS="2"), trace))
    try:
        for _ in range(5):
            assert answer(port) == b"has it"
    finally:
        server.terminate()
        server.wait()
    reads = [e for e in story.events_of(trace) if e["e"] == "read" and e["name"] == KEY]
    assert reads and {e["site"] for e in reads} == {app + ":2"}, reads


def answer(port):
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as reply:
                return reply.read()
        except OSError:
            time.sleep(0.1)
    raise AssertionError("PHP's server does not answer")


# ---- Perl ------------------------------------------------------------------------------

PERL_LAUNCHES = """use strict;
system('/bin/true');
system('/bin/true', 'more');
`/bin/true`;
open(my $h, '-|', '/bin/true'); close $h;
sub start {
    unless (fork) {
        exec('/bin/true');
    }
    wait;
}
start();
open(my $file, '<', $0); <$file>; <$file>;
system('/bin/true; true');
system('/bin/no such program');
eval "\\n#line 70 \\"/given/app.name\\"\\nsystem('/bin/true')";
END { system('/bin/true'); }
"""


def test_perl_launches():
    run = ran("perl", PERL_LAUNCHES)
    assert [n for n in launches(run) if n != 15] == [2, 3, 4, 5, 8, 14, 70, 17], run.of("exec")


def test_perl_is_the_same_with_its_sentence_asked_for():
    """What Perl is asked takes a temporary value of it: nothing of that is left, and no error."""
    text = """
$SIG{__WARN__} = sub { print "warned: @_" };
$SIG{__DIE__} = sub { print "died: @_" };
$! = 2; $@ = 'kept'; $? = 3;
my $pid = fork // die; exit 7 unless $pid;
print "$!|$@|";
waitpid $pid, 0;
print $? >> 8, "\\n";
for my $i (1 .. 300) { if (!(my $p = fork)) { exit $i % 200 } else { waitpid $p, 0; print $? >> 8, ' ' } }
print system('/bin/no such program'), " $!\\n";
print `echo from a shell`;
package Goes { sub new { bless {} } sub DESTROY { system('echo', 'destroyed') } }
our $last = Goes->new;
$SIG{CHLD} = sub { print 'child ' };
system('true');
print "\\n", scalar(grep { defined } @_), "\\n";
"""
    app = program(text, "app.perl")
    command = [which("perl"), app]
    plain, traced = bare(command), recorded(command)
    assert (traced.out, traced.err, traced.status) == (plain.out, plain.err, plain.status), (traced.out, plain.out)


def test_perl_threads():
    which("perl")
    if bare(["perl", "-Mthreads", "-e", "1"]).status:
        story.skip("this perl has no threads")
    run = ran("perl", """use threads;
my @all = map { threads->create(sub {
    system('/bin/true') for 1 .. 5;
}) } 1 .. 4;
$_->join for @all;
""")
    assert len(launches(run)) == 20 and set(launches(run)) == {3}, launches(run)


# ---- nothing of the program changes ------------------------------------------------------

SAME = {
    "ruby": """
def try; yield; rescue Exception => e; puts "#{e.class}: #{e.message}"; end
try { p ENV['A_TOKEN'] = 'x', ENV['A_TOKEN'].encoding, ENV['A_TOKEN'].frozen? }
try { ENV["a\\0b_TOKEN"] }
try { ENV['A=B_TOKEN'] = 'x' }
try { ENV.fetch('NO_TOKEN') }
try { p ENV.fetch('NO_TOKEN', 5), ENV.delete('NO_TOKEN'), ENV.delete('A_TOKEN') }
try { p ENV.fetch('NO_TOKEN') { |k| k } }
p system('/bin/no such program'), $?.exitstatus
p system('exit 9'), $?.exitstatus, `echo out`
try { exec('/bin/no such program') }
p caller, __LINE__, ObjectSpace.count_objects[:TOTAL] > 0
at_exit { puts ENV['A_TOKEN'].inspect }
exit 5
""", "php": """<?php
var_dump(getenv('NO_TOKEN'), putenv('A_TOKEN=x'), getenv('A_TOKEN'), putenv('A_TOKEN'), getenv('A_TOKEN'));
try { putenv('=x'); } catch (Throwable $e) { echo get_class($e), $e->getMessage(), $e->getLine(), "\\n"; }
var_dump(exec('exit 9', $out, $status), $out, $status, shell_exec('echo out'));
var_dump(@proc_open(['/bin/no such program'], [], $p) === false, error_get_last()['line'] ?? null);
var_dump(debug_backtrace(), memory_get_usage() > 0);
function deep($n) { return $n ? deep($n - 1) : getenv('NO_TOKEN'); }
var_dump(deep(5000));
exit(5);
""", "perl": """
print system('/bin/no such program'), '|', $! + 0, '|', $?, "\\n";
print system('exit 9'), `echo out`, $? >> 8, "\\n";
$ENV{A_TOKEN} = 'x'; print `echo \\$A_TOKEN`; delete $ENV{A_TOKEN}; print `echo \\$A_TOKEN`;
print exec('/bin/no such program') // 'undefined', '|', $!, "\\n";
print "line ", __LINE__, " $.\\n";
warn 'w'; die { code => 1 } if 0;
exit 5;
"""}


@story.each(*((language, language) for language in SAME))
def test_the_program_is_the_same(language):
    app = program(SAME[language], "app." + language)
    plain, traced = bare([which(language), app]), recorded([which(language), app])
    assert plain.status == 5, plain.err
    assert (traced.out, traced.err, traced.status) == (plain.out, plain.err, plain.status), (traced.out, plain.out)


# ---- a report ------------------------------------------------------------------------------

LAUNCHERS = {  # what starts `worker.LANGUAGE` with a new environment, and with its own
    "ruby": ("pid = spawn({'PATH' => ENV['PATH']}, 'ruby', 'worker.ruby', unsetenv_others: true)\nProcess.wait pid\nexit $?.exitstatus\n",
             "system('ruby', 'worker.ruby')\nexit $?.exitstatus\n"),
    "php": ("<?php\nexit(proc_close(proc_open(['php', 'worker.php'], [], $p, null, ['PATH' => getenv('PATH')])));\n",
            "<?php\nexit(proc_close(proc_open(['php', 'worker.php'], [], $p)));\n"),
    "perl": ("my %few = (PATH => $ENV{PATH});\n%ENV = %few;\nexit system('ruby', 'worker.ruby') >> 8;\n",
             "1;\nexit system('ruby', 'worker.ruby') >> 8;\n"),
}
WORKERS = {"ruby": f"\nexit(ENV['{KEY}'] ? 0 : 1)\n", "php": f"<?php\nexit(getenv('{KEY}') ? 0 : 1);\n"}
LINES = {"ruby": 1, "php": 2, "perl": 3}


def launched(language, which_way):
    worker = language if language in WORKERS else "ruby"
    which(worker)
    program(WORKERS[worker], "worker." + worker)
    app = program(LAUNCHERS[language][which_way], "launch." + language)
    return recorded([which(language), app], holding()), app, "worker." + worker


@story.each(*((language, language) for language in LAUNCHERS))
def test_a_new_environment_names_both_lines(language):
    run, app, worker = launched(language, 0)
    first = expect_fault(run, "KT201", KEY, culprit=language)
    assert first["culprit"]["site"] == f"{app}:{LINES[language]}", first["culprit"]
    assert os.path.basename(first["victim"]["site"]) == worker + ":2", first["victim"]


@story.each(*((language, language) for language in LAUNCHERS))
def test_its_own_environment_is_healthy(language):
    run, _, _ = launched(language, 1)
    expect_healthy(run, KEY)


@story.each(("ruby", "ruby", "ENV.delete('%s')\nexit(ENV['%s'] ? 0 : 1)\n"),
            ("php", "php", "<?php putenv('%s');\nexit(getenv('%s') ? 0 : 1);\n"))
def test_taken_away_in_the_program_itself(language, text):
    app = program(text.replace("%s", KEY), "app." + language)
    run = recorded([which(language), app], holding())
    first = expect_fault(run, "KT301", KEY, victim=language, culprit=language)
    assert first["culprit"]["site"] == app + ":1" and first["victim"]["site"] == app + ":2", first


# ---- shells --------------------------------------------------------------------------------

SCRIPT = """true
date >/dev/null
no-such-command-here 2>/dev/null
%s
./reader %s
status=$?
date >/dev/null
exit $status
"""


def ran_by_shell(shell, command):
    compiled(story.READER, "reader")
    program(SCRIPT % (command, KEY), "deploy.sh")
    return recorded([which(shell), "-u", "deploy.sh"], holding())


def test_bash_and_its_line():
    first = expect_fault(ran_by_shell("bash", f"unset {KEY}"), "KT203", KEY, victim="reader", culprit="bash")
    assert first["culprit"]["site"] == os.path.abspath("deploy.sh") + ":5", first["culprit"]


def test_dash_and_which_of_its_programs():
    run = ran_by_shell("dash", f"unset {KEY}")
    first = expect_fault(run, "KT203", KEY, victim="reader", culprit="dash")
    assert first["culprit"]["site"] == os.path.abspath("deploy.sh") + ":5", first["culprit"]
    os.utime("deploy.sh")  # a script that changed has no line
    del run.__dict__["report"]
    first = expect_fault(run, "KT203", KEY, victim="reader", culprit="dash")
    assert first["culprit"]["site"] == os.path.abspath("deploy.sh"), first["culprit"]
    assert "the 2nd program that it starts" in first["summary"], first["summary"]


@story.each(("bash", "bash"), ("dash", "dash"))
def test_a_script_that_hands_it_on_is_healthy(shell):
    expect_healthy(ran_by_shell(shell, "true"), KEY)


# `/bin/true LINE`, or where bash itself would say another line: `/bin/true none`.
BASH_PLACES = r"""#!/bin/bash
/bin/true 2
f() {
  /bin/true 4

  /bin/true 6
}
f
/bin/true 9 | /bin/true 9 |
  /bin/true 10
( /bin/true 11
  /bin/true 12 )
for i in 1 2; do
  /bin/true 14
done
. ./lib.sh
from_lib
/bin/true 18 &
wait
if ! /bin/true 20; then :; fi
x=$(
  /bin/true none
)
eval "
/bin/true none
"
trap '/bin/true none' EXIT USR1
kill -USR1 $$
while read -r l; do /bin/true 29; done < <(/bin/true none; echo a)
[ "$ALONE" ] || ALONE=1 bash -c '/bin/true none; true'
echo '/bin/true none; true' | bash
export -f f
exec 3<&0
/bin/true 34
"""
LIBRARY = "# a comment\n/bin/true lib.sh:2\nfrom_lib() {\n  /bin/true lib.sh:4\n}\n"


def test_bash_tells_the_line_where_it_is_right():
    which("bash")
    program(LIBRARY, "lib.sh")
    program(BASH_PLACES, "places.sh")
    plain, run = bare(["bash", "places.sh"]), recorded(["bash", "places.sh"])
    assert (run.out, run.err, run.status) == (plain.out, plain.err, plain.status) == (b"", b"", 0), run.err
    seen = set()
    for event in run.of("exec", path="/bin/true"):
        label, site = event["args"][1], event.get("site", "none")
        seen.add(label)
        assert site.replace("./", "").replace("places.sh:", "") == label, (label, site)
    assert len(seen) == 15, sorted(seen)


# ---- Go ---------------------------------------------------------------------------------

GO = """package main

import "C"
import (
	"os"
	"os/exec"
)

func main() {
	for _, env := range [][]string{nil, {"A=b"}} {
		c := exec.Command(os.Args[1], os.Args[2:]...)
		c.Env = env
		c.Run()
	}
}
"""


def test_a_go_program_is_told_as_what_cannot_be_seen():
    """It makes its own system calls: one child is seen, for it inherits us; of the other nothing is."""
    program(GO, "main.go")
    env = {**story.environment(**{KEY: story.openai_key()}), "CGO_ENABLED": "1", "HOME": os.getcwd(), "GOFLAGS": "-mod=mod"}
    go = story.which("go")
    built = bare([go, "build", "-o", "launcher", "main.go"], env)
    if built.status:
        story.skip("go builds no dynamic program here: " + built.err.decode()[-100:])
    run = recorded(["./launcher", compiled(story.READER, "reader"), KEY], story.environment(**{KEY: story.openai_key()}))
    assert [e.get("lang") for e in run.of("birth") if e["exe"].endswith("/launcher")] == ["go"], run.of("birth")
    assert len([e for e in run.of("birth") if e["exe"].endswith("/reader")]) == 1, run.of("birth")
    assert run.report["verdict"] == "inconclusive" and "Go program" in run.report["reason"], run.report
    assert [gap["reason"] for gap in run.report["coverage"]["gaps"]] == ["no-trace"], run.report["coverage"]
    said = story.keytrail("doctor", "--", "./launcher").out
    assert b"a Go program makes its own system calls" in said and b"forks, execs" not in said, said
