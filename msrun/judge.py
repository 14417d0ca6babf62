"""An `expect` of a test and the values of its names become a failure that shows what its parts were, or nothing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msrun.dsl.plan import FragmentSpec
from msrun.dsl.testcase import Expect
from msrun.dsl.tree import Binary, Call, Constant, Expr, Get, Index, Pipe, Ref, Text, Unary
from msrun.dsl.values.evaluate import compile_expr
from msrun.dsl.values.plain import EvaluationError, compact
from msrun.verdict import Failure

SHOWN = 160
"""Characters of a value that a failure shows."""


def judge(expect: Expect, names: Mapping[str, Any], fragments: Mapping[str, FragmentSpec]) -> Failure | None:
    """Return why an `expect` does not hold, None where it does."""
    try:
        held = compile_expr(expect.expr, fragments)(names)
    except EvaluationError as error:
        return Failure(message=f"this has no value: {error.message}", span=expect.span)
    if held is True:
        return None
    notes = dict.fromkeys(_notes(expect, expect.expr, names, fragments))
    source = " ".join(expect.source.split())
    return Failure(message=f"this does not hold: {source}".rstrip(": "), span=expect.span, notes=tuple(notes))


def _notes(
    expect: Expect, expr: Expr, names: Mapping[str, Any], fragments: Mapping[str, FragmentSpec]
) -> Iterator[str]:
    """Say what the parts of a condition were: `calls(worker)` was 3, expected 2."""
    match expr:
        case Binary("and" | "or", left, right):
            for side in (left, right):
                if _value(side, names, fragments) != "true":
                    yield from _notes(expect, side, names, fragments)
        case Unary("not", operand):
            yield from _notes(expect, operand, names, fragments)
        case Binary("==", left, Constant() | Text() as right):
            wanted = _value(right, names, fragments)
            yield f"`{_written(expect, left)}` was {_value(left, names, fragments)}, expected {wanted}"
        case Binary(_, left, right):
            yield from _parts(expect, (left, right), names, fragments)
        case Pipe(base, _, args):
            arguments = [argument.value for argument in args or ()]
            yield from _parts(expect, (base, *arguments), names, fragments)
        case _:
            yield from _parts(expect, (expr,), names, fragments)


def _parts(
    expect: Expect, parts: Sequence[Expr], names: Mapping[str, Any], fragments: Mapping[str, FragmentSpec]
) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Ref | Get | Index | Pipe | Call | Binary):
            value = _value(part, names, fragments)
            if value:
                yield f"`{_written(expect, part)}` was {value}"


def _value(expr: Expr, names: Mapping[str, Any], fragments: Mapping[str, FragmentSpec]) -> str:
    """Print what an expression gives; nothing where it gives nothing on its own, such as `.score`."""
    try:
        text = compact(compile_expr(expr, fragments)(names))
    except EvaluationError:
        return ""
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _written(expect: Expect, part: Expr) -> str:
    """Return a part of an `expect` as it is written in the file."""
    start, end = part.span.start - expect.span.start, part.span.end - expect.span.start
    return expect.source[start:end] if 0 <= start < end <= len(expect.source) else "a part of it"
