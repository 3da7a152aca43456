"""Walls around a command: roots, namespaces and containers. Inside, the command
works as it does bare and nobody complains of a library that is not there."""
import os
import re
import shutil
import subprocess

import observe
import story
from containers import Docker, cell
from observe import as_root, expect_gap, expect_same
from story import LIBRARY, bare, compiled, recorded, which

KEY = story.openai_key()
LINE = "/bin/true; X_TOKEN=1 /usr/bin/env >/dev/null; (exit 3); echo $? $0; exit 4"


def environment():
    return story.environment(OPENAI_API_KEY=KEY, PATH=story.PATH + ":/usr/bin:/bin")


def take_in(root, *paths):
    """Copies a file to the same path under another root."""
    for path in paths:
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        shutil.copy(path, root + path)


def same(*command, record=recorded):
    return expect_same(bare(command, environment()), record(command, environment()))


# ---- chroot ----------------------------------------------------------------------

CHROOT = r"""
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
extern char **environ;
int main(int argc, char **argv)
{
	char *child[] = {"sh", "-c", argv[3], NULL};
	int status = 0;
	pid_t pid;

	if (chroot(argv[2]) || chdir("/"))
		return 99;
	if (!strcmp(argv[1], "spawn")) {
		if (posix_spawn(&pid, "/bin/sh", NULL, NULL, child, environ))
			return 98;
		waitpid(pid, &status, 0);
	} else if (!strcmp(argv[1], "vfork")) {
		if (!vfork())
			execv("/bin/sh", child), _exit(97);
		wait(&status);
	} else if (!strcmp(argv[1], "exec")) {
		execl("/bin/sh", "sh", "-c", argv[3], NULL);
		return 97;
	} else if (!strcmp(argv[1], "system")) {
		status = system(argv[3]);
	} else {
		FILE *p = popen(argv[3], "r");
		char text[100] = "";

		fgets(text, sizeof text, p);
		fputs(text, stdout);
		status = pclose(p);
	}
	return WEXITSTATUS(status);
}
"""

INTO = (("chroot", ["chroot", "<cell>", "/bin/sh", "-c", LINE]),
        ("chroot from a shell", ["sh", "-c", "chroot <cell> /bin/sh -c '" + LINE + "'; exit $?"]),
        ("python", [story.PYTHON, "-c", "import os, subprocess, sys; os.chroot('<cell>'); os.chdir('/');"
                                        f"sys.exit(subprocess.run(['/bin/sh', '-c', {LINE!r}]).returncode)"]),
        ("python, preexec", [story.PYTHON, "-c", "import os, subprocess, sys;"
                             f"sys.exit(subprocess.run(['/bin/sh', '-c', {LINE!r}], preexec_fn=lambda: os.chroot('<cell>')).returncode)"]),
        ("perl", ["perl", "-e", "chroot '<cell>'; chdir '/'; system('/bin/sh', '-c', $ARGV[0]); exit $? >> 8", LINE]),
        *((f"C, {way}", ["<chroot>", way, "<cell>", LINE]) for way in ("exec", "spawn", "vfork", "system", "popen")),
        ("busybox, static", ["busybox", "chroot", "<cell>", "/bin/sh", "-c", LINE]))


@story.each(*INTO)
def test_chroot_without_the_library(command):
    """Silent, though no loader can find us there, and told as a gap."""
    as_root()
    if command[0] == "busybox":
        story.skip("a static chroot takes LD_PRELOAD along unseen: docs/limits.md")
    root, helper = cell(), compiled(CHROOT, "helper")
    command = [w.replace("<cell>", root).replace("<chroot>", helper) for w in command]
    run = same(*command)
    expect_gap(run, "sh", "no-library")


@story.each(*INTO)
def test_chroot_with_the_library(command):
    """Where our file is found under the same name, the trail goes on or is told."""
    as_root()
    root, helper = cell(), compiled(CHROOT, "helper")
    take_in(root, LIBRARY)
    command = [w.replace("<cell>", root).replace("<chroot>", helper) for w in command]
    run = same(*command)
    if not [b for b in run.of("birth") if b["exe"] == "/bin/true"]:
        assert observe.gaps(run), "what happened in the other root is neither seen nor told"


def test_chroot_with_the_library_and_the_trace():
    as_root()
    root = cell()
    take_in(root, LIBRARY)
    os.mkdir("t")
    trace = os.path.abspath("t")
    os.makedirs(root + trace)
    script = f"mount --bind {trace} {root}{trace}; exec chroot {root} /bin/sh -c '{LINE}'"
    command = story.in_own_mounts(script)
    alone = bare(command, environment())
    run = observe.expect_same(alone, bare(command, story.preloaded(environment(), trace)))
    run.trace = trace
    assert [b for b in run.of("birth") if b["exe"].endswith("true")], "what ran inside was not seen"


# ---- namespaces -----------------------------------------------------------------------

@story.each(*((o, o) for o in ("-U", "-r", "-r -m", "-r -p -f", "-m", "-p -f", "-p -f --mount-proc", "-n", "-i", "-u", "-C",
                               "-r -m -p -f -n -i -u --mount-proc", "-r -m --propagation private")))
def test_unshare(options):
    command = ["unshare", *options.split(), "sh", "-c", LINE]
    if bare(command, environment()).status != 4:
        story.skip(f"unshare {options} is not allowed here")
    run = same(*command)
    if not observe.born(run, "true"):
        assert observe.gaps(run), "neither seen nor told"
    assert observe.born(run, "unshare"), "unshare itself was not seen"


@story.each(*((o, o) for o in ("-U", "-r", "-r -m -p -f --mount-proc")))
def test_unshare_by_an_ordinary_user(options):
    as_root()
    os.chmod(".", 0o777)
    command = [*observe.AS_NOBODY, "unshare", *options.split(), "sh", "-c", LINE]
    if bare(command, environment()).status != 4:
        story.skip(f"unshare {options} is not allowed here to users")
    run = same(*command, record=observe.recorded_by_all)
    if not observe.born(run, "true"):
        assert observe.gaps(run), "neither seen nor told"


def test_numbers_that_collide_in_pid_namespaces():
    """Five namespaces, each with a pid 1 and 2: five histories, not one."""
    as_root()
    story.need_mounts()
    once = "unshare -p -f --mount-proc sh -c 'true; /bin/true; exit 3'; "
    run = same("sh", "-c", once * 5 + "exit $?")
    shells = [b for b in run.of("birth", by="exec") if b["pid"] == 1]
    assert len(shells) == len({b["image"] for b in shells}) == 5, shells
    trues = observe.born(run, "true")
    assert len(trues) == 5 and len({b["image"] for b in trues}) == 5, trues
    assert not observe.gaps(run), observe.gaps(run)


def test_without_proc():
    as_root()
    run = same(*story.in_own_mounts(f"umount -l /proc || exit 70; exec sh -c '{LINE}'"))
    assert run.status == 4, run.err
    found = [b for b in run.of("birth", by="exec") if os.path.basename(b.get("exe", "")) == "true"]
    assert found, "without /proc, what ran has no name"
    assert found[0].get("args"), found[0]


def test_a_process_hidden_proc():
    """hidepid and a /proc of another kind make no noise either."""
    as_root()
    script = f"mount -t tmpfs none /proc || exit 70; exec sh -c '{LINE}'"
    run = same(*story.in_own_mounts(script))
    assert run.status == 4, run.err


# ---- bubblewrap -------------------------------------------------------------------------

SYSTEM = "--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev"


@story.each(("all of it", "--bind / /"), ("read-only", "--ro-bind / / --dev /dev --proc /proc"),
            ("own namespaces", "--ro-bind / / --dev /dev --proc /proc --unshare-all"),
            ("without the library", SYSTEM), ("without the library, own namespaces", SYSTEM + " --unshare-all --die-with-parent"),
            ("emptied environment", "--bind / / --clearenv"), ("emptied, without the library", SYSTEM + " --clearenv"),
            ("set inside", "--bind / / --setenv OPENAI_API_KEY inner"), ("taken inside", "--bind / / --unsetenv OPENAI_API_KEY"),
            ("another user", "--bind / / --unshare-user --uid 1000"), ("the trace is hidden", "--ro-bind / / --tmpfs /tmp --dev /dev"))
def test_bubblewrap(options):
    command = [which("bwrap"), *options.split(), "/bin/sh", "-c", LINE]
    if bare(command, environment(), cwd="/").status != 4:
        story.skip("bwrap does not run here bare")
    run = expect_same(bare(command, environment(), cwd="/"), recorded(command, environment(), cwd="/"))
    inside = [b for b in run.of("birth") if b["exe"].endswith("/true")]
    if "without" in options or SYSTEM in options:
        expect_gap(run, "sh", "no-library")
    elif not inside:
        assert observe.gaps(run), "neither seen nor told"


# ---- other libcs -----------------------------------------------------------------------

@story.each(("without the library", False), ("with the library", True))
def test_a_root_of_musl(with_library):
    as_root()
    which("musl-gcc")
    program = compiled('#include <stdio.h>\n#include <stdlib.h>\nint main(int c, char **v) { printf("%d\\n", getenv("OPENAI_API_KEY") != NULL);'
                       ' fflush(stdout); return c > 1 ? system(v[1]) >> 8 : 5; }', "musl", "musl-gcc")
    text = subprocess.run(["readelf", "-l", program], capture_output=True, text=True).stdout
    loader = re.search(r"interpreter: (\S+)\]", text) or story.skip("musl-gcc links statically here")
    os.makedirs("m/bin")
    for path in (program, os.path.realpath(loader[1])):
        to = "m/bin/musl" if path == program else "m" + loader[1]
        os.makedirs(os.path.dirname(to), exist_ok=True)
        shutil.copy(path, to)
    root = os.path.abspath("m")
    if with_library:
        take_in(root, LIBRARY)
    run = same("chroot", root, "/bin/musl")
    assert run.status == 5, run.err
    if not observe.born(run, "musl"):
        expect_gap(run, "musl", "no-library", "no-trace")
    same("chroot", root, "/bin/musl", "no shell there")


@story.each(("without the library", False), ("with the library", True))
def test_a_root_of_an_older_glibc(with_library):
    as_root()
    old = story.old_debian()
    script = f"exec chroot {old} /bin/sh -c '{LINE}'"
    trace = os.path.abspath("t")
    os.mkdir(trace)
    if with_library:
        # our build, and a trace, under their own names
        top = f"mount -t tmpfs none {old}/mnt; mkdir -p {old}/mnt/lib {old}/mnt/t;"
        script = f"{top} mount --bind {os.path.dirname(LIBRARY)} {old}/mnt/lib; mount --bind {trace} {old}/mnt/t; " \
                 f"exec chroot {old} /usr/bin/env $IN /bin/sh -c '{LINE}'"
    command = story.in_own_mounts(script)
    alone = bare(command, {**environment(), "IN": "A=b"})
    if with_library:
        inside = "LD_PRELOAD=/mnt/lib/libkeytrail.so KEYTRAIL=dir=/mnt/t"
        run = expect_same(alone, bare(command, {**environment(), "IN": inside}))
        run.trace = trace
        assert observe.born(run, "true"), "what ran inside was not seen"
    else:
        run = expect_same(alone, recorded(command, {**environment(), "IN": "A=b"}))
        expect_gap(run, "sh", "no-library")
    assert alone.status == 4, alone.err


# ---- docker ---------------------------------------------------------------------------------

@story.patience(240)
def test_a_container_of_docker():
    which("docker")
    root = cell()
    with Docker() as docker:
        docker.import_image(root, "kt")
        inside = ["kt", "/bin/sh", "-c", LINE]
        command = docker.run(*inside)
        alone = bare(command, environment())
        if alone.status != 4:
            story.skip(f"containers do not run here bare: {alone.err[-300:]!r}")

        # as it is: the client is a static program, the container somebody else's child
        for launch in (command, ["sh", "-c", '"$@"; exit $?', "sh", *command]):
            run = expect_same(bare(launch, environment()), recorded(launch, environment()))
            expect_gap(run, "docker", "static")
            assert not [b for b in run.of("birth") if b["exe"] == "/bin/true"], "seen without a library?"

        # the key handed in, but no library: nobody complains
        run = expect_same(bare(docker.run("-e", "OPENAI_API_KEY", *inside), environment()),
                          recorded(docker.run("-e", "OPENAI_API_KEY", *inside), environment()))
        expect_gap(run, "docker", "static")

        # library and trace mounted, and named: the trail goes on inside
        os.mkdir("t")
        trace = os.path.abspath("t")
        mounted = ["-v", f"{LIBRARY}:/keytrail/libkeytrail.so:ro", "-v", f"{trace}:/trace", "-e", "OPENAI_API_KEY",
                   "-e", "LD_PRELOAD=/keytrail/libkeytrail.so", "-e", "KEYTRAIL=dir=/trace"]
        run = bare(docker.run(*mounted, *inside), environment())
        expect_same(alone, run)
        run.trace = trace
        births = run.of("birth", by="exec")
        assert {os.path.basename(b["exe"]) for b in births} >= {"true", "env"}, births
        assert births[0]["pid"] == 1 and "OPENAI_API_KEY" in births[0]["env"], births[0]

        # a user of its own, a root that is read-only, no new rights
        for more in (["-u", "65534:65534"], ["--read-only"], ["--security-opt", "no-new-privileges"], ["--cap-drop", "ALL"],
                     ["--pids-limit", "50", "--memory", "64m"]):
            first = bare(docker.run(*more, *inside), environment())
            second = bare(docker.run(*more, *mounted, *inside), environment())
            expect_same(first, second)
