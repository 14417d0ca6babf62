"""Names that look like others: letters of several alphabets in one word, or two names that are drawn the same.

Latin, Cyrillic and Greek have letters in common to the eye (Unicode Technical Standard #39, confusables). Chinese, and
any one alphabet alone, is never reported.
"""

import dataclasses
import unicodedata
from collections.abc import Iterator
from typing import Any

from msrun.dsl.check.names import File
from msrun.dsl.diagnostic import Edit, report
from msrun.dsl.source import Span
from msrun.dsl.tree import Clause, EnumLabel, Field, Name, Param, Program, Ref, Statement
from msrun.dsl.values.plain import is_tuple

_ALIKE = dict(
    zip(
        "аеорсухіјѕһԁԛԝӏАВЕКМНОРСТУХІЈЅԌ" + "οανρυικωΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aeopcyxijshdqwlABEKMHOPCTYXIJSG" + "oavpuikwABEZHIKMNOPTYX",
        strict=True,
    )
)
"""Cyrillic and Greek letters by the Latin ones that they look like."""

_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")


def check_scripts(file: File, program: Program) -> None:
    """Report each name of mixed alphabets once, where it is first written, and the second of two that look the same."""
    if file.source.text.isascii():
        return
    mixed: dict[str, list[Span]] = {}
    seen: dict[str, tuple[str, Span]] = {}
    for name, span, declared in _names(program):
        if not name.isascii() and len(scripts(name)) > 1:
            mixed.setdefault(name, []).append(span)
        elif declared and name:
            other, first = seen.setdefault(skeleton(name), (name, span))
            if other != name:
                file.say("E0113/same", span, first, name=name, other=other)
    for name, spans in mixed.items():
        _say_mixed(file, name, spans)


def _say_mixed(file: File, name: str, spans: list[Span]) -> None:
    """The fix writes the name in Latin letters wherever it stands, where every letter has a twin there."""
    latin = skeleton(name)
    letter, script = _odd(name)
    code = f"U+{ord(letter):04X}"
    file.errors += 1
    if latin.isascii():
        fix = [Edit(file.source, span, latin) for span in spans]
        file.found.append(
            report(
                "E0113", file.place(spans[0]), fix=fix, name=name, latin=latin, letter=letter, code=code, script=script
            )
        )
    else:
        file.found.append(
            report("E0113/other", file.place(spans[0]), name=name, letter=letter, code=code, script=script)
        )


def scripts(name: str) -> set[str]:
    """Return which of the alphabets that look alike a name has letters of."""
    words = (unicodedata.name(sign, "").partition(" ")[0] for sign in name if sign.isalpha())
    return {word for word in words if word in _SCRIPTS}


def skeleton(name: str) -> str:
    """Return a name as it looks: with Latin letters for all that look like them."""
    return "".join(_ALIKE.get(sign, sign) for sign in name)


def _odd(name: str) -> tuple[str, str]:
    """Return the first letter that is not of the alphabet of most, and its own alphabet."""
    by_script = {script: [s for s in name if unicodedata.name(s, "").startswith(script)] for script in _SCRIPTS}
    rare = min((found for found in by_script.values() if found), key=len)
    script = next(script for script, found in by_script.items() if found == rare)
    return rare[0], script.title()


def _names(value: Any) -> Iterator[tuple[str, Span, bool]]:
    """Yield every name of a tree in the order of the text, and whether something is declared by it."""
    pending: list[Any] = [value.items if isinstance(value, Program) else value]
    while pending:
        part = pending.pop()
        if is_tuple(part):
            pending += reversed(part)
        elif isinstance(part, Ref):
            yield part.name, part.span, False
        elif dataclasses.is_dataclass(part) and not isinstance(part, type):
            yield from _declared(part)
            pending += [getattr(part, each.name) for each in reversed(dataclasses.fields(part)) if each.compare]


def _declared(part: Any) -> Iterator[tuple[str, Span, bool]]:
    match part:
        case Statement(name=Name(text=text, span=span)) | Clause(name=Name(text=text, span=span)):
            yield text, span, True
        case Param(name=Name(text=text, span=span)) | Field(name=Name(text=text, span=span)):
            yield text, span, True
        case EnumLabel(name=Name(text=text, span=span)):
            yield text, span, True
        case _:
            return
