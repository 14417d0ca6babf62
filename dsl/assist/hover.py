"""What is said about the thing under a cursor, as Markdown: its type, its declaration, the help of the language."""

import json
from typing import NamedTuple

from msrun.dsl.assist.index import Declared, Index, Mention
from msrun.dsl.assist.tables import CLAUSES, kind_of, maker_at, setting_of
from msrun.dsl.assist.walk import Node, around, innermost, touches
from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.kinds.spec import KindSpec, SettingSpec
from msrun.dsl.shapes import Maybe, Named, Shape, spell
from msrun.dsl.source import Span
from msrun.dsl.tree import (
    Clause,
    EnumDecl,
    EnumLabel,
    Field,
    ImportDecl,
    Name,
    Outcome,
    Param,
    Pipe,
    Setting,
    Statement,
    TypeDecl,
)
from msrun.dsl.values.filters import FILTERS

MOST_LINES = 24
"""Lines of a declaration, and of a schema, that a window shows."""


class Hover(NamedTuple):
    """Markdown about a span."""

    span: Span
    text: str


def hover(index: Index, offset: int) -> Hover | None:
    """Return what there is to say about an offset of the file: a name, else a word of the language, else a type."""
    mention = index.at(offset)
    if mention is not None and (text := about(index, mention)):
        return Hover(mention.span, text)
    path = around(index.study.main.program, offset)
    return _word(path, offset) or _expression(index, path)


def about(index: Index, mention: Mention) -> str:
    """Describe the declaration that a name means, with the type that it has at this place."""
    declared = index.declared.get(mention.target)
    shape = _shape(index, mention)
    if declared is None:
        return _code(spell(shape)) if shape is not None else ""
    parts = [_code(_head(declared, shape)), _comment(declared), _meaning(declared)]
    if isinstance(declared.node, TypeDecl | EnumDecl):
        parts.append(_schema(declared))
    here = index.study.main.program.source.name
    if mention.target.file != here:
        parts.append(f"From `{mention.target.file.rpartition('/')[2]}`.")
    return "\n\n".join(part for part in parts if part)


def type_of(shape: Shape | None) -> str:
    """Write a type, or nothing where it is not known."""
    return "" if shape is None or shape in (UNKNOWN, Maybe(UNKNOWN)) else spell(shape)


def _shape(index: Index, mention: Mention) -> Shape | None:
    """The type at the place itself: behind `when x != null` it is no longer optional. Else that of the declaration."""
    notes = index.study.main.file.notes
    found = notes.shapes.get(mention.span)
    if found is None or found == UNKNOWN:
        symbol = notes.uses.get(mention.span)
        found = symbol.shape if symbol is not None else None
    if found is None or found == UNKNOWN:
        declared = index.declared.get(mention.target)
        symbol = declared.studied.file.notes.uses.get(mention.target.span) if declared is not None else None
        found = symbol.shape if symbol is not None else None
    return found


def _head(declared: Declared, shape: Shape | None) -> str:
    """The declaration on one line, as it is written; a node with the type of its value."""
    source = declared.studied.program.source
    node, owner = declared.node, declared.owner
    match node:
        case TypeDecl() | EnumDecl():
            return _short(source.text[slice(*node.span)])
        case Field():
            return f"{_name(owner)}.{source.text[slice(*node.span)]}"
        case EnumLabel():
            return f"{_name(owner)}.{node.name.text}"
        case Param():
            return f"{source.text[slice(*node.span)]}"
        case Clause():
            return f"{node.name.text if node.name else ''}{_typed(shape)}"
        case ImportDecl():
            return source.text[slice(*node.span)]
        case Statement():
            end = node.block.span.start if node.block is not None else node.span.end
            written = " ".join(source.text[node.span.start : end].split())
            value = owner is not None and node.result is None
            return written + (f"\n{_name(node)}{_typed(shape)}" if value and type_of(shape) else "")
        case _:
            return source.text[slice(*node.span)]


def _typed(shape: Shape | None) -> str:
    return f": {type_of(shape)}" if type_of(shape) else ""


def _name(node: Node) -> str:
    name = getattr(node, "name", None)
    return name.text if isinstance(name, Name) else ""


def _meaning(declared: Declared) -> str:
    match declared.node:
        case Field() | EnumLabel():
            return str(declared.node.description)
        case Statement() as statement:
            owner = declared.owner if isinstance(declared.owner, Statement) else None
            spec = kind_of(statement, owner)
            return f"`{spec.name}`: {spec.help}" if spec is not None and spec.help else ""
        case Param():
            return f"an input of `{_name(declared.owner)}`"
        case Clause():
            return CLAUSES["as"] if declared.node.word != "for" else "one item of the list"
        case _:
            return ""


def _comment(declared: Declared) -> str:
    """The comment lines right above a declaration."""
    program = declared.studied.program
    own = {program.source.position(note.span.start)[0]: note.text for note in program.comments if note.own_line}
    line = program.source.position(declared.node.span.start)[0] - 1
    lines: list[str] = []
    while line in own:
        lines.append(own[line].lstrip("#").strip())
        line -= 1
    return "\n".join(reversed(lines))


def _schema(declared: Declared) -> str:
    """What the model is told about a record or an enum."""
    from msrun.dsl.values.schema import json_schema

    file = declared.studied.file
    id_ = file.id(_name(declared.node))
    if id_ not in file.types or file.errors:
        return ""
    schema = json_schema(Named(id_), file.types)
    written = json.dumps(schema, ensure_ascii=False, indent=2)
    return f"What the model is told:\n\n```json\n{_short(written)}\n```"


def _short(text: str) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[:MOST_LINES], "…"]) if len(lines) > MOST_LINES else text


def _code(text: str) -> str:
    return f"```plan\n{text}\n```" if text else ""


# --- words of the language -------------------------------------------------------------------------------------------


def _word(path: list[Node], offset: int) -> Hover | None:
    statements = [node for node in path if isinstance(node, Statement)]
    statement = statements[-1] if statements else None
    owner = statements[-2] if len(statements) > 1 else None
    node = innermost(path, Pipe)
    if node is not None and touches(node.filter_span, offset) and node.filter in FILTERS:
        entry = FILTERS[node.filter]
        return Hover(node.filter_span, f"{_code(f'… | {entry.example}')}\n\n{entry.help}")
    setting = innermost(path, Setting)
    if statement is not None and setting is not None and touches(setting.key.span, offset):
        spec = setting_of(statement, owner, setting.key.text)
        return Hover(setting.key.span, about_setting(spec)) if spec is not None else None
    clause = innermost(path, Clause) or innermost(path, Outcome)
    if clause is not None and touches(clause.word_span, offset):
        return Hover(clause.word_span, f"`{clause.word}`: {CLAUSES[clause.word]}")
    if statement is not None and touches(statement.kind.span, offset):
        kind = kind_of(statement, owner)
        return Hover(statement.kind.span, about_kind(kind)) if kind is not None else None
    maker = maker_at(path)
    return Hover(path[-1].span, f"`{maker.name}(…)`: {maker.help}") if maker is not None and maker.help else None


def about_kind(spec: KindSpec) -> str:
    """Describe a kind of statement."""
    clauses = ", ".join(f"`{word}`" for word in sorted(spec.clauses))
    settings = ", ".join(f"`{setting.name}`" for setting in spec.settings if not setting.later)
    parts = [_code(spec.example), spec.help, f"Clauses: {clauses}" if clauses else ""]
    parts.append(f"Settings: {settings}" if settings else "")
    return "\n\n".join(part for part in parts if part) or f"`{spec.name}`: not in this version yet"


def about_setting(spec: SettingSpec) -> str:
    """Describe a setting: what it does, what it takes, what holds without it."""
    takes = ", or ".join(each.words for each in spec.takes)
    default = f", `{spec.default}` where it is not said" if spec.default else ""
    later = "\n\nThis version cannot keep it yet." if spec.later else ""
    return f"`{spec.name}`: {spec.help}\n\nTakes {takes}{default}.{later}"


def _expression(index: Index, path: list[Node]) -> Hover | None:
    """The type of the smallest expression around the place."""
    shapes = index.study.main.file.notes.shapes
    for node in reversed(path):
        shape = shapes.get(node.span)
        if shape is not None:
            return Hover(node.span, _code(type_of(shape))) if type_of(shape) else None
    return None
