"""Which names a piece of a plan mentions, found without knowing what kind of piece it is."""

from typing import Any, TypeGuard

from msrun.dsl.tree import Ref


def mentions(*pieces: Any) -> set[str]:
    """Return the names of all `Ref`s in these expressions, texts, settings or actions."""
    names: set[str] = set()
    stack: list[Any] = list(pieces)
    while stack:
        piece = stack.pop()
        if isinstance(piece, Ref):
            names.add(piece.name)
        elif _is_tuple(piece):
            stack.extend(piece)
        else:
            stack.extend(getattr(piece, name) for name in getattr(piece, "__dataclass_fields__", ()))
    return names


def _is_tuple(value: Any) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(value, tuple)
