"""Every runtime that launches a child: who was born of whom, and what was handed on."""
import os

import story
from story import compiled, recorded, which

NAME = "OPENAI_API_KEY"

# Each launches "$CHILD OPENAI_API_KEY": once with all it has, once with a rebuilt environment.
LAUNCHES = {
    "bash": (["bash", "-c", "\"$CHILD\" %N; true"],
             ["bash", "-c", "env -i PATH=$PATH \"$CHILD\" %N; true"]),
    "dash": (["dash", "-c", "\"$CHILD\" %N; true"],
             ["dash", "-c", "unset %N; \"$CHILD\" %N; true"]),
    "node": (["node", "-e", "require('child_process').spawnSync(process.env.CHILD, ['%N'])"],
             ["node", "-e", "require('child_process').spawnSync(process.env.CHILD, ['%N'], {env: {A: 'b'}})"]),
    "python": ([story.PYTHON, "-c", "import os, subprocess; subprocess.run([os.environ['CHILD'], '%N'])"],
               [story.PYTHON, "-c", "import os, subprocess; subprocess.run([os.environ['CHILD'], '%N'], env={'A': 'b'})"]),
    "python os.posix_spawn": (
        [story.PYTHON, "-c", "import os; c = os.environ['CHILD']; os.waitpid(os.posix_spawn(c, [c, '%N'], os.environ), 0)"],
        [story.PYTHON, "-c", "import os; c = os.environ['CHILD']; os.waitpid(os.posix_spawn(c, [c, '%N'], {'A': 'b'}), 0)"]),
    "python preexec_fn": (
        [story.PYTHON, "-c", "import os, subprocess; subprocess.run([os.environ['CHILD'], '%N'], preexec_fn=lambda: None)"],
        [story.PYTHON, "-c", "import os, subprocess; subprocess.run([os.environ['CHILD'], '%N'], preexec_fn=lambda: None, env={'A': 'b'})"]),
    "ruby": (["ruby", "-e", "system(ENV['CHILD'], '%N')"],
             ["ruby", "-e", "system({}, ENV['CHILD'], '%N', unsetenv_others: true)"]),
    "perl": (["perl", "-e", "system($ENV{CHILD}, '%N')"],
             ["perl", "-e", "$c = $ENV{CHILD}; %ENV = (A => 'b'); system($c, '%N')"]),
    "php": (["php", "-r", "pclose(popen(getenv('CHILD') . ' %N', 'r'));"],
            ["php", "-r", "proc_close(proc_open([getenv('CHILD'), '%N'], [], $p, null, ['A' => 'b']));"]),
    "java": (["java", "Launch.java", "whole"], ["java", "Launch.java", "less"]),
}

JAVA = """
public class Launch {
	public static void main(String[] a) throws Exception {
		ProcessBuilder b = new ProcessBuilder(System.getenv("CHILD"), "%N");
		if (a[0].equals("less")) { b.environment().clear(); b.environment().put("A", "b"); }
		b.start().waitFor();
	}
}
"""


def launched(runtime, whole):
    command = [word.replace("%N", NAME) for word in LAUNCHES[runtime][0 if whole else 1]]
    which(command[0])
    if runtime == "java":
        which("javac")
        with open("Launch.java", "w") as file:
            file.write(JAVA.replace("%N", NAME))
    child = compiled(story.READER, "child")
    env = story.environment(**{NAME: story.openai_key(), "CHILD": child})
    return recorded(command, env, timeout=110), child


def ancestors(run, birth):
    """The births above one, nearest first: by parent image or by ppid."""
    births = run.of("birth")
    while birth:
        yield birth
        above = [b for b in births if b["image"] == birth.get("parent")] or \
                [b for b in births if b["pid"] == birth["ppid"] and b["t"] < birth["t"]] if birth["by"] == "exec" \
            else [b for b in births if b["image"] == birth.get("parent")]
        birth = above[-1] if above else None


def expect_births(run, child, runtime):
    born = [b for b in run.of("birth", by="exec") if b["exe"] == child]
    assert len(born) == 1, f"{len(born)} births of the child"
    launcher = runtime.split()[0]
    above = [os.path.basename(b["exe"]) for b in ancestors(run, born[0])][1:]
    assert any(launcher in exe or (launcher == "dash" and exe == "sh") for exe in above), above
    return born[0]


def handovers(run, child):
    """Execs and spawns of the child itself, or of the helper or shell that becomes it."""
    return [e for e in run.of("exec") + run.of("spawn")
            if e.get("path") == child or child in e.get("args", [])
            or any(child in a for a in e.get("args", []))]


@story.each(*((r, r) for r in LAUNCHES))
def test_a_whole_environment(runtime):
    run, child = launched(runtime, True)
    assert run.status == 0, run.err
    birth = expect_births(run, child, runtime)
    assert NAME in birth["env"], birth
    passed = handovers(run, child)
    assert passed, "no handover to the child"
    assert all(e.get("same") or NAME in e.get("env", {}) for e in passed), passed
    reads = run.of("read", image=birth["image"], name=NAME)
    assert reads and reads[0]["found"] is True and reads[0]["value"]["len"] == 56, reads


@story.each(*((r, r) for r in LAUNCHES))
def test_an_environment_less_the_key(runtime):
    run, child = launched(runtime, False)
    birth = expect_births(run, child, runtime)
    assert NAME not in birth.get("env", {}), birth
    lost = [e for e in run.of("exec") + run.of("spawn") if NAME in e.get("lost", {})]
    unset = run.of("unset", name=NAME) + [e for e in run.of("swap") if NAME in e.get("lost", {})]
    unset += [e for e in run.of("clear") if NAME in e.get("had", {})]  # Perl since 5.38
    assert lost or unset, "nobody was seen to lose it"
    reads = run.of("read", image=birth["image"], name=NAME)
    assert reads and reads[0]["found"] is False, reads


def test_one_value_has_one_fingerprint():
    run, child = launched("bash", True)
    prints = {e["env"][NAME]["fp"] for e in run.of("birth") if NAME in e.get("env", {})}
    prints |= {e["value"]["fp"] for e in run.of("read", name=NAME) if e["found"]}
    assert len(prints) == 1 and len(prints.pop()) == 32, prints
    assert {e["env"][NAME].get("from") for e in run.of("birth") if NAME in e.get("env", {})} == {"openai"}


THREADS = """
import os, subprocess, sys, threading
def work():
    for _ in range(125):
        subprocess.run(['/bin/true'], check=True)
threads = [threading.Thread(target=work) for _ in range(8)]
for t in threads: t.start()
for t in threads: t.join()
os.environ['AFTER_TOKEN'] = 'x' * 9
subprocess.run(['/bin/echo', 'after'])
print(len(os.environ))
"""


@story.patience(240)
def test_a_thousand_vforks_from_eight_threads():
    env = story.environment(OPENAI_API_KEY=story.openai_key())
    run = recorded([story.PYTHON, "-c", THREADS], env, timeout=200)
    assert run.status == 0, run.err
    true = os.path.realpath("/bin/true")
    born = [b for b in run.of("birth", by="exec") if os.path.realpath(b["exe"]) == true]
    assert len(born) == 1000, f"{len(born)} of 1000 births"
    assert len({b["image"] for b in born}) == 1000
    assert all(NAME in b["env"] for b in born)
    parents = {b["ppid"] for b in born}
    assert len(parents) == 1, parents
    after = [e for e in run.of("set", name="AFTER_TOKEN")]
    assert len(after) == 1, "the parent was not traced afterwards"
    assert after[0]["image"].split(".")[0] == str(parents.pop()), after
    last = [b for b in run.of("birth") if b["exe"].endswith("/echo")]
    assert last and "AFTER_TOKEN" in last[0]["env"], last
    assert not run.of("lost"), run.of("lost")
    children = bare_count(env)
    assert run.out.split()[-1] == children, (run.out, children)


def bare_count(env):
    """How many variables Python holds when two are ours."""
    script = "import os; os.environ['AFTER_TOKEN'] = 'x'; print(len(os.environ) + 2)"
    return story.bare([story.PYTHON, "-c", script], env).out.split()[-1]


@story.each(("fork", "fork"), ("_Fork", "_Fork"), ("raw clone", "clone"))
def test_a_fork_by_any_road(how):
    calls = {"fork": "fork()", "_Fork": "_Fork()", "clone": "syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)"}
    source = r"""
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
	int status;
	getenv("OPENAI_API_KEY");
	pid_t pid = %s;
	if (!pid) {
		getenv("GITHUB_TOKEN");
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return 0;
}
""" % calls[how]
    try:
        program = compiled(source, "forker")
    except Exception:
        story.skip(f"this libc has no {how}")
    run = recorded([program], story.environment(OPENAI_API_KEY=story.openai_key()))
    parent = [b for b in run.of("birth", by="exec") if b["exe"] == program][0]
    child = [b for b in run.of("birth") if b.get("parent") == parent["image"]]
    assert len(child) == 1 and child[0]["pid"] != parent["pid"], child
    assert child[0]["by"] == ("clone" if how == "clone" else "fork"), child
    assert [e["image"] for e in run.of("read", name="GITHUB_TOKEN")] == [child[0]["image"]]
