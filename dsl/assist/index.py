"""Names and places: which declaration each name of a file means, in that file or in one that it imports."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from msrun.dsl.assist.walk import Node, children, touches
from msrun.dsl.check.names import File, Symbol
from msrun.dsl.check.notes import Part
from msrun.dsl.front import Studied, Study
from msrun.dsl.source import NOWHERE, Span
from msrun.dsl.tree import EnumDecl, ImportDecl, Name, NamedType, Ref, Setting, Statement, TypeDecl


class Target(NamedTuple):
    """A declaration: the file it stands in, as diagnostics name it, and the span of its name there."""

    file: str
    span: Span


class Mention(NamedTuple):
    """A place where a name stands, and the declaration that it means: itself, where it is one."""

    span: Span
    target: Target


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration: its node and what it stands in, a statement or a type; `studied` is its file."""

    node: Node
    owner: Node | None
    studied: Studied


@dataclass(slots=True)
class Index:
    """Everything that is named in a study."""

    study: Study
    mentions: dict[str, list[Mention]] = field(default_factory=dict[str, list[Mention]])
    declared: dict[Target, Declared] = field(default_factory=dict[Target, Declared])

    def at(self, offset: int) -> Mention | None:
        """Return the name under an offset of the file itself: of two that touch there, the one that begins there."""
        found = [each for each in self.mentions[self.study.main.program.source.name] if touches(each.span, offset)]
        return max(found, key=lambda each: (each.span.start, -each.span.end), default=None)

    def of(self, target: Target) -> Iterator[tuple[str, Span]]:
        """Yield where a declaration is named, with the file: first the declaration, then by files and places."""
        for file, mentions in self.mentions.items():
            for each in mentions:
                if each.target == target:
                    yield file, each.span


def index(study: Study) -> Index:
    """Find the names of a file and of all that it imports."""
    made = Index(study)
    for studied in study.files:
        _declare(made, studied)
    for studied in study.files:
        name = studied.program.source.name
        found = {span: target for span, target in _mentions(made, studied) if span != NOWHERE}
        made.mentions[name] = [Mention(span, target) for span, target in sorted(found.items())]
    return made


# --- declarations ----------------------------------------------------------------------------------------------------


def _declare(made: Index, studied: Studied) -> None:
    pending: list[tuple[Node, Node | None]] = [(item, None) for item in reversed(studied.program.items)]
    file = studied.program.source.name
    while pending:
        node, owner = pending.pop()
        for name in names_declared(node, owner):
            made.declared.setdefault(Target(file, name.span), Declared(node, owner, studied))
        inner = node if isinstance(node, Statement | TypeDecl | EnumDecl) else owner
        pending.extend((child, inner) for child in children(node) if not isinstance(child, Name))


def names_declared(node: Node, owner: Node | None) -> Iterator[Name]:
    """Yield the names that a node makes known. A mock, limits and a profile name what is there."""
    match node:
        case ImportDecl(alias=Name() as alias):
            yield alias
        case ImportDecl() | Ref() | Setting():
            pass
        case Statement(kind=Name("mock" | "limits")):
            pass
        case Statement(kind=Name("model")) if isinstance(owner, Statement) and owner.kind.text == "profile":
            pass
        case _:
            name = getattr(node, "name", None)
            if isinstance(name, Name) and name.text:
                yield name


# --- mentions --------------------------------------------------------------------------------------------------------


def _mentions(made: Index, studied: Studied) -> Iterator[tuple[Span, Target]]:
    """Yield places and what is meant there; a later one of the same place is the surer one."""
    file = studied.program.source.name
    yield from _by_structure(studied)
    yield from ((target.span, target) for target in made.declared if target.file == file)
    for span, symbol in studied.file.notes.uses.items():
        yield from _used(studied.file, span, symbol)
    for span, part in studied.file.notes.parts.items():
        target = _part(made, part)
        if target is not None:
            yield _bare(studied.program.source.text, span), target


def _used(file: File, span: Span, symbol: Symbol) -> Iterator[tuple[Span, Target]]:
    """`fact.check` names the import `fact` and what it brought."""
    written = file.written(span)
    alias, dot, _ = written.partition(".")
    by = file.symbols.get(alias.strip()) if dot and symbol.imported else None
    if by is not None and by.what == "import":
        yield Span(span.start, span.start + len(alias.rstrip())), Target(file.source.name, by.span)
        rest = written.rpartition(".")[2].lstrip()
        span = Span(span.end - len(rest), span.end)
    yield span, _target(file, symbol)


def _target(file: File, symbol: Symbol) -> Target:
    if symbol.home is not None:
        return Target(symbol.home.source.name, symbol.home.span)
    return Target(file.source.name, symbol.span)


def _part(made: Index, part: Part) -> Target | None:
    """Find the field, label, parameter or node of a declaration that goes by an id."""
    for studied in made.study.files:
        names = {name for name, id_ in studied.file.ids.items() if id_ == part.owner} or {part.owner}
        for item in studied.program.items:
            if isinstance(item, ImportDecl) or item.name is None or item.name.text not in names:
                continue
            if (name := part_named(item, part.name)) is not None:
                return Target(studied.program.source.name, name.span)
    return None


def part_named(item: Node, name: str) -> Name | None:
    """Return the name of a part of a declaration, as it is declared."""
    match item:
        case TypeDecl(_, parts) | EnumDecl(_, parts):
            names = [part.name for part in parts]
        case Statement():
            nodes = item.block.items if item.block else ()
            names = [param.name for param in item.params or ()]
            names += [node.name for node in nodes if isinstance(node, Statement) and node.name is not None]
        case _:
            names = []
    return next((each for each in names if each.text == name), None)


def _bare(text: str, span: Span) -> Span:
    """The place of a label that is written as a text, without its quotes."""
    quoted = text[span.start : span.start + 1] == '"'
    return Span(span.start + 1, span.end - 1) if quoted else span


# --- what the checker did not look at --------------------------------------------------------------------------------


def _by_structure(studied: Studied) -> Iterator[tuple[Span, Target]]:
    """Resolve names by where they stand alone: in statements that were skipped, because something in them is wrong."""
    file = studied.program.source.name
    top = {name: _target(studied.file, symbol) for name, symbol in studied.file.symbols.items()}
    pending: list[tuple[Node, Mapping[str, Target]]] = [(item, top) for item in studied.program.items]
    while pending:
        node, known = pending.pop()
        if isinstance(node, Statement):
            known = {**known, **{name.text: Target(file, name.span) for name in _within(node)}}
        if isinstance(node, Ref) and node.name in known:
            yield node.span, known[node.name]
        elif isinstance(node, NamedType) and node.name in top:
            yield node.name_span, top[node.name]
        pending.extend((child, known) for child in children(node))


def _within(statement: Statement) -> Iterator[Name]:
    """The names that are visible inside a statement because of it: nodes, parameters, binders."""
    for item in statement.block.items if statement.block else ():
        if isinstance(item, Statement):
            yield from names_declared(item, statement)
    yield from (param.name for param in statement.params or ())
    yield from (clause.name for clause in statement.clauses if clause.name is not None)
