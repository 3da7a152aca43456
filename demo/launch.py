"""Starts the shop's workers and watches over them."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def start_chat():
    # The chat workers get a tidy environment of their own.
    env = {"PATH": os.environ["PATH"], "NODE_ENV": "production", "LOG_LEVEL": "info"}
    return [subprocess.Popen(["node", "chat.js", str(n)], cwd=HERE, env=env) for n in (1, 2)]


def start_billing():
    return [subprocess.Popen(["node", "billing.js"], cwd=HERE)]


def main():
    workers = start_chat() + start_billing()
    failed = [w.args[1] for w in workers if w.wait()]
    if failed:
        print(f"launch: failed to start: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
