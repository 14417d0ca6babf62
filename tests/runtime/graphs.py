"""Builders for plans with graphs inside their nodes: `ask("a", "why {q}")` reads `q`; lists of nodes are graphs."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from msrun.backends.port import Request
from msrun.backends.scripted import Answer
from msrun.dsl.plan import (
    Action,
    Ask,
    Body,
    Branch,
    Check,
    Choose,
    Compute,
    Given,
    Input,
    ModelSpec,
    Node,
    NodeId,
    Over,
    Plan,
    Policy,
    Repeat,
    Search,
    Subplan,
)
from msrun.dsl.shapes import FLOAT, TEXT, CellOf, ListOf, Shape
from msrun.dsl.tree import Binary, Constant, Expr, Get, Hole, Ref, Text
from msrun.runtime.mentions import mentions

Nodes: TypeAlias = Mapping[str, Sequence[Answer] | Callable[[Request], Answer]]
"""Scripts for single nodes."""

MODEL = ModelSpec(name="m", backend="scripted", args=("unused",))


def path(spelled: str) -> Expr:
    """Return the expression that a dotted name is."""
    first, *rest = spelled.split(".")
    found: Expr = Ref(first)
    for attr in rest:
        found = Get(found, attr)
    return found


def text(template: str) -> Text:
    """Return a text whose holes are dotted names in braces."""
    parts = re.split(r"\{([\w.]+)\}", template)
    return Text(tuple(Hole(path(part)) if at % 2 else part for at, part in enumerate(parts) if at % 2 or part))


def equals(spelled: str, value: Any) -> Expr:
    """Return the comparison of a dotted name with a constant."""
    return Binary("==", path(spelled), Constant(value))


def node(id_: str, kind: str, action: Action, **more: Any) -> Node:
    """Return a node of any action; it reads every name that it mentions and does not bind, unless `reads` says so."""
    over = more.get("over")
    if isinstance(over, str):
        binder, _, source = over.partition(" in ")
        over = more["over"] = Over(binder, path(source))
    if isinstance(more.get("given"), str):
        more["given"] = Given(more["given"], None)
    for clause in ("limit", "samples"):
        if isinstance(more.get(clause), int):
            more[clause] = Constant(more[clause])
    policy = {
        key: more.pop(key) for key in ("retry", "repair", "on_error", "timeout_s", "parallel", "bound_s") if key in more
    }
    shape: Shape = more.pop("shape", TEXT)
    value = ListOf(CellOf(TEXT, shape)) if over is not None else ListOf(shape) if more.get("samples") else shape
    read = mentions(action, over, *(more.get(clause) for clause in ("given", "samples", "limit", "when", "source")))
    bound = {over.binder} if over is not None else set[str]()
    bound |= {more["given"].name, "earlier"} if more.get("given") else set()
    reads = more.pop("reads", tuple(sorted(read - bound)))
    return Node(
        id=NodeId(id_),
        kind=kind,
        action=action,
        shape=shape,
        value_shape=value,
        reads=reads,
        policy=Policy(**policy),
        **more,
    )


def ask(id_: str, prompt: str, *, stream: bool = False, **more: Any) -> Node:
    """Return a node that shows the model a prompt."""
    return node(id_, "solve", Ask(model="m", prompt=text(prompt), stream_items=stream), **more)


def let(id_: str, value: Expr, **more: Any) -> Node:
    """Return a pure node."""
    return node(id_, "let", Compute(value=value), **more)


def run(id_: str, plan: str, *, limit: int | None = None, more: Any = None, **args: str) -> Node:
    """Return a node that runs a plan; arguments are dotted names. `more`: clauses of the node."""
    action = Subplan(plan=plan, args=tuple((name, path(value)) for name, value in args.items()))
    return node(id_, "run", action, limit=limit, **(more or {}))


def arm(label: str, nodes: Sequence[Node], returns: str, *tests: Expr, expects: Sequence[Expr] = ()) -> Branch:
    """Return an arm of `choose`."""
    return Branch(label, tuple(tests), Body(tuple(nodes), path(returns), checks(expects)))


def choose(id_: str, *arms: Branch, on: str | None = None, **more: Any) -> Node:
    """Return a node that runs one arm."""
    return node(id_, "choose", Choose(on=None if on is None else path(on), branches=arms), **more)


def repeat(
    id_: str,
    start: str,
    nodes: Sequence[Node],
    until: Expr,
    following: str,
    *,
    expects: Sequence[Expr] = (),
    **more: Any,
) -> Node:
    """Return a node that refines a value."""
    action = Repeat(
        start=path(start), nodes=tuple(nodes), until=until, following=path(following), expects=checks(expects)
    )
    own = {str(each.id) for each in nodes} | {id_}
    return node(id_, "repeat", action, reads=tuple(sorted(mentions(action) - own)), **more)


def search(id_: str, expand: Node, score: Node | None = None, **more: Any) -> Node:
    """Return a node that looks for a path; the steps so far are `so_far`."""
    settings = {key: more.pop(key) for key in ("strategy", "width", "depth", "stop") if key in more}
    action = Search(so_far="so_far", expand=expand, score=score, **settings)
    own = {"so_far", str(expand.id), *([str(score.id)] if score else [])}
    return node(id_, "search", action, reads=tuple(sorted(mentions(action, more.get("limit")) - own)), **more)


def mark(id_: str, prompt: str, **more: Any) -> Node:
    """Return a node whose reply is a number."""
    return ask(id_, prompt, shape=FLOAT, **more)


def checks(expects: Sequence[Expr]) -> tuple[Check, ...]:
    """Return conditions of a graph."""
    return tuple(Check(expr=expr, reads=tuple(sorted(mentions(expr)))) for expr in expects)


def plan(
    nodes: Sequence[Node],
    returns: str,
    *inputs: str,
    name: str = "p",
    plans: Sequence[Plan] = (),
    expects: Sequence[Expr] = (),
) -> Plan:
    """Return a plan of these nodes whose inputs are texts, or lists where their names end in `s`."""
    shapes = {each: ListOf(TEXT) if each.endswith("s") else TEXT for each in inputs}
    return Plan(
        name=name,
        inputs=tuple(Input(name=each, shape=shape) for each, shape in shapes.items()),
        params=(),
        result=TEXT,
        nodes=tuple(nodes),
        returns=path(returns),
        expects=checks(expects),
        models=(MODEL,),
        plans=tuple(plans),
    )


# --- plans that several tests play ---------------------------------------------------------------------------------


def label(request: Request) -> str:
    return request.node


def check_plan() -> Plan:
    pages = ask("pages", "pages {claim}")
    return plan([pages, ask("verdict", "judge {pages}")], "verdict", "claim", name="check")


def claims_plan(**more: Any) -> Plan:
    verdicts = run("verdicts", "check", claim="c", more={"over": "c in claims", **more})
    return plan([verdicts, ask("last", "end {verdicts}")], "last", "claims", plans=[check_plan()])


def reply_plan(*more: Node, on: str | None = "intent") -> Plan:
    refund = arm("refund", [ask("r", "refund {q}")], "r", Constant("refund"), Constant("complaint"))
    other = arm("else", [ask("r", "other {slow}")], "r")
    group = choose("reply", refund, other, on=on)
    return plan([ask("intent", "intent {q}"), ask("slow", "slow {q}"), group, ask("last", "{reply}")], "last", "q")


def parts_plan(**more: Any) -> Plan:
    parts = ask("parts", "{q}", stream=True, shape=ListOf(TEXT))
    return plan(
        [parts, run("r", "check", claim="part", more={"over": "part in parts", **more})], "r", "q", plans=[check_plan()]
    )
