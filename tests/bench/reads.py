# As reads.c does it, of os.environ: for each number that it reads, asks that
# often, and prints nanoseconds for one read of an ordinary and of a watched name.
import os
import statistics
import sys
import time

STRETCHES = 25


def per_read(name, count):
    environ, repeat = os.environ, range(count)
    begun = time.perf_counter_ns()
    for _ in repeat:
        environ[name]
    return (time.perf_counter_ns() - begun) / count


def median(name, count):
    return statistics.median(per_read(name, count // STRETCHES + 1) for _ in range(STRETCHES))


for line in sys.stdin:
    print(f"{median('ORDINARY', int(line)):.2f} {median('OPENAI_API_KEY', int(line)):.2f}", flush=True)
