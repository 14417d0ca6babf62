"""The outline of a file for its symbol list, and the ranges that fold. Both need the tree alone, whole or torn."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from msrun.dsl.assist.walk import everything
from msrun.dsl.source import Span
from msrun.dsl.tree import Arm, Block, EnumDecl, ImportDecl, Program, Statement, Text, TypeDecl


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the outline. `detail` stands after the name.

    `what` is the kind of a statement; else `import`, `type`, `enum`, `field`, `label`, `input` or `arm`.
    """

    name: str
    what: str
    span: Span
    name_span: Span
    detail: str = ""
    inside: "tuple[Entry, ...]" = ()


def outline(program: Program) -> tuple[Entry, ...]:
    """Return the outline of a file in the order of the text."""
    text = program.source.text
    return tuple(entry for item in program.items if (entry := _entry(text, item)) is not None)


def _entry(text: str, node: object) -> Entry | None:
    match node:
        case ImportDecl():
            return Entry(node.path or "import", "import", node.span, node.path_span)
        case TypeDecl():
            fields = [Entry(f.name.text, "field", f.span, f.name.span, text[slice(*f.type.span)]) for f in node.fields]
            return Entry(node.name.text or "type", "type", node.span, node.name.span, "", tuple(fields))
        case EnumDecl():
            labels = [Entry(each.name.text, "label", each.span, each.name.span) for each in node.labels]
            return Entry(node.name.text or "enum", "enum", node.span, node.name.span, "", tuple(labels))
        case Arm():
            label = " ".join(text[node.span.start : node.body.span.start].split())
            head = Span(node.span.start, node.body.span.start)
            return Entry(label, "arm", node.span, head, "", _inside(text, node.body))
        case Statement():
            return _statement(text, node)
        case _:
            return None


def _statement(text: str, node: Statement) -> Entry:
    head = node.name if node.name is not None and node.name.text else node.kind
    wanted = node.result or node.type
    inputs = [Entry(p.name.text, "input", p.span, p.name.span, text[slice(*p.type.span)]) for p in node.params or ()]
    inside = (*inputs, *_inside(text, node.block))
    detail = node.kind.text if head is node.name else ""
    detail += f": {text[slice(*wanted.span)]}" if wanted is not None else ""
    return Entry(head.text, node.kind.text, node.span, head.span, detail, inside)


def _inside(text: str, block: Block | None) -> tuple[Entry, ...]:
    items = block.items if block is not None else ()
    return tuple(entry for item in items if (entry := _entry(text, item)) is not None)


class Fold(NamedTuple):
    """The first and the last line of a range, from 0, and what it is."""

    first: int
    last: int
    what: Literal["region", "comment", "imports"]


def folds(program: Program) -> Iterator[Fold]:
    """Yield what can be folded: blocks, texts of many lines, comments on lines that follow each other, imports."""
    source = program.source
    for node in everything(*program.items):
        if isinstance(node, Block | Text | TypeDecl | EnumDecl):
            first, last = (source.position(offset)[0] - 1 for offset in (node.span.start, node.span.end))
            if last > first:
                yield Fold(first, last if isinstance(node, Text) else last - 1, "region")
    lines = [source.position(note.span.start)[0] - 1 for note in program.comments if note.own_line]
    yield from _runs(lines, "comment")
    yield from _runs(
        [source.position(i.span.start)[0] - 1 for i in program.items if isinstance(i, ImportDecl)], "imports"
    )


def _runs(lines: list[int], kind: Literal["comment", "imports"]) -> Iterator[Fold]:
    start = before = None
    for line in [*lines, -1]:
        if before is not None and line != before + 1:
            if start is not None and before > start:
                yield Fold(start, before, kind)
            start = None
        start = line if start is None else start
        before = line
