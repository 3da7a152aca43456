"""Source maps, made by hand."""
import base64
import json

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
    """Of rows (line, column, source, line of the source), all from 0."""
    lines, before, column = {}, [0, 0, 0], 0
    for line, at, source, source_line in rows:
        column = column if line in lines else 0
        parts = [at - column, source - before[0], source_line - before[1], 0]
        lines.setdefault(line, []).append("".join(map(number, parts)))
        before, column = [source, source_line, 0], at
    return ";".join(",".join(lines.get(i, [])) for i in range(max(lines) + 1))


def map_of(rows, sources, **more):
    return {"version": 3, "names": [], "sources": sources, "sourcesContent": ["secret \"mappings\":\"x"] * len(sources),
            "mappings": mappings(rows), **more}


def in_base64(text):
    return "data:application/json;charset=utf-8;base64," + base64.b64encode(json.dumps(text).encode()).decode()
