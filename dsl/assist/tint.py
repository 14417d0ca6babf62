"""What each word of a file is, for an editor's colours: the classes of the lexer, made finer by what names mean."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from msrun.dsl.assist.index import Declared, Index
from msrun.dsl.assist.paint import paint
from msrun.dsl.assist.walk import everything
from msrun.dsl.infer.types import GENERICS, SCALARS
from msrun.dsl.source import NOWHERE, Span
from msrun.dsl.tree import (
    Argument,
    Clause,
    EnumDecl,
    EnumLabel,
    Field,
    ImportDecl,
    NamedType,
    Param,
    Pipe,
    Setting,
    Statement,
    TypeDecl,
)

Tint: TypeAlias = Literal[
    "comment", "string", "keyword", "number", "operator", "type", "enum", "enumMember", "property", "parameter",
    "variable", "function", "class", "namespace",
]  # fmt: skip
TINTS: tuple[Tint, ...] = (
    "comment", "string", "keyword", "number", "operator", "type", "enum", "enumMember", "property", "parameter",
    "variable", "function", "class", "namespace",
)  # fmt: skip
"""The names are those of the Language Server Protocol, so that every theme knows them."""

_PLAIN: dict[str, Tint] = {
    "comment": "comment", "text": "string", "hole": "operator", "keyword": "keyword", "kind": "keyword",
    "constant": "keyword", "number": "number", "type": "type", "filter": "function",
}  # fmt: skip


class Word(NamedTuple):
    """A span of one line with its tint; `declares` marks the place where a name is declared."""

    span: Span
    tint: Tint
    declares: bool = False


def tint(index: Index, within: Span | None = None) -> list[Word]:
    """Return the words of the file, or of a range of it, in their order, none of them over a line's end."""
    source = index.study.main.program.source
    words: dict[Span, Word] = {}
    for stroke in paint(source):
        if stroke.colour in _PLAIN:
            words[stroke.span] = Word(stroke.span, _PLAIN[stroke.colour])
    for word in (*_structure(index), *_names(index)):
        words[word.span] = word
    chosen = (word for word in words.values() if within is None or _meets(word.span, within))
    return list(_apart(sorted(piece for word in chosen for piece in _lines(source.text, word))))


def _apart(words: list[Word]) -> Iterator[Word]:
    """Leave out what lies in the word before: the label inside `"sport"`, which stays a text."""
    end = 0
    for word in words:
        if word.span.start >= end:
            end = word.span.end
            yield word


def _structure(index: Index) -> Iterator[Word]:
    """What the place in the tree says: keys, filters, built-in types."""
    for node in everything(*index.study.main.program.items):
        match node:
            case Setting():
                yield Word(node.key.span, "property")
            case Statement():
                yield Word(node.kind.span, "keyword")
            case Pipe():
                yield Word(node.filter_span, "function")
            case NamedType() if node.name in SCALARS or node.name in GENERICS:
                yield Word(node.name_span, "type")
            case Argument() if node.name is not None:
                yield Word(node.name_span, "parameter")
            case _:
                pass


def _names(index: Index) -> Iterator[Word]:
    for mention in index.mentions[index.study.main.program.source.name]:
        declared = index.declared.get(mention.target)
        own = mention.target == (index.study.main.program.source.name, mention.span)
        if declared is not None and mention.span != NOWHERE:
            yield Word(mention.span, _tint(declared), own)


def _tint(declared: Declared) -> Tint:
    match declared.node:
        case TypeDecl():
            return "type"
        case EnumDecl():
            return "enum"
        case EnumLabel():
            return "enumMember"
        case Field():
            return "property"
        case Param() | Clause():
            return "parameter"
        case ImportDecl():
            return "namespace"
        case Statement() if declared.owner is None and declared.node.kind.text in ("fragment", "tool", "plan"):
            return "function"
        case Statement() if declared.node.kind.text == "model":
            return "class"
        case _:
            return "variable"


def _meets(span: Span, within: Span) -> bool:
    return span.start < within.end and within.start < span.end


def _lines(text: str, word: Word) -> Iterator[Word]:
    """Cut a word at line ends: most editors take no token over several lines."""
    start = word.span.start
    for line in text[start : word.span.end].split("\n"):
        end = start + len(line.removesuffix("\r"))
        if end > start:
            yield word._replace(span=Span(start, end))
        start += len(line) + 1
