"""`limits run { … }` and the `budget` and `timeout` of a plan become the bounds that hold for a run of it."""

from collections.abc import Iterable, Sequence
from typing import Any

from msrun.dsl.check.names import File
from msrun.dsl.kinds.declared import LIMITS
from msrun.dsl.kinds.spec import SettingSpec
from msrun.dsl.lower.header import check_header
from msrun.dsl.lower.settings import read_all
from msrun.dsl.plan import Bounds, Limit
from msrun.dsl.source import NOWHERE
from msrun.dsl.tree import Block, Statement

RUN = "run"
"""What is limited is the run itself, whichever plan of the file it is of."""

OF_MODELS = tuple(spec for spec in LIMITS.settings if spec.name != "timeout")
"""How long a call may take is a setting of the model itself."""


def read_limits(file: File, statements: Sequence[Statement]) -> dict[str, Limit]:
    """Return what the file limits, by `run` or the name that the plan knows it by; a second one is reported."""
    found: dict[str, Limit] = {}
    seen: dict[str, Statement] = {}
    for statement in statements:
        check_header(file, statement, LIMITS)
        limit = _limit(file, statement)
        if limit is None or statement.name is None:
            continue
        first = seen.setdefault(limit.name, statement)
        if first is not statement and first.name is not None:
            file.say("E0102", statement.name.span, first.name.span, name=statement.name.text)
        else:
            found[limit.name] = limit
    return found


def limits_of(file: File, plan: str, own: Bounds) -> tuple[Limit, ...]:
    """Return every limit that a run of the plan may meet; its own settings are tighter where they are smaller."""
    found = [limit for limit in file.limits.values() if limit.of != "plan"]
    written = file.limits.get(plan)
    both = [own] if written is None or written.of != "plan" else [own, written.bounds]
    mine = Bounds(
        calls=_least(bounds.calls for bounds in both),
        tokens=_least(bounds.tokens for bounds in both),
        budget_usd=_least(bounds.budget_usd for bounds in both),
        timeout_s=_least(bounds.timeout_s for bounds in both),
    )
    return (*found, Limit(of="plan", name=plan, bounds=mine)) if mine != Bounds() else tuple(found)


def bounds(file: File, block: Block | None, table: Sequence[SettingSpec], owner: str) -> Bounds:
    """Return the bounds that the settings of a block say."""
    values = dict(read_all(file, block, table, owner, span=NOWHERE))
    calls, tokens, budget, timeout = (values.get(name) for name in ("calls", "tokens", "budget", "timeout"))
    return Bounds(
        calls=calls if isinstance(calls, int) else None,
        tokens=tokens if isinstance(tokens, int) else None,
        budget_usd=float(budget) if isinstance(budget, int | float) else None,
        timeout_s=float(timeout) if isinstance(timeout, int | float) else None,
    )


def _least(values: Iterable[float | None]) -> Any:
    return min((value for value in values if value is not None), default=None)


def _limit(file: File, statement: Statement) -> Limit | None:
    if statement.name is None:
        return None
    name = statement.name.text
    if name == RUN:
        return Limit(of="run", name=RUN, bounds=bounds(file, statement.block, LIMITS.settings, "limits"))
    symbol = file.symbols.get(name)
    if symbol is None or symbol.what not in ("plan", "model"):
        known = [RUN, *file.named("plan", "model")]
        file.miss("E0101/limits", name, statement.name.span, known)
        return None
    file.note(statement.name.span, symbol)
    if symbol.what == "model":
        return Limit(of="model", name=file.id(name), bounds=bounds(file, statement.block, OF_MODELS, "limits"))
    return Limit(of="plan", name=file.id(name), bounds=bounds(file, statement.block, LIMITS.settings, "limits"))
