"""Bounds against what a plan needs: impossible ones (E0601), time inside time (E0602, E0604), the worst case (E0603).

A bound in money needs the prices of all models that it is for (E0605).
"""

from collections.abc import Iterator
from math import isinf

from msrun.dsl.cost.estimate import estimate
from msrun.dsl.cost.share import Cost, Share
from msrun.dsl.cost.table import counted
from msrun.dsl.feasible.scene import Scene, Version, head, setting
from msrun.dsl.nested import every_node
from msrun.dsl.plan import Bounds, Limit, Node, Plan
from msrun.dsl.source import NOWHERE, Span
from msrun.dsl.tree import Statement


def check(scene: Scene) -> None:
    """Report bounds that no run can keep."""
    for version in scene.versions:
        for plan in version.plans:
            cost = estimate(plan, scene.catalogue)
            for limit in plan.limits:
                share = cost.total if limit.of != "model" else _of_model(cost, limit.name)
                _check_least(scene, version, plan, limit, share)
                _check_prices(scene, version, plan, limit, cost)
            for node in every_node(plan.nodes):
                _check_node(scene, version, node, cost)
                _check_times(scene, version, plan, node)


def _check_least(scene: Scene, version: Version, plan: Plan, limit: Limit, share: Share) -> None:
    bounds, whose = limit.bounds, _title(limit)
    least = (
        ("calls", bounds.calls, share.calls.low, counted),
        ("tokens", bounds.tokens, share.tokens.low, counted),
        ("budget", bounds.budget_usd, 0.0 if share.usd is None else share.usd.low, dollars),
    )
    for key, bound, low, write in least:
        if bound is not None and low > bound:
            at = _place(scene, version, plan, limit, key)
            scene.say("E0601", at, owner=whose, least=_amount(key, low), bound=write(bound), key=key)
            return
    most = share.calls.usual
    if bounds.calls is not None and not isinf(most) and most > bounds.calls:
        at = _place(scene, version, plan, limit, "calls")
        scene.say("E0603", at, owner=whose, most=counted(most), bound=counted(bounds.calls))


def _check_prices(scene: Scene, version: Version, plan: Plan, limit: Limit, cost: Cost) -> None:
    if limit.bounds.budget_usd is None:
        return
    for name in cost.unpriced:
        if limit.of != "model" or limit.name == name:
            _say_unpriced(scene, version, _place(scene, version, plan, limit, "budget"), name)


def _check_node(scene: Scene, version: Version, node: Node, cost: Cost) -> None:
    budget, statement = node.policy.budget_usd, scene.statement(node)
    if budget is None or statement is None:
        return
    written = setting(statement, "budget")
    at = written.value.span if written is not None else head(statement)
    rows = [row for row in cost.rows if row.span == (node.span.start, node.span.end)]
    for row in rows:
        if row.share.usd is not None and row.share.usd.low > budget:
            least = _amount("budget", row.share.usd.low)
            scene.say("E0601", at, owner=f"`{node.id}`", least=least, bound=dollars(budget), key="budget")
        inner = [each.target for each in cost.rows if each.path[: len(row.path)] == row.path]
        for name in (name for name in inner if name in cost.unpriced):
            _say_unpriced(scene, version, at, name)


def _say_unpriced(scene: Scene, version: Version, at: Span, name: str) -> None:
    model = scene.model(name, version.profile)
    more = (head(model),) if model is not None else ()
    scene.say("E0605", at, *more, name=name)


def _check_times(scene: Scene, version: Version, plan: Plan, node: Node) -> None:
    """A node's own timeout, or its attempts together, against that of the plan and the run."""
    statement = scene.statement(node)
    own, retry = setting(statement, "timeout"), setting(statement, "retry")
    outer = _outer(scene, version, plan)
    if statement is None or own is None or outer is None:
        return
    outer_s, at, whose = outer
    inner_s = node.policy.bound_s if node.policy.bound_s is not None else node.policy.timeout_s
    attempts = node.policy.retry + 1
    more = (at,) if at != NOWHERE else ()
    if inner_s > outer_s:
        inner, whole = f"{inner_s:g}s", f"{outer_s:g}s"
        scene.say("E0602", own.value.span, *more, name=node.id, inner=inner, owner=whose, outer=whole)
    elif retry is not None and attempts * inner_s > outer_s:
        scene.say(
            "E0604",
            retry.value.span,
            own.value.span,
            *more,
            name=node.id,
            attempts=str(attempts),
            inner=f"{inner_s:g}s",
            whole=f"{attempts * inner_s:g}s",
            owner=whose,
            outer=f"{outer_s:g}s",
        )


def _outer(scene: Scene, version: Version, plan: Plan) -> tuple[float, Span, str] | None:
    known = [
        (limit.bounds.timeout_s, _place(scene, version, plan, limit, "timeout"), _title(limit))
        for limit in plan.limits
        if limit.of != "model" and limit.bounds.timeout_s is not None
    ]
    return min(known, key=lambda each: each[0], default=None)


def _of_model(cost: Cost, name: str) -> Share:
    total = Share()
    for row in cost.rows:
        total = total.beside(row.share) if row.target == name else total
    return total


def _place(scene: Scene, version: Version, plan: Plan, limit: Limit, key: str) -> Span:
    """Return where a bound is written: the tightest of the places that may say it."""
    value = _bound(limit.bounds, key)
    for statement in _written(scene, version, plan, limit):
        found = setting(statement, key)
        if found is not None and getattr(found.value, "value", None) == value:
            return found.value.span
    return NOWHERE


def _bound(bounds: Bounds, key: str) -> float | None:
    return {
        "calls": bounds.calls,
        "tokens": bounds.tokens,
        "budget": bounds.budget_usd,
        "timeout": bounds.timeout_s,
    }[key]


def _written(scene: Scene, version: Version, plan: Plan, limit: Limit) -> Iterator[Statement]:
    for block in scene.profiles(version.profile):
        yield from _limits(scene, block.items, limit)
    yield from _limits(scene, scene.program.items, limit)
    if limit.of == "plan":
        item = next((i for n, i in scene.file.items.items() if scene.file.id(n) == plan.name), None)
        if isinstance(item, Statement):
            yield item


def _limits(scene: Scene, items: "tuple[object, ...]", limit: Limit) -> Iterator[Statement]:
    for item in items:
        if not isinstance(item, Statement) or item.kind.text != "limits" or item.name is None:
            continue
        if limit.name in (item.name.text, scene.file.id(item.name.text)):
            yield item


def _title(limit: Limit) -> str:
    return "the run" if limit.of == "run" else f"`{limit.name}`"


def _amount(key: str, low: float) -> str:
    if key == "budget":
        return f"at least {dollars(low)}"
    return f"at least {counted(low)} {key}"


def dollars(amount_usd: float) -> str:
    """Write money as the language does, exactly enough to tell a need from a bound."""
    text = f"{amount_usd:.2f}" if amount_usd >= 0.1 else f"{amount_usd:.9f}".rstrip("0")
    return f"${text}"
