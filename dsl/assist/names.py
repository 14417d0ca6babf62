"""The names that may stand at a cursor, as the checker saw its place, and what can follow a dot there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from msrun.dsl.assist import offer
from msrun.dsl.assist.frame import Frame
from msrun.dsl.assist.hover import type_of
from msrun.dsl.assist.offer import Offer, OfferKind
from msrun.dsl.assist.walk import around
from msrun.dsl.check.imports import EXPORTED
from msrun.dsl.check.names import File, Scope, Symbol, What
from msrun.dsl.front import Studied
from msrun.dsl.infer.fit import enum_of, item_of, plain
from msrun.dsl.infer.where import path as dotted
from msrun.dsl.lower.case import FUNCTIONS
from msrun.dsl.plan import Input
from msrun.dsl.shapes import CellOf, EnumDef, Maybe, Named, Shape
from msrun.dsl.source import Source, Span
from msrun.dsl.tree import Expr, NamedType, Statement, TypeExpr
from msrun.dsl.values.cells import CELL_FIELDS

VALUES: tuple[What, ...] = ("input", "param", "node", "binder")
OFFERED: dict[What, OfferKind] = {
    "fragment": "function", "tool": "function", "plan": "function", "function": "function", "model": "model",
    "type": "type", "enum": "type", "import": "module",
}  # fmt: skip
IMPORT_FROM = re.compile(r'[^"\n]*from[ \t]*"([^"\n]*)"')


def _offer(symbol: Symbol, rank: int) -> Offer:
    return Offer(symbol.name, OFFERED.get(symbol.what, "variable"), type_of(symbol.shape) or symbol.kind, rank=rank)


@dataclass(frozen=True, slots=True)
class Names:
    """The checked file with the word at `span` that stands for the cursor."""

    studied: Studied
    span: Span

    @property
    def file(self) -> File:
        """The file as the checker left it."""
        return self.studied.file

    def scope(self) -> Scope:
        """The scope at the cursor; where the checker did not come, what the statements around it declare."""
        where = self.file.notes.wheres.get(self.span)
        if where is not None:
            return where.scope
        scope = self.file.scope
        for node in around(self.studied.program, self.span.start):
            if isinstance(node, Statement):
                scope = scope.inner(*self._inside(node))
        return scope

    def _inside(self, statement: Statement) -> Iterator[Symbol]:
        names = [param.name for param in statement.params or ()]
        names += [clause.name for clause in statement.clauses if clause.name is not None]
        for item in statement.block.items if statement.block else ():
            if isinstance(item, Statement) and item.name is not None:
                names.append(item.name)
        if statement.kind.text == "test":
            yield from FUNCTIONS.values()
        for name in names:
            symbol = self.file.notes.uses.get(name.span)
            if symbol is not None:
                yield symbol

    def shape(self, expr: Expr) -> Shape | None:
        """The type of an expression before the cursor."""
        found = self.file.notes.shapes.get(expr.span)
        if found is None and dotted(expr):
            symbol = self.scope().find(dotted(expr))
            found = symbol.shape if symbol is not None else None
        return found

    def item(self) -> Shape | None:
        """The type of what `.field` reads at the cursor."""
        span = Span(self.span.start - 1, self.span.end)
        where = self.file.notes.wheres.get(span)
        return where.item if where is not None else None

    def values(self, with_functions: bool) -> Iterator[Offer]:  # noqa: FBT001 - one switch of one caller
        """Names that stand for values; labels of enums; where a call may stand, what can be called or passed on."""
        distance = 0
        seen: set[str] = set()
        scope: Scope | None = self.scope()
        while scope is not None:
            for name, symbol in scope.names.items():
                if symbol.what in VALUES and name[:1] != "(" and name not in seen:
                    seen.add(name)
                    yield _offer(symbol, min(distance, 3))
                elif symbol.what == "function" or (with_functions and symbol.what in ("fragment", "import")):
                    yield _offer(symbol, 5)
                elif symbol.what == "model" and any(each.what == "function" for _, each in self.scope().all()):
                    yield _offer(symbol, 6)
            distance, scope = distance + 1, scope.outer
        for enums in self.file.labels.values():
            for enum in enums:
                yield from _labels(enum, 6)
        yield from (Offer(word, "constant", rank=8) for word in ("true", "false", "null"))

    def declared(self, *kinds: str) -> Iterator[Offer]:
        """Names of the file that were declared by statements of these kinds."""
        for symbol in self.file.symbols.values():
            if symbol.kind in kinds or (symbol.what == "import" and kinds):
                yield _offer(symbol, 1 if symbol.kind in kinds else 7)

    def types(self) -> Iterator[Offer]:
        """Types, declared and built in."""
        yield from (_offer(s, 2) for s in self.file.symbols.values() if s.what in ("type", "enum"))
        yield from (_offer(s, 7) for s in self.file.symbols.values() if s.what == "import")
        yield from offer.types()

    def labels(self, written: TypeExpr | None) -> Iterator[Offer]:
        """The labels of a written type, where it is an enum."""
        if isinstance(written, NamedType):
            enum = self.file.types.get(self.file.id(written.name))
            yield from _labels(enum, 1) if isinstance(enum, EnumDef) else ()

    def of_import(self, alias: str, *whats: What) -> Iterator[Offer]:
        """What an imported file brings under its alias."""
        for name, symbol in self.file.symbols.items():
            if name.startswith(f"{alias}.") and (not whats or symbol.what in whats):
                yield Offer(name.partition(".")[2], OFFERED.get(symbol.what, "variable"), symbol.kind, rank=1)

    def exports(self, source: Source) -> Iterator[Offer]:
        """What the file after `from` exports, for the names between `import` and it."""
        match = IMPORT_FROM.match(source.text, self.span.end)
        item = next((i for i in self.studied.program.items if i.span.start <= self.span.start < i.span.end), None)
        there = self.file.sources.get(item.span) if match is not None and item is not None else None
        for symbol in there.symbols.values() if there is not None else ():
            if symbol.what in EXPORTED and not symbol.imported:
                yield _offer(symbol, 1)

    def parts_of(self, base: Expr, _around: Frame) -> Iterator[Offer]:
        """What can follow the dot after an expression: fields, the labels of an enum, the parts of a dataset."""
        symbol = self.scope().find(dotted(base)) if dotted(base) else None
        if symbol is not None and symbol.what == "enum":
            enum = self.file.types.get(symbol.key)
            yield from _labels(enum, 1) if isinstance(enum, EnumDef) else ()
            return
        yield from fields_of(self.shape(base), self.file)

    def arguments(self, around: Frame) -> Iterator[Offer]:
        """The parameters that an open call may still name."""
        given = {each.name for each in around.arguments}
        for param in self.params(around.call):
            if param.name not in given:
                insert = f"{param.name}: "
                yield Offer(param.name, "field", type_of(param.shape), insert=insert, rank=-1 if param.required else 2)

    def params(self, callee: Expr | None) -> tuple[Input, ...]:
        """The parameters of a tool, fragment or plan."""
        symbol = self.file.symbols.get(dotted(callee)) if callee is not None else None
        if symbol is None:
            return ()
        if symbol.key in self.file.tools and symbol.what == "tool":
            return self.file.tools[symbol.key].params
        if symbol.key in self.file.fragments and symbol.what == "fragment":
            return self.file.fragments[symbol.key].params
        item = self.file.items.get(symbol.name)
        if not isinstance(item, Statement) or symbol.what != "plan":
            return ()
        found = [(param, self.file.notes.uses.get(param.name.span)) for param in item.params or ()]
        return tuple(
            Input(name=param.name.text, shape=use.shape, required=param.default is None)
            for param, use in found
            if use is not None
        )


def fields_of(shape: Shape | None, file: File) -> Iterator[Offer]:
    """The fields of a record or a cell; `label` of an enum."""
    if shape is None:
        return
    if isinstance(shape, CellOf):
        yield from (Offer(name, "field", "of the cell", rank=3) for name in CELL_FIELDS)
    shape = plain(shape)
    shape = plain(shape.item) if isinstance(shape, Maybe) else shape
    if isinstance(shape, Named) and (record := file.record(shape.id)) is not None:
        for field in record.fields:
            yield Offer(field.name, "field", type_of(field.shape), field.description, rank=1)
    elif enum_of(file, shape) is not None:
        yield Offer("label", "field", "text")


def labels_of(shape: Shape | None, file: File) -> Iterator[Offer]:
    """The labels of an enum that a value has, or the items of a list."""
    enum = enum_of(file, item_of(plain(shape)) or shape) if shape is not None else None
    yield from _labels(enum, -1) if enum is not None else ()


def _labels(enum: EnumDef, rank: int) -> Iterator[Offer]:
    for label, description in enum.labels:
        yield Offer(label, "label", description or enum.id, rank=rank)
