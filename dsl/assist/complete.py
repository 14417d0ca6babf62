"""What may be written at an offset: words of the language, names in scope, fields, labels, paths of imports."""

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from msrun.dsl.assist import offer
from msrun.dsl.assist.cursor import WORD, Cursor, Text, cursor
from msrun.dsl.assist.frame import Frame, frame, is_token, is_type
from msrun.dsl.assist.names import Names, fields_of, labels_of
from msrun.dsl.assist.offer import Offer
from msrun.dsl.assist.tables import clauses_of, makers_of, setting_of, settings_of
from msrun.dsl.front import Studied
from msrun.dsl.infer.where import path as dotted
from msrun.dsl.kinds.spec import Takes
from msrun.dsl.syntax.tokens import Token

NESTING = ("choose", "repeat", "search", "session")
"""Kinds that have nodes between their braces."""

OUTCOMES = {"plan": ("return", "expect"), "repeat": ("next", "until"), "search": ("until",)}

Look = Callable[[str], Studied]
"""Checks a text that stands for the file, with WORD in it where the cursor is."""


def complete(name: str, text: str, offset: int, look: Look, plans: Callable[[], list[str]]) -> list[Offer]:
    """Return what may be written at an offset, best first, then by name.

    `plans` lists the plan files that can be imported, as one would write their paths.
    """
    at = cursor(name, text, offset)
    if at is None:
        return []
    found = _paths(at, plans) if isinstance(at, Text) else _offers(at, Names(look(at.source.text), at.span))
    unique = {each.label: each for each in sorted(found, key=lambda each: -each.rank) if each.label != WORD}
    return sorted(unique.values(), key=lambda each: (each.rank, each.label))


def _paths(at: Text, plans: Callable[[], list[str]]) -> Iterator[Offer]:
    """Paths, in the text after `import … from` or `import`."""
    before = list(at.before)
    words = [token.kind for token in before[-40:]]
    if words[-1:] == ["import"] or (words[-1:] == ["from"] and _imports(words)):
        yield from (Offer(path, "file", rank=PurePosixPath(path).parts.count("..")) for path in plans())


def _imports(words: list[str]) -> bool:
    """Whether `from` ends `import a, b`."""
    at = len(words) - 2
    while at >= 0 and words[at] in ("NAME", ","):
        at -= 1
    return at >= 0 and words[at] == "import"


def _offers(at: Cursor, names: Names) -> Iterator[Offer]:
    around = frame(at)
    last = at.values[-1] if at.values else None
    before = at.values[-2] if len(at.values) > 1 else None
    if is_token(last, "."):
        yield from _after_dot(before, around, names)
    elif is_token(last, "|"):
        yield from names.types() if is_type(before) else offer.filters()
    elif {"NAME", "NUMBER"} <= at.fits:
        yield from _values(at, around, names)
    elif {"NAME", "TEXT"} <= at.fits and "KEY" not in at.fits:
        yield from names.types()
    elif around.rest and is_token(around.rest[0], "import") and "import" not in at.fits:
        yield from names.exports(at.source)
    else:
        yield from _items(at, around)


def _after_dot(base: Any, around: Frame, names: Names) -> Iterator[Offer]:
    if isinstance(base, Token) and base.kind == "NAME":
        yield from names.of_import(base.text, "type", "enum")
    elif isinstance(base, Token) or not hasattr(base, "span"):
        yield from fields_of(names.item(), names.file)
    elif dotted(base) in names.file.exports:
        yield from names.of_import(dotted(base))
    else:
        yield from names.parts_of(base, around)


def _items(at: Cursor, around: Frame) -> Iterator[Offer]:
    """What may go on with a header, or begin a statement, setting or outcome."""
    header = around.header
    if header is not None:
        begun = {value.kind for value in around.rest if isinstance(value, Token)}
        words = (word for word in clauses_of(header, around.owner) if word in at.fits and word not in begun)
        yield from offer.words(*words, rank=3)
    fresh = "import" in at.fits or "return" in at.fits
    if around.within in ("type", "enum") or not fresh or (header is not None and not at.starts_line):
        return
    owner = around.owner
    if owner is None:
        yield from offer.kinds("file")
        yield from offer.words("import", "type", "enum")
        return
    outer = around.statements[-2] if len(around.statements) > 1 else None
    if owner.kind.text == "test":
        yield from offer.kinds("test")
        yield from offer.words("expect")
    elif owner.kind.text == "plan" or around.within == "arm" or owner.kind.text in NESTING:
        yield from offer.kinds("plan")
        yield from offer.words(*OUTCOMES.get(owner.kind.text, ()))
    elif owner.kind.text == "profile":
        yield from offer.kinds("file", "model")
    yield from offer.settings(settings_of(owner, outer), {*around.written, around.key}, rank=2)


def _values(at: Cursor, around: Frame, names: Names) -> Iterator[Offer]:
    """What may stand for a value: after a key or clause that wants something special, that; else every name."""
    yield from _beside(at, around, names)
    if around.call is not None:
        yield from names.arguments(around)
    owner = around.owner
    outer = around.statements[-2] if len(around.statements) > 1 else None
    if around.key and owner is not None and not at.hole:
        spec = setting_of(owner, outer, around.key)
        if spec is not None:
            yield from offer.taken(spec.takes, spec.default)
            yield from names.declared(*(kind for each in spec.takes for kind in _kinds(each)))
            if not any(each.form in ("expr", "rule", "template") for each in spec.takes):
                return
    header = around.header
    if header is not None and around.word == "using":
        yield from names.declared("model")
        return
    if header is not None and around.word == "=":
        yield from offer.makers(makers_of(header, owner))
        yield from names.labels(header.type)
        if makers_of(header, owner):
            return
    if header is not None and around.word == "from" and header.kind.text in ("call", "run"):
        yield from names.declared("tool" if header.kind.text == "call" else "plan")
        if around.call is None:
            return
    yield from names.values(at.hole or around.call is not None)


def _beside(at: Cursor, around: Frame, names: Names) -> Iterator[Offer]:
    """The labels of what is compared, and those of what `choose` looks at."""
    last = at.values[-1] if at.values else None
    if is_token(last, "==", "!=") and len(at.values) > 1:
        yield from labels_of(names.shape(at.values[-2]), names.file)
    elif around.within == "statement" and around.rest and is_token(around.rest[0], "case"):
        clause = around.owner.clause("on") if around.owner is not None else None
        yield from labels_of(names.shape(clause.value), names.file) if clause is not None else ()


def _kinds(takes: Takes) -> Iterator[str]:
    yield from takes.kinds
    for each in takes.items:
        yield from _kinds(each)
