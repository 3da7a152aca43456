"""A Ruby program that takes all of ENV: later reads are of the copy, and are not heard."""
import os

import story
from story import bare, recorded, which

KEY = "OPENAI_API_KEY"


def program(text, name="app.rb"):
    return story.program(text, name)


def copies(text, env=None, flags=()):
    """The lines that copied, and the run; the program is the same without us."""
    command = [which("ruby"), *flags, program(text)]
    alone = bare(command, env)
    run = recorded(command, env)
    assert (run.status, run.out, run.err) == (alone.status, alone.out, alone.err) and not run.status, (run.err, alone.err)
    assert all(e["fn"] == "ENV" and e["in"] for e in run.of("copy")), run.of("copy")
    return [e["site"].split("/")[-1] for e in run.of("copy")], run


COPIES = """a = ENV.to_h
b = {**ENV}
c = ENV.to_hash
d = ENV.to_h { |k, v| [k.downcase, v] }
e = ENV.each { |k, v| break }
f = ENV.map { |k, v| v }
g = ENV.select { |k, v| k == 'HOME' }
h = ENV.filter { false }
i = ENV.reject { true }
j = ENV.to_a
k = ENV.values
l = ENV.invert
m = Hash[ENV.to_a]
n = ENV.each_pair.first
o = ENV.find { |k, v| k == 'HOME' }
p_ = ENV.sort_by { |k, v| v }
def function(**all) = 0
function(**ENV.to_h)
class Settings
  def initialize = @all = ENV.to_h
end
Settings.new
ENV.respond_to?(:except) ? ENV.except('HOME') : ENV.to_h
"""
LINES = [*range(1, 17), 18, 20, 23]


@story.each(("plain", ()), ("without gems", ("--disable=gems",)), ("compiled at run time", ("--yjit", "--yjit-call-threshold=1")))
def test_every_form_of_copy(flags):
    """Whether a watched variable is there or not: who copies does not ask for it later."""
    if bare([which("ruby"), *flags, "-e", "0"]).status:
        story.skip("this ruby has no such option")
    for more in ({}, {KEY: story.openai_key()}):
        found, run = copies(COPIES, story.environment(**more), flags)
        assert found == [f"app.rb:{n}" for n in LINES], found
        reads = {e["site"].rsplit(":", 1)[1] for e in run.of("read", name=KEY)}
        assert reads <= {"7", "8", "9"}, run.of("read")  # select and reject ask libc for each name
    event = [e for e in run.of("copy") if e["site"].endswith(":20")][0]
    assert event["in"] == "initialize" and event["callers"][0].endswith("app.rb:22 <main>"), event


def test_what_is_no_copy():
    found, _ = copies(f"""require 'open3'
ENV.keys; ENV.each_key {{ }}; ENV.size; ENV.key?('X'); ENV.fetch('{KEY}', nil); ENV['{KEY}']
ENV.inspect; ENV.to_s; ENV.slice('{KEY}'); ENV.values_at('{KEY}'); ENV == ENV
system('/bin/true'); `/bin/true`; spawn({{'A' => 'b'}}, '/bin/true'); Process.wait
Open3.capture2('/bin/true')
Process.wait(fork {{ exec('/bin/true') }})
ENV.update('A' => 'b'); ENV.delete_if {{ |k, v| k == 'A' }}; ENV.keep_if {{ true }}
""")
    assert not found, found


def test_a_place_is_told_once():
    found, _ = copies("100.times { ENV.to_h }\n5.times do\n  ENV.each { }\nend\n")
    assert found == ["app.rb:1", "app.rb:3"], found


def test_a_gem_that_copies_is_told_with_its_caller():
    program("module Settings\n  def self.load = read\n  def self.read = ENV.to_h\nend\n", "gems/settings-1.0.0/lib/settings.rb")
    _, run = copies("$:.unshift 'gems/settings-1.0.0/lib'\nrequire 'settings'\nSettings.load\n")
    event, = run.of("copy")
    assert event["site"].endswith("settings-1.0.0/lib/settings.rb:3"), event
    assert [c.split("/")[-1] for c in event["callers"]] == ["settings.rb:2 load", "app.rb:3 <main>"], event


def test_bundler_copies_to_restore():
    which("bundle")
    program("", "Gemfile")
    app = program("Bundler.with_unbundled_env { system('/bin/true') }\n")
    run = recorded([which("bundle"), "exec", "ruby", app])
    assert run.status == 0 and not run.of("copy"), run.of("copy")


def test_what_a_method_tells_of_itself():
    copies("""%i[to_h each select].each do |name|
  m = ENV.method(name)
  p m.arity, m.parameters, m.source_location, m.name, m.owner.singleton_class?
end
p ENV.singleton_methods.sort, ENV.each.size == ENV.size, ENV.to_h.size == ENV.size
begin
  ENV.each { raise 'x' }
rescue => e
  puts e.backtrace
end
begin
  ENV.to_h { 1 }
rescue TypeError => e
  puts e.message
end
p ENV.each { break 7 }, catch(:x) { ENV.each { throw :x, 8 } }
e = ENV.each
p e.next.size, e.next.size
GC.stress = true
ENV.to_h; ENV.each { }
GC.stress = false
r = Ractor.new { ENV.to_h.size } if RUBY_VERSION < '3' || true
p r.respond_to?(:value) ? r.value == ENV.size : r.take == ENV.size
class << ENV
  alias old to_h
  def to_h(...) = old(...)
end
p ENV.to_h.size == ENV.size
""", flags=("-W0",))


def test_ends_0_replaces_nothing():
    app = program("ENV.to_h\n")
    trace = os.path.abspath("trace")
    bare([which("ruby"), app], story.preloaded(story.environment(), trace, "ends=0"))
    events = story.events_of(trace)
    assert events and not [e for e in events if e["e"] == "copy"], events
