"""The table of languages in docs/limits.md is what small programs of each language show. Each cell has one
program, which does one thing on the line that says HERE."""
import json
import os
import re
import subprocess

import story
from story import recorded, skip, which

LONG = {r"\[(Go|Java|Rust|Bun|Deno)\b": "builds eight programs, or is a download"}
CELLS = ("miss", "set", "unset", "launch", "copy", "error", "exit", "signal")
HEADS = ("a miss", "a set", "an unset", "a launch", "a copy", "an error", "an exit", "a signal")
LINE, SEEN, NOT = "line", "seen", "not"


# ---- programs -------------------------------------------------------------------

PYTHON = {
    "miss": 'import os\nos.environ.get("MISS_TOKEN") # HERE\n',
    "set": 'import os\nos.environ["SET_TOKEN"] = "x" # HERE\n',
    "unset": 'import os\ndel os.environ["UNSET_TOKEN"] # HERE\n',
    "launch": 'import subprocess\nsubprocess.run(["/bin/true"]) # HERE\n',
    "copy": 'import os\nx = dict(os.environ) # HERE\n',
    "error": 'x = 1\nraise ValueError("x") # HERE\n',
    "exit": 'import sys\nsys.exit(3) # HERE\n',
    "signal": 'import os\nos.kill(os.getpid(), 15) # HERE\n',
}
NODE = {
    "miss": 'let x = 1;\nx = process.env.MISS_TOKEN; // HERE\n',
    "set": 'let x = 1;\nprocess.env.SET_TOKEN = "x"; // HERE\n',
    "unset": 'let x = 1;\ndelete process.env.UNSET_TOKEN; // HERE\n',
    "launch": 'const c = require("child_process");\nc.spawnSync("/bin/true"); // HERE\n',
    "copy": 'let x = 1;\nx = { ...process.env }; // HERE\n',
    "error": 'let x = 1;\nthrow new TypeError("x"); // HERE\n',
    "exit": 'let x = process.env.HOME;\nprocess.exit(3); // HERE\n',
    "signal": 'setTimeout(() => {}, 9000);\nprocess.kill(process.pid, "SIGTERM"); // HERE\n',
}
DENO = {**NODE, **{
    "miss": 'let x = 1;\nx = Deno.env.get("MISS_TOKEN"); // HERE\n',
    "set": 'let x = 1;\nDeno.env.set("SET_TOKEN", "x"); // HERE\n',
    "unset": 'let x = 1;\nDeno.env.delete("UNSET_TOKEN"); // HERE\n',
    "launch": 'let x = 1;\nnew Deno.Command("/bin/true").outputSync(); // HERE\n',
    "copy": 'let x = 1;\nx = Deno.env.toObject(); // HERE\n',
    "exit": 'let x = 1;\nDeno.exit(3); // HERE\n',
    "signal": 'setTimeout(() => {}, 9000);\nDeno.kill(Deno.pid, "SIGTERM"); // HERE\n',
}}
RUBY = {
    "miss": 'x = 1\nENV["MISS_TOKEN"] # HERE\n',
    "set": 'x = 1\nENV["SET_TOKEN"] = "x" # HERE\n',
    "unset": 'x = 1\nENV.delete("UNSET_TOKEN") # HERE\n',
    "launch": 'x = 1\nsystem("/bin/true") # HERE\n',
    "copy": 'x = 1\nx = ENV.to_h # HERE\n',
    "error": 'x = 1\nraise ArgumentError, "x" # HERE\n',
    "exit": 'x = 1\nexit 3 # HERE\n',
    "signal": 'x = 1\nProcess.kill(:TERM, $$); sleep 9 # HERE\n',
}
PHP = {
    "miss": '<?php\ngetenv("MISS_TOKEN"); // HERE\n',
    "set": '<?php\nputenv("SET_TOKEN=x"); // HERE\n',
    "unset": '<?php\nputenv("UNSET_TOKEN"); // HERE\n',
    "launch": '<?php\nexec("/bin/true"); // HERE\n',
    "copy": '<?php\n$x = getenv(); // HERE\n',
    "error": '<?php\nthrow new Exception("x"); // HERE\n',
    "exit": '<?php\nexit(3); // HERE\n',
    "signal": '<?php\nposix_kill(posix_getpid(), 15); // HERE\nsleep(9);\n',
}
PERL = {
    "miss": 'my $x = 1;\n$x = $ENV{MISS_TOKEN}; # HERE\n',
    "set": 'my $x = 1;\n$ENV{SET_TOKEN} = "x"; # HERE\n',
    "unset": 'my $x = 1;\ndelete $ENV{UNSET_TOKEN}; # HERE\n',
    "launch": 'my $x = 1;\nsystem("/bin/true"); # HERE\n',
    "copy": 'my $x = 1;\nmy %e = %ENV; # HERE\n',
    "error": 'my $x = 1;\ndie "x"; # HERE\n',
    "exit": 'my $x = 1;\nexit 3; # HERE\n',
    "signal": 'my $x = 1;\nkill TERM => $$; # HERE\nsleep 9;\n',
}
SHELL = {
    "miss": 'true\nx="$MISS_TOKEN" # HERE\n',
    "set": 'true\nexport SET_TOKEN=x # HERE\n',
    "unset": 'true\nunset UNSET_TOKEN # HERE\n',
    "launch": 'true\n/bin/true # HERE\ntrue\n',
    "copy": 'true\nx="$(set)" # HERE\n',
    "error": 'set -eu\ntrue\n: "${MISS_TOKEN:?no key}" # HERE\ntrue\n',
    "exit": 'true\nexit 3 # HERE\n',
    "signal": 'true\nkill -TERM $$ # HERE\ntrue\n',
}
TCL = {
    "miss": 'set x 1\ncatch {set x $env(MISS_TOKEN)} ;# HERE\n',
    "set": 'set x 1\nset env(SET_TOKEN) x ;# HERE\n',
    "unset": 'set x 1\nunset env(UNSET_TOKEN) ;# HERE\n',
    "launch": 'set x 1\nexec /bin/true ;# HERE\n',
    "copy": 'set x 1\narray set x2 [array get env] ;# HERE\n',
    "error": 'set x 1\nerror "x" ;# HERE\n',
    "exit": 'set x 1\nexit 3 ;# HERE\n',
    "signal": 'set x 1\nexec kill -TERM [pid] ;# HERE\nafter 9000\n',
}
LUA = {
    "miss": 'local x = 1\nx = os.getenv("MISS_TOKEN") -- HERE\n',
    "launch": 'local x = 1\nos.execute("/bin/true") -- HERE\n',
    "error": 'local x = 1\nerror("x") -- HERE\n',
    "exit": 'local x = 1\nos.exit(3) -- HERE\n',
    "signal": 'local x = 1\nos.execute("kill -TERM $PPID") -- HERE\n',
}
JAVA = {cell: "class App { public static void main(String[] a) throws Exception {\n" + text + " // HERE\n} }\n" for cell, text in {
    "miss": 'System.getenv("MISS_TOKEN");',
    "launch": 'new ProcessBuilder("/bin/true").start().waitFor();',
    "copy": 'new java.util.HashMap<>(System.getenv());',
    "error": 'if (a.length == 0) throw new IllegalStateException("x");',
    "exit": 'System.exit(3);',
    "signal": 'new ProcessBuilder("kill", "-TERM", "" + ProcessHandle.current().pid()).start(); Thread.sleep(9000);',
}.items()}
GO = {cell: 'package main\nimport ("os"; "os/exec"; "syscall")\nvar _ = exec.Command\nvar _ = syscall.Kill\nvar _ = os.Args\n'
      "func main() {\n" + text + " // HERE\n}\n" for cell, text in {
    "miss": 'os.Getenv("MISS_TOKEN")',
    "set": 'os.Setenv("SET_TOKEN", "x")',
    "unset": 'os.Unsetenv("UNSET_TOKEN")',
    "launch": 'exec.Command("/bin/true").Run()',
    "copy": '_ = os.Environ()',
    "error": 'panic("x")',
    "exit": 'os.Exit(3)',
    "signal": 'syscall.Kill(os.Getpid(), 15); select {}',
}.items()}
C_BEGIN = "#include <stdlib.h>\n#include <signal.h>\n#include <string.h>\n#include <unistd.h>\nextern char **environ;\nint main(void)\n{\n"
C = {cell: C_BEGIN + text + " // HERE\n\treturn 0;\n}\n" for cell, text in {
    "miss": 'getenv("MISS_TOKEN");',
    "set": 'setenv("SET_TOKEN", "x", 1);',
    "unset": 'unsetenv("UNSET_TOKEN");',
    "launch": 'system("/bin/true");',
    "copy": 'for (char **e = environ; *e; e++) strdup(*e);',
    "error": 'abort();',
    "exit": 'exit(3);',
    "signal": 'kill(getpid(), SIGTERM); pause();',
}.items()}
CXX = {cell: text.replace("#include <stdlib.h>", "#include <stdlib.h>\n#include <stdexcept>").replace("abort();", 'throw std::runtime_error("x");')
       for cell, text in C.items()}
RUST = {cell: "#[allow(unused)]\nfn main() {\n" + text + " // HERE\n}\n" for cell, text in {
    "miss": 'std::env::var("MISS_TOKEN");',
    "set": 'unsafe { std::env::set_var("SET_TOKEN", "x") };',
    "unset": 'unsafe { std::env::remove_var("UNSET_TOKEN") };',
    "launch": 'std::process::Command::new("/bin/true").status();',
    "copy": 'let e: Vec<_> = std::env::vars().collect();',
    "error": 'None::<i32>.expect("x");',
    "exit": 'std::process::exit(3);',
    "signal": 'extern "C" { fn kill(p: i32, s: i32) -> i32; } unsafe { kill(std::process::id() as i32, 15) }; std::thread::sleep(std::time::Duration::from_secs(9));',
}.items()}


# ---- how to run them ------------------------------------------------------------

def script(interpreter, name, *options):
    def command(text):
        with open(name, "w") as file:
            file.write(text)
        return [interpreter() if callable(interpreter) else which(interpreter), *options, name]
    return command


def built(compiler, name, *options):
    def command(text):
        with open(name, "w") as file:
            file.write(text)
        env = {**os.environ, "GOCACHE": os.path.abspath("cache"), "GOFLAGS": "-mod=mod"}
        done = subprocess.run([which(compiler), *options, name], capture_output=True, env=env, timeout=300)
        assert done.returncode == 0, done.stderr.decode()
        return [os.path.abspath("app")]
    return command


def java(text):
    with open("App.java", "w") as file:
        file.write(text)
    done = subprocess.run([which("javac"), "-g", "App.java"], capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    return [which("java"), "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", ".", "App"]


def package(name, part):
    """A runtime that scripts/setup long fetches from npm."""
    return os.path.join(story.fetched(name, *story.downloads(name)), part)


LANGUAGES = {  # name in the page: (programs, command)
    "Python": (PYTHON, script(lambda: story.PYTHON, "app.py")),
    "Node": (NODE, script("node", "app.js")),
    "Bun": (NODE, script(lambda: package("@oven/bun-linux-x64", "bin/bun"), "app.js")),
    "Deno": (DENO, script(lambda: package("@deno/linux-x64-glibc", "deno"), "app.js", "run", "-A", "--quiet")),
    "Ruby": (RUBY, script("ruby", "app.rb")),
    "PHP": (PHP, script("php", "app.php")),
    "Perl": (PERL, script("perl", "app.pl")),
    "bash": (SHELL, script("bash", "app.sh")),
    "dash": (SHELL, script("dash", "app.sh")),
    "busybox sh": (SHELL, script(lambda: dynamic_busybox(), "app.sh", "sh")),
    "Tcl": (TCL, script("tclsh", "app.tcl")),
    "Lua": (LUA, script("lua", "app.lua")),
    "Java": (JAVA, java),
    "Go": (GO, built("go", "app.go", "build", "-o", "app")),
    "C": (C, built("gcc", "app.c", "-g", "-w", "-o", "app")),
    "C++": (CXX, built("g++", "app.cc", "-g", "-w", "-o", "app")),
    "Rust": (RUST, built("rustc", "app.rs", "-g", "-A", "warnings", "-o", "app")),
}


def dynamic_busybox():
    """A static one is a gap, whatever it runs."""
    path = which("busybox")
    with open(path, "rb") as file:
        return path if b"/lib64/ld-linux" in file.read(4096) else skip("the busybox here is static: the recorder cannot be loaded")


# ---- what was told ---------------------------------------------------------------

def is_of_cell(cell, event, language):
    kind, name = event["e"], event.get("name")
    if cell == "error" and language == "bash":  # whose errors have no class
        return kind == "exit" and "site" in event
    return {"miss": kind == "read" and name == "MISS_TOKEN" and not event["found"],
            "set": kind == "set" and name == "SET_TOKEN",
            "unset": kind == "unset" and name == "UNSET_TOKEN",
            "launch": kind in ("exec", "spawn", "fork"),
            "copy": kind == "copy",
            "error": kind == "raise",
            "exit": kind == "exit" and event["status"] == 3,
            "signal": kind == "kill" and event["signal"] == 15}[cell]


def packed(run):
    """All events, with the places that symbols give."""
    lines = story.asked("pack", "-o", "-", run.trace).decode().split("\n")
    return [json.loads(line) for line in lines if line]


def answer(language, cell):
    programs, command = LANGUAGES[language]
    if cell not in programs:
        return NOT
    text = programs[cell]
    line = text[:text.index("HERE")].count("\n") + 1
    command = command(text)
    run = recorded(["sh", "-c", '"$@"; exit 0', "sh", *command], story.environment(UNSET_TOKEN="x", PATH=story.PATH))
    events = [e for e in packed(run) if e["e"] != "pack"]
    births = [e for e in events if e["e"] == "birth"]
    of_shell = births[0]["image"] if births else None
    told = [e for e in events if e.get("image") not in (None, of_shell) and is_of_cell(cell, e, language)]
    if any(re.search(rf"(^|/)app\.\w+:{line}$|App\.java:{line}$", e.get("site", "")) for e in told):
        return LINE
    return SEEN if told else NOT


# ---- the page --------------------------------------------------------------------

def table():
    """Language: the cells of its row, in the order of CELLS."""
    with open(os.path.join(story.ROOT, "docs", "limits.md")) as file:
        text = file.read()
    head = text.index("| language | " + " | ".join(HEADS) + " |")
    rows = {}
    for row in text[head:].split("\n")[2:]:
        if not row.startswith("|"):
            break
        words = [w.strip() for w in row.strip("|").split("|")]
        rows[words[0]] = words[1:1 + len(CELLS)]
    return rows


@story.patience(600)
@story.each(*((language, language) for language in LANGUAGES))
def test_the_row_is_what_programs_show(language):
    row = table().get(language)
    assert row, f"docs/limits.md has no row for {language}"
    shown = [answer(language, cell) for cell in CELLS]
    assert row == shown, f"{language}: docs/limits.md says {dict(zip(CELLS, row))}, programs show {dict(zip(CELLS, shown))}"


def test_the_page_has_a_row_for_each_language_and_no_other():
    assert set(table()) == set(LANGUAGES), set(table()) ^ set(LANGUAGES)
