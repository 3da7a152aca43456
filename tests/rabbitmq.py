"""A RabbitMQ that belongs to one test: its node, its data, its port mapper."""
import os
import socket
import subprocess
import time

import story

SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"  # the one in PATH changes its user, and the directories
PATIENCE = 90  # seconds, on a busy machine


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class RabbitMQ:
    """`url`: for clients."""

    def __enter__(self):
        os.path.exists(SERVER) or story.skip("no rabbitmq-server here: scripts/setup long installs it")
        self.data = os.path.abspath("rabbitmq")
        os.makedirs(self.data, exist_ok=True)
        port, self.mapper = free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{port}"
        self.env = {
            **story.environment(HOME=self.data), "ERL_EPMD_PORT": str(self.mapper), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"node{port}@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(free_port()), "RABBITMQ_CONF_ENV_FILE": "/dev/null", "RABBITMQ_ENABLED_PLUGINS_FILE": self.data + "/plugins",
            "RABBITMQ_MNESIA_BASE": self.data, "RABBITMQ_LOG_BASE": self.data, "RABBITMQ_PID_FILE": self.data + "/pid",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none"}
        self.log = open(self.data + "/log", "wb")
        self.server = subprocess.Popen([SERVER], env=self.env, cwd=self.data, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.server.poll() is None:
            if self.answers(port):
                return self
            time.sleep(0.2)
        self.__exit__()
        with open(self.data + "/log", "rb") as log:
            story.skip("no RabbitMQ starts here: " + log.read().decode("utf-8", "replace").strip()[-200:])

    def answers(self, port):
        """A broker that is ready says hello only to a client that says it first."""
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as client:
                client.sendall(b"AMQP\x00\x00\x09\x01")
                return bool(client.recv(8))
        except OSError:
            return False

    def __exit__(self, *_):
        self.server.terminate()
        try:
            self.server.wait(30)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        self.log.close()
        subprocess.run(["epmd", "-port", str(self.mapper), "-kill"], env=self.env, capture_output=True, check=False)
