"""`keytrail doctor`: can it be observed here, how deeply, and if not, why."""
import os
import shutil

import story
from story import compiled, keytrail, which


def told(*arguments, status=0, env=None):
    """What the doctor says, line by line with its marks; every line fits a terminal."""
    run = story.bare([story.KEYTRAIL, "doctor", *arguments], env)
    assert run.status == status, (run.status, run.out, run.err)
    assert not run.err, run.err
    lines = run.out.decode().splitlines()
    assert lines and all(len(line) <= 80 for line in lines), lines
    assert all(line[:6].strip() in ("ok", "no", "part", "") for line in lines), lines
    wanted = "no    " if status else "ok    "
    assert lines[-1].startswith(wanted), lines
    return "\n".join(" ".join(line.split()) for line in lines)


def says(text, *parts):
    flat = " ".join(text.split())
    for part in parts:
        assert part in flat, f"nothing of {part!r} in:\n{text}"


# ---- this host ------------------------------------------------------------------

def test_this_host():
    text = told()
    says(text, "libkeytrail.so", "ok a program was run with it, and recorded", "programs can be observed here")
    assert not os.listdir("."), "the trial left something behind"


def test_the_recorder_is_not_there():
    text = told(status=1, env=story.environment(KEYTRAIL_LIB="/no/such/libkeytrail.so"))
    says(text, "no no recorder at /no/such/libkeytrail.so", "KEYTRAIL_LIB")


def test_the_recorder_lies_where_the_loader_cannot_name_it():
    os.mkdir("a b")
    library = shutil.copy(story.LIBRARY, "a b/libkeytrail.so")
    text = told(status=1, env=story.environment(KEYTRAIL_LIB=os.path.abspath(library)))
    says(text, "blank or colon", "move it")


def test_the_recorder_is_no_library():
    with open("libkeytrail.so", "w") as file:
        file.write("not a library\n")
    text = told(status=1, env=story.environment(KEYTRAIL_LIB=os.path.abspath("libkeytrail.so")))
    says(text, "no ", "libkeytrail.so", "cannot be observed here")


def limited(limit):
    run = story.bare(["sh", "-c", f'{limit} && exec "$0" doctor', story.KEYTRAIL])
    assert run.status == 0, (run.status, run.out, run.err)
    return " ".join(run.out.decode().split())


def test_limits_are_told():
    says(limited("ulimit -f 2000"), "part files are limited in size", "ulimit -f unlimited")
    says(limited("ulimit -v 8000000"), "part address space is limited", "ulimit -v unlimited")


def test_the_users_own_preload_is_told():
    other = compiled("int other;", "other.so", flags=("-shared", "-fPIC"))
    says(told(env=story.environment(LD_PRELOAD=other)), "LD_PRELOAD is set")
    says(told(env=story.environment(KEYTRAIL="off")), "part KEYTRAIL=off")


def test_a_directory_that_is_not_for_traces():
    for directory in ("/proc", "/proc/self"):  # root may write to the one, so they say
        run = story.bare([story.KEYTRAIL, "doctor"], cwd=directory)
        assert run.status == 0, (run.status, run.out)
        assert b"part  no trace can be written" in run.out or b"part  shared memory is not" in run.out, run.out
        says(run.out.decode(), "-o DIR")


# ---- programs that can be observed --------------------------------------------------

def test_a_C_program():
    text = told("--", compiled(story.READER, "reader"))
    says(text, "dynamic, with glibc", "ok reads of a variable", "ok births", "reader can be observed here")


def test_node():
    text = told("--", which("node"), "app.js", "--frobnicate")
    says(text, "ok reads of a variable", "ok process.env, also in worker threads",
         "with JavaScript file and line (18 and later)", "ok what is sent to a provider by HTTP/1.1: with keytrail run --http")
    assert "not yet" not in text
    assert "Python" not in text


def test_python():
    text = told(story.PYTHON, "app.py")
    says(text, "ok os.environ and what starts a program, with file and line")
    assert "JavaScript" not in text


@story.each(("ruby", "ruby", "ok file and line of what reads, sets or starts a program"),
            ("php", "php", "ok file and line of getenv and putenv"),
            ("perl", "perl", "ok file and line of what reads, sets or starts a program, also in threads"),
            ("bash", "bash", "part of what starts a program: bash tells file and line"))
def test_other_languages(language, wanted):
    text = told(story.which(language), "app")
    says(text, wanted)
    assert "JavaScript" not in text and "os.environ" not in text


def script(name, text, mode=0o755):
    with open(name, "w") as file:
        file.write(text)
    os.chmod(name, mode)
    return "./" + name


def test_a_chain_of_scripts():
    which("node")
    inner = script("inner", "#!/usr/bin/env -S node --no-warnings\n")
    outer = script("outer", f"#! {os.path.abspath(inner)} one\n")
    text = told("--", outer)
    says(text, "outer: a script for", "inner: a script for /usr/bin/env", "env: dynamic",
         "node: dynamic", "JavaScript")


def test_env_is_followed():
    which("node")
    says(told("--", "env", "-u", "A", "B=c", "node", "x.js"), "env: dynamic", "node: dynamic", "JavaScript")
    says(told("--", "env"), "env: dynamic", "env can be observed here")


def test_a_script_without_a_first_line():
    says(told("--", script("plain", "exit 3\n")), "a script without #!, for /bin/sh", "the shell copies")


def test_a_musl_program():
    program = compiled(story.READER, "reader", compiler="musl-gcc")
    with open(program, "rb") as file:
        if b"ld-musl" not in file.read():
            story.skip("musl-gcc links statically here")
    says(told("--", program), "dynamic, with musl")


def test_a_program_that_its_loader_is_told_to_run():
    loader, program = "/lib64/ld-linux-x86-64.so.2", compiled(story.READER, "reader")
    if not os.path.exists(loader):
        story.skip(f"no {loader} here")
    says(told("--", loader, "--argv0", "x", program), f"{loader}: a loader, for {program}", f"{program}: dynamic, with glibc")
    says(told("--", loader, status=1), "is statically linked")


def test_a_sanitized_program():
    program = compiled(story.READER, "reader", flags=("-fsanitize=address",))
    says(told("--", program), "libasan.so", "will come before the recorder")


# ---- programs that cannot ----------------------------------------------------------------

def test_a_static_program():
    text = told("--", compiled(story.READER, "reader", flags=("-static",)), status=1)
    says(text, "is statically linked", "what it starts is observed all the same", "reader cannot be observed here")


def test_a_set_uid_program():
    if os.geteuid() != 0:
        story.skip("only root gives a program away")
    program = compiled(story.READER, "reader")
    os.chown(program, 65534, -1)
    os.chmod(program, 0o4755)
    says(told("--", program, status=1), "set-user-id", "the loader refuses the recorder")


def test_a_program_of_another_loader():
    program = compiled(story.READER, "reader", flags=("-Wl,--dynamic-linker=/system/bin/linker64",))
    says(told("--", program, status=1), "has a loader of neither glibc nor musl")


def test_a_program_of_another_class():
    program = compiled(story.READER, "reader")
    with open(program, "r+b") as file:
        file.seek(4)
        file.write(b"\x01")
    says(told("--", program, status=1), "another kind of machine")


def test_a_script_whose_interpreter_is_missing():
    says(told("--", script("lost", "#!/no/such/interpreter\n"), status=1), "/no/such/interpreter is not there")
    says(told("--", script("lost", "#!/usr/bin/env no-such-thing\n"), status=1), "no-such-thing is not in PATH")
    says(told("--", script("ring", f"#!{os.path.abspath('ring')}\n"), status=1), "without end")


def test_a_file_that_is_not_executable():
    says(told("--", script("data", "text\n", 0o644), status=1), "is not executable")


def test_a_command_that_is_missing():
    for arguments in (["no-such-command"], ["--", "/no/such/command"], ["--frobnicate"]):
        run = keytrail("doctor", *arguments)
        assert run.status == 2 and not run.out, (run.status, run.out)
        assert len(run.err.splitlines()) == 1, run.err


# ---- what it says is so -------------------------------------------------------------------

def test_the_doctor_and_the_recorder_agree():
    """What cannot be observed is a gap; what can is born."""
    static = compiled(story.READER, "static", flags=("-static",))
    dynamic = compiled(story.READER, "dynamic")
    run = story.recorded(["sh", "-c", f"{static} A; {dynamic} A; true"])
    gaps = [g["exe"] for g in run.report["coverage"]["gaps"]]
    born = [b["exe"] for b in run.of("birth")]
    told("--", static, status=1)
    told("--", dynamic)
    assert static in gaps and dynamic in born and static not in born, (gaps, born)


@story.each(("Bun as npm installs it", "bun.exe", "no reads, sets and deletes of a variable: Bun keeps a copy"),
            ("Deno", "deno", "part reads, sets and deletes of a variable and what starts a program, without JavaScript"))
def test_runtimes_beside_node(name, wanted):
    text = told(story.compiled(story.READER, name), "app.js")
    says(text, wanted)
    assert "worker threads" not in text, text


# ---- launchers ---------------------------------------------------------------------------

LAUNCHERS = (("docker", "-e LD_PRELOAD=", "environment:", "mkdir -m 1777 traces"), ("podman", "mkdir -m 1777 traces"),
             ("kubectl", "under env: of the container", "emptyDir", "doctor -p 1"),
             ("chroot", "into the new root", "cp libkeytrail.so ROOT/; mkdir -m 1777 ROOT/traces; chroot ROOT env LD_PRELOAD="),
             ("bwrap", "--ro-bind DIR DIR --bind TRACE TRACE"), ("ssh", "ssh HOST keytrail run COMMAND"),
             ("systemd-nspawn", "--bind-ro=DIR", "mkdir -m 1777 traces"),
                         ("turbo", "globalPassThroughEnv", "--env-mode=loose"))


@story.each(*((name, name, *words) for name, *words in LAUNCHERS))
def test_what_a_static_launcher_starts(name, *words):
    compiled(story.READER, name, flags=("-static",))
    text = told("--", "./" + name, "run", "x", status=1)
    says(text, "is statically linked", "part what ", *words)
    assert "link it dynamically" not in " ".join(text.split()), text
    compiled(story.READER, "mine", flags=("-static",))
    says(told("--", "./mine", status=1), "link it dynamically")


@story.each(*((name, name, *words) for name, *words in LAUNCHERS))
def test_what_a_launcher_that_is_a_script_starts(name, *words):
    says(told("--", script(name, "#!/bin/sh\n")), f"./{name}: a script for /bin/sh", *words)
    text = told("--", script("other", "#!/bin/sh\n"))
    assert words[0] not in " ".join(text.split()), text


# ---- KEYTRAIL as the recorder reads it ------------------------------------------------------

def variable(settings, *parts, refused=False):
    """What doctor says of KEYTRAIL, and what a preloaded recorder does."""
    trace = settings.format(here=os.getcwd())
    env = story.environment(KEYTRAIL=trace)
    text = told(status=1 if refused else 0, env=env)
    says(text, *(part.format(here=os.getcwd()) for part in parts))
    assert ("preloaded recorder records nothing" in " ".join(text.split())) == (refused or trace == "off"), text
    return text


def is_recorded(settings):
    """Does a program that is preloaded with these settings leave a trace in ./t?"""
    env = story.environment(LD_PRELOAD=story.LIBRARY, KEYTRAIL=settings.format(here=os.getcwd()), TMPDIR=os.getcwd())
    story.bare([story.which("true")], env)
    return bool(story.events_of("t"))


@story.each(*((settings, settings, is_kept, *parts) for settings, is_kept, *parts in (
    ("dir={here}/t", True, "ok with this KEYTRAIL, a preloaded recorder writes to {here}/t"),
    ("dir={here}/t/,watch=MY_*,max=64m,label=web,stacks=1,ends=0", True, "writes to {here}/t"),
    ("dir={here}/t,key=" + "0f" * 16, True, "writes to {here}/t"),
    ("dri={here}/t", False, "part KEYTRAIL: dri= is no option", "did you mean dir=?"),
    ("DIR={here}/t", False, "DIR= is no option", "did you mean dir=?"),
    ("{here}/t", False, "{here}/t is no option", "dir={here}/t"),
    ("dir={here}/t,wacth=MY_*", True, "wacth= is no option", "did you mean watch=?"),
    ("dir={here}/t,max=abc", False, "max=abc is read as 0 bytes: the trace is full at once", "max=64m"),
    ("dir={here}/t,max=10MiB", True, "max=10MiB is read as 10485760 bytes"),
    ("dir={here}/t,stacks=yes", True, "stacks=yes is read as stacks=0"),
    ("dir={here}/t,ends=false", True, "ends=false is read as ends=1"),
    ("dir=", False, "part KEYTRAIL: dir= is empty"), ("dir=,label=x", False, "part KEYTRAIL: dir= is empty"),
    ("dir={here}/t,watch=A:key", True, "watch= has a colon, and matches no name", "keytrail run -w NAME:ROLE"),
    ("dir={here}/t,watch=", True, "watch= names nothing"),
    ("dir={here}/t,OFF", True, "OFF is no option", "did you mean off?"),
    ("dir={here}/t,off", False, "part KEYTRAIL=off"),
    ("off", False, "part KEYTRAIL=off is set here"),
    ("", False, "names no directory"))))
def test_the_variable(settings, is_kept, *parts):
    variable(settings, *parts) if "off" not in settings.split(",") else says(
        told(env=story.environment(KEYTRAIL=settings.format(here=os.getcwd()))), *parts)
    births = is_recorded(settings)
    assert births == is_kept or "max=abc" in settings, settings


@story.each(*((settings, settings, *parts) for settings, *parts in (
    ("dir=t", "dir=t does not begin with /", "here {here}; write dir={here}/t"),
    ("dir=~/t", "dir=~/t does not begin with /", 'no shell expands ~ behind dir=', '"dir=$HOME/t"'),
    ("dir=$HOME/t", "nothing has expanded it"),
    ("dir={here}/none/t", "{here}/none/t cannot be made: {here}/none is missing", "mkdir -p {here}/none"),
    ("dir={here}/file", "{here}/file is no directory"),
    ("dir=/proc/t", "/proc is the kernel's"),
    ("dir={here}/t,key=abc", "key= is not 32 hex digits", "leave key= out"),
    ("dir={here}/t,keyfile={here}/none/key", "{here}/none/key cannot be made"))))
def test_a_variable_with_which_nothing_is_recorded(settings, *parts):
    open("file", "w").close()
    variable(settings, *parts, refused=True)
    assert not is_recorded(settings)


def test_a_variable_that_names_a_directory_of_another():
    if os.geteuid() != 0:
        story.skip("only root is another user, too")
    os.chmod(".", 0o755)
    os.mkdir("closed", 0o755)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", story.KEYTRAIL, "doctor"]
    run = story.bare(nobody, story.environment(KEYTRAIL=f"dir={os.path.abspath('closed')}"))
    assert run.status == 1, run.out
    says(run.out.decode(), "closed may not be written by uid 65534 (mode 0755, of uid 0): nothing is recorded")


def test_a_variable_that_names_a_file_system_for_reading():
    mount = 'mount -t tmpfs none "$1"; mount -o remount,ro "$1"; KEYTRAIL=dir=$1/t exec "$2" doctor'
    os.mkdir("m")
    run = story.bare(story.in_own_mounts(mount, "sh", os.path.abspath("m"), story.KEYTRAIL))
    assert run.status == 1, (run.out, run.err)
    says(run.out.decode(), "is on a file system that is read-only")


def test_no_key_of_the_variable_is_told():
    key = "0123456789abcdef" * 2
    for settings in ("key=", "kay=", "", "kez=" + key):
        text = "".join(story.bare([story.KEYTRAIL, "doctor"], story.environment(KEYTRAIL=settings + key)).out.decode().split())
        assert key not in text and key[:17] not in text, text
