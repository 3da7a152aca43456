"""Every CPython that can be found here, and programs in Python to run with them."""
import glob
import os
import subprocess

import story


def pythons():
    """Every CPython 3.8 or later that can be found here."""
    found = {story.PYTHON, "/usr/bin/python3"}
    found.update(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3")))
    for python in sorted(p for p in found if os.path.exists(p)):
        version = subprocess.run([python, "-c", "import sys; print(sys.version_info[:2] >= (3, 8))"],
                                 capture_output=True, text=True, env=story.environment())
        if version.stdout.strip() == "True":
            yield python


def label(python):
    return python.replace(os.path.expanduser("~/.pyenv/versions/"), "").replace("/bin/python3", "")


PYTHONS = list(pythons())
each_python = story.each(*((label(p), p) for p in PYTHONS))

# The distribution's, and the newest.
NEWEST = max((label(p) for p in PYTHONS if not p.startswith("/usr/")), key=lambda v: [int(n) for n in v.split(".") if n.isdigit()], default="")
LONG = {rf"\[{label(p)}\b": "the distribution's Python and the newest are enough for make test"
        for p in PYTHONS if not p.startswith("/usr/") and label(p) != NEWEST}


def program(text, name="app.py"):
    return story.program(text, name)
