"""A command that records nothing itself: what `keytrail run` gave it."""
import os
import shutil
import signal
import subprocess
import sys

import observe
import story
from story import bare, compiled, each, environment, events_of, expect_fault, preloaded, recorded, with_key

ENDS = "int main(int argc, char **argv) { return argc > 1 ? 3 : 0; }"
STARTS = r"""
    #include <stdlib.h>
    #include <unistd.h>
    int main(int argc, char **argv) {
        (void)argc;
        unsetenv("OPENAI_API_KEY");
        execv(argv[1], argv + 1);
        return 9;
    }"""


def static(source, name):
    return compiled(source, name, flags=["-static"])


def facts(run):
    """What a finding says, less what differs from run to run."""
    f = run.report["findings"][0]
    return f["code"], f["severity"], f["confidence"], f["variable"], f["fix"], os.path.basename(f["culprit"]["exe"])


def test_a_client_that_is_static_is_judged_as_in_a_script():
    """KT206: `docker run` without -e."""
    static(ENDS, "docker")
    env = with_key("OPENAI_API_KEY", PATH=os.getcwd() + ":" + os.environ["PATH"])
    alone = recorded(["docker", "run", "IMAGE"], env)
    script = recorded(["sh", "-c", "docker run IMAGE; exit $?"], env)
    expect_fault(script, "KT206", "OPENAI_API_KEY", severity="warning")
    expect_fault(alone, "KT206", "OPENAI_API_KEY", severity="warning")
    assert facts(alone) == facts(script), (facts(alone), facts(script))
    given = recorded(["docker", "run", "-e", "OPENAI_API_KEY", "IMAGE"], env)
    assert "KT206" not in given.codes("fault"), given.codes()


def test_a_static_command_that_loses_a_variable():
    loser, reader = static(STARTS, "loser"), compiled(story.READER)
    run = recorded([loser, reader, "OPENAI_API_KEY"], with_key("OPENAI_API_KEY"))
    assert run.status == 1
    expect_fault(run, "KT205", "OPENAI_API_KEY", victim="probe", culprit="loser")


def test_a_static_command_that_was_never_given_the_variable():
    keeper = static(STARTS.replace('unsetenv("OPENAI_API_KEY");', ""), "keeper")
    run = recorded([keeper, compiled(story.READER), "OPENAI_API_KEY"], environment())
    expect_fault(run, "KT101", "OPENAI_API_KEY", victim="probe", severity="warning")
    first = run.report["findings"][0]
    assert first["confidence"] == "possible", first  # the static program lies between
    assert "was started without it" in first["detail"], first


def test_arguments_are_masked_and_the_handover_is_told():
    program, secret = static(ENDS, "client"), story.openai_key()
    run = recorded([program, "--api-key=" + secret, "-H", "Authorization: Bearer " + secret], with_key("OPENAI_API_KEY"))
    assert run.status == 3
    for name in os.listdir(run.trace):
        with open(os.path.join(run.trace, name), "rb") as file:
            assert secret.encode() not in file.read(), name
    birth, exec_ = [e for e in events_of(run.trace) if e["e"] in ("birth", "exec")]
    assert "OPENAI_API_KEY" in birth["env"] and os.path.basename(birth["exe"]) == "keytrail", birth
    assert exec_["same"] is True and exec_["target"] == "static" and exec_["argc"] == 4, exec_
    assert "***" in exec_["args"][1], exec_


def test_a_dynamic_command_is_its_own_root():
    run = recorded([compiled(story.READER), "OPENAI_API_KEY"], with_key("OPENAI_API_KEY"))
    births = [e for e in events_of(run.trace) if e["e"] == "birth"]
    assert [os.path.basename(b["exe"]) for b in births] == ["probe"], births
    assert not any(e.get("launcher") for e in events_of(run.trace))


SHOWS = r"""
    #define _GNU_SOURCE
    #include <fcntl.h>
    #include <signal.h>
    #include <stdio.h>
    #include <string.h>
    #include <sys/resource.h>
    #include <unistd.h>
    extern char **environ;
    int main(int argc, char **argv) {
        sigset_t mask;
        struct sigaction xfsz;
        sigprocmask(SIG_BLOCK, 0, &mask), sigaction(SIGXFSZ, 0, &xfsz);
        for (int i = 0; i < argc; i++) puts(argv[i]);
        for (char **e = environ; *e; e++)
            if (strncmp(*e, "LD_PRELOAD=", 11) && strncmp(*e, "KEYTRAIL=", 9)) puts(*e);
            else if (strstr(*e, "exec=")) puts("marked");
        for (int i = 1; i < 65; i++) putchar('0' + sigismember(&mask, i));
        printf("%d %d %d\n", xfsz.sa_handler == SIG_DFL, open("/dev/null", O_RDONLY), getpid() == getpgrp());
        return 7;
    }"""


def test_the_command_is_started_as_without_a_launcher():
    command = [static(SHOWS, "shows"), "a", "", "b c"]
    observe.expect_same(bare(command), recorded(command))


def test_a_signal_ends_it_as_itself():
    program = static("#include <signal.h>\nint main(void) { return raise(SIGKILL); }", "dies")
    run = recorded([program])
    assert run.status == 137, run.status
    ran, = (e for e in events_of(run.trace) if e["e"] == "ran")
    assert ran["signal"] == signal.SIGKILL, ran


def test_a_run_within_a_static_command_records_as_any_run():
    """The mark for the launcher is gone by then."""
    run = recorded([story.static_busybox(), "sh", "-c", f"{story.KEYTRAIL} run -q -o inner true"], environment())
    assert run.status == 0, run.err
    assert any(e["e"] == "birth" and e["exe"].endswith("true") for e in events_of("inner"))


def test_a_set_id_command():
    if os.geteuid():
        story.skip("a program of another user: needs root")
    here = os.getcwd()
    os.chmod(here, 0o755)
    shutil.copy(static(STARTS, "loser"), "owned")
    os.chown("owned", 65534, 65534)
    os.chmod("owned", 0o4755)
    reader = compiled(story.READER)
    run = recorded([os.path.join(here, "owned"), reader, "OPENAI_API_KEY"], with_key("OPENAI_API_KEY"))
    births = [e for e in events_of(run.trace) if e["e"] == "birth" and e["exe"].endswith("keytrail")]
    assert births and "OPENAI_API_KEY" in births[0]["env"], events_of(run.trace)
    exec_ = next(e for e in events_of(run.trace) if e["e"] == "exec" and e["image"] == births[0]["image"])
    assert exec_["target"] in ("setuid", "static"), exec_


# ---- the user's own KEYTRAIL -------------------------------------------------------

def test_settings_of_the_user_are_kept():
    keyfile = os.path.abspath("my.key")
    for number in range(2):
        env = {**environment(MY_THING="x"), "KEYTRAIL": f"dir=/nowhere,keyfile={keyfile},max=1m,label=web-{number},watch=MY_THING"}
        done = subprocess.run([story.KEYTRAIL, "run", "-q", "-o", f"t{number}", sys.executable, "-c",
                               "import os; print(os.environ['KEYTRAIL'])"], env=env, capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, done.stderr
        said = done.stdout.strip().split(",")
        assert {"max=1m", f"label=web-{number}", "watch=MY_THING"} <= set(said), said
        birth = next(e for e in events_of(f"t{number}") if e["e"] == "birth")
        assert birth["label"] == f"web-{number}" and "MY_THING" in birth["env"], birth
        assert not os.path.exists(f"t{number}.key") and os.stat(keyfile).st_mode & 0o777 == 0o600
    keys = {e["key"] for t in ("t0", "t1") for e in events_of(t) if e["e"] == "birth"}
    assert len(keys) == 1, keys


@each(("nothing of a key", "no key at all, but of the right length 1234", 0o600), ("a key that all may read", "ab" * 16, 0o644))
def test_a_keyfile_that_cannot_be_used(content, mode):
    with open("my.key", "w") as file:
        file.write(content)
    os.chmod("my.key", mode)
    env = {**environment(), "KEYTRAIL": "keyfile=" + os.path.abspath("my.key")}
    done = subprocess.run([story.KEYTRAIL, "run", "-q", "-o", "t", "true"], env=env, capture_output=True, text=True)
    assert done.returncode == 0 and "cannot use the key" in done.stderr and "my.key" in done.stderr, done.stderr
    assert open("my.key").read() == content


def test_a_segment_grows_no_further_than_the_user_says():
    program = compiled(r"""
        #include <stdio.h>
        #include <stdlib.h>
        #include <unistd.h>
        int main(void) {
            char name[32];
            for (int i = 0; i < 30000; i++) {
                snprintf(name, sizeof name, "K%d_TOKEN", i), setenv(name, "x", 1);
                if (i % 300 == 0) usleep(10000);
            }
        }""")
    env = {**environment(), "KEYTRAIL": "max=1m"}
    done = subprocess.run([story.KEYTRAIL, "run", "-q", "-o", "t", program], env=env, capture_output=True)
    assert done.returncode == 0 and not done.stderr, done
    sizes = [os.path.getsize(os.path.join("t", f)) for f in os.listdir("t")]
    assert max(sizes) == 1 << 20, sizes
