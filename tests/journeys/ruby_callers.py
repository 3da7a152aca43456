"""Who called the line of a Ruby program: the outermost frame of each library on the way, and the first
three of the program."""
import story
from story import bare, recorded, which

KEY = "OPENAI_API_KEY"


def program(text, name="app.rb"):
    return story.program(text, name)


def ran(text, env=None, status=0):
    app = program(text)
    alone = bare([which("ruby"), app], env)
    run = recorded([which("ruby"), app], env)
    assert (run.status, run.out, run.err) == (alone.status, alone.out, alone.err), (run.err, alone.err)
    assert run.status == status, run.err
    return run


def short(place):
    """Less the directory: of a gem its name and the file, else the file."""
    path, _, rest = place.partition(":")
    parts = path.split("/")
    name = [parts[parts.index("gems") + 1].rpartition("-")[0]] if "gems" in parts else []
    return "/".join(name + parts[-1:]) + ":" + rest


def of_place(run, event):
    """The lines of an event whose callers an earlier one of the same place has."""
    return told(next(e for e in run.events if e.get("image") == event["image"] and e.get("place") == event["place"]))


def told(event):
    return [short(event["site"])] + [short(c) for c in event.get("callers", ())]


def client(name="client"):
    """A gem whose outer function asks through an inner one."""
    program(f"require '{name}/inner'\nmodule Client\n  def self.ask(name) = Inner.get(name)\nend\n", f"gems/{name}-1.2.0/lib/{name}.rb")
    program("module Client\n  module Inner\n    def self.get(name)\n      again(name)\n    end\n"
            "    def self.again(name) = [name].map { |n| ENV[n] }\n  end\nend\n", f"gems/{name}-1.2.0/lib/{name}/inner.rb")


USES_CLIENT = f"""$:.unshift 'gems/client-1.2.0/lib'
require 'client'
def load_all
  Client.ask('{KEY}')
end
def main = [1].each {{ load_all }}
main
"""


def test_of_a_gem_the_outermost_frame():
    client()
    event, = ran(USES_CLIENT).of("read", name=KEY)
    assert told(event) == ["client/inner.rb:6", "client/client.rb:3 ask", "app.rb:4 load_all", "app.rb:6 main", "app.rb:7 <main>"], event
    assert event["in"] == "again" and event["place"] == 1, event


@story.each(*((kind, value) for kind, value in (
    ("absent", None), ("empty", ""), ("quoted", "'sk-abc'"), ("with a line end", "sk-abc\n"))))
def test_who_asks_for_what_is_not_right(value):
    env = story.environment() if value is None else story.environment(**{KEY: value})
    client()
    event, = ran(USES_CLIENT, env).of("read", name=KEY)
    assert len(event["callers"]) == 4, event


def test_a_good_value_has_callers_in_a_library_alone():
    client()
    env = story.environment(**{KEY: story.openai_key()})
    event, = ran(USES_CLIENT, env).of("read", name=KEY)
    assert event["callers"] and event["place"], event
    event, = ran(f"ENV['{KEY}']\n", env).of("read", name=KEY)
    assert "callers" not in event and "place" not in event and event["site"], event


def test_the_standard_library_is_passed_over():
    """delegate.rb and open3.rb lie between the program and what it does."""
    run = ran("require 'delegate'\nrequire 'open3'\n"
              f"class Names < SimpleDelegator; end\nNames.new(ENV).fetch('{KEY}', nil)\ndef go\n  Open3.capture2('/bin/true')\nend\ngo\n")
    assert told(run.of("read", name=KEY)[0]) == ["app.rb:4"], run.of("read")
    assert [told(e) for e in run.of("exec") if "callers" in e] == [["app.rb:6", "app.rb:8 <main>"]], run.of("exec")


def test_changes_and_launches():
    run = ran("def set\n  ENV['A_TOKEN'] = 'x'\nend\ndef drop = ENV.delete('A_TOKEN')\ndef go\n  system('/bin/true')\n  `/bin/true`\nend\n"
              "set\ndrop\ngo\n")
    assert told(run.of("set")[0]) == ["app.rb:2", "app.rb:9 <main>"], run.of("set")
    assert told(run.of("unset")[0]) == ["app.rb:4", "app.rb:10 <main>"], run.of("unset")
    assert [told(e) for e in run.of("fork") + run.of("exec") if "site" in e] == [
        ["app.rb:6", "app.rb:11 <main>"], ["app.rb:7", "app.rb:11 <main>"]] * 2, run.of("exec")


def test_callers_are_told_once():
    run = ran("def ask(n) = ENV[n]\nask('A_TOKEN')\n3.times do |i|\n  ask(\"N#{i}_TOKEN\")\nend\n")
    reads = [e for e in run.of("read") if e["name"].endswith("_TOKEN")]
    assert [("callers" in e, e["place"]) for e in reads] == [(True, 1), (True, 2), (False, 2), (False, 2)], reads


def test_far_away():
    run = ran(f"def down(n) = n.zero? ? ENV['{KEY}'] : down(n - 1)\ndown(40)\ndown(200)\n")
    event, *_ = run.of("read", name=KEY)
    assert told(event) == ["app.rb:1", "app.rb:2 <main>"], event


def test_threads_fibers_and_a_collector_under_stress():
    run = ran(f"""GC.stress = true
def ask(n) = ENV[n]
Thread.new {{ ask('{KEY}') }}.join
Fiber.new {{ ask('FIBER_TOKEN') }}.resume
e = Enumerator.new {{ |y| y << ask('ENUM_TOKEN') }}
e.next
""")
    for name, line in ((KEY, 3), ("FIBER_TOKEN", 4), ("ENUM_TOKEN", 5)):
        assert told(run.of("read", name=name)[0]) == ["app.rb:2", f"app.rb:{line} <main>"], run.of("read", name=name)


# ---- real gems ------------------------------------------------------------------------------


def with_gem(text, gem="dotenv"):
    which("bundle")
    if bare([which("ruby"), "-e", f"exit(Gem::Specification.find_all_by_name('{gem}').empty? ? 1 : 0)"]).status:
        story.skip(f"no gem {gem} here")
    program(f"gem '{gem}'\n", "Gemfile")
    app = program(text)
    return recorded([which("bundle"), "exec", "ruby", app])


def test_bundler_and_dotenv():
    program("OTHER_TOKEN=x\n", ".env")
    run = with_gem(f"require 'dotenv'\ndef start\n  Dotenv.load\nend\nstart\ndef key\n  ENV.fetch('{KEY}', nil)\nend\nkey or exit! 1\n")
    launch, = [e for e in run.of("exec") if "bundler" in e.get("site", "")]
    assert launch["callers"][-1].endswith("/bin/bundle:" + launch["callers"][-1].rsplit(":", 1)[1]), launch
    changed, = run.of("set", name="OTHER_TOKEN")
    assert "/gems/dotenv-" in changed["site"] and of_place(run, changed)[-2:] == ["app.rb:3 start", "app.rb:5 <main>"], changed
    assert told(run.of("read", name=KEY)[0]) == ["app.rb:7", "app.rb:9 <main>"], run.of("read", name=KEY)
    finding, = [f for f in run.report["findings"] if f["variable"] == KEY]
    assert short(finding["victim"]["site"]) == "app.rb:7" and [short(c) for c in finding["victim"]["callers"]] == ["app.rb:9"], finding
