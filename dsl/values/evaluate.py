"""Expressions become closures: pure and total over plain values and cells, with every failure an EvaluationError.

A closure takes the values of names and the item at hand, which `.field` reads. No attribute of a value is ever
reached: records are read by key, cells by their four fields, and everything else has no fields.
"""

from collections.abc import Callable, Mapping
from typing import Any, assert_never

from msrun.dsl.plan import FragmentSpec
from msrun.dsl.source import Span
from msrun.dsl.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Get,
    Hole,
    Index,
    ListExpr,
    Pipe,
    RecordExpr,
    Ref,
    Text,
    Unary,
)
from msrun.dsl.values.cells import unwrap
from msrun.dsl.values.closures import NO_ITEM, Env, Fn, binary, fails, filtered, get, index, item_at_hand, ref, unary
from msrun.dsl.values.filters import FILTERS, ByItem, FilterParam
from msrun.dsl.values.fragments import MISSING, needs_value, standard, supply
from msrun.dsl.values.plain import MAX_TEXT, EvaluationError, show

MAX_NESTING = 140
"""Levels of an expression; the parser allows fewer, a plan read from elsewhere may try more."""

MAX_FRAGMENTS = 24
"""Fragments inside each other."""

MAX_STEPS = 1_000_000
"""Items and fragments that one evaluation may read: lists inside lists multiply."""

DECLASSIFY = "declassify"
"""The function that gives its first argument as it is: what it says is for the checker."""

NO_FRAGMENTS: Mapping[str, FragmentSpec] = {}


def compile_expr(expr: Expr, fragments: Mapping[str, FragmentSpec] = NO_FRAGMENTS) -> Callable[[Env], Any]:
    """Compile an expression; the closure raises EvaluationError(message, span) where there is no value."""
    run = compile_item(expr, fragments)
    return lambda env: run(env, NO_ITEM)


def compile_item(expr: Expr, fragments: Mapping[str, FragmentSpec] = NO_FRAGMENTS) -> Callable[[Env, Any], Any]:
    """Compile an expression about an item at hand, such as `.final` of `vote … by .final`."""
    builder = Builder(fragments)
    return builder.metered(builder.expr(expr))


class Builder:
    """Compiles expressions, texts and the fragments they name; each fragment once."""

    def __init__(self, fragments: Mapping[str, FragmentSpec]) -> None:
        self._specs = fragments
        self._fragments: dict[str, Fn] = {}
        self._open: list[str] = []
        self._level = 0
        self._steps = 0
        self._counts = False

    def metered(self, run: Fn) -> Fn:
        """Return the function that starts an evaluation, with all its steps still to go."""
        if not self._counts:
            return run

        def start(env: Env, item: Any) -> Any:
            self._steps = 0
            return run(env, item)

        return start

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise EvaluationError(f"the expression reads more than {MAX_STEPS} items")

    def expr(self, expr: Expr) -> Fn:
        """Compile one expression."""
        if self._level >= MAX_NESTING:
            return fails("the expression is nested too deeply", expr.span)
        self._level += 1
        try:
            return self._expr(expr)
        finally:
            self._level -= 1

    def _expr(self, expr: Expr) -> Fn:
        match expr:
            case Constant(value):
                return lambda _env, _item: value
            case Text():
                return self.text(expr)
            case Ref(name, span):
                return ref(name, span)
            case Get(base, attr, span):
                read = item_at_hand(attr, span) if base is None else self.expr(base)
                return get(read, attr, "the item" if base is None else _spell(base), span)
            case Index(base, place, span):
                return index(self.expr(base), self.expr(place), span)
            case Call():
                return self._call(expr)
            case Pipe():
                return self._pipe(expr)
            case ListExpr(items):
                parts = [self.expr(part) for part in items]
                return lambda env, item: [part(env, item) for part in parts]
            case RecordExpr(entries):
                pairs = [(entry.key, self.expr(entry.value)) for entry in entries]
                return lambda env, item: {key: part(env, item) for key, part in pairs}
            case Unary(op, operand, span):
                return unary(op, self.expr(operand), span)
            case Binary(op, left, right, span):
                return binary(op, self.expr(left), self.expr(right), span)
            case _:
                assert_never(expr)

    def text(self, text: Text) -> Fn:
        """Compile a text: one pass over its parts, so that what a hole prints is never read again."""
        plain = text.plain
        if plain is not None:
            return lambda _env, _item: plain
        frame = [part if isinstance(part, str) else "" for part in text.parts]
        holes = [(at, self.expr(part.expr), part.span) for at, part in enumerate(text.parts) if isinstance(part, Hole)]

        def render(env: Env, item: Any) -> str:
            parts = frame.copy()
            for at, read, span in holes:
                value = read(env, item)
                if type(value) is not str:
                    try:
                        value = show(value)
                    except EvaluationError as error:
                        raise error.at(span) from None
                parts[at] = value
            if sum(map(len, parts)) > MAX_TEXT:
                raise EvaluationError(f"the text would grow past {MAX_TEXT} characters", text.span)
            return "".join(parts)

        return render

    def _fragment(self, spec: FragmentSpec, span: Span) -> Fn:
        """Compile a fragment's text; it sees its parameters and, by their names, params of the file."""
        if spec.name in self._open:
            return fails(f"fragment `{spec.name}` is made of itself", span)
        if len(self._open) >= MAX_FRAGMENTS:
            return fails(f"more than {MAX_FRAGMENTS} fragments are made of each other", span)
        self._counts = True
        if spec.name not in self._fragments:
            self._open.append(spec.name)
            self._fragments[spec.name] = self.text(spec.text)
            self._open.pop()
        return self._fragments[spec.name]

    def _call(self, call: Call) -> Fn:
        name = _path(call.callee)
        spec = self._specs.get(name)
        if spec is None and name == DECLASSIFY and call.args:
            return self.expr(call.args[0].value)
        if spec is None:
            return fails(f"`{name or 'this'}` cannot be called inside an expression", call.span)
        bound = _bind(call.args, tuple(param.name for param in spec.params))
        if bound is None:
            return fails(f"the arguments do not fit `{name}`", call.span)
        given = {key: self.expr(arg) for key, arg in bound.items()}
        fixed = {param.name: standard(param) for param in spec.params if param.name not in bound}
        render = self._fragment(spec, call.span)

        def run(env: Env, item: Any) -> str:
            self._step()
            own = {key: read(env, item) for key, read in given.items()}
            return str(render({**env, **fixed, **own}, NO_ITEM))

        return run

    def _pipe(self, pipe: Pipe) -> Fn:
        entry = FILTERS.get(pipe.filter)
        if entry is None:
            return fails(f"there is no filter `{pipe.filter}`", pipe.filter_span)
        bound = _bind(pipe.args or (), tuple(param.name for param in entry.params))
        missing = [
            param.name for param in entry.params if param.required and (bound is None or param.name not in bound)
        ]
        if bound is None or missing:
            return fails(f"the arguments do not fit `{entry.name}`; write `{entry.example}`", pipe.span)
        base = self.expr(pipe.base)
        args = [self._argument(param, bound[param.name]) for param in entry.params if param.name in bound]
        return filtered(entry, base, _spell(pipe.base), args, pipe.span)

    def _argument(self, param: FilterParam, arg: Expr) -> Fn:
        """Compile a filter's argument to a closure that gives the value, or the ByItem that reads each item."""
        if param.kind == "fragment":
            return self._each(arg)
        read = self.expr(arg)
        if param.kind == "value":
            return lambda env, item: unwrap(read(env, item))
        needs = _reads_value(arg)
        self._counts = True

        def prepare(env: Env, _item: Any) -> ByItem:
            def look(element: Any, _at: int) -> Any:
                self._step()
                return read(env, element)

            return ByItem(look, needs)

        return prepare

    def _each(self, arg: Expr) -> Fn:
        name = _path(arg)
        spec = self._specs.get(name)
        if spec is None:
            return fails(f"there is no fragment `{name}`", arg.span)
        render = self._fragment(spec, arg.span)
        alone = len(spec.params) == 1
        names = [(param.name, standard(param)) for param in spec.params]
        sure = {param.name for param in spec.params if not param.required}
        needs = needs_value(spec)

        def prepare(env: Env, _item: Any) -> ByItem:
            scope = dict(env)

            def read(element: Any, at: int) -> str:
                self._step()
                for key, fallback in names:
                    value = supply(key, element, at, alone=alone)
                    if value is MISSING:
                        if needs and key not in sure:
                            raise EvaluationError(f"an item gives nothing for `{key}` of `{name}`")
                        value = fallback
                    scope[key] = value
                return str(render(scope, NO_ITEM))

            return ByItem(read, needs)

        return prepare


def _bind(args: tuple[Argument, ...], names: tuple[str, ...]) -> dict[str, Expr] | None:
    """Match arguments to parameters by place and by name; None where they do not fit."""
    bound: dict[str, Expr] = {}
    for at, arg in enumerate(args):
        name = arg.name if arg.name is not None else (names[at] if at < len(names) else "")
        if name not in names or name in bound:
            return None
        bound[name] = arg.value
    return bound


def _path(expr: Expr) -> str:
    """Return the dotted name that an expression is (`line`, `lib.line`), or an empty text."""
    if isinstance(expr, Ref):
        return expr.name
    if isinstance(expr, Get) and expr.base is not None:
        base = _path(expr.base)
        return f"{base}.{expr.attr}" if base else ""
    return ""


def _spell(expr: Expr) -> str:
    name = _path(expr)
    return f"`{name}`" if name else "the value"


def _reads_value(expr: Expr) -> bool:
    """Whether an accessor needs the cell's value: it does not where it reads `.item`, `.index` or `.status` alone."""
    match expr:
        case Get(None, attr):
            return attr not in ("item", "index", "status")
        case Get(base) | Index(base) | Pipe(base) if base is not None:
            return _reads_value(base)
        case Unary(_, operand):
            return _reads_value(operand)
        case Binary(_, left, right):
            return _reads_value(left) or _reads_value(right)
        case Text(parts):
            return any(isinstance(part, Hole) and _reads_value(part.expr) for part in parts)
        case ListExpr(items):
            return any(map(_reads_value, items))
        case Constant() | Ref():
            return False
        case _:
            return True
