"""What sweeps over ordinary commands need: a shell that exports twenty keys, and tools of npm and
PyPI, which scripts/setup long installs from tests/packages."""
import os
import shlex
import shutil

import nodes
import story

WHY_LONG = "tools of npm, PyPI and Debian, one after the other"


NPM = os.path.join(story.CACHE, story.packages_name("tools-node"), "node_modules")
PYTHON = os.path.join(story.CACHE, story.packages_name("tools-python"), "bin")


def key(prefix="", length=40):
    return prefix + story.random_text(length)


# The shell of a developer: of each service a key in the form that the service gives its keys.
SHELL = {
    "OPENAI_API_KEY": story.openai_key(), "ANTHROPIC_API_KEY": key("sk-ant-api03-", 80), "GEMINI_API_KEY": key("AIza", 35),
    "GROQ_API_KEY": key("gsk_", 52), "HF_TOKEN": key("hf_", 34), "GITHUB_TOKEN": key("ghp_", 36),
    "NPM_TOKEN": key("npm_", 36), "AWS_ACCESS_KEY_ID": "AKIA" + story.random_text(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    "AWS_SECRET_ACCESS_KEY": key(), "CLOUDFLARE_API_TOKEN": key(), "STRIPE_SECRET_KEY": key("sk_test_", 24),
    "SLACK_BOT_TOKEN": f"xoxb-{story.random_text(12, '0123456789')}-{key(length=24)}",
    "SENDGRID_API_KEY": f"SG.{key(length=22)}.{key(length=43)}",
    "SENTRY_AUTH_TOKEN": key("sntrys_", 60), "DATABASE_URL": f"postgres://app:{key(length=16)}@127.0.0.1:9/app",
    "REDIS_URL": "redis://127.0.0.1:9/0", "PGPASSWORD": key(length=16), "TWINE_PASSWORD": key("pypi-", 60),
    "DOCKER_PASSWORD": key(length=20), "INTERNAL_API_KEY": key(),
}


def path(packages=()):
    """The tools come before what the machine has of the same name; `packages`: directories that come first."""
    first = [folder + below for folder in packages for below in ("/node_modules/.bin", "/bin") if os.path.isdir(folder + below)]
    return ":".join([*first, NPM + "/.bin", PYTHON, os.path.dirname(nodes.node()), story.PATH])


def environment(without=(), packages=(), **more):
    """The shell less the names of `without`."""
    env = {**story.environment(**SHELL), "PATH": path(packages), "NO_COLOR": "1", "CI": "1", **more}
    return {name: value for name, value in env.items() if name not in without}


def words(line, packages=()):
    """The words of a command; or a skip where the tool is missing."""
    first, *rest = shlex.split(line)
    return [shutil.which(first, path=path(packages)) or story.skip(f"no {first} here: scripts/setup long installs it"), *rest]


def write(files, packages=()):
    """The files of a small project, and the packages of npm beside them."""
    for name, text in files.items():
        if os.path.dirname(name):
            os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "w") as file:
            file.write(text)
    modules = [folder + "/node_modules" for folder in packages if os.path.isdir(folder + "/node_modules")]
    os.symlink(modules[0] if modules else NPM, "node_modules")


def accused(run, severities=("fault", "warning")):
    """What the report accuses: severity, code and names of each finding."""
    return [(f["severity"], f["code"], f["variable"], *f.get("others", ())) for f in run.findings() if f["severity"] in severities]
