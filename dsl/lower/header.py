"""A statement's header against its kind: which parts and clauses it may have, which it must."""

from msrun.dsl.check.names import File
from msrun.dsl.kinds.spec import KindSpec, Part
from msrun.dsl.lower.inside import refuse_inside, refuse_swallowed
from msrun.dsl.source import Span
from msrun.dsl.tree import Statement

PARTS: tuple[Part, ...] = ("params", "result", "type", "value")
SIGNS = {"params": "(…)", "result": "-> T", "type": ": T", "value": "= …"}


def check_header(file: File, statement: Statement, spec: KindSpec) -> None:
    """Report parts and clauses that the kind does not take, and those it cannot be without."""
    refuse_swallowed(file, statement, spec)
    if not spec.holds:
        refuse_inside(file, statement.block, spec.settings, spec.name)
    for part in PARTS:
        span = _span(statement, part)
        if span is not None and part not in spec.parts:
            file.say("E0104/part", span, kind=spec.name, part=SIGNS[part], example=spec.example)
    for clause in statement.clauses:
        if clause.word not in spec.clauses:
            known = ", ".join(f"`{word}`" for word in sorted(spec.clauses)) or "no clause"
            file.say("E0104/clause", clause.word_span, kind=spec.name, word=clause.word, known=known)
    present = {clause.word for clause in statement.clauses} | {p for p in PARTS if _span(statement, p) is not None}
    for needed in spec.needs:
        if needed not in present:
            _missing(file, statement, spec, needed)
    if statement.name is None and spec.named:  # the parser reports a name that is missing before a clause
        file.say("E0206/name", statement.kind.span, kind=spec.name, example=spec.example)


def _missing(file: File, statement: Statement, spec: KindSpec, needed: str) -> None:
    name = statement.name.text if statement.name else spec.name
    if needed == "limit":
        file.say("E0304", statement.kind.span, kind=spec.name, name=name)
    else:
        file.say(
            "E0206/header", statement.kind.span, kind=spec.name, needed=SIGNS.get(needed, needed), example=spec.example
        )


def _span(statement: Statement, part: Part) -> Span | None:
    match part:
        case "params":
            params = statement.params
            if params is None:
                return None
            return params[0].span.to(params[-1].span) if params else statement.kind.span
        case "result":
            return statement.result.span if statement.result else None
        case "type":
            return statement.type.span if statement.type else None
        case "value":
            return statement.value.span if statement.value else None
