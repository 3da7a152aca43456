"""`keytrail run --stacks`: who called what asked, in native code of every make. And
nothing of the host is touched by it."""
import ctypes
import os
import re
import subprocess
from importlib import util

import story
from story import asked, compiled, expect_fault, with_key

KEY = "OPENAI_API_KEY"
LONG = {"^under valgrind": "valgrind follows every step of libunwind"}

spec = util.spec_from_file_location("native", os.path.join(os.path.dirname(__file__), "native.py"))
native = util.module_from_spec(spec)  # some of its programs are ours, too
spec.loader.exec_module(native)


def recorded(command, env=None, stacks=True, **more):
    """As story.recorded, with --stacks."""
    try:
        ctypes.CDLL("libunwind-x86_64.so.8")
    except OSError:
        story.skip("no libunwind here")
    trace = os.path.join(os.getcwd(), f"trace-{story.random_text(6)}")
    watch = [w for name in more.pop("watch", ()) for w in ("-w", name)]
    return story._run([story.KEYTRAIL, "run", "-q", *["--stacks"] * stacks, *watch, "-o", trace, "--", *command],
                      with_key(KEY) if env is None else env, more.get("stdin"), None, more.get("seconds", 90), trace, command)


def stacks(run, name=KEY):
    """The functions of the stack of each event that asked for a name, as replay tells them."""
    told, found = asked("replay", run.trace).decode().splitlines(), []
    for line in told:
        if not line.startswith(" " * 20) and f"asks for {name}" in line:
            found.append([])
        elif line.startswith(" " * 20) and found and found[-1] is not None:
            found[-1].append(line.split()[0])
        elif found and not line.startswith(" " * 20):
            found.append(None)
    return [f for f in found if f is not None]


def stack(run, name=KEY):
    first, = stacks(run, name)
    return first


CHAIN = r"""
#include <stdlib.h>
#define KEPT __attribute__((noinline, noclone))
KEPT int inner(const char *name) { int found = getenv(name) != 0; __asm__ volatile(""); return found; }
KEPT int middle(const char *name) { int found = inner(name); __asm__ volatile(""); return found; }
KEPT int outer(const char *name) { int found = middle(name); __asm__ volatile(""); return found; }
int main(void) { int found = outer("OPENAI_API_KEY"); __asm__ volatile(""); return !found; }
"""


@story.each(("plain", "-O0"), ("optimized", "-O2"), ("no frame pointers", "-O2 -fomit-frame-pointer"),
            ("frame pointers", "-O2 -fno-omit-frame-pointer"), ("position dependent", "-O1 -no-pie"),
            ("static libgcc", "-O1 -static-libgcc"), ("clang", "-O2"), ("lld", "-O1 -fuse-ld=lld"),
            ("gold", "-O1 -fuse-ld=gold"))
def test_the_callers_of_c(flags):
    compiler = "clang" if flags == "-O2" else "gcc"
    linker = re.search("-fuse-ld=(.*)", flags)
    if linker:
        story.which("ld." + linker.group(1))
    run = recorded([compiled(CHAIN, flags=["-g", *flags.split()], compiler=compiler)])
    assert stack(run)[:4] == ["inner", "middle", "outer", "main"], stack(run)


def test_without_the_option_there_are_none():
    run = recorded([compiled(CHAIN, flags=["-g"])], stacks=False)
    assert stacks(run) == [[]], stacks(run)
    assert not any("frames" in e for e in run.events)


def test_frames_of_a_stripped_program_are_modules_and_offsets():
    run = recorded([compiled(CHAIN, flags=["-O1", "-s"])])
    assert len(stack(run)) >= 4 and all("probe+0x" in frame for frame in stack(run)[:4]), stack(run)
    first, = run.of("read")
    assert len(first["frames"]) >= 4 and first["frames"][0].startswith("+0x"), first


def test_a_stack_is_told_once_for_each_new_event():
    run = recorded([compiled(CHAIN.replace("int found = outer(", "int found = 0; for (int i = 0; i < 9; i++) found = outer("),
                             flags=["-g"])])
    assert ["frames" in e for e in run.of("read")] == [True, False, False, False], run.of("read")


def test_a_deep_recursion_is_cut():
    run = recorded([compiled(r"""
        #include <stdlib.h>
        __attribute__((noinline)) int down(int n) {
            int found = n ? down(n - 1) : getenv("OPENAI_API_KEY") != 0;
            __asm__ volatile(""); return found; }
        int main(void) { return !down(10000); }""", flags=["-g"])])
    assert run.status == 0
    assert 16 <= len(stack(run)) <= 40 and set(stack(run)) == {"down"}, stack(run)


def test_exceptions_and_a_plugin_of_cpp():
    run = recorded(native.built_cpp("g++", "-O1"))
    assert run.status == 2, (run.status, run.err)
    for name, wanted in ((KEY, ["shop::Config::load", "main"]), ("ANOTHER_API_KEY", ["shop::Config::load", "main"])):
        assert stack(run, name)[:2] == wanted, stack(run, name)
    assert [f for f in stack(run, "PLUGIN_API_KEY") if f in ("ask", "main")] == ["ask", "main"], stack(run, "PLUGIN_API_KEY")


def test_who_called_a_wrapper_is_the_site():
    with open("temp.cc", "w") as file:
        file.write("#include <filesystem>\n#include <cstdio>\n__attribute__((noinline)) void shop()\n"
                   "{\n\tputs(std::filesystem::temp_directory_path().c_str());\n}\nint main() { shop(); }\n")
    subprocess.run([story.which("g++"), "-std=c++17", "-g", "-o", "temp", "temp.cc"], check=True)
    run = recorded(["./temp"], watch=["TMPDIR"])
    told = asked("replay", run.trace).decode()
    assert re.search(r"asks for TMPDIR: .*, at temp.cc:5 in shop$", told, re.M), told
    assert not re.search(r"asks for TMPDIR: .*, at temp.cc", asked("replay", recorded(["./temp"], stacks=False,
                                                                   watch=["TMPDIR"]).trace).decode()), "by chance"


@story.each(("legacy names", "-Zunstable-options -Csymbol-mangling-version=legacy"), ("v0 names", "-Csymbol-mangling-version=v0"),
            ("with lines", "-g"), ("optimized, with lines", "-gO"))
def test_the_callers_of_rust(flags):
    run = recorded([native.rust(*flags.split())])
    assert "app::shop::load" in stack(run), stack(run)
    assert "app::main" in stack(run), stack(run)
    told = asked("replay", run.trace).decode()
    place = re.search(r"asks for OPENAI_API_KEY: .*?, at (.*)", told).group(1)
    assert place == ("app.rs:5 in app::shop::load" if "-g" in flags else "app::shop::load"), place


def test_through_a_signal_handler():
    run = recorded([compiled(r"""
        #include <signal.h>
        #include <stdlib.h>
        static volatile int found;
        static void handler(int signal) { found = getenv("OPENAI_API_KEY") != 0; }
        __attribute__((noinline)) void busy(void) { raise(SIGUSR1); __asm__ volatile(""); }
        int main(void) { signal(SIGUSR1, handler); busy(); return !found; }""", flags=["-g", "-O1"])])
    found = stack(run)
    assert run.status == 0 and found[0] == "handler" and "busy" in found and "main" in found, found


def test_on_an_alternate_signal_stack_only_the_caller_is_told():
    run = recorded([compiled(r"""
        #include <signal.h>
        #include <stdlib.h>
        static volatile int found;
        static void handler(int signal) { found = getenv("OPENAI_API_KEY") != 0; }
        int main(void) {
            stack_t s = {.ss_sp = malloc(SIGSTKSZ), .ss_size = SIGSTKSZ};
            struct sigaction a = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
            sigaltstack(&s, 0); sigaction(SIGUSR1, &a, 0); raise(SIGUSR1); return !found; }""", flags=["-g"])])
    assert run.status == 0 and stack(run) == [], stack(run)
    assert run.of("read")[0]["at"]


def test_in_a_thread():
    run = recorded([compiled(r"""
        #include <pthread.h>
        #include <stdlib.h>
        __attribute__((noinline)) static int ask(void) {
            int found = getenv("OPENAI_API_KEY") != 0; __asm__ volatile(""); return found; }
        static void *thread(void *unused) { return (void *)(long)ask(); }
        int main(void) {
            pthread_t t; void *found; pthread_create(&t, 0, thread, 0); pthread_join(t, &found); return !found; }
        """, flags=["-g", "-O1", "-pthread"])])
    assert run.status == 0 and stack(run)[:2] == ["ask", "thread"], stack(run)


def test_on_a_stack_of_its_own():
    run = recorded([compiled(r"""
        #include <stdlib.h>
        #include <ucontext.h>
        static ucontext_t back, there;
        static int found;
        __attribute__((noinline)) static void fibre(void) { found = getenv("OPENAI_API_KEY") != 0; }
        int main(void) {
            getcontext(&there); there.uc_stack.ss_sp = malloc(65536); there.uc_stack.ss_size = 65536;
            there.uc_link = &back; makecontext(&there, fibre, 0); swapcontext(&back, &there); return !found; }
        """, flags=["-g"])])
    assert run.status == 0 and stack(run)[0] == "fibre", stack(run)


# Code without unwind tables, and a frame pointer that points nowhere.
BLIND = r"""
#include <stdlib.h>
__asm__(".text\nblind: push %rbp\n movabs $0x4141414141414141, %rbp\n call ask\n pop %rbp\n ret\n");
int ask(void) { return getenv("OPENAI_API_KEY") != 0; }
int blind(void);
int main(void) { return !blind(); }
"""


def test_it_ends_where_there_are_no_tables():
    run = recorded([compiled(BLIND, flags=["-g", "-O2", "-fno-ipa-ra"])])
    assert run.status == 0, run.status
    assert [f for f in stack(run) if f != "probe"][:1] == ["ask"], stack(run)


def test_lying_tables_lead_nowhere_bad():
    """The frame is said to lie at an address that is none, and at the end of the stack."""
    for rule in (".cfi_def_cfa_register rbx", ".cfi_def_cfa_offset 0x7fffff0", ".cfi_def_cfa_offset 88"):
        run = recorded([compiled(r"""
            #include <stdlib.h>
            __asm__(".text\nliar: .cfi_startproc\n push %rbx\n push %rbp\n sub $8, %rsp\n mov $-9, %rbx\n RULE\n"
                    " call ask\n add $8, %rsp\n pop %rbp\n pop %rbx\n ret\n .cfi_endproc\n");
            int ask(void) { return getenv("OPENAI_API_KEY") != 0; }
            int liar(void);
            int main(void) { return !liar(); }""".replace("RULE", rule), flags=["-g", "-O2"])])
        assert run.status == 0, (rule, run.status)
        assert len(run.of("read")) == 1


@story.patience(240)
def test_forks_while_other_threads_walk():
    """A child must neither hang in libunwind's lock nor lose the caller."""
    run = recorded([compiled(r"""
        #include <pthread.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/wait.h>
        #include <unistd.h>
        static volatile int done;
        static void *walker(void *number)
        {
            char name[64];
            for (unsigned i = 0; !done; i++) {
                sprintf(name, "A%dX%u_API_KEY", *(int *)number, i % 4096);
                getenv(name);
            }
            return 0;
        }
        int main(void)
        {
            int numbers[4] = {0, 1, 2, 3}, bad = 0, status;
            pthread_t threads[4];
            for (int i = 0; i < 4; i++) pthread_create(&threads[i], 0, walker, &numbers[i]);
            for (int i = 0; i < 200; i++) {
                pid_t child = fork();
                if (!child) { alarm(20); _Exit(!getenv("OPENAI_API_KEY")); }
                waitpid(child, &status, 0); bad += status != 0;
            }
            done = 1;
            for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
            return bad;
        }""", flags=["-pthread"])], timeout=200)
    assert run.status == 0, f"{run.status} children hung or failed"
    reads = run.of("read", name=KEY)
    assert len(reads) + len(run.of("lost")) >= 150 and all("at" in e for e in reads), len(reads)
    print(f"note: {sum('frames' in e for e in reads)} of {len(reads)} children had a stack")


def test_a_fork_in_peace_keeps_its_stacks():
    run = recorded([compiled(CHAIN.replace("int main(void) {", "#include <unistd.h>\n#include <sys/wait.h>\n"
                             "int main(void) { if (fork()) { wait(0); return 0; }"), flags=["-g"])])
    assert stack(run)[:4] == ["inner", "middle", "outer", "main"], stack(run)


def test_a_vfork_child_takes_none():
    run = recorded([compiled(r"""
        #include <stdlib.h>
        #include <sys/wait.h>
        #include <unistd.h>
        int main(void) {
            char *argv[] = {"true", 0};
            if (!vfork()) { execve("/bin/true", argv, environ); _exit(1); }
            wait(0); return !getenv("OPENAI_API_KEY"); }""", flags=["-g"])])
    assert run.status == 0
    assert "frames" not in run.of("exec")[0] and "frames" in run.of("read")[0], run.events


def test_a_plugin_in_the_place_of_another():
    """One is closed, and the next lies at its address: each keeps its own names."""
    for name in ("one", "two"):
        with open(name + ".c", "w") as file:
            file.write('#include <stdlib.h>\n' + "\n" * (name == "two") +
                       f'int inner_{name}(void) {{ int f = getenv("{name.upper()}_API_KEY") != 0;'
                       ' __asm__ volatile(""); return f; }\n'
                       f'int ask(void) {{ int f = inner_{name}(); __asm__ volatile(""); return f; }}\n')
        subprocess.run(["gcc", "-g", "-O1", "-shared", "-fPIC", "-o", f"lib{name}.so", name + ".c"], check=True)
    run = recorded([compiled(r"""
        #include <dlfcn.h>
        #include <stdio.h>
        int main(int argc, char **argv) {
            for (int i = 1; i < argc; i++) {
                void *plugin = dlopen(argv[i], RTLD_NOW);
                int (*ask)(void) = (int (*)(void))dlsym(plugin, "ask");
                printf("%p\n", (void *)ask); ask(); dlclose(plugin);
            } }""", flags=["-g", "-ldl"]), os.path.abspath("libone.so"), os.path.abspath("libtwo.so")])
    first, second = run.out.split()
    assert first == second, "they lie at different places: nothing was tried"
    for name in ("one", "two"):
        assert stack(run, f"{name.upper()}_API_KEY")[:3] == [f"inner_{name}", "ask", "main"], stack(run)


def test_strict_seccomp_ends_the_stacks_and_not_the_program():
    run = recorded([compiled(r"""
        #include <linux/seccomp.h>
        #include <stdlib.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        int main(void) {
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
            syscall(SYS_exit, getenv("OPENAI_API_KEY") ? 3 : 4); }""")])
    assert run.status == 3, run.status
    assert len(run.of("read")) == 1 and "frames" not in run.of("read")[0], run.events


def test_the_host_keeps_its_descriptors_mask_limit_and_errors():
    source = r"""
        #include <dlfcn.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/resource.h>
        int main(void) {
            struct rlimit limit; sigset_t mask; char *error;
            int before = errno, fd = open("/dev/null", 0), kept;
            errno = 42; getenv("OPENAI_API_KEY"); kept = errno;
            getrlimit(RLIMIT_NOFILE, &limit); sigprocmask(0, 0, &mask); error = dlerror();
            printf("%d %d %d %d %ld %d %d %s\n", before, fd, kept, open("/dev/null", 0), (long)limit.rlim_cur,
                   sigismember(&mask, SIGUSR1), sigismember(&mask, SIGTERM), error ? error : "none"); }"""
    program = compiled(source, flags=["-ldl"])
    bare = story.bare([program], with_key(KEY))
    run = recorded([program])
    assert (run.out, run.err) == (bare.out, bare.err), (run.out, bare.out)


@story.each(("no file limit", 0), ("few files", 3))
def test_where_no_file_can_be_opened(limit):
    shell = story.which("bash")
    run = recorded([shell, "-c", f"ulimit -n {limit}; exec {compiled(CHAIN, flags=['-g'])}"])
    assert run.status in (0, 127), (run.status, run.err)  # the loader, too, opens files
    assert run.status == 127 or run.of("read"), run.events


def test_a_finding_shows_the_callers_of_both_and_a_packed_file_too():
    asker = compiled(CHAIN, "asker", flags=["-g"])
    launcher = compiled(r"""
        #include <unistd.h>
        #include <sys/wait.h>
        __attribute__((noinline)) int start(char **argv) {
            char *none[] = {"PATH=/bin", 0}; execve(argv[1], argv + 1, none); return 1; }
        int main(int argc, char **argv) {
            int status; if (!fork()) return start(argv); wait(&status); return status != 0; }
        """, "launcher", flags=["-g"])
    run = recorded([launcher, asker])
    first = expect_fault(run, "KT201", KEY, victim="asker", culprit="launcher")
    words = [line.split()[0] for line in first["victim"]["stack"]]
    assert words[:4] == ["inner", "middle", "outer", "main"], words
    assert [line.split()[0] for line in first["culprit"]["stack"]][:2] == ["start", "main"], first["culprit"]
    text = asked("report", run.trace).decode()
    assert f"          middle {asker}.c:5\n" in text, text
    asked("pack", run.trace, "-o", "packed.jsonl")
    os.remove(asker), os.remove(launcher)
    assert asked("report", "packed.jsonl").decode() == text


def test_what_could_not_be_named_is_packed_as_it_is():
    run = recorded(["env", "-i", compiled(CHAIN, flags=["-g"])])  # env has no names
    told = asked("report", "-f", "json", run.trace)
    asked("pack", run.trace, "-o", "once")
    asked("pack", "once", "-o", "twice")
    assert asked("report", "-f", "json", "once") == told
    assert asked("report", "-f", "json", "twice") == told


def without(library, *command):
    """Runs a command where a library is an empty file."""
    hide = 'for file in /lib/*/"$1"* /usr/lib/*/"$1"* /lib64/"$1"* /usr/lib64/"$1"*; do ' \
           '[ ! -f "$file" ] || mount --bind /dev/null "$file" || exit 99; done; shift; exec "$@"'
    run = story.bare(story.in_own_mounts(hide, "sh", library, *command), with_key(KEY))
    assert run.status != 99, "the library could not be hidden"
    return run


def test_without_libunwind_it_says_so_and_goes_on():
    program = compiled(CHAIN.replace("int main(void) {", "#include <dlfcn.h>\nint main(void) { if (dlerror()) return 7;"),
                       flags=["-g", "-ldl"])
    run = without("libunwind-x86_64.so", story.KEYTRAIL, "run", "--stacks", "-o", "t", "--", program)
    assert run.status == 0, (run.status, run.err)
    assert b"no stacks were taken: libunwind-x86_64.so.8 is not here" in run.err, run.err
    reads = [e for e in story.events_of("t") if e["e"] == "read"]
    assert len(reads) == 1 and "at" in reads[0] and "frames" not in reads[0], reads
    assert b"part  no libunwind" in without("libunwind-x86_64.so", story.KEYTRAIL, "doctor").out


def test_without_elfutils_places_stay_module_and_offset():
    run = recorded([compiled(CHAIN, flags=["-g"])])
    told = without("libdw.so", story.KEYTRAIL, "replay", run.trace)
    assert told.status == 0 and not told.err and b", at probe+0x" in told.out, told.out
    assert b"part  no elfutils" in without("libdw.so", story.KEYTRAIL, "doctor").out
    assert b", at probe.c:" in asked("replay", run.trace)


def test_children_are_asked_for_stacks_too_whatever_their_environment():
    run = recorded(["env", "-i", "sh", "-c", compiled(CHAIN, flags=["-g"])])
    assert stack(run)[:4] == ["inner", "middle", "outer", "main"], stack(run)


@story.patience(300)
def test_under_valgrind():
    program = compiled(CHAIN, flags=["-g"])
    valgrind = [story.which("valgrind"), "-q", "--error-exitcode=9", program]
    run = recorded(valgrind, seconds=240)
    assert run.status == 0 and not run.err, run.err
    assert any("frames" in e for e in run.of("read", name=KEY)), run.events


def test_under_python():
    run = recorded([story.PYTHON, "-c", "import ctypes; libc = ctypes.CDLL(None); libc.getenv(b'OPENAI_API_KEY')"])
    assert run.status == 0 and any("frames" in e for e in run.of("read", name=KEY)), run.err


def test_under_node():
    """Its own line is better than the engine's frames; where there is none, these stand."""
    run = recorded([story.which("node"), "-e", "process.env.OPENAI_API_KEY ? require('child_process').spawnSync('/bin/true') : process.exit(1)"])
    reads = run.of("read", name=KEY)
    assert run.status == 0 and reads and all(("site" in e) != ("frames" in e) for e in reads), reads
    assert any("frames" in e for e in run.of("exec")), run.of("exec")


def test_under_musl():
    with open("chain.c", "w") as file:
        file.write(CHAIN)
    subprocess.run([story.which("musl-gcc"), "-g", "-o", "chain", "chain.c"], check=True)
    run = recorded(["./chain"])
    assert run.status == 0 and run.of("read", name=KEY), (run.status, run.err)
