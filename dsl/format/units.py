"""What a file's lines are made of: statements, settings, fields and labels as ranges of its tokens."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from msrun.dsl.source import Span
from msrun.dsl.syntax.tokens import Token
from msrun.dsl.tree import (
    Arm,
    Block,
    BlockItem,
    EnumDecl,
    EnumLabel,
    Field,
    Item,
    Outcome,
    Program,
    Setting,
    Statement,
    TypeDecl,
    TypeExpr,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """What stands on a line of its own, as token numbers: `start` up to `end`, and where its clauses begin.

    `column` is the token that may stand in one column with those of the lines around it: the value of a setting, the
    `=` of a declaration. `doc` is the description of a field or label.
    """

    start: int
    end: int
    kind: str
    clauses: tuple[int, ...] = ()
    body: "Body | None" = None
    column: int | None = None
    doc: int | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """What stands between the two braces whose token numbers are `opening` and `closing`."""

    opening: int
    closing: int
    shape: Literal["block", "type", "enum"]
    units: tuple[Unit, ...]


class Outline:
    """Cuts the tokens of a program into units."""

    def __init__(self, program: Program, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.starts = {token.start: at for at, token in enumerate(tokens[:-1])}
        self.ends = {token.end: at + 1 for at, token in enumerate(tokens[:-1])}
        self.types: list[Span] = []
        self.units = tuple(self.unit(item) for item in program.items)

    def bodies(self) -> Iterator[Body]:
        """Return every body of the file, the outer ones first."""
        waiting = list(self.units)
        while waiting:
            body = waiting.pop().body
            if body:
                yield body
                waiting += body.units

    def range(self, span: Span) -> tuple[int, int]:
        """Return the token numbers of a span."""
        return self.starts[span.start], self.ends[span.end]

    def unit(self, item: Item | BlockItem | Field | EnumLabel) -> Unit:
        """Return the unit of one node of the tree."""
        start, end = self.range(item.span)
        match item:
            case Statement():
                return self.statement(item, start, end)
            case TypeDecl(fields=parts):
                self.types += [part.type.span for part in parts]
                return Unit(start, end, "type", body=self.body(start + 2, end - 1, "type", parts))
            case EnumDecl(labels=parts):
                return Unit(start, end, "enum", body=self.body(start + 2, end - 1, "enum", parts))
            case Arm(body=block):
                return Unit(start, end, "arm", body=self.block(block))
            case Field() | EnumLabel():
                return Unit(start, end, "field", doc=end - 1 if item.description else None)
            case Setting():
                return Unit(start, end, "setting", column=start + 2)
            case Outcome():
                return Unit(start, end, "outcome")
            case _:
                return Unit(start, end, "import")

    def statement(self, item: Statement, start: int, end: int) -> Unit:
        """Return the unit of the one production."""
        wanted: list[TypeExpr | None] = [item.result, item.type, *(param.type for param in item.params or ())]
        self.types += [found.span for found in wanted if found]
        clauses = tuple(self.starts[clause.span.start] for clause in item.clauses)
        body = self.block(item.block) if item.block else None
        column = start + 2 if end > start + 2 and self.tokens[start + 2].kind == "=" else None
        return Unit(start, end, item.kind.text, clauses, body, column)

    def block(self, block: Block) -> Body:
        """Return what stands in a block."""
        start, end = self.range(block.span)
        return self.body(start, end - 1, "block", block.items)

    def body(
        self,
        opening: int,
        closing: int,
        shape: Literal["block", "type", "enum"],
        items: tuple[BlockItem, ...] | tuple[Field, ...] | tuple[EnumLabel, ...],
    ) -> Body:
        """Return what stands between two braces."""
        return Body(opening, closing, shape, tuple(self.unit(item) for item in items))
