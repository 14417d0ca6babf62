"""What an expression gives, as far as personal data goes: the same walk as its evaluation, over what is known."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from msrun.dsl.plan import FragmentSpec
from msrun.dsl.privacy.data import Data, Types, clean, either, element, made_of, part
from msrun.dsl.shapes import BOOL, FLOAT, INT, JSON, TEXT, CellOf, ListOf, MapOf, Maybe, Shape
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
from msrun.dsl.values.cells import CELL_FIELDS
from msrun.dsl.values.evaluate import DECLASSIFY

Env: TypeAlias = Mapping[str, Data]

_ANSWERS = ("all", "any", "contains", "count")
"""Filters that tell of a value no more than a number, or true and false."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The tables that expressions are read with. `open` are the fragments that are being read."""

    types: Types
    fragments: Mapping[str, FragmentSpec]
    open: tuple[str, ...] = ()

    def read(self, expr: Expr, env: Env, item: Data | None = None) -> Data:
        """Return what an expression gives; a name that is not known gives nothing personal."""
        match expr:
            case Constant():
                return clean(JSON)
            case Text():
                return self._made(TEXT, [p.expr for p in expr.parts if isinstance(p, Hole)], env, item)
            case Ref(name):
                return env.get(name) or clean(JSON)
            case Get(base, attr):
                whole = item if base is None else self.read(base, env, item)
                return clean(JSON) if whole is None else part(whole, attr, self.types)
            case Index(base):
                return element(self.read(base, env, item))
            case Call():
                return self._call(expr, env, item)
            case Pipe():
                return self._pipe(expr, env, item)
            case ListExpr(items):
                return self._list(items, env, item)
            case RecordExpr(entries):
                return self._made(JSON, [entry.value for entry in entries], env, item)
            case Unary(op, operand):
                return self._made(BOOL if op == "not" else FLOAT, [operand], env, item)
            case Binary(op, left, right):
                computed = op in ("+", "-", "*", "/")
                return self._made(JSON, [left, right], env, item) if computed else clean(BOOL)
            case _:
                assert_never(expr)

    def _made(self, shape: Shape, parts: list[Expr], env: Env, item: Data | None) -> Data:
        return made_of(shape, *(self.read(each, env, item) for each in parts), types=self.types)

    def _list(self, items: tuple[Expr, ...], env: Env, item: Data | None) -> Data:
        found = [self.read(each, env, item) for each in items]
        if found and all(each.shape == found[0].shape for each in found):
            one = found[0]
            for other in found[1:]:
                one = either(one, other, self.types)
            return replace(one, shape=ListOf(one.shape))
        return made_of(ListOf(JSON), *found, types=self.types)

    def _call(self, expr: Call, env: Env, item: Data | None) -> Data:
        name = _path(expr.callee)
        spec = self.fragments.get(name)
        if spec is not None:
            own = self._bound(spec, expr.args, env, item)
            return self._fragment(spec, {**env, **own})
        if name == DECLASSIFY and expr.args:
            return replace(self.read(expr.args[0].value, env, item), cleared=True)
        return self._made(JSON, [arg.value for arg in expr.args], env, item)

    def _bound(self, spec: FragmentSpec, args: tuple[Argument, ...], env: Env, item: Data | None) -> dict[str, Data]:
        own = {param.name: clean(param.shape) for param in spec.params}
        for at, arg in enumerate(args):
            name = arg.name if arg.name is not None else spec.params[at].name if at < len(spec.params) else ""
            own[name] = self.read(arg.value, env, item)
        return own

    def _fragment(self, spec: FragmentSpec, env: Env) -> Data:
        if spec.name in self.open:
            return clean(TEXT)
        return replace(self, open=(*self.open, spec.name)).read(spec.text, env)

    def _pipe(self, expr: Pipe, env: Env, item: Data | None) -> Data:
        base = self.read(expr.base, env, item)
        args = [arg.value for arg in expr.args or ()]
        match expr.filter:
            case "each" if args:
                spec = self.fragments.get(_path(args[0]))
                return base if spec is None else self._each(spec, element(base), env)
            case "map" if args:
                one = self.read(args[0], env, element(base))
                return replace(one, shape=ListOf(one.shape))
            case "first" | "last":
                one = element(base)
                return replace(one, shape=Maybe(one.shape))
            case "default" if args:
                return either(_certain(base), self.read(args[0], env, item), self.types)
            case "merge" if args:
                return either(base, self.read(args[0], env, item), self.types)
            case name if name in _ANSWERS:
                return clean(INT if name == "count" else BOOL)
            case _:
                others = (self.read(arg, env, item) for arg in args)
                return made_of(TEXT, base, *others, types=self.types)

    def _each(self, spec: FragmentSpec, one: Data, env: Env) -> Data:
        """A fragment over a list: its parameters get what `supply` would give them."""
        cell = isinstance(one.shape, CellOf)
        own: dict[str, Data] = {}
        for param in spec.params:
            if (cell and param.name in CELL_FIELDS) or self._has(one, param.name):
                own[param.name] = part(one, param.name, self.types)
            elif not cell and param.name == "index":
                own[param.name] = clean(INT)
            else:
                own[param.name] = one
        return self._fragment(spec, {**env, **own})

    def _has(self, data: Data, name: str) -> bool:
        shape = part(data, name, self.types).shape
        return shape != JSON or isinstance(data.shape, MapOf)


def _certain(data: Data) -> Data:
    return replace(data, shape=data.shape.item) if isinstance(data.shape, Maybe) else data


def _path(expr: Expr) -> str:
    if isinstance(expr, Ref):
        return expr.name
    if isinstance(expr, Get) and expr.base is not None:
        base = _path(expr.base)
        return f"{base}.{expr.attr}" if base else ""
    return ""
