"""A process that is killed loses nothing that it had already done."""
import json
import os
import random
import signal
import subprocess
import time

import story
from story import compiled, preloaded

HOST = r"""
/* Does one watched operation after another and acknowledges each through a pipe. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(void)
{
	char name[64];

	for (unsigned i = 0; i < 600; i++) {
		snprintf(name, sizeof name, "K%u_TOKEN", i);
		switch (i % 3) {
		case 0: getenv(name); break;
		case 1: setenv(name, "some-value", 1); break;
		case 2: unsetenv(name); break;
		}
		if (write(1, &i, sizeof i) != sizeof i)
			return 1;
		usleep(20);
	}
	pause();
	return 0;
}
"""

KINDS = ("read", "set", "unset")


def killed_once(program, env, delay):
    process = subprocess.Popen([program], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(delay)
    process.kill()
    acknowledged, noise = process.communicate(timeout=20)
    assert process.returncode == -signal.SIGKILL, process.returncode
    assert not noise, noise
    return process.pid, len(acknowledged) // 4


def expect_all_recorded(trace, acknowledged):
    """Every acknowledged operation of every process stands in the trace."""
    seen, torn = {}, 0
    for file in os.listdir(trace):
        if not file.endswith(".jsonl"):
            continue
        with open(os.path.join(trace, file), "rb") as lines:
            for line in lines:
                if not line.strip():
                    continue
                try:
                    event = json.loads(line)
                except ValueError:
                    torn += 1
                    continue
                if event["e"] in KINDS:
                    pid = int(event["image"].split(".")[0])
                    seen.setdefault(pid, set()).add((event["e"], event["name"]))
    for pid, count in acknowledged:
        wanted = {(KINDS[i % 3], f"K{i}_TOKEN") for i in range(count)}
        missing = wanted - seen.get(pid, set())
        assert not missing, f"process {pid}: {len(missing)} of {count} acknowledged events are missing: {sorted(missing)[:3]}"
    assert torn <= len(acknowledged), f"{torn} torn lines after {len(acknowledged)} kills"


@story.patience(240)
def test_killed_two_hundred_times():
    program, trace = compiled(HOST, "host"), os.path.abspath("t")
    os.mkdir(trace)
    env = preloaded(story.environment(), trace)
    acknowledged = [killed_once(program, env, random.uniform(0.0005, 0.025)) for _ in range(200)]
    assert sum(count for _, count in acknowledged) > 200, "the hosts were killed before they did anything"
    expect_all_recorded(trace, acknowledged)
    report = json.loads(story.asked("report", "-f", "json", "--run", "all", trace))
    assert report["schema"] == "keytrail-report/1"
    assert report["coverage"]["images"] >= sum(1 for _, count in acknowledged if count), report["coverage"]


def test_killed_under_the_wrapper():
    program, trace = compiled(HOST, "host"), os.path.abspath("t")
    process = subprocess.Popen([story.KEYTRAIL, "run", "-q", "-o", trace, "--", "sh", "-c", f"echo $$ >pid; exec {program}"],
                               env=story.environment(), stdout=subprocess.PIPE)
    acknowledged = process.stdout.read(4 * 100)
    with open("pid") as file:
        pid = int(file.read())
    os.kill(pid, signal.SIGKILL)
    acknowledged += process.stdout.read()
    assert process.wait(20) == 137, process.returncode
    expect_all_recorded(trace, [(pid, len(acknowledged) // 4)])
    ended = [e for e in story.events_of(trace) if e["e"] == "ran"]
    assert ended and ended[0]["signal"] == signal.SIGKILL, ended


def test_torn_and_foreign_lines_are_counted_and_passed_over():
    run = story.recorded(["env", "true"], story.environment(OPENAI_API_KEY=story.openai_key()))
    segment = [f for f in os.listdir(run.trace) if f.endswith(".jsonl") and f != "run.jsonl"][0]
    before = json.loads(story.asked("report", "-f", "json", run.trace))
    with open(os.path.join(run.trace, segment), "ab") as file:
        file.write(b'\n{"e":"read","t":12,"ima\n\xff\xfe\x00garbage\n{}\n[1]\n"text"\n{"e":"not-yet-known","t":1}\n{"e":')
    after = json.loads(story.asked("report", "-f", "json", run.trace))
    assert after["coverage"]["images"] == before["coverage"]["images"]
    assert after["verdict"] == before["verdict"]
