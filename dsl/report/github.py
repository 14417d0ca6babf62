"""Findings as workflow commands: GitHub shows each beside its line of the change (docs: workflow commands)."""

from msrun.dsl import words
from msrun.dsl.diagnostic import Diagnostic

_IN_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_IN_PROPERTY = (*_IN_DATA, (":", "%3A"), (",", "%2C"))


def to_command(found: Diagnostic, lang: words.Language = "en") -> str:
    """Return one line. `endColumn` is the last column that is meant; it is left out over several lines."""
    source, (start, end) = found.places[0]
    line, column = source.position(start)
    last, until = source.position(end)
    properties = {"file": source.name, "line": line, "col": column}
    properties |= {"endColumn": max(column, until - 1)} if last == line else {"endLine": last}
    properties["title"] = found.code
    advice = words.advice(found, lang)
    text = words.message(found, lang) + (f"\n{words.help_word(lang)}: {advice}" if advice else "")
    listed = ",".join(f"{name}={escaped(str(value), _IN_PROPERTY)}" for name, value in properties.items())
    return f"::{found.severity} {listed}::{escaped(text, _IN_DATA)}"


def escaped(text: str, signs: tuple[tuple[str, str], ...]) -> str:
    """Replace what would end a command or one of its properties; `%` first."""
    for sign, code in signs:
        text = text.replace(sign, code)
    return text
