"""Which names a piece of a plan mentions, found without knowing what kind of piece it is."""

from typing import Any, cast

from msrun.dsl.tree import Ref


def mentions(*pieces: Any) -> set[str]:
    """Return the names of all `Ref`s in these expressions, texts, settings or actions."""
    names: set[str] = set()
    stack: list[Any] = list(pieces)
    while stack:
        piece: Any = stack.pop()
        if isinstance(piece, Ref):
            names.add(piece.name)
        elif isinstance(piece, tuple):
            stack.extend(cast("tuple[Any, ...]", piece))
        else:
            stack.extend(getattr(piece, name) for name in getattr(piece, "__dataclass_fields__", ()))
    return names
