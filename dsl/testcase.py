"""Tests of a file as data: what models reply, which plans run with what, and what is expected of it."""

from dataclasses import dataclass, field
from typing import ClassVar

from msrun.dsl.source import NOWHERE, Span
from msrun.dsl.tree import Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Mock:
    """`mock MODEL = replies(a, b, node: [c])`: what a model replies; `nodes` are replies for one node alone."""

    model: str
    replies: tuple[Expr, ...] = ()
    nodes: tuple[tuple[str, tuple[Expr, ...]], ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStep:
    """`run NAME from plan(args)`; arguments may read what earlier runs of the test gave."""

    name: str
    plan: str
    args: tuple[tuple[str, Expr], ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """`expect e` in a test; `calls(m)` and `sent_to(m)` are names here. `source` is the expression as written."""

    expr: Expr
    source: str = field(default="", compare=False, repr=False)
    span: Span = field(default=NOWHERE, compare=False, repr=False)  # of the expression


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCase:
    """`test NAME { … }`: its runs go one after the other and share the mocks, then every `expect` is judged."""

    __test__: ClassVar[bool] = False  # pytest takes classes with this name for its own

    name: str
    mocks: tuple[Mock, ...] = ()
    runs: tuple[RunStep, ...] = ()
    expects: tuple[Expect, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)
