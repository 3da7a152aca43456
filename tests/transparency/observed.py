"""Real programs, bare and recorded: everything that can be seen from outside is
compared, and by a probe that they start what can be seen from inside."""
import os
import shutil

import observe
import story
from observe import observe as compare
from story import compiled, which

LONG = {r"^wakes as bare \[(?!itself|sh -c|bash|env -i|make\]|python, (subprocess|os.posix)|node, spawnSync|sudo|setpriv|tmux|php|ruby)": "a dozen ways to be started are enough for make test",
        r"^as bare \[(javac|java, one|valgrind)": "a JVM, and valgrind, start slowly"}
KEY = story.openai_key()
FILES = {
    "data.txt": "".join(f"{i * 7919 % 1000} line {i}\n" for i in range(500)),
    "some.csv": "a,b\n1,2\n3,4\n",
    "script.sh": "#!/bin/bash -e\nset -o pipefail\nx=$(echo hi | tr a-z A-Z)\n[[ $x == HI ]] && echo $x $# $0\ntrap 'echo bye' EXIT\n"
                 "for i in 1 2 3; do (exit $i) || echo $?; done\nmapfile -t lines < data.txt; echo ${#lines[@]}\nexit 9\n",
    "posix.sh": "#!/bin/dash\nset -eu\nX_TOKEN=1 env | grep X_TOKEN\nwhile read -r a b; do echo $a; done < some.csv | sort\nulimit -n\numask\nexit 4\n",
    "Makefile": "all: a b c d\na b c d:\n\t@echo $@ > $@.out; cat $@.out; $(MAKE) -s -f other.mk X=$@\n",
    "other.mk": "all: ; @echo sub $(X) $$MAKELEVEL\n",
    "hello.c": '#include <stdio.h>\n#include <stdlib.h>\nint main(void) { puts(getenv("OPENAI_API_KEY") ? "found" : "missing"); return 3; }\n',
    "spawns.c": '#include <spawn.h>\n#include <sys/wait.h>\n#include <unistd.h>\nextern char **environ;\nint main(void) { char *args[] = {"true", 0}; int pid; '
                'if (posix_spawn(&pid, "/bin/true", 0, 0, args, environ)) return 8; waitpid(pid, 0, 0); execve("/nonexistent", args, environ); '
                'execv("/bin/false", args); return 7; }\n',
    "hello.cc": "#include <iostream>\n#include <stdexcept>\nint main() { try { throw std::runtime_error(\"x\"); } catch (std::exception &e) "
                "{ std::cout << e.what() << std::endl; } return 3; }\n",
    "crash.c": "#include <stdlib.h>\nstatic void f(int *p) { *p = 1; }\nint main(void) { f(0); }\n",
    "Hello.java": "import java.util.*;\npublic class Hello { public static void main(String[] a) throws Exception {"
                  " var p = new ProcessBuilder(\"sh\", \"-c\", \"echo $0 $X_TOKEN; exit 7\"); p.environment().put(\"X_TOKEN\", \"v\"); p.inheritIO();"
                  " System.out.println(System.getenv(\"OPENAI_API_KEY\") != null); System.exit(p.start().waitFor()); } }\n",
    "CMakeLists.txt": "cmake_minimum_required(VERSION 3.10)\nproject(x C)\nadd_executable(hello hello.c)\nadd_custom_target(run ALL COMMAND hello || true DEPENDS hello)\n",
    "pool.py": "import multiprocessing as m, os, sys\ndef f(x): return x * x, 'OPENAI_API_KEY' in os.environ\n"
               "if __name__ == '__main__':\n    m.set_start_method(sys.argv[1])\n    with m.Pool(3) as p: print(p.map(f, range(20)))\n",
    "many.js": "const {spawn, execFileSync, fork} = require('child_process'); if (process.argv[2]) { process.send(process.env.OPENAI_API_KEY ? 1 : 0); }"
               " else { console.log(execFileSync('sh', ['-c', 'echo $0; echo err >&2']).toString()); const c = fork(__filename, ['x']);"
               " c.on('message', (m) => console.log('message', m)); c.on('exit', (s) => { console.log('exit', s); process.exit(5); }); }\n",
    "work.js": "const {Worker, isMainThread, parentPort} = require('worker_threads'); if (isMainThread) { const w = new Worker(__filename, {env: {A: '1'}});"
               " w.on('message', console.log).on('exit', (c) => process.exit(c)); } else { parentPort.postMessage(Object.keys(process.env).sort()); process.exit(6); }\n",
    "expect.exp": "spawn sh -c {read a; echo got $a; exit 3}\nsend \"hello\\n\"\nexpect \"got hello\"\nexpect eof\nexit [lindex [wait] 3]\n",
    "a.awk": "BEGIN { print length(ENVIRON[\"OPENAI_API_KEY\"]); while ((\"sort -n data.txt\" | getline l) > 0) n++; print n; print \"x\" | \"cat 1>&2\"; close(\"cat 1>&2\"); exit 5 }\n",
}
GIT = "export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z' GIT_CONFIG_NOSYSTEM=1;" \
      "git config --global user.email a@b.c; git config --global user.name n; git config --global init.defaultBranch main;"
PY = story.PYTHON

COMMANDS = (
    # shells
    ("bash script", ["bash", "script.sh", "a"]), ("a script by its name", ["./script.sh", "a", "b"]), ("dash script", ["dash", "posix.sh"]),
    ("bash, jobs", ["bash", "-c", "sleep 0.1 & sleep 0.2 & wait -n; jobs | wc -l; wait; kill -0 $! 2>/dev/null; echo $?"]),
    ("bash, process substitution", ["bash", "-c", "diff <(sort data.txt) <(sort -r data.txt) | wc -l; cat < <(echo x); exit 4"]),
    ("bash, here text and expansion", ["bash", "-c", "cat <<< $HOME; echo {1..5}; shopt -s extglob; ls *.@(c|cc); printf '%q\\n' \"a b\""]),
    ("bash, signals", ["bash", "-c", "trap 'echo usr1' USR1; kill -USR1 $$; trap '' INT; (kill -INT $BASHPID; echo alive); exit 3"]),
    ("bash dies of a signal", ["bash", "-c", "kill -TERM $$"]), ("dash dies of a signal", ["dash", "-c", "ulimit -c 0; kill -ABRT $$"]),
    ("busybox shell", ["busybox", "sh", "-c", "echo a | sed s/a/b/; /bin/ls data.txt; exit 5"]),
    # coreutils and their like
    ("ls", ["ls", "-la", "--time-style=+x", "data.txt", "some.csv"]), ("cp -a, mv, rm", ["sh", "-c", "mkdir d; cp -a *.txt d; mv d e; ln -s e/data.txt l; rm some.csv; ls -R"]),
    ("sort --parallel", ["sort", "--parallel=4", "-S", "1M", "-n", "data.txt", "-o", "sorted"]), ("sort, uniq, join, comm", ["sh", "-c", "sort data.txt | uniq -c | sort -rn | head -3; join some.csv some.csv; comm some.csv some.csv"]),
    ("split --filter", ["split", "-l", "100", "--filter", "gzip -n > $FILE.gz", "data.txt"]), ("tee", ["sh", "-c", "tee one two < data.txt | md5sum"]),
    ("sha256sum, base64, od", ["sh", "-c", "sha256sum data.txt; base64 some.csv; od -c some.csv"]), ("dd", ["dd", "if=data.txt", "of=copy", "bs=100", "count=3", "status=none"]),
    ("stat, touch, chmod", ["sh", "-c", "touch -d 2020-01-01 n; chmod 640 n; stat -c '%a %Y %s' n"]), ("install, mktemp", ["sh", "-c", "install -m 600 data.txt in; f=$(mktemp -p .); test -f $f && echo made"]),
    ("env", ["env", "-u", "OPENAI_API_KEY", "A=b", "sh", "-c", "echo $A ${OPENAI_API_KEY-none}"]), ("env -i", ["env", "-i", "/bin/sh", "-c", "set | cut -d= -f1 | grep -v -e LD_PRELOAD -e KEYTRAIL | sort"]),
    ("nohup", ["nohup", "sh", "-c", "echo x; exit 3"]), ("nice", ["nice", "-n", "5", "nice"]), ("timeout", ["timeout", "-s", "INT", "0.3", "sleep", "9"]),
    ("timeout, in time", ["timeout", "9", "sh", "-c", "exit 3"]), ("stdbuf, a preload of its own", ["stdbuf", "-oL", "sh", "-c", "echo ${LD_PRELOAD##*/} | tr : '\\n' | grep -c stdbuf; exit 2"]),
    ("xargs -P", ["sh", "-c", "seq 40 | xargs -P 4 -n 3 sh -c 'echo $#' | sort"]), ("xargs, a failure", ["sh", "-c", "seq 3 | xargs -n 1 sh -c 'exit 255'; echo $?"]),
    ("find -exec", ["find", ".", "-name", "*.c", "-exec", "wc", "-l", "{}", "+"]), ("find -execdir -delete", ["find", ".", "-name", "*.mk", "-execdir", "cat", "{}", ";", "-delete"]),
    ("awk", ["awk", "-f", "a.awk"]), ("sed -i", ["sed", "-i.bak", "s/line/LINE/", "data.txt"]), ("grep -r", ["grep", "-rc", "line", "data.txt", "some.csv"]),
    ("diff", ["diff", "-u", "--label", "a", "--label", "b", "data.txt", "some.csv"]), ("tar, gzip", ["sh", "-c", "tar --mtime=2020-01-01 --sort=name -czf x.tar.gz *.c *.txt && mkdir out && tar -C out -xzvf x.tar.gz"]),
    ("gzip, bzip2, xz", ["sh", "-c", "for z in gzip bzip2 xz; do $z -k data.txt && $z -dc data.txt.* | md5sum; rm data.txt.*; done"]),
    ("setsid", ["setsid", "-w", "sh", "-c", "exit 4"]), ("flock", ["flock", "lock", "sh", "-c", "echo x; exit 6"]), ("time", ["bash", "-c", "TIMEFORMAT=t; time sh -c 'exit 3'"]),
    ("prlimit", ["prlimit", "--nofile=50", "sh", "-c", "ulimit -n; exit 2"]), ("taskset, chrt, ionice", ["taskset", "-c", "0", "ionice", "-c", "3", "sh", "-c", "echo x"]),
    # builds
    ("make -j", ["sh", "-c", "make -s -j 4 | sort"]), ("make, a failure", ["sh", "-c", "printf 'all: ; @exit 3\\n' | make -f -"]), ("gcc", ["sh", "-c", "gcc -O2 -o hello hello.c && ./hello"]),
    ("g++", ["sh", "-c", "g++ -o hello hello.cc && ./hello"]), ("gcc, an error", ["sh", "-c", "echo 'int x' | gcc -c -xc - -o x.o"]), ("gcc -flto", ["sh", "-c", "gcc -flto=2 -O1 -o hello hello.c && ./hello"]),
    ("clang", ["sh", "-c", "clang -o hello hello.c && ./hello"]), ("cmake", ["sh", "-c", "cmake -S . -B b > log 2>&1; cmake --build b -j 2 > log2 2>&1; b/hello; exit $?"]),
    ("gofmt, static", ["sh", "-c", "HOME=/nonexistent gofmt -l ."]), ("rustc", ["sh", "-c", "echo 'fn main() { println!(\"{}\", std::env::var(\"OPENAI_API_KEY\").is_ok()); std::process::exit(3) }' > m.rs; RUSTUP_HOME=/root/.rustup CARGO_HOME=/root/.cargo rustc m.rs && ./m"]),
    # version control and network
    ("git init, commit, log", ["sh", "-c", GIT + "git init -q r; cd r; cp ../data.txt .; git add .; git commit -qm m; git log --format=%H; git status -s; git show --stat | tail -1"]),
    ("git clone, fetch, gc", ["sh", "-c", GIT + "git init -q r; cd r; cp ../data.txt .; git add .; git commit -qm m; cd ..; git clone -q r s; cd s; git gc -q; git fetch -q; git fsck; git rev-parse HEAD"]),
    ("git with hooks, an alias", ["sh", "-c", GIT + "git init -q r; cd r; printf '#!/bin/sh\\necho hook; exit 1\\n' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit;"
                                  "git config alias.x '!echo alias'; git x; git commit --allow-empty -m m; echo $?"]),
    ("curl file", ["sh", "-c", "curl -s file://$PWD/some.csv -o got; cat got; curl -s file:///no/such; echo $?"]), ("openssl", ["sh", "-c", "openssl dgst -sha256 data.txt; openssl enc -aes-128-cbc -K 00 -iv 00 -in some.csv 2>/dev/null | md5sum"]),
    ("ssh-keygen", ["sh", "-c", "ssh-keygen -q -t ed25519 -N '' -f k -C c && ssh-keygen -l -f k | cut -d' ' -f1,3,4; ls k k.pub"]), ("ssh, refused", ["ssh", "-o", "BatchMode=yes", "-p", "1", "127.0.0.1", "true"]),
    ("sqlite3", ["sqlite3", "x.db", "create table t(a); insert into t values (1),(2); select sum(a) from t; .shell echo shell"]), ("gpg --version", ["gpg", "--version"]),
    ("jq", ["jq", "-n", "env.OPENAI_API_KEY | length"]),
    # languages
    ("python", [PY, "-c", "import os, sys, subprocess, threading; print(len(os.environ['HOME']), threading.active_count()); sys.exit(subprocess.call(['sh', '-c', 'exit 8']))"]),
    ("python's own list of variables", [PY, "-c", "import os; print(sorted(k for k in os.environ if k not in ('LD_PRELOAD', 'KEYTRAIL')))"]),
    ("python, pool by fork", [PY, "pool.py", "fork"]), ("python, pool by spawn", [PY, "pool.py", "spawn"]), ("python, pool by forkserver", [PY, "pool.py", "forkserver"]),
    ("python, asyncio", [PY, "-c", "import asyncio\nasync def f():\n p = await asyncio.create_subprocess_shell('echo x; exit 3', stdout=-1)\n print(await p.communicate(), p.returncode)\nasyncio.run(f())"]),
    ("python -m venv", [PY, "-c", "import venv; venv.create('v', symlinks=True); import subprocess; print(subprocess.run(['v/bin/python', '-c', 'import sys; print(sys.prefix != sys.base_prefix)'], capture_output=True).stdout)"]),
    ("python, faulthandler", [PY, "-X", "faulthandler", "-c", "import resource, os; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); os.kill(os.getpid(), 11)"]),
    ("Debian's python", ["/usr/bin/python3", "-I", "-c", "import os, pty; print(os.system('exit 3') >> 8, pty.spawn(['sh', '-c', 'tty >/dev/null && echo terminal']))"]),
    ("node", ["node", "many.js"]), ("node, worker with its own environment", ["node", "work.js"]), ("node -p", ["node", "-p", "process.argv.length + process.execArgv.length"]),
    ("node, cluster", ["node", "-e", "const c = require('cluster'); if (c.isPrimary) { c.fork({X: '1'}).on('exit', (s) => { console.log(s); }) } else { console.log(process.env.X); process.exit(3) }"]),
    ("npm --version", ["npm", "--version"]), ("npm run", ["sh", "-c", "echo '{\"scripts\": {\"x\": \"sh -c \\\"echo script; exit 4\\\"\"}}' > package.json; npm run -s x"]),
    ("perl", ["perl", "-we", "open my $p, '-|', 'sh', '-c', 'echo x; exit 3' or die; print <$p>; close $p; print $? >> 8, qq(\\n); local $ENV{A} = 1; print `env | grep -c ^A=`; fork or exit 2; wait; exit $? >> 8"]),
    ("ruby", ["ruby", "-e", "puts `echo x`; pid = spawn({'A' => '1'}, 'sh -c \"exit 5\"'); Process.wait pid; puts $?.exitstatus; fork { exit! 3 }; Process.wait; exit $?.exitstatus"]),
    ("php", ["php", "-r", "echo getenv('OPENAI_API_KEY') ? 1 : 0; system('echo x; exit 3', $s); echo $s; $p = proc_open(['sh', '-c', 'exit 4'], [], $f); echo proc_close($p); exit(6);"]),
    ("javac, java", ["sh", "-c", "javac -J-Xshare:auto Hello.java && java -cp . Hello"]), ("java, one file", ["java", "-XX:TieredStopAtLevel=1", "Hello.java"]),
    ("tclsh", ["sh", "-c", "echo 'puts [exec sh -c {echo $HOME}]; puts $env(HOME); exit 3' | tclsh"]), ("expect", ["expect", "-f", "expect.exp"]), ("lua", ["lua5.4", "-e", "print(os.getenv('HOME')); os.exit(3)"]),
    # those that look at others
    ("gdb -batch", ["sh", "-c", "gcc -g -o crash crash.c && gdb -nx -batch -ex 'set confirm off' -ex run -ex bt ./crash 2>&1 | grep -v -e '^warning' -e libthread -e 'Using host'"]),
    ("strace", ["sh", "-c", "strace -f -qq -o log -e trace=kill,chdir sh -c 'cd /; kill -0 $$; exit 3'; s=$?; cut -d' ' -f2- log | sed 's/([0-9]*,/(N,/'; rm log; exit $s"]),
    ("valgrind", ["sh", "-c", "gcc -g -o hello hello.c && valgrind -q --error-exitcode=9 ./hello"]), ("valgrind of what starts programs", ["sh", "-c", "gcc -g -o spawns spawns.c && valgrind -q --error-exitcode=9 ./spawns"]), ("ltrace", ["sh", "-c", "gcc -O0 -fno-builtin -o hello hello.c && ltrace -e puts -o log ./hello; s=$?; cut -c1-30 log; rm log; exit $s"]),
    ("perf-less: pgrep", ["sh", "-c", "sleep 5 & p=$!; kill $p; wait $p; echo $?"]), ("ldd", ["ldd", "--version"]), ("file and nm", ["sh", "-c", "gcc -c hello.c; nm hello.o; readelf -h hello.o | head -3"]),
    # terminals
    ("script", ["sh", "-c", "script -qec 'tty > /dev/null && echo terminal; exit 3' log; s=$?; sed -i 's/ on 2[^[]*/ on DATE /' log; exit $s"]),
    ("tmux", ["sh", "-c", "tmux -S ./s -f /dev/null new-session -d -x 80 -y 24 \"sh -c 'echo hello from the pane; sleep 30'\"; until tmux -S ./s capture-pane -p | grep hello; do sleep 0.1; done; tmux -S ./s kill-server; exit 5"]),
    ("sudo", ["sudo", "-n", "sh", "-c", "id -u; exit 3"]), ("su", ["su", "-s", "/bin/sh", "nobody", "-c", "id -u; exit 3"]), ("unshare", ["unshare", "-r", "sh", "-c", "id -u; exit 3"]),
    ("a daemon", ["sh", "-c", "setsid sh -c 'sleep 0.3; echo done > flag' > /dev/null 2>&1 < /dev/null & until [ -s flag ]; do sleep 0.1; done; cat flag"]),
    ("a pipe that breaks", ["bash", "-c", "yes | head -2; echo ${PIPESTATUS[@]}"]), ("a FIFO", ["sh", "-c", "mkfifo p; (echo x > p &) ; cat p"]),
    ("no such command", ["sh", "-c", "no-such-command; echo $?"]), ("not executable", ["sh", "-c", "./data.txt; echo $?"]), ("a closed standard output", ["sh", "-c", "echo x >&-; echo $?"]),
    ("closed standard streams", ["sh", "-c", "exec 0<&- 1>&- 2>&-; echo x > out; ls -l /proc/self/fd 2>/dev/null | wc -l > count"]),
)


def prepare(here):
    for name, text in FILES.items():
        with open(os.path.join(here, name), "w") as file:
            file.write(text)
    os.chmod(os.path.join(here, "script.sh"), 0o755)


def programs_of(command):
    """The commands that a row names, for a skip that says which is missing."""
    names = [command[0]] if "/" not in command[0] else []
    if command[0] == "sh":
        known = ("gcc", "g++", "clang", "cmake", "git", "curl", "openssl", "ssh-keygen", "javac", "tclsh", "rustc", "npm", "gdb", "strace",
                 "valgrind", "ltrace", "tmux", "script", "xz", "bzip2", "make")
        words = command[2].replace(";", " ").replace("|", " ").split()
        names += [n for n in known if n in words]
    return names


def environment():
    return story.environment(OPENAI_API_KEY=KEY, PATH=story.PATH + ":/usr/local/go/bin:/root/.cargo/bin", PYTHONDONTWRITEBYTECODE="1",
                             npm_config_update_notifier="false", MALLOC_ARENA_MAX="2", npm_config_loglevel="error")


@story.patience(300)
@story.each(*COMMANDS)
def test_as_bare(command):
    for name in programs_of(command):
        if not shutil.which(name, path=environment()["PATH"]):
            story.skip(f"no {name} here")
    if "/" in command[0] and not command[0].startswith("./") and not os.path.exists(command[0]):
        story.skip(f"no {command[0]} here")
    compare(command, environment(), prepare=prepare)


# ---- what a program finds when it wakes ------------------------------------------------

STARTS = (
    ("itself", ["./probe", "out", "3"]), ("sh -c", ["sh", "-c", "./probe out; ./probe out"]), ("sh, exec", ["sh", "-c", "exec ./probe out 4"]),
    ("sh, a background job", ["sh", "-c", "./probe out & wait"]), ("sh, a pipeline", ["sh", "-c", "echo x | ./probe out | cat"]), ("bash", ["bash", "-c", "./probe out; (./probe out); exec 7</dev/null; ./probe out"]),
    ("sh with signals ignored", ["sh", "-c", "trap '' INT HUP PIPE USR1; ./probe out"]), ("sh with limits", ["sh", "-c", "ulimit -n 64; ulimit -s 1024; umask 027; cd /; \"$OLDPWD/probe\" \"$OLDPWD/out\""]),
    ("env", ["env", "A=b", "./probe", "out"]), ("env -i", ["env", "-i", "A=b", "./probe", "out"]), ("nice, nohup", ["nice", "-n", "3", "nohup", "./probe", "out"]),
    ("setsid", ["setsid", "-w", "./probe", "out"]), ("timeout", ["timeout", "9", "./probe", "out"]), ("xargs", ["sh", "-c", "echo out | xargs ./probe"]),
    ("xargs -P", ["sh", "-c", "seq 4 | xargs -P 2 -I{} ./probe out{}"]), ("find -exec", ["find", "data.txt", "-exec", "./probe", "out", ";"]), ("make", ["sh", "-c", "printf 'all: ; ./probe out\\n' | make -s -f - "]),
    ("make -j, two", ["sh", "-c", "printf 'all: a b\\na b: ; env -u MAKEFLAGS -u MFLAGS ./probe out$@\\n' | make -s -j 2 -f - "]), ("stdbuf", ["stdbuf", "-o0", "./probe", "out"]), ("flock", ["flock", "lock", "./probe", "out"]),
    ("time", ["bash", "-c", "TIMEFORMAT=t; time ./probe out"]), ("script", ["script", "-qec", "./probe out", "/dev/null"]), ("awk", ["awk", "BEGIN { system(\"./probe out\"); \"./probe out\" | getline }"]),
    ("perl, system", ["perl", "-e", "system './probe', 'out'; exit $? >> 8"]), ("perl, exec", ["perl", "-e", "$SIG{INT} = 'IGNORE'; exec './probe', 'out'"]), ("ruby, spawn", ["ruby", "-e", "system('./probe', 'out'); exec('./probe', 'out')"]),
    ("php, proc_open", ["php", "-r", "proc_close(proc_open(['./probe', 'out'], [], $p)); system('./probe out');"]),
    ("python, subprocess", [PY, "-c", "import subprocess as s; s.run(['./probe', 'out']); s.run(['./probe', 'out'], close_fds=False); s.run('./probe out', shell=True, start_new_session=True)"]),
    ("python, preexec and pass_fds", [PY, "-c", "import os, subprocess as s; a, b = os.pipe(); s.run(['./probe', 'out'], pass_fds=[b], preexec_fn=lambda: os.umask(0o77), restore_signals=False)"]),
    ("python, os.posix_spawn", [PY, "-c", "import os, signal; p = os.posix_spawn('./probe', ['p', 'out'], os.environ, setsigmask=[signal.SIGUSR1], setpgroup=0, setsigdef=[signal.SIGPIPE]); os.waitpid(p, 0)"]),
    ("python, os.system and popen", [PY, "-c", "import os; os.system('./probe out'); os.popen('./probe out').read()"]), ("python, os.exec", [PY, "-c", "import os; os.execv('./probe', ['p', 'out'])"]),
    ("python, fork and exec", [PY, "-c", "import os\nif not os.fork(): os.execvpe('./probe', ['p', 'out'], {'A': 'b'})\nos.wait()"]), ("python, pty", [PY, "-c", "import pty; pty.spawn(['./probe', 'out'])"]),
    ("node, spawnSync", ["node", "-e", "const c = require('child_process'); c.spawnSync('./probe', ['out']); c.execSync('./probe out'); c.spawnSync('./probe', ['out'], {stdio: 'inherit', env: {A: 'b'}})"]),
    ("node, spawn detached", ["node", "-e", "require('child_process').spawn('./probe', ['out'], {detached: true, stdio: 'ignore'})"]), ("java", ["java", "-XX:TieredStopAtLevel=1", "Probe.java"]),
    ("gdb's inferior", ["gdb", "-nx", "-batch", "-ex", "run out > /dev/null", "./probe"]), ("strace", ["strace", "-qq", "-o", "/dev/null", "./probe", "out"]), ("tclsh", ["sh", "-c", "echo 'exec ./probe out' | tclsh"]),
    ("git's alias", ["sh", "-c", "git -c alias.x='!./probe out' x"]), ("sudo", ["sudo", "-n", "./probe", "out"]), ("sudo -E", ["sudo", "-n", "-E", "./probe", "out"]), ("su", ["su", "root", "-c", "./probe out"]),
    ("setpriv", ["setpriv", "--no-new-privs", "./probe", "out"]), ("unshare -r", ["unshare", "-r", "./probe", "out"]), ("unshare -pf", ["unshare", "-p", "-f", "./probe", "out"]), ("prlimit", ["prlimit", "--nofile=40", "--fsize=1000000", "./probe", "out"]),
    ("chroot /", ["chroot", "/", "<here>/probe", "<here>/out"]), ("tmux", ["sh", "-c", "tmux -S ./s -f /dev/null new-session -d -x 80 -y 24 './probe out'; while tmux -S ./s has-session 2>/dev/null; do sleep 0.1; done"]), ("busybox sh", ["busybox", "sh", "-c", "./probe out; exit $?"]),
    ("bwrap", ["bwrap", "--bind", "/", "/", "./probe", "out"]), ("start-stop-daemon", ["start-stop-daemon", "--start", "--exec", "<here>/probe", "--", "<here>/out"]), ("runuser", ["runuser", "-u", "root", "./probe", "out"]),
)
JAVA = "public class Probe { public static void main(String[] a) throws Exception {" \
       " System.exit(new ProcessBuilder(\"./probe\", \"out\").inheritIO().start().waitFor()); } }\n"


@story.patience(300)
@story.each(*STARTS)
def test_wakes_as_bare(command):
    for name in programs_of(command):
        which(name) if not name.startswith(".") else None
    probe = compiled(observe.PROBE, "probe")

    def put(here):
        prepare(here)
        shutil.copy(probe, here)
        with open(os.path.join(here, "Probe.java"), "w") as file:
            file.write(JAVA)

    env = environment()
    env.pop("PYTHONDONTWRITEBYTECODE")
    told = compare([w.replace("<here>", os.path.join(os.getcwd(), "here")) for w in command], env, prepare=put)
    outs = [n for n in told.traced.files if n.startswith("out")]
    if not outs:
        story.skip("the probe does not run this way here, bare or recorded")
    varying = [what for what in told.left_out if what.startswith("content of out")]
    assert len(varying) <= 1 and all("line" in what for what in varying), f"what the probe finds varies from run to run: {varying}"
