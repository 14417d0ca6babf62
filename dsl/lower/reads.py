"""What a node reads from around it: the names in its header, its prompts, and in the graphs that stand inside it."""

from collections.abc import Iterator

from msrun.dsl.check.read import names_in
from msrun.dsl.kinds.common import READING, SO_FAR
from msrun.dsl.kinds.table import KINDS
from msrun.dsl.tree import Arm, Block, Call, Clause, Expr, Outcome, Setting, Statement


def reads_of(statement: Statement, kind: str) -> list[str]:
    """Return the names that a node of this kind reads, in the order of the text.

    Names that it binds itself are left out, and so are those of nodes inside it. Of a statement that is no node of a
    kind that runs, every name counts.
    """
    spec = KINDS.get(kind)
    if spec is None or spec.later or spec.at not in ("plan", "search"):
        return list(names_in(statement))
    own = {clause.name.text for clause in statement.clauses if clause.name is not None}
    if kind == "repeat" and statement.name is not None:
        own.add(statement.name.text)
    if kind == "search":
        own.add(SO_FAR)
    found = list(names_in(statement.value)) if statement.value is not None else []
    for clause in statement.clauses:
        if clause.word != "using":
            found += names_in(*_values(clause, kind))
    found += _inside(statement.block, conditions=statement.clause("on") is None)
    return [name for name in found if name not in own]


def _values(clause: Clause, kind: str) -> list[Expr]:
    """What of a clause is a value: a plan that is run has a name of its own, which may be a node's too."""
    if kind == "run" and clause.word == "from" and isinstance(clause.value, Call):
        return [argument.value for argument in clause.value.args]
    return [clause.value]


def _inside(block: Block | None, *, conditions: bool) -> Iterator[str]:
    """The names that are read between braces and are none of the nodes there; `conditions` are those of `case`."""
    items = block.items if block is not None else ()
    nodes = {item.name.text for item in items if isinstance(item, Statement) and item.name is not None}
    for item in items:
        found: list[str] = []
        match item:
            case Statement():
                found = reads_of(item, item.kind.text)
            case Setting(key, value) if key.text in READING:
                found = list(names_in(value))
            case Outcome(_, value):
                found = list(names_in(value))
            case Arm(labels, body):
                found = [*(names_in(*labels) if conditions else ()), *_inside(body, conditions=True)]
            case _:
                pass
        yield from (name for name in found if name not in nodes)
