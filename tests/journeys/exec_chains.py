"""A process that becomes one program after the other: each script that a person may edit is a step of the path,
and a program is called as its caller called it."""
import os
import re

from story import KEYTRAIL, bare, each, environment, program, recorded, which, with_key

KEY = "OPENAI_API_KEY"
READER = f"import os\nos.environ['{KEY}']\n"


def write(name, text):
    os.chmod(program(text, name), 0o755)


def path_of(*command):
    """The commands of the hops, and the state of each."""
    text = bare([KEYTRAIL, "report", recorded(list(command), with_key(KEY)).trace], environment(COLUMNS="200")).out.decode()
    part = text.split("\n  path ")[1].split("\n  fix ")[0]
    return [re.sub(r"^[└ ]+", "", re.split(" +(?=[●○])", line)[0].strip()) + " " + re.findall("[●○]", line)[0] for line in part.splitlines()], text


PYTHON = os.path.realpath(which("python3"))
NAME = os.path.basename(PYTHON)
CHAINS = [
    ("a script that execs env", ["sh", "run.sh"], {"run.sh": f"#!/bin/sh\nexec env -u {KEY} {PYTHON} reader.py\n"},
     ["sh run.sh ●", f"env -u {KEY} {NAME} reader.py ●", f"{NAME} reader.py ○"]),
    ("a text that execs", ["sh", "-c", f"exec env -u {KEY} {NAME} reader.py"], {},
     [f"sh -c 'exec env -u {KEY} {NAME} reader.py' ●", f"env -u {KEY} {NAME} reader.py ●", f"{NAME} reader.py ○"]),
    ("an entrypoint", ["./entry.sh", "env", "-u", KEY, PYTHON, "reader.py"], {"entry.sh": '#!/bin/sh\nexec "$@"\n'},
     [f"sh entry.sh env -u {KEY} {NAME} reader.py ●", f"env -u {KEY} {NAME} reader.py ●", f"{NAME} reader.py ○"]),
    ("below a launcher", [PYTHON, "launch.py"], {"launch.py": "import subprocess\nsubprocess.call(['./entry.sh'], env={'PATH': '/usr/bin:/bin'})\n",
                                                "entry.sh": f"#!/bin/sh\nexec {PYTHON} reader.py\n"},
     [f"{NAME} launch.py ●", "sh ./entry.sh ○", f"{NAME} reader.py ○"]),
    ("tools are no step", ["sh", "run.sh"], {"run.sh": f"#!/bin/sh\nunset {KEY}\nexec nice env {PYTHON} reader.py\n"},
     ["sh run.sh ●", f"{NAME} reader.py ○"]),
]


@each(*CHAINS)
def test_a_script_that_execs_is_a_step(command, files, wanted):
    write("reader.py", READER)
    for name, text in files.items():
        write(name, text)
    hops, text = path_of(*command)
    assert [hop.replace(PYTHON, NAME) for hop in hops] == wanted, text


def test_a_script_of_env_has_the_name_that_its_caller_used():
    write("reader.py", f"#!/usr/bin/env {NAME}\n" + READER)
    write("run.sh", f"#!/bin/sh\nunset {KEY}; true || unset {KEY}\n./reader.py\n")
    hops, text = path_of("sh", "run.sh")
    assert text.startswith(f"FAULT     run.sh:3 starts reader.py without {KEY}; reader.py:3 misses it"), text
    assert "env" not in " ".join(hops), text


def test_an_assignment_is_shown_as_one():
    write("reader.py", READER)
    long = "/".join(["a-directory"] * 9)
    hops, text = path_of("env", "-i", f"PATH=/{long}/bin:/{long}/sbin:/opt/{long}:/usr/bin:/bin", PYTHON, "reader.py")
    assert hops[0] == f"env -i PATH=... {NAME} reader.py ●", text
