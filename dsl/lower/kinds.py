"""Which kind a statement is: a misspelt one is read as the kind it may have meant, one that comes later is reported."""

from msrun.dsl.check.names import File, enumerate_names
from msrun.dsl.check.read import names_in
from msrun.dsl.kinds.nodes import NODE_KINDS
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.kinds.table import KINDS
from msrun.dsl.lower.draft import Bench
from msrun.dsl.tree import Statement


def kind_in_body(bench: Bench, statement: Statement) -> KindSpec | None:
    """Return the kind of a statement in a plan or a graph inside it, None where it cannot be checked as a node."""
    spec = _known(bench.file, statement, place="plan")
    if spec is None or (spec.name in NODE_KINDS and spec.at == "plan"):
        return spec
    if spec.later:
        bench.file.say("E0103/later", statement.kind.span, name=spec.name)
        bench.file.used.update(bench.file.model_names)  # it may ask the default model
    elif spec.at == "test":
        bench.file.say("E0103/in_test", statement.kind.span, name=spec.name, example=spec.example)
    elif spec.at == "search":
        bench.file.say("E0103/in_search", statement.kind.span, name=spec.name, example=spec.example)
        bench.file.used.update(bench.file.model_names)
    else:
        bench.file.say("E0103/in_plan", statement.kind.span, name=spec.name)
    return None


def kind_in_file(file: File, statement: Statement) -> KindSpec | None:
    """Return the kind of a statement at the top of the file, None where there is nothing to check."""
    spec = _known(file, statement, place="file")
    if spec is None:
        return None
    if spec.later:
        file.say("E0103/later", statement.kind.span, name=spec.name)
    elif spec.at == "test":
        file.say("E0103/in_test", statement.kind.span, name=spec.name, example=spec.example)
    elif spec.at in ("plan", "search"):
        file.say("E0103/in_file", statement.kind.span, name=spec.name)
    else:
        return spec
    file.used.update(names_in(statement))
    return None


def _known(file: File, statement: Statement, place: str) -> KindSpec | None:
    name = statement.kind.text
    if name in KINDS:
        return KINDS[name]
    near = file.near(name, list(KINDS))
    if near is not None:
        file.say("E0103", statement.kind.span, fix=file.correction(name, near, KINDS), name=name, near=near)
        return KINDS[near] if KINDS[near].at == place and not KINDS[near].later else None
    known = [k for k, spec in KINDS.items() if spec.at == place and not spec.later]
    file.say("E0103/alone", statement.kind.span, name=name, known=enumerate_names(known))
    return None
