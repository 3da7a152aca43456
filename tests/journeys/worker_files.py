"""The line that names a worker's file, where a library starts the worker in a task of its own, as BullMQ does."""
import story
from story import each, program, recorded, which, with_key

# A pool forks later, with an environment of its own: no frame of the caller's is left.
POOL = ("const { fork } = require('child_process')\nexports.start = file => setTimeout(() => fork(__dirname + '/host.js', [], { env: { FILE: file } }).on('exit', status => process.exit(status)), 10)\n")
HOST = "require(process.env.FILE)\n"
WORK = "const key = process.env.OPENAI_API_KEY\nif (!key) throw new Error('OPENAI_API_KEY is missing')\n"
LIBRARY = "node_modules/pool/"
START = "const pool = require('pool')\n"


@each(("its name", START + "\npool.start(__dirname + '/mail.js')\n", "start.js:3"),
      ("without its ending", START + "pool.start(require.resolve('./mail'))\n", "start.js:2"),
      ("in a template", START + "// '/mail.js'\npool.start(`${__dirname}/mail.js`)\n", "start.js:3"),
      ("a longer name, too", START + "const other = './mail.json', more = 'gmail.js'\npool.start(__dirname + '/mail.js')\n", "start.js:3"),
      ("in a variable", START + "const file = __dirname + '/mail.js'\npool.start(file)\n", "start.js:2"),
      ("a sentence has it, too", START + "console.log('now mail.js')\npool.start(__dirname + '/mail.js')\n", "start.js:3"),
      ("two lines have it", START + "if (!require('fs').existsSync(__dirname + '/mail.js')) process.exit(2)\npool.start(__dirname + '/mail.js')\n", None),
      ("put together", START + "pool.start(`${__dirname}/ma${'il'}.js`)\n", None))
def test_the_line_that_names_the_file(text, wanted):
    for name, content in {"start.js": text, "mail.js": WORK, LIBRARY + "index.js": POOL, LIBRARY + "host.js": HOST}.items():
        program(content, name)
    run = recorded([which("node"), "start.js"], with_key("OPENAI_API_KEY"))
    first = story.expect_fault(run, "KT201", "OPENAI_API_KEY", "node", "node")
    assert first["victim"]["site"].endswith("mail.js:1"), first
    assert first["culprit"]["site"].endswith("/" + (wanted or LIBRARY + "index.js:2")), first["culprit"]
    assert not wanted or run.report["headline"].startswith(wanted + " starts "), run.report["headline"]


# A library makes a worker thread later, in no frame of the caller's.
THREADS = ("const { Worker } = require('worker_threads')\nexports.start = file => setTimeout(() => new Worker(__dirname + '/host.js', { env: { FILE: file } }), 10)\n")


@each(("its name", START + "\npool.start(__dirname + '/mail.js')\n", "start.js:3"),
      ("two lines have it", START + "if (!require('fs').existsSync(__dirname + '/mail.js')) process.exit(2)\npool.start(__dirname + '/mail.js')\n", None))
def test_the_line_that_names_the_file_of_a_thread(text, wanted):
    for name, content in {"start.js": text, "mail.js": WORK, LIBRARY + "index.js": THREADS, LIBRARY + "host.js": HOST}.items():
        program(content, name)
    run = recorded([which("node"), "start.js"], with_key("OPENAI_API_KEY"))
    first = story.expect_fault(run, "KT207", "OPENAI_API_KEY", "node", None)
    assert first["culprit"]["site"].endswith("/" + (wanted or LIBRARY + "index.js:2")), first["culprit"]
    assert not wanted or run.report["headline"].startswith(wanted + " makes a worker thread "), run.report["headline"]


# ---- Java tells no line: the program that is given as its source --------------------------------------------

JAVA = "public class Launch {\n\tpublic static void main(String[] a) throws Exception {\n%s\t\tb.environment().clear();\n\t\tSystem.exit(b.inheritIO().start().waitFor());\n\t}\n}\n"
BUILDER = '\t\tProcessBuilder b = new ProcessBuilder("python3", "worker.py");\n'
ASKS = "import os\nkey = os.environ['OPENAI_API_KEY']\n"


@each(("a word of the command", BUILDER.replace("python3", story.PYTHON), "Launch.java:3 starts"),
      ("a comment has it, too", '\t\t// "worker.py"\n' + BUILDER.replace("python3", story.PYTHON), "Launch.java:4 starts"),
      ("two lines have it", '\t\tString name = "worker.py";\n' + BUILDER.replace("python3", story.PYTHON), "java Launch.java (pid"),
      ("a text of the shell", BUILDER.replace('"python3", "worker.py"', f'"sh", "-c", "{story.PYTHON} worker.py; exit $?"'), "java Launch.java (pid"))
def test_the_line_of_java_that_names_the_file(text, wanted):
    for name, content in {"Launch.java": JAVA % text, "worker.py": ASKS}.items():
        program(content, name)
    run = recorded([which("java"), "Launch.java"], with_key("OPENAI_API_KEY"))
    assert run.report["headline"].startswith(wanted), run.report["headline"]
