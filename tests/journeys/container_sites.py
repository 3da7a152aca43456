"""The first process of a container, which nothing seen started, is told by the service of compose, or by the line with
`docker run`. Only where it is certain. The clients are scripts, and the process is moved to a namespace afterwards."""
import os
import re

import story
from story import compiled, each, program, recorded

KEY = "OPENAI_API_KEY"
READS = "./probe OPENAI_API_KEY"


def in_namespace(trace):
    """The reader as the first process of a namespace, whose start nobody told."""
    path = os.path.join(trace, next(name for name in os.listdir(trace) if name != "run.jsonl"))
    with open(path) as file:
        text = file.read()
    pid = re.search(r'"e":"birth"[^\n]*"image":"(\d+)\.[^\n]*"args":\["./probe"', text).group(1)
    lines = [line.replace(f'"image":"{pid}.', '"image":"1.').replace(f'"pid":{pid},', '"pid":1,') for line in text.splitlines()
             if not re.search(rf'"e":"(exec|fork)"[^\n]*"pid":{pid},', line)]
    lines = [re.sub(r'"ppid":\d+', '"ppid":0', line) if '"image":"1.' in line else line for line in lines]
    with open(path, "w") as file:
        file.write(("\n".join(lines)).ljust(len(text), "\n"))  # a segment is filled by empty lines


def told(files, script):
    compiled(story.READER)
    for name, text in {"docker-compose": "#!/bin/sh\ntrue\n", "docker": "#!/bin/sh\ntrue\n", "run.sh": f"cd .\n{script}\n{READS}\n", **files}.items():
        program(text, name)
        os.chmod(name, 0o755)
    run = recorded(["sh", "run.sh"], story.environment())
    in_namespace(run.trace)
    return run.report["headline"]


APP = "services:\n  # one\n  app:\n    image: app\n    environment:\n      - A=b\n"
OTHER = "  other:\n    image: other\n    command: python app.py\n"
COMMAND = f"    command: {READS}\n"
UP = "./docker-compose up -d"

COMPOSE = (
    ("one service", UP, {"compose.yml": APP}, "compose.yml:3: probe"),
    ("two services", UP, {"docker-compose.yaml": APP + COMMAND + OTHER}, "docker-compose.yaml:3: probe"),
    ("the second of two", UP, {"compose.yml": "# both\n\nservices:\n" + OTHER + "  app:\n    command: ./probe $NAME\n"}, "compose.yml:7: probe"),
    ("a service without a command", UP, {"compose.yml": APP + OTHER + COMMAND.replace("command", "x")}, "compose.yml:3: probe"),
    ("two without a command", UP, {"compose.yml": APP + OTHER.replace("command", "x")}, "probe"),
    ("a list of words", UP, {"compose.yml": APP + "    command: [python]\n" + OTHER.replace("python app.py", "[./probe]")}, "probe"),
    ("an entry point", UP, {"compose.yml": APP + COMMAND + OTHER + "    entrypoint: sh\n"}, "probe"),
    ("another command", UP, {"compose.yml": APP + "    command: python app.py\n"}, "probe"),
    ("two files", UP, {"compose.yml": APP, "docker-compose.yml": APP}, "probe"),
    ("an option", UP.replace("up", "-f prod.yml up"), {"compose.yml": APP, "prod.yml": "version: '3'\n" + APP}, "prod.yml:4: probe"),
    ("it includes others", UP, {"compose.yml": "include:\n  - other.yml\n" + APP}, "probe"),
    ("nothing is started", "./docker-compose down", {"compose.yml": APP}, "probe"),
    ("two clients", UP + "\n./docker run app " + READS, {"compose.yml": APP}, "probe"),
)


@each(*COMPOSE)
def test_a_service_of_compose(script, files, wanted):
    headline = told(files, script)
    assert headline.startswith(wanted + " "), headline


@each(("the command", f"./docker run --rm app {READS}", "run.sh:2: probe"),
      ("another command", "./docker run --rm app ./probe", "probe"),
      ("two equal lines", f"true || ./docker run --rm app {READS}\n./docker run --rm app {READS}", "probe"),
      ("a build", f"./docker build app {READS}", "probe"))
def test_the_line_of_docker_run(script, wanted):
    headline = told({}, script)
    assert headline.startswith(wanted + " "), headline
