"""Which plans of a file run which: before any is lowered, for one that runs another is lowered after it."""

from collections.abc import Collection, Mapping, Sequence

from msrun.dsl.tree import Arm, BlockItem, Call, Ref, Statement


def callees(plan: Statement, known: Collection[str]) -> list[str]:
    """Return the plans of the file that a plan runs itself, in the order of the text."""
    found: dict[str, None] = {}
    pending: list[BlockItem] = [plan]
    while pending:
        match pending.pop():
            case Statement() as at:
                source = at.clause("from") if at.kind.text == "run" else None
                callee = source.value.callee if source is not None and isinstance(source.value, Call) else None
                if isinstance(callee, Ref) and callee.name in known:
                    found[callee.name] = None
                pending.extend(reversed(at.block.items if at.block is not None else ()))
            case Arm(_, body):
                pending.extend(reversed(body.items))
            case _:
                pass
    return list(found)


def reached(graph: Mapping[str, Sequence[str]], start: str) -> frozenset[str]:
    """Return the plans that one runs, directly or not; itself among them only where it runs itself again."""
    pending, seen = list(graph[start]), set(graph[start])
    while pending:
        new = [name for name in graph[pending.pop()] if name not in seen]
        seen.update(new)
        pending += new
    return frozenset(seen)
