"""Single values of settings: numbers with their units, options, names of declarations, secrets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from msrun.dsl.check.names import File, a, noun
from msrun.dsl.infer.where import path
from msrun.dsl.kinds.spec import Takes
from msrun.dsl.plan import Name, SecretRef, Value
from msrun.dsl.source import Span
from msrun.dsl.tree import Call, Constant, Expr, Get, Ref, Text, Unary

DURATIONS = ("ms", "s", "min", "h", "d")


class Bad:
    """Marks a value that was reported."""


BAD = Bad()

Read: TypeAlias = "Value | Bad"


@dataclass(frozen=True, slots=True)
class Slot:
    """Whose value is read: `key` of `owner`, for messages."""

    file: File
    key: str
    owner: str

    @property
    def title(self) -> str:
        """How messages name it: a setting by its name, an argument by its constructor."""
        return f"`{self.key}` of `{self.owner}`" if self.key else f"`{self.owner}(…)`"

    def wrong(self, span: Span, takes: Sequence[Takes]) -> Bad:
        """Report a value of another form."""
        self.file.say("E0202/setting", span, slot=self.title, wanted=_either(takes))
        return BAD


def number(expr: Expr) -> Constant | None:
    """Return the constant of a number, `-` applied; None where the expression is none."""
    match expr:
        case Constant(int() | float() as value) if not isinstance(value, bool):
            return expr
        case Unary("-", Constant(int() | float() as value, unit, _)) if not isinstance(value, bool):
            return Constant(-value, unit, expr.span)
        case _:
            return None


def read_number(slot: Slot, expr: Expr, takes: Takes) -> Read:
    """Return a number in plain units: seconds, fractions, whole numbers."""
    constant = number(expr)
    value = constant.value if constant else None
    if constant is None or not isinstance(value, int | float):
        return slot.wrong(expr.span, (takes,))
    units = {"duration": DURATIONS, "fraction": ("", "%"), "money": ("$",)}.get(takes.form, ("", "k", "M"))
    if constant.unit not in units:
        example = {"duration": f"{value:g}s", "fraction": "50%", "money": f"${value:g}"}.get(takes.form, f"{value:g}")
        slot.file.say("E0219", expr.span, slot=slot.title, key=slot.key, wanted=takes.words, example=example)
        return BAD
    if takes.form == "whole" and value != int(value):
        return slot.wrong(expr.span, (takes,))
    if (takes.low is not None and value < takes.low) or (takes.high is not None and value > takes.high):
        return slot.wrong(expr.span, (takes,))
    return int(value) if takes.form == "whole" else value


def read_option(slot: Slot, expr: Expr, takes: Takes) -> Read:
    """Return one of the options."""
    name = expr.name if isinstance(expr, Ref) else ""
    if name in takes.options:
        return Name(name)
    slot.file.miss("E0107", name, expr.span, list(takes.options), slot=slot.title)
    return BAD


def read_name(slot: Slot, expr: Expr, takes: Takes) -> Read:
    """Return the name of a declaration, or of a part of one: `rows.test`."""
    written = path(expr)
    first = written.partition(".")[0]
    if first in slot.file.exports:
        first = written
    symbol = slot.file.symbols.get(first)
    kinds = takes.kinds
    known = [s.name for s in slot.file.symbols.values() if s.kind in kinds]
    if symbol is None and slot.file.absent(written, expr.span):
        return BAD
    if symbol is None:
        slot.file.miss("E0101/setting", first, _first(expr).span, known, slot=slot.title, wanted=takes.words)
        return BAD
    slot.file.mark(first, expr.span if first == written else _first(expr).span)
    if symbol.name not in known and symbol.what != "other":
        slot.file.say(
            "E0202/name",
            expr.span,
            symbol.span,
            name=first,
            what=a(noun(symbol.kind)),
            wanted=takes.words,
            slot=slot.title,
        )
        return BAD
    return Name(slot.file.id(first) + written.removeprefix(first))


def _first(expr: Expr) -> Expr:
    while isinstance(expr, Get) and expr.base is not None:
        expr = expr.base
    return expr


def secret(slot: Slot, expr: Expr) -> Read:
    """Return the reference that `secret("NAME")` is."""
    args = expr.args if isinstance(expr, Call) else ()
    name = args[0].value.plain if len(args) == 1 and isinstance(args[0].value, Text) else None
    if not name:
        slot.file.say("E0206/secret", expr.span)
        return BAD
    return SecretRef(name)


def _either(takes: Sequence[Takes]) -> str:
    return ", or ".join(candidate.words for candidate in takes)
