"""A place in a notebook is told by the notebook and the cell: the kernel compiles a cell under the hash of its text. Only
where a single cell of a single notebook has the text."""
import json
import os

import story
import sweep
from story import each, patience, recorded

LONG = {"": sweep.WHY_LONG}
KEY = "OPENAI_API_KEY"
ASKS = "# \u00e4sks\nimport os\nos.environ['OPENAI_API_KEY']"
CALLS = "def ask():\n    return os.environ['OPENAI_API_KEY']\nask()"
NBCONVERT = ["jupyter", "nbconvert", "--to", "notebook", "--execute", "--output", "done.ipynb", "ask.ipynb"]
RUN = "import nbclient, nbformat\nnotebook = nbformat.read('ask.ipynb', 4)\n%snbclient.NotebookClient(notebook).execute()\n"


def notebook(*cells):
    """A text for readers begins with a blank; lists have lines apart, as Jupyter writes them."""
    made = [{"cell_type": "markdown" if text[0] == " " else "code", "id": f"c{n}", "metadata": {}, "source": text} for n, text in enumerate(cells)]
    for cell in made:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return json.dumps({"cells": made, "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}, "nbformat": 4, "nbformat_minor": 5})


def told(files, command=NBCONVERT):
    places = [story.packages("services-python")]
    sweep.write(files, places)
    env = sweep.environment((KEY,), places)
    run = recorded(sweep.words(" ".join(command), places), env, timeout=100)
    return run.report["headline"]


CELLS = (
    ("the only cell", {"ask.ipynb": notebook(ASKS)}, "ask.ipynb:cell 1:3 asks"),
    ("a text for readers above", {"ask.ipynb": notebook(" Title", "import os", " More", CALLS)}, "ask.ipynb:cell 2:2 asks"),
    ("a list of lines", {"ask.ipynb": notebook("1", ASKS.splitlines(keepends=True))}, "ask.ipynb:cell 2:3 asks"),
    ("the same text twice", {"ask.ipynb": notebook(ASKS, ASKS)}, "line 3 of a notebook's cell asks"),
    ("a result of an earlier run", {"ask.ipynb": notebook(ASKS), "done.ipynb": notebook("1", ASKS)}, "ask.ipynb:cell 1:3 asks"),
)


@each(*CELLS)
@patience(120)
def test_a_cell(files, wanted):
    headline = told(files)
    assert headline.startswith(wanted), headline


@each(("beside the kernel", {"run.py": RUN % ""}, "ask.ipynb:cell 1:3 asks"),
      ("in a copy, too", {"run.py": RUN % "", "copy.ipynb": notebook("1", ASKS)}, "line 3 of a notebook's cell asks"),
      ("another text", {"run.py": RUN % "notebook.cells[0].source += '\\n'\n"}, "line 3 of a notebook's cell asks"),
      ("no notebook", {"run.py": RUN % "import os\nos.unlink('ask.ipynb')\n", "broken.ipynb": '{"cells": [{"source": [1'}, "line 3 of a notebook's cell asks"))
@patience(120)
def test_a_notebook_that_no_argument_names(files, wanted):
    headline = told({"ask.ipynb": notebook(ASKS), **files}, ["python3", "run.py"])
    assert headline.startswith(wanted), headline
