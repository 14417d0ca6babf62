"""The tree by place: which nodes lie around an offset, from the file down to the name under the cursor."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, TypeAlias, TypeVar

from msrun.dsl.source import NOWHERE, Span
from msrun.dsl.tree import Program

Node: TypeAlias = Any
"""Any node of `msrun.dsl.tree`; each is a dataclass with a span, so that new ones are walked without a change here."""

T = TypeVar("T")


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly inside one, in the order of its fields."""
    for name in node.__slots__:
        value: Any = getattr(node, name)
        parts: tuple[Any, ...] = value if isinstance(value, tuple) else (value,)  # pyright: ignore[reportUnknownVariableType] - any node
        for part in parts:
            if is_dataclass(part) and not isinstance(part, type) and hasattr(part, "span"):
                yield part


def everything(*roots: Node) -> Iterator[Node]:
    """Yield all nodes inside, each before what lies in it."""
    pending = list(reversed(roots))
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(list(children(node))))


def around(program: Program, offset: int) -> list[Node]:
    """Return the nodes that an offset lies in or touches, the outermost first."""
    found: list[Node] = []
    level: Iterator[Node] = iter(program.items)
    while (inner := _closest(level, offset)) is not None:
        found.append(inner)
        level = children(inner)
    return found


def innermost(path: list[Node], kind: type[T]) -> T | None:
    """Return the innermost node of a class on a path, or None."""
    return next((node for node in reversed(path) if isinstance(node, kind)), None)


def touches(span: Span, offset: int) -> bool:
    """Whether an offset lies in a span or at one of its ends, where a cursor still points at the name."""
    return span.start <= offset <= span.end and span != NOWHERE


def _closest(nodes: Iterator[Node], offset: int) -> Node | None:
    """Of the nodes at an offset the one that begins last: between `a` and `b` of `a.b`, and at the edge of two."""
    found: Node | None = None
    for node in nodes:
        if touches(node.span, offset) and (found is None or node.span.start >= found.span.start):
            found = node
    return found
