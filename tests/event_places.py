"""Where the events of a run were, by file and line, less directories."""
import os


def place(event):
    return event.get("site", "").replace(os.getcwd() + "/", "")


def raises(run, **fields):
    """Type, place and function of what was raised."""
    return [(e["type"], place(e), e.get("in")) for e in run.of("raise", **fields)]


def callers(run, event):
    """Of an event, or of an earlier one of the same place."""
    known = [e for e in run.events if e.get("image") == event["image"] and e.get("place") == event["place"] and "callers" in e]
    return [c.split("/")[-1] for c in known[0]["callers"]]


def exit_place(run, **fields):
    """Of the last exit."""
    event = run.of("exit", **fields)[-1]
    return place(event), event.get("in")
