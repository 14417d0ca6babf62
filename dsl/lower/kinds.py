"""Which kind a statement is: a misspelt one is read as the kind it may have meant, one that comes later is reported."""

from msrun.dsl.check.names import File, enumerate_names
from msrun.dsl.check.read import names_in
from msrun.dsl.kinds.nodes import NODE_KINDS
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.kinds.table import KINDS
from msrun.dsl.lower.draft import Bench
from msrun.dsl.tree import Arm, Call, Constant, Expr, Ref, Statement, Text


def kind_in_plan(bench: Bench, statement: Statement) -> KindSpec | None:
    """Return the kind of a statement inside a plan, None where it cannot be checked as a node."""
    spec = _known(bench.file, statement, place="plan")
    if spec is None or spec.name in NODE_KINDS:
        return spec
    if spec.later:
        bench.file.say("E0103/later", statement.kind.span, name=spec.name)
        bench.file.used.update(bench.file.model_names)  # it may ask the default model
        _check_bound(bench, statement, spec)
        _check_arms(bench.file, statement)
    elif spec.at == "test":
        bench.file.say("E0103/in_test", statement.kind.span, name=spec.name, example=spec.example)
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
    elif spec.at == "plan":
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


def _check_bound(bench: Bench, statement: Statement, spec: KindSpec) -> None:
    """`search` and `repeat` must say where they end, and so must a plan that runs itself."""
    name = statement.name.text if statement.name else spec.name
    if statement.clause("limit") is not None:
        return
    source = statement.clause("from")
    callee = source.value.callee if source and isinstance(source.value, Call) else None
    itself = spec.name == "run" and isinstance(callee, Ref) and callee.name == bench.plan
    if itself or "limit" in spec.needs:
        bench.file.say("E0304", statement.kind.span, kind=spec.name, name=name)


def _check_arms(file: File, statement: Statement) -> None:
    """Report an arm of `choose` that no value reaches: its label stands above, or an `else` does."""
    seen: dict[str, Arm] = {}
    otherwise: Arm | None = None
    for arm in statement.block.items if statement.block else ():
        if not isinstance(arm, Arm):
            continue
        if otherwise is not None:
            file.say("E0303/else", arm.span, otherwise.span)
            continue
        if not arm.labels:
            otherwise = arm
        for label in arm.labels:
            key = _label(label)
            if key is not None and key in seen:
                file.say("E0303", label.span, seen[key].span, name=key)
            elif key is not None:
                seen[key] = arm


def _label(expr: Expr) -> str | None:
    match expr:
        case Ref(name):
            return name
        case Constant(value):
            return str(value)
        case Text():
            return expr.plain
        case _:
            return None
