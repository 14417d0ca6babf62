"""What diagnostics say: one entry a code (or `CODE/variant`), with `{slots}` that the diagnostic's values fill.

The voice: one sentence without jargon says what is wrong; `labels` say what stands at each place; `help` is code that
parses, or one instruction.
"""

from functools import cache

from msrun.dsl.diagnostic import Diagnostic
from msrun.dsl.words.entry import Entry


@cache
def entries() -> dict[str, Entry]:
    """Return every entry by its name; imported when the first diagnostic is read."""
    from msrun.dsl.words import flow, kinds, names, syntax, testing

    return {**syntax.ENTRIES, **names.ENTRIES, **kinds.ENTRIES, **flow.ENTRIES, **testing.ENTRIES}


def message(diagnostic: Diagnostic) -> str:
    """Return the sentence that says what is wrong."""
    return fill(entries()[diagnostic.entry].message, diagnostic)


def labels(diagnostic: Diagnostic) -> tuple[str, ...]:
    """Return the words at each place, as many as there are places."""
    words = [fill(label, diagnostic) for label in entries()[diagnostic.entry].labels]
    return tuple(words + [""] * (len(diagnostic.places) - len(words)))


def advice(diagnostic: Diagnostic) -> str:
    """Return the help line, or an empty text."""
    return fill(entries()[diagnostic.entry].help, diagnostic)


def fill(words: str, diagnostic: Diagnostic) -> str:
    """Put the diagnostic's values into the `{slots}`; a value is never scanned again."""
    values = dict(diagnostic.values)
    parts = words.split("{")
    out = [parts[0]]
    for part in parts[1:]:
        slot, close, rest = part.partition("}")
        out.append(values[slot] + rest if close and slot in values else "{" + part)
    return "".join(out)
