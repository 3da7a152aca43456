"""A program in Go makes its own system calls: no call of it is seen. The line is found in its sources, where only one can be it."""
import json
import os
import re
import time

import story
from story import bare, each, program, recorded

LONG = {"without paths": "builds the packages of Go anew"}
KEY = "OPENAI_API_KEY"
WORKER = "import os\n\nkey = os.environ['OPENAI_API_KEY']\n"
OWN = '[]string{"PATH=" + os.Getenv("PATH"), "LD_PRELOAD=" + os.Getenv("LD_PRELOAD"), "KEYTRAIL=" + os.Getenv("KEYTRAIL")}'
GIVES = OWN.replace("}", ', "OPENAI_API_KEY=" + os.Getenv("OPENAI_API_KEY")}')
HEAD = 'package main\n\nimport ("os"; "os/exec")\n\n'
ONE = HEAD + """func main() {
	c := exec.Command("python3", "worker.py")
	c.Env = %s
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if c.Run() != nil { os.Exit(1) }
}
"""
RUN = "\n\tif c.Run() != nil { os.Exit(1) }\n}\n"
UNKNOWN = r"launch( worker\.py)?( true)? \(pid \d+\) starts python3 worker\.py without"


def written(files):
    for name, text in files.items():
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        program(text, name)


def headline(files, *build, before=lambda: None, command=("./launch",), env=None):
    written({"worker.py": WORKER, **files})
    story.built_in_go("launch", *build)
    before()
    run = recorded(list(command), story.environment(**{KEY: story.openai_key(), **(env or {})}))
    story.asked("pack", "-o", "packed.jsonl", run.trace)
    packed = json.loads(story.asked("report", "-f", "json", "packed.jsonl"))
    assert packed["headline"] == run.report["headline"], packed["headline"]
    return run.report["headline"]


def expect(said, place):
    assert re.match(place, said), said


def module(**files):
    """In a directory of its own: Go overlooks a module in that of temporary files."""
    return {"m/go.mod": "module example.com/shop\n\ngo 1.18\n", **{f"m/{name}": text for name, text in files.items()}}


CLEAN = 'package envs\n\nimport ("os"; "os/exec")\n\nfunc Clean(c *exec.Cmd) {\n\tc.Env = ' + OWN + "\n}\n"
CALLS = 'package main\n\nimport ("os"; "os/exec"; "example.com/shop/envs")\n\nfunc main() {\n\tc := exec.Command("python3", "worker.py")\n\tenvs.Clean(c)' + RUN
HELPER = 'package main\n\nimport "os"\n\nfunc list() []string {\n\treturn ' + OWN + "\n}\n"
TWO = HEAD + 'func other() {\n\tc := exec.Command("true", "x")\n\tc.Env = %s\n\tc.Run()\n}\n\nfunc main() {\n\tother()\n\tc := exec.Command("python3", %s)\n\tc.Env = %s' + RUN
LITERAL = HEAD + 'func main() {\n\tpath, _ := exec.LookPath("python3")\n\tc := &exec.Cmd{\n\t\tPath: path,\n\t\tArgs: []string{"python3", "worker.py"},\n\t\tEnv: ' + OWN + ",\n\t}" + RUN
PROCESS = HEAD + ('func main() {\n\tpath, _ := exec.LookPath("python3")\n\tp, err := os.StartProcess(path, []string{"python3", "worker.py"}, &os.ProcAttr{\n\t\tEnv: ' + OWN + ',\n'
    '\t\tFiles: []*os.File{nil, os.Stdout, os.Stderr}})\n\tif err != nil { panic(err) }\n\ts, _ := p.Wait()\n\tos.Exit(s.ExitCode())\n}\n')
BECOMES = 'package main\n\nimport ("os"; "os/exec"; "syscall")\n\nfunc main() {\n\tpath, _ := exec.LookPath("python3")\n%s\tsyscall.Exec(path, []string{"python3", "worker.py"}, %s)\n}\n'
CONTEXT = ONE.replace("exec.Command(", "exec.CommandContext(context.Background(), ").replace('"os";', '"context"; "os";')
CERTAIN = (
    ("one file", {"launch.go": ONE % OWN}, "launch.go:7 starts python3 worker.py without OPENAI_API_KEY; worker.py:3 misses it"),
    ("with a context", {"launch.go": CONTEXT % OWN}, "launch.go:7 starts"),
    ("comments and texts", {"launch.go": HEAD + "/* c.Env = nil\n c.Env = nil */\nvar text = `\nc.Env = nil\n`\nvar more = \"c.Env = \\\"x\\\" c.Env = y\"\n// c.Env = nil\n" + (ONE % OWN)[len(HEAD):]}, "launch.go:14 starts"),
    ("two files of main", module(**{"a.go": HEAD + 'func main() {\n\tc := exec.Command("python3", "worker.py")\n\tc.Env = list()' + RUN, "b.go": HELPER}), "m/a.go:7 starts"),
    ("another package of the module", module(**{"main.go": CALLS, "envs/envs.go": CLEAN}), "m/envs/envs.go:6 starts"),
    ("two launches, of which one has the command", {"launch.go": TWO % (OWN, '"worker.py"', OWN)}, "launch.go:14 starts"),
    ("two launches, of which one hands on all", {"launch.go": TWO % ("os.Environ()", "os.Args[1]", OWN)}, "launch.go:14 starts"),
    ("a literal of exec.Cmd", {"launch.go": LITERAL}, "launch.go:10 starts"),
    ("os.StartProcess", {"launch.go": PROCESS}, "launch.go:8 starts"),
    ("syscall.Exec", {"launch.go": BECOMES % ("", OWN)}, "launch.go:7 starts"),
    ("added to an empty list", {"launch.go": ONE % ("append(c.Env, " + OWN + "...)")}, "launch.go:7 starts"),
    ("linked with libc", {"launch.go": (ONE % OWN).replace("import (", 'import "C"\nimport (')}, "launch.go:8 starts"),
    ("another line has the key", {"launch.go": (TWO % (GIVES, "os.Args[1]", OWN)).replace('"true", "x"', '"python3", os.Args[1]').replace("\tother()\n", "\tif len(os.Args) > 9 { other() }\n")}, "launch.go:14 starts"),
    ("a member with another type", {"launch.go": (ONE % OWN).replace("func main() {", 'type config struct { Env string }\n\nvar settings = config{Env: "prod"}\n\nfunc main() {\n\tsettings.Env = "test"')}, "launch.go:12 starts"),
)


@each(*CERTAIN)
def test_the_line_that_leaves_the_key_out(files, place):
    command = ("./launch", "worker.py")
    expect(headline(files, *(("-C", "m") if "m/go.mod" in files else ("launch.go",)), command=command), place)


UNCERTAIN = (
    ("two launches, neither with words", {"launch.go": (TWO % (OWN, "os.Args[1]", OWN)).replace('"true", "x"', "os.Args[2]")}),
    ("os.Unsetenv", {"launch.go": (ONE % "os.Environ()").replace("\tc :=", '\tos.Unsetenv("OPENAI_API_KEY")\n\tc :=')}),
    ("os.Unsetenv and a list", {"launch.go": (ONE % OWN).replace("\tc :=", '\tos.Unsetenv("OPENAI_API_KEY")\n\tc :=')}),
    ("another command in the source", {"launch.go": (ONE % OWN).replace('"python3", "worker.py"', '"sh", "-c", os.Args[1] + " worker.py"').replace("c.Env =", 'c.Path, _ = exec.LookPath("python3"); c.Args = []string{"python3", os.Args[1]}; c.Env =')}),
    ("a variable of a type that is not written", {"launch.go": (ONE % OWN).replace('c := exec.Command("python3", "worker.py")', "c := made()") + 'func made() *exec.Cmd { return exec.Command("python3", "worker.py") }\n'}),
    ("a package under another name", {"launch.go": HEAD.replace('"os/exec"', 'run "os/exec"') + (ONE % OWN)[len(HEAD):].replace("exec.", "run.")}),
)


@each(*UNCERTAIN)
def test_no_line_where_it_may_be_another(files):
    expect(headline(files, "launch.go", command=("./launch", "worker.py", "true")), UNKNOWN)


def edit():
    time.sleep(0.02)
    with open("launch.go", "a") as file:
        file.write("// edited\n")


@each(("edited since", [], edit),
      ("stripped", ["-ldflags", "-s -w"], lambda: None),
      ("without paths", ["-trimpath"], lambda: None),
      ("removed", [], lambda: os.remove("launch.go")))
def test_no_line_of_other_sources(flags, before):
    expect(headline({"launch.go": ONE % OWN}, *flags, "launch.go", before=before), UNKNOWN)


def test_no_line_of_a_program_that_was_built_anew():
    written({"worker.py": WORKER, "launch.go": ONE % OWN})
    story.built_in_go("launch", "launch.go")
    run = recorded(["./launch"], story.environment(**{KEY: story.openai_key()}))
    time.sleep(0.02)
    written({"launch.go": "\n\n" + ONE % OWN})
    story.built_in_go("launch", "launch.go")
    said = json.loads(story.asked("report", "-f", "json", run.trace))["headline"]
    expect(said, UNKNOWN)


def test_a_static_program_between():
    """busybox took the key away, and becomes the worker."""
    written({"worker.py": WORKER, "launch.go": HEAD + 'func main() {\n\tc := exec.Command(os.Args[1], "env", "-u", "OPENAI_API_KEY", "python3", "worker.py")\n\tc.Env = os.Environ()[:]' + RUN})
    story.built_in_go("launch", "launch.go")
    run = recorded(["./launch", story.static_busybox()], story.environment(**{KEY: story.openai_key()}))
    assert "launch.go" not in run.report["headline"], run.report["headline"]


def test_another_go_program_between():
    """The first one hands on all to what drops the key: neither is seen."""
    written({"worker.py": WORKER, "drop.go": ONE % OWN,
             "launch.go": HEAD + 'func main() {\n\tc := exec.Command(os.Args[1], os.Args[2:]...)\n\tc.Env = os.Environ()[:]' + RUN})
    story.built_in_go("drop", "drop.go")
    story.built_in_go("launch", "launch.go")
    run = recorded(["./launch", "./drop"], story.environment(**{KEY: story.openai_key()}))
    assert run.status and "launch.go" not in run.report["headline"], run.report["headline"]


LIBRARY = 'package lib\n\nimport "os/exec"\n\nfunc Run(name string, more ...string) *exec.Cmd {\n\treturn exec.Command(name, more...)\n}\n'


def test_a_library_that_starts_programs():
    """Outside of the module: its launch may be it, unless the module's own has the command."""
    files = {"m/go.mod": "module example.com/shop\n\ngo 1.18\n\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ../lib\n",
             "lib/go.mod": "module example.com/lib\n\ngo 1.18\n", "lib/lib.go": LIBRARY,
             "m/main.go": 'package main\n\nimport ("os"; "os/exec"; "example.com/lib")\n\nfunc main() {\n\tlib.Run("true").Run()\n\tc := exec.Command("python3", %s)\n\tc.Env = ' + OWN + RUN}
    command = ("./launch", "worker.py")
    written({**files, "m/main.go": files["m/main.go"] % "os.Args[1]"})
    expect(headline({}, "-C", "m", command=command), UNKNOWN)
    written({**files, "m/main.go": files["m/main.go"] % '"worker.py"'})
    expect(headline({}, "-C", "m", command=command), "m/main.go:8 starts")


def test_the_key_is_passed_twice():
    files = {"launch.go": BECOMES % ("", 'append(os.Environ(), "OPENAI_API_KEY="+os.Getenv("NEXT"))'),
             "worker.py": WORKER + "if not key.endswith('NEWER'):\n    raise SystemExit('401 invalid API key')\n"}
    expect(headline(files, "launch.go", env={"NEXT": story.openai_key() + "NEWER"}), "launch.go:7 passes two entries of OPENAI_API_KEY")


@each(("all is handed on", ONE % "os.Environ()"),
      ("more is added", ONE % 'append(os.Environ(), "A=b")'),
      ("the key is in the list", ONE % GIVES),
      ("it becomes the program", BECOMES % ("", "os.Environ()")))
def test_an_innocent_launcher(text):
    written({"worker.py": WORKER, "launch.go": text})
    story.built_in_go("launch", "launch.go")
    run = recorded(["./launch"], story.environment(**{KEY: story.openai_key()}))
    assert not run.status and not run.report["findings"], run.report["headline"]
