"""Which table of the language stands behind a piece of syntax: the kind of a statement, a setting, a constructor."""

from collections.abc import Sequence

from msrun.dsl.infer.where import path as dotted
from msrun.dsl.kinds.model import BACKENDS
from msrun.dsl.kinds.spec import KindSpec, Maker, SettingSpec, Takes
from msrun.dsl.kinds.table import KINDS
from msrun.dsl.kinds.testing import IN_TESTS
from msrun.dsl.tree import Argument, Call, ClauseWord, Expr, Setting, Statement

CLAUSES: dict[str, str] = {
    "from": "what the default prompt shows, what a tool or a plan is called with",
    "for": "one call for every item of a list; the value is a list of cells",
    "given": "what each item waits for and sees: `earlier` cells, or those that its references name",
    "using": "the model that is asked",
    "when": "else the node is skipped; without `for` its type becomes optional",
    "on": "what decides which arm runs",
    "by": "what is counted or compared of every item",
    "keep": "how many are kept",
    "limit": "the most items, rounds or calls",
    "samples": "draws of the same call; the value is a list of them",
    "within": "the limits that a run stays in",
    "in": "the list that the items come from",
    "as": "the name that it has here",
    "return": "what the plan gives",
    "next": "what the next round starts from",
    "until": "when the rounds end",
    "expect": "what must hold",
    "case": "the arm for these labels",
    "else": "the arm for everything else",
    "import": "names of another file",
    "type": "a record: its fields, and what the model is told about them",
    "enum": "a choice: its labels, and what the model is told about them",
}
"""What each reserved word of a header or a block says."""


def kind_of(statement: Statement, owner: Statement | None) -> KindSpec | None:
    """Return the table of a statement's kind; in a test `run` and `mock` have tables of their own."""
    inside = IN_TESTS if owner is not None and owner.kind.text == "test" else KINDS
    return inside.get(statement.kind.text) or KINDS.get(statement.kind.text)


def settings_of(statement: Statement, owner: Statement | None) -> Sequence[SettingSpec]:
    """Return the settings that a statement may have; a model's are those of its backend."""
    if statement.kind.text == "model" and statement.value is not None:
        known = BACKENDS.get(dotted(_callee(statement.value)))
        return known[1] if known is not None else ()
    spec = kind_of(statement, owner)
    return spec.settings if spec is not None else ()


def makers_of(statement: Statement, owner: Statement | None) -> Sequence[Maker]:
    """Return the constructors that may stand after `=`."""
    if statement.kind.text == "model":
        return [maker for maker, _ in BACKENDS.values()]
    spec = kind_of(statement, owner)
    return spec.makers if spec is not None else ()


def setting_of(statement: Statement, owner: Statement | None, key: str) -> SettingSpec | None:
    """Return the setting of this name that a statement may have."""
    return next((spec for spec in settings_of(statement, owner) if spec.name == key), None)


def clauses_of(statement: Statement, owner: Statement | None) -> list[ClauseWord]:
    """Return the clauses that a statement may still get."""
    spec = kind_of(statement, owner)
    present = {clause.word for clause in statement.clauses}
    return sorted(word for word in spec.clauses if word not in present) if spec is not None else []


def maker_at(path: Sequence[object]) -> Maker | None:
    """Return the constructor that the innermost call on a path of nodes is, where a table knows it."""
    chain = [node for node in path if isinstance(node, Statement | Setting | Call | Argument)]
    statements = [node for node in chain if isinstance(node, Statement)]
    if not statements:
        return None
    owner = statements[-2] if len(statements) > 1 else None
    rest = chain[chain.index(statements[-1]) + 1 :]
    made: Sequence[Maker] = makers_of(statements[-1], owner)
    found: Maker | None = None
    for node in rest:
        match node:
            case Setting():
                spec = setting_of(statements[-1], owner, node.key.text)
                made = makers_in(spec.takes) if spec is not None else ()
            case Call():
                found = next((maker for maker in made if maker.name == dotted(node.callee)), None)
                made = makers_in(takes) if found is not None and (takes := _takes(found)) else ()
            case Argument() if found is not None and node.name is not None:
                named = next((spec for spec in found.named if spec.name == node.name), None)
                made = makers_in(named.takes) if named is not None else made
            case _:
                pass
    return found


def makers_in(takes: Sequence[Takes]) -> list[Maker]:
    """Return the constructors that a value may be, itself or as an item of a list."""
    found: list[Maker] = []
    for each in takes:
        found += [*each.makers, *makers_in(each.items)]
    return found


def _takes(maker: Maker) -> list[Takes]:
    return [each for position in maker.args for each in position]


def _callee(value: Expr) -> Expr:
    return value.callee if isinstance(value, Call) else value
