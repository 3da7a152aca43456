# What is done once at each place of a program: asks for a name that is missing, asks for one
# that is there in a library, copies os.environ, and ends by an exception (the audit event that Python raises then), each at
# PLACES lines of its own, eight calls deep. Prints nanoseconds for one, the medians.
import os
import statistics
import sys
import time

PLACES, DEPTH = 60, 8
ACTS = {"miss": "os.environ.get('MISSING_API_KEY')",
        "find": "os.environ['FOUND_API_KEY']",
        "copy": "dict(os.environ)",
        "fail": "raise RuntimeError"}


def functions(act):
    """A function for each place, each on a line of its own."""
    lines = "".join(f"def at_{i}(): {ACTS[act]}\n" for i in range(PLACES))
    names = {"os": os}
    folder = "site-packages/client/" if act == "find" else ""
    exec(compile(lines, f"/srv/{folder}{act}.py", "exec"), names)
    return [names[f"at_{i}"] for i in range(PLACES)]


def deep(function, depth=DEPTH):
    return deep(function, depth - 1) if depth else function()


def once(function):
    begun = time.perf_counter_ns()
    try:
        deep(function)
    except RuntimeError as error:
        sys.audit("sys.excepthook", sys.excepthook, RuntimeError, error, error.__traceback__)
    return time.perf_counter_ns() - begun


os.environ["FOUND_API_KEY"] = "good"
print(*(statistics.median(once(function) for function in functions(act)) for act in ACTS), flush=True)
