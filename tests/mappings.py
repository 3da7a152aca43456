"""Source maps, made by hand."""
import base64
import difflib
import json
import re

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def number(n):
    """A number of a mapping, in base64 digits of 5 bits each."""
    n, text = (-n << 1 | 1 if n < 0 else n << 1), ""
    while True:
        digit, n = n & 31, n >> 5
        text += DIGITS[digit | (32 if n else 0)]
        if not n:
            return text


def mappings(rows):
    """Of rows (line, column, source, line of the source, column of the source or none), all from 0."""
    lines, before, column = {}, [0, 0, 0], 0
    for line, at, source, source_line, *rest in rows:
        column, source_column = column if line in lines else 0, rest[0] if rest else 0
        parts = [at - column, source - before[0], source_line - before[1], source_column - before[2]]
        lines.setdefault(line, []).append("".join(map(number, parts)))
        before, column = [source, source_line, source_column], at
    return ";".join(",".join(lines.get(i, [])) for i in range(max(lines) + 1))


def map_of(rows, sources, **more):
    """The sources have lines enough, which are empty."""
    return {"version": 3, "names": [], "sources": sources, "sourcesContent": ["secret \"mappings\":\"x" + "\n" * 500] * len(sources),
            "mappings": mappings(rows), **more}


def words(line):
    return [(word.start(), word.group()) for word in re.finditer(r"\w+|[^\w\s]", line)]


def rows_between(script, source, number=0):
    """As a compiler would: each word of the script that is in the source, in the same order."""
    mine, other = ([(i, *word) for i, line in enumerate(text.split("\n")) for word in words(line)] for text in (script, source))
    same = difflib.SequenceMatcher(None, [w[2] for w in mine], [w[2] for w in other], autojunk=False)
    return [(*mine[a + i][:2], number, *other[b + i][:2]) for a, b, n in same.get_matching_blocks() for i in range(n)]


def map_between(script, source, name, **more):
    return map_of(rows_between(script, source), [name], **{"sourcesContent": [None], **more})


def in_base64(text):
    return "data:application/json;charset=utf-8;base64," + base64.b64encode(json.dumps(text).encode()).decode()
