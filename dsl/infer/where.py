"""The place of an expression, and the questions asked there: what shape has it, does it fit, is it a condition?"""

from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from msrun.dsl.check.names import UNKNOWN, File, Scope, Symbol
from msrun.dsl.check.notes import Part
from msrun.dsl.infer.fit import enum_of, inner, misfit, plain
from msrun.dsl.shapes import BOOL, TEXT, Just, ListOf, Maybe, Named, Scalar, Shape, UnionOf, core, spell
from msrun.dsl.source import Span
from msrun.dsl.tree import Binary, Constant, Expr, Get, ListExpr, RecordExpr, Ref, Text


@dataclass(frozen=True, slots=True)
class Renamed:
    """The id that stands for a name in the plan."""

    id: str


Rewrites: TypeAlias = dict[Span, Literal["label", "base", "asked"] | Renamed]
"""What lowering replaces: a name that is an enum's label by its text, `topic.label` by `topic`,
`calls(m)` by the name of its value, a name by its id."""

NULL = Maybe(UNKNOWN)
"""The shape of `null`."""


@dataclass(frozen=True, slots=True)
class Where:
    """The place of an expression: its names, the item that `.field` reads, what is known not to be null here."""

    file: File
    scope: Scope
    item: Shape | None = None
    sure: frozenset[str] = frozenset()
    rewrites: Rewrites = field(default_factory=Rewrites)

    def shape(self, expr: Expr) -> Shape:
        """Return the shape of an expression, reporting what is wrong inside it."""
        from msrun.dsl.infer.expression import infer  # expressions nest, so the modules that read them do

        return infer(self, expr)

    def at(self, item: Shape | None) -> "Where":
        """Return the place inside an accessor that reads `item`."""
        return replace(self, item=item)

    def given(self, condition: Expr) -> "Where":
        """Return the place where a condition is known to hold."""
        known = not_null(condition)
        return replace(self, sure=self.sure | known) if known else self


def wants(where: Where, expr: Expr, wanted: Shape, entry: str = "E0202", *more: Span, **values: str) -> Shape:
    """Check that an expression gives the wanted shape, reporting as `entry` where it does not; return its own."""
    if isinstance(expr, RecordExpr) and isinstance(wanted, Named) and where.file.record(wanted.id) is not None:
        return _record(where, expr, wanted)
    if isinstance(expr, ListExpr) and isinstance(wanted, ListOf):
        for item in expr.items:
            wants(where, item, wanted.item, entry, *more, **values)
        return wanted
    if isinstance(expr, Text) and core(wanted) == Scalar("key"):
        return where.shape(expr)
    if isinstance(expr, Text) and _label_text(where, expr, wanted):
        return wanted
    given = where.shape(expr)
    enum = enum_of(where.file, wanted) if isinstance(given, Just) else None
    if isinstance(given, Just) and enum is not None and isinstance(expr, Ref):
        where.file.note(expr.span, Part(enum.id, given.value))
    fits(where, expr.span, given, wanted, entry, *more, **values)
    return given


def fits(
    where: Where, span: Span, given: Shape, wanted: Shape, entry: str = "E0202", *more: Span, **values: str
) -> bool:
    """Report at `span` (`more` are further places) a shape that cannot stand for the wanted one."""
    found = misfit(where.file, given, wanted)
    if found is None:
        return True
    words = {"got": spell(plain(given)), "wanted": spell(wanted), **values}
    match found.why:
        case "null":
            where.file.say("E0205", span, *more, example=default(where, span, wanted), **words)
        case "fields":
            where.file.say("E0204", span, *_declared(where.file, wanted), absent=", ".join(found.fields), **words)
        case "type" if core(given) == Scalar("secret"):
            where.file.say("E0308/text" if entry == "E0202/argument" else "E0308/value", span, wanted=words["wanted"])
        case "type":
            where.file.say(entry, span, *more, **words)
    return False


def default(where: Where, span: Span, wanted: Shape = TEXT) -> str:
    """Write what stands at a span with a default of the wanted type, as help."""
    match inner(wanted):
        case Scalar("int" | "float"):
            other = "0"
        case Scalar("bool"):
            other = "false"
        case ListOf():
            other = "[]"
        case _:
            other = '"unknown"'
    return f"{where.file.written(span)} | default({other})"


def _declared(file: File, shape: Shape) -> tuple[Span, ...]:
    """Where the record that a shape is was declared."""
    shape = inner(shape)
    return (file.span_of(shape.id),) if isinstance(shape, Named) else ()


def truth(where: Where, expr: Expr) -> None:
    """Check that an expression is a condition."""
    wants(where, expr, BOOL, "E0202/condition")


def not_null(condition: Expr) -> frozenset[str]:
    """Return the paths that a condition, where it holds, shows not to be null: `x != null and y.z != null`."""
    match condition:
        case Binary("and", left, right):
            return not_null(left) | not_null(right)
        case Binary("!=", left, Constant(None)):
            return _paths(left)
        case Binary("!=", Constant(None), right):
            return _paths(right)
        case _:
            return frozenset()


def path(expr: Expr) -> str:
    """Return the dotted name that an expression is, or an empty text."""
    match expr:
        case Ref(name):
            return name
        case Get(base, attr):
            before = path(base) if base is not None else "."
            return f"{before}.{attr}" if before else ""
        case _:
            return ""


def imported(where: Where, expr: Expr) -> str:
    """Return the name that an expression is: `web`, or `fact.web` where `fact` is an import; else an empty text."""
    if isinstance(expr, Ref):
        return expr.name
    symbol = where.scope.find(expr.base.name) if isinstance(expr, Get) and isinstance(expr.base, Ref) else None
    return path(expr) if symbol is not None and symbol.what == "import" else ""


def use(where: Where, expr: Expr, symbol: Symbol) -> None:
    """Count a symbol as used, and let its id stand in the plan where another name was written."""
    where.file.used.update((symbol.name, symbol.name.partition(".")[0]))
    where.file.note(expr.span, symbol)
    if symbol.key != path(expr) or not isinstance(expr, Ref):
        where.rewrites[expr.span] = Renamed(symbol.key)


def _paths(expr: Expr) -> frozenset[str]:
    found = path(expr)
    return frozenset((found,)) if found else frozenset()


def _label_text(where: Where, text: Text, wanted: Shape) -> bool:
    """Whether a text without holes stands for an enum's label; an unknown label is reported."""
    wanted = wanted.item if isinstance(wanted, Maybe) else wanted
    if isinstance(wanted, Just | UnionOf):
        options = wanted.options if isinstance(wanted, UnionOf) else (wanted,)
        return any(isinstance(option, Just) and option.value == text.plain for option in options)
    enum = enum_of(where.file, wanted)
    if enum is None or text.plain is None:
        return False
    known = [name for name, _ in enum.labels]
    if text.plain not in known:
        where.file.miss("E0211", text.plain, text.span, known, enum=enum.id)
    where.file.note(text.span, Part(enum.id, text.plain))
    return True


def _record(where: Where, expr: RecordExpr, wanted: Named) -> Shape:
    """Check a record written out against the declared one: its fields, their types, what is absent."""
    definition = where.file.record(wanted.id)
    fields = {field.name: field for field in definition.fields} if definition else {}
    for entry in expr.entries:
        if entry.key in fields:
            where.file.note(entry.key_span, Part(wanted.id, entry.key))
            wants(where, entry.value, fields[entry.key].shape)
        else:
            where.file.miss("E0105", entry.key, entry.key_span, list(fields), shape=wanted.id)
            where.shape(entry.value)
    written = {entry.key for entry in expr.entries}
    absent = [name for name, field in fields.items() if name not in written and field.default is None]
    if absent and written <= set(fields):
        where.file.say(
            "E0204",
            expr.span,
            *_declared(where.file, wanted),
            wanted=wanted.id,
            absent=", ".join(absent),
            got="this record",
        )
    return wanted
