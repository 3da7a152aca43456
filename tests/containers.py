"""A root with little in it, and a Docker engine that belongs to one test."""
import os
import re
import shutil
import subprocess
import time

import story
from observe import as_root
from story import which


def cell(*more, name="cell"):
    """A small root: sh, true, env and what they need."""
    for program in ("/bin/sh", "/bin/true", "/usr/bin/env", "/bin/ls", *more):
        needed = re.findall(r"(/\S+) \(0x", subprocess.run(["ldd", program], capture_output=True, text=True).stdout)
        for path in (program, *needed):
            to = name + path
            os.makedirs(os.path.dirname(to), exist_ok=True)
            if not os.path.exists(to):
                shutil.copy(path, to)
    for folder in ("tmp", "proc", "dev", "etc"):
        os.makedirs(f"{name}/{folder}", exist_ok=True)
    return os.path.abspath(name)


class Docker:
    """An engine of our own: its data, its socket, nothing of the host's."""

    def __enter__(self):
        as_root()
        self.data = os.path.abspath("docker")
        os.makedirs(self.data + "/root")
        self.log = open(self.data + "/log", "wb")
        self.socket = f"unix://{self.data}/s"
        self.engine = subprocess.Popen(
            [which("dockerd"), "--storage-driver=vfs", "--iptables=false", "--ip6tables=false", "--bridge=none",
             "--data-root", self.data + "/root", "--exec-root", self.data + "/exec", "--pidfile", self.data + "/pid", "-H", self.socket],
            env={**story.environment(), "PATH": story.PATH}, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        for _ in range(300):
            if self.engine.poll() is not None:
                break
            if not self.call("version", check=False).status:
                return self
            time.sleep(0.1)
        self.__exit__()
        with open(self.data + "/log", "rb") as log:
            story.skip("no docker engine starts here: " + log.read().decode("utf-8", "replace").strip().splitlines()[-1][:200])

    def __exit__(self, *_):
        self.engine.terminate()
        try:
            self.engine.wait(30)
        except subprocess.TimeoutExpired:
            self.engine.kill()
            self.engine.wait()
        self.log.close()
        with open("/proc/mounts") as mounts:
            for line in reversed(mounts.read().splitlines()):
                if line.split()[1].startswith(self.data):
                    subprocess.run(["umount", "-l", line.split()[1]], check=False)

    def call(self, *arguments, check=True):
        run = story.bare([which("docker"), "-H", self.socket, *arguments])
        assert not check or run.status == 0, run.err
        return run

    def run(self, *arguments):
        return [which("docker"), "-H", self.socket, "run", "--rm", "--net=host", *arguments]

    def import_image(self, root, name):
        subprocess.run(["tar", "-C", root, "-cf", "image.tar", "."], check=True)
        self.call("import", "image.tar", name)
