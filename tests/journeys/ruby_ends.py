"""Why a Ruby program ended: the exception that nobody rescued, or the line that called exit or abort."""
import story
from event_places import callers, exit_place, raises
from story import bare, recorded, which

READER = "def key\n  ENV.fetch('NO_SUCH_TOKEN')\nend\n"


def program(text, name="app.rb"):
    return story.program(text, name)


def ended(text, status=1, flags=(), settings="", words=()):
    """Runs a program bare and recorded, which must be the same; answers the recorded run."""
    app = program(text)
    program(READER, "reader.rb")
    command = [which("ruby"), *flags, app, *words]
    alone = bare(command)
    run = recorded(command, story.environment(KEYTRAIL=settings) if settings else None)
    assert (run.status, run.out, run.err) == (alone.status, alone.out, alone.err), (run.err, alone.err)
    assert run.status == status, run.err
    return run


# ---- exceptions that nobody rescues -----------------------------------------------------------


@story.each(("plain", ()), ("without gems", ("--disable=gems",)), ("without anything", ("--disable=all",)),
            ("compiled at run time", ("--yjit",)), ("frozen strings", ("--enable=frozen-string-literal",)))
def test_an_uncaught_exception(flags):
    if bare([which("ruby"), *flags, "-e", "0"]).status:
        story.skip("this ruby has no such option")
    run = ended("require_relative 'reader'\ndef main\n  [1].each { key }\nend\nmain\n", flags=flags)
    assert raises(run) == [("KeyError", "reader.rb:2", "key")], run.of("raise")
    assert callers(run, run.of("raise")[0]) == ["app.rb:3 main", "app.rb:5 <main>"], run.events
    assert "key not found" not in str(run.of("raise")), "a message is told"
    assert exit_place(run) == ("", None), run.of("exit")


@story.each(
    ("a class of a module", "module A\n class Lost < StandardError; end\nend\ndef f = raise(A::Lost)\nf\n", "A::Lost", "app.rb:4"),
    ("a text", "raise 'x'\n", "RuntimeError", "app.rb:1"),
    ("of the system", "File.read('/no such file')\n", "Errno::ENOENT", "app.rb:1"),
    ("nothing has no methods", "nil.size\n", "NoMethodError", "app.rb:1"),
    ("from another", "begin\n 1/0\nrescue => e\n raise ArgumentError\nend\n", "ArgumentError", "app.rb:4"),
    ("raised again", "begin\n 1/0\nrescue => e\n raise\nend\n", "ZeroDivisionError", "app.rb:2"),
    ("an ensure on the way", "def f\n 1/0\nensure\n [3].fetch(0)\nend\nf\n", "ZeroDivisionError", "app.rb:2"),
    ("an ensure that rescues", "def f\n 1/0\nensure\n begin\n  Integer('x')\n rescue ArgumentError\n end\nend\nf\n", "ZeroDivisionError", "app.rb:2"),
    ("in a thread that is joined", "t = Thread.new do\n 1/0\nend\nt.report_on_exception = false\nt.join\n", "ZeroDivisionError", "app.rb:2"),
    ("in a thread that aborts", "Thread.report_on_exception = false\nThread.abort_on_exception = true\nThread.new { 1/0 }\nsleep 9\n",
     "ZeroDivisionError", "app.rb:3"),
    ("in a block of at_exit", "at_exit do\n 1/0\nend\n", "ZeroDivisionError", "app.rb:2"),
    ("a backtrace of its own", "raise ArgumentError, 'x', ['own.rb:77:in `f\\'']\n", "ArgumentError", "own.rb:77"),
    ("an eval", "eval('1/0')\n", "ZeroDivisionError", "(eval):1"),
    ("not to be loaded", "require 'no such library'\n", "LoadError", "app.rb:1"),
    ("a throw that nobody catches", "throw :x\n", "UncaughtThrowError", "app.rb:1"),
    ("after a rescued exit", "begin\n exit 3\nrescue SystemExit\nend\nInteger('x')\n", "ArgumentError", "app.rb:5"),
    ("a class without a name", "raise Class.new(StandardError)\n", None, "app.rb:1"))
def test_whatever_is_raised(text, wanted, site):
    app = program(text)
    alone, run = bare([which("ruby"), app]), recorded([which("ruby"), app])
    assert (run.status, run.out) == (alone.status, alone.out) and run.status == 1, (run.err, alone.err)
    (kind, where, _), = raises(run)
    assert where == site and kind == (wanted or kind), run.of("raise")
    assert wanted or kind.startswith("#<Class:0x"), kind


def test_a_deep_recursion():
    run = ended("def f(n) = f(n + 1)\nbegin\n f(0)\nrescue SystemStackError\nend\nraise 'x'\n")
    assert raises(run) == [("RuntimeError", "app.rb:6", "<main>")]
    app = program("def f(n) = f(n + 1)\nf(0)\n")
    run = recorded([which("ruby"), app])
    assert run.status == 1 and raises(run) == [("SystemStackError", "app.rb:1", "f")], run.of("raise")


def test_a_syntax_error_has_its_class():
    run = ended("x = (\n")
    assert [r[0] for r in raises(run)] == ["SyntaxError"], run.of("raise")


def test_no_code_of_the_program_is_run():
    run = ended("""class Lost < StandardError
  %i[backtrace backtrace_locations message to_s inspect cause class full_message detailed_message set_backtrace status].each do |name|
    define_method(name) { |*a, **b| $listening ? (puts "asked for #{name}"; super()) : super(*a, **b) }
  end
  def self.name = (puts 'name' if $listening; super)
  def self.to_s = (puts 'to_s' if $listening; super)
end
class Thread::Backtrace::Location
  def path = (puts 'path' if $listening; 'x')
end
at_exit { $stderr = File.open('/dev/null', 'w') }
END { at_exit { $listening = true } }
raise Lost
""")
    shown = [line for line in run.out.decode().split("\n") if line]
    assert [r[0] for r in raises(run)] == ["Lost"], run.of("raise")
    assert "name" not in shown and "path" not in shown, shown


def test_of_a_gem_both_lines_are_told():
    program("module Client\n  class Missing < StandardError; end\n  def self.ask = inner\n  def self.inner = raise(Missing)\nend\n",
            "gems/client-1.2.0/lib/client.rb")
    run = ended("$:.unshift 'gems/client-1.2.0/lib'\nrequire 'client'\ndef main\n  Client.ask\nend\nmain\n")
    event, = run.of("raise")
    assert event["type"] == "Client::Missing" and event["site"].endswith("client-1.2.0/lib/client.rb:4"), event
    assert [c.split("/")[-1] for c in event["callers"]] == ["client.rb:3 ask", "app.rb:4 main", "app.rb:6 <main>"], event


def test_of_the_standard_library_the_programs_line():
    run = ended("require 'json'\ndef f\n  JSON.parse('{')\nend\nf\n")
    assert raises(run) == [("JSON::ParserError", "app.rb:3", "f")], run.of("raise")


def test_forked_children_tell_their_own():
    run = ended("require_relative 'reader'\npid = fork { $stderr.reopen('/dev/null'); key }\nProcess.wait(pid)\nexit 7\n", 7)
    event, = run.of("raise")
    assert event["image"] in {b["image"] for b in run.of("birth", by="fork")}, event
    assert exit_place(run) == ("app.rb:4", "<main>"), run.of("exit")


def test_a_signal_has_the_line_where_it_came():
    run = ended("def work\n  Process.kill(:TERM, $$)\n  sleep 9\nend\nwork\n", 143)
    (kind, _, function), = raises(run)
    assert (kind, function) == ("SignalException", "work"), run.of("raise")


# ---- calls of exit ----------------------------------------------------------------------------


@story.each(
    ("exit", "def leave\n  exit 3\nend\nleave\n", 3, ("app.rb:2", "leave")),
    ("exit in vain, then again", "begin\n exit 3\nrescue SystemExit\nend\nexit 4\n", 4, ("app.rb:5", "<main>")),
    ("Process.exit", "Process.exit(false)\n", 1, ("app.rb:1", "<main>")),
    ("of another class", "class Leave < SystemExit; end\nraise Leave.new(5)\n", 5, ("app.rb:2", "<main>")),
    ("exit 0", "\nexit\n", 0, ("app.rb:2", "<main>")),
    ("abort", "\nabort\n", 1, ("app.rb:2", "<main>")),
    ("in a thread", "Thread.new do\n  exit 6\nend.join\n", 6, ("app.rb:2", "<main>")),
    ("in a block of at_exit", "at_exit do\n  exit 8\nend\nexit 3\n", 8, ("app.rb:2", "<main>")),
    ("the end", "0\n", 0, ("", None)),
    ("rescued", "begin\n exit 3\nrescue SystemExit\nend\n", 0, ("", None)),
    ("exit! of a block of at_exit", "at_exit do\n  exit!(7)\nend\nexit 3\n", 7, ("app.rb:2", "<main>")),
    ("exit! of an ensure", "begin\n  exit 3\nensure\n  exit!(7)\nend\n", 7, ("app.rb:4", "<main>")))
def test_the_line_that_called_exit(text, status, wanted):
    run = ended(text, status)
    assert exit_place(run) == wanted, run.of("exit")
    assert not run.of("raise"), run.of("raise")


def test_an_exit_of_a_thread_after_the_end():
    """Ruby ends its threads after the blocks of at_exit: it is asked nothing more then."""
    ended("Thread.new do\n  sleep\nensure\n  ENV['NO_SUCH_TOKEN']\n  exit!(9)\nend\nsleep 0.1\n", 9)


def test_the_error_that_was_being_handled():
    run = ended("require_relative 'reader'\ndef main\n  key\nrescue KeyError\n  abort 'no key'\nend\nmain\n")
    assert raises(run, handled=True) == [("KeyError", "reader.rb:2", "key")], run.of("raise")
    assert exit_place(run) == ("app.rb:5", "main"), run.of("exit")
    assert "no key" not in str(run.events), "a message is told"


def test_nothing_of_ruby_is_replaced():
    """So ends=0 changes nothing."""
    run = ended("def leave = exit(3)\nleave\n", 3, settings="ends=0")
    assert exit_place(run) == ("app.rb:1", "leave"), run.of("exit")


def test_a_program_sees_nothing_of_it():
    ended("""before = ObjectSpace.count_objects.keys
p Signal.list.size, ObjectSpace.each_object(Proc).count, Kernel.global_variables.sort, Object.constants.sort.size
trace = TracePoint.new(:c_call) { |t| $seen = t.method_id }
at_exit { p $!.class, caller }
trace.enable { [1].each { } }
p $seen
raise 'x'
""")


@story.each(("-c", ["-c"]), ("-h", ["-h"]), ("--version", ["--version"]), ("-n", ["-n", "-e", "exit 3"]), ("-l", ["-W0", "-e", "abort"]))
def test_other_ways_to_start(flags):
    which("ruby")
    app = program("exit 3\n")
    alone, run = bare(["ruby", *flags, app]), recorded(["ruby", *flags, app])
    assert (run.status, run.out, run.err) == (alone.status, alone.out, alone.err)


# ---- what the report makes of it --------------------------------------------------------------


def test_a_worker_dies_of_its_key():
    program("def key\n  ENV.fetch('OPENAI_API_KEY')\nend\nkey\n", "worker.rb")
    app = program("pid = spawn({'OPENAI_API_KEY' => nil}, 'ruby', 'worker.rb')\nProcess.wait(pid)\nexit $?.exitstatus\n")
    run = recorded([which("ruby"), app], story.with_key("OPENAI_API_KEY"))
    finding = story.expect_fault(run, "KT203", "OPENAI_API_KEY")
    assert finding["victim"]["end"] == "failed-by-it", finding


def test_a_worker_dies_of_something_else():
    """The same, but the name is optional, and a file is not there."""
    program("ENV.fetch('HF_TOKEN', nil)\nFile.read('/no such file')\n", "worker.rb")
    app = program("pid = spawn('ruby', 'worker.rb')\nProcess.wait(pid)\nexit $?.exitstatus\n")
    run = recorded([which("ruby"), app])
    assert [e["type"] for e in run.of("raise")] == ["Errno::ENOENT"], run.of("raise")
    assert run.status == 1 and run.of("read", name="HF_TOKEN", found=False), run.of("read")
    assert not run.findings("fault") and not run.findings("warning"), run.findings()


RAISED_BY = (("raise 'x'", None), ("def f() raise('x')\nend\nf", None), ("[1].each { raise 'x' }", None), ("[1].each do\n  raise 'x'\nend", None),
             ("Integer('x')", "operation"), ("{}.fetch(:x)", "operation"), ("require 'optparse'\nOptionParser.new.parse!(['--no'])", "optparse.rb"))


def test_what_raised_an_exception():
    found = [(text, ended(text + "\n").of("raise")[0].get("by")) for text, _ in RAISED_BY]
    assert found == list(RAISED_BY), [f for f, wanted in zip(found, RAISED_BY) if f != wanted]
