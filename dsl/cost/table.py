"""A cost as a table for a person, and as plain values for a program."""

from math import ceil, isinf
from typing import Any

from msrun.dsl.cost.extent import Extent
from msrun.dsl.cost.share import Cost, Row, Share
from msrun.dsl.draw.width import clean, columns

_HEAD = ("node", "calls", "tokens", "cost", "time")


def table(cost: Cost) -> str:
    """Return a line for each node and one for the whole plan, then what the figures mean."""
    rows = [_HEAD, *(_cells(row) for row in cost.rows), (f"plan {clean(cost.plan)}", *_figures(cost.total))]
    widths = [max(columns(row[at]) for row in rows) for at in range(len(_HEAD))]
    lines = [
        "  ".join(cell + " " * (width - columns(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, "", *notes(cost)])


def notes(cost: Cost) -> list[str]:
    """Return what is to be said of a cost beside its figures."""
    total = cost.total
    said = ["at least – at most, where no call fails and every reply is valid"]
    if total.calls.high > total.calls.usual:
        said.append(f"with every retry and repair: {worst(total)}")
    if cost.unpriced:
        names = ", ".join(f"`{clean(name)}`" for name in cost.unpriced)
        said.append(f"no price is known for {names}: price_in and price_out say it, or --prices FILE")
    said += [f"unbounded: {clean(reason)}" for reason in cost.unbounded]
    return said


def worst(share: Share) -> str:
    """Say what a share takes where as much fails as may."""
    parts = [f"{_number(share.calls.high)} calls", f"{_number(share.tokens.high)} tokens"]
    parts.append("an unknown cost" if share.usd is None else _money(share.usd.high))
    return ", ".join((*parts, _time(share.seconds.high)))


def objects(cost: Cost) -> dict[str, Any]:
    """Return a cost as plain values: each figure as least, usual (no faults) and most; null is without bound."""
    return {
        "plan": cost.plan,
        "total": _share(cost.total),
        "nodes": [
            {"node": ".".join(row.path), "kind": row.kind, "target": row.target, **_share(row.share)}
            | ({"unbounded": row.unbounded} if row.unbounded else {})
            for row in cost.rows
        ],
        "unpriced": list(cost.unpriced),
        "unbounded": list(cost.unbounded),
    }


def brief(share: Share) -> str:
    """Return a share in a few words, for a drawing: calls, tokens and cost."""
    calls, tokens, usd, _ = _figures(share)
    return "" if share.calls.high == 0 else " · ".join((f"{calls} calls", f"{tokens} tokens", usd))


def _share(share: Share) -> dict[str, Any]:
    return {
        "calls": _extent(share.calls),
        "prompt_tokens": _extent(share.prompt),
        "reply_tokens": _extent(share.reply),
        "usd": None if share.usd is None else _extent(share.usd),
        "seconds": _extent(share.seconds),
    }


def _extent(extent: Extent) -> dict[str, float | None]:
    figures = {"least": extent.low, "usual": extent.usual, "most": extent.high}
    return {name: None if isinf(figure) else round(figure, 9) for name, figure in figures.items()}


def _cells(row: Row) -> tuple[str, ...]:
    name = "  " * (len(row.path) - 1) + f"{clean(row.kind)} {clean(row.path[-1])}"
    return (name, *_figures(row.share))


def _figures(share: Share) -> tuple[str, str, str, str]:
    usd = "unknown" if share.usd is None else _span(share.usd, _money)
    if share.calls.high == 0:
        return "–", "–", "–", "–"
    return _span(share.calls, _number), _span(share.tokens, _number), usd, _span(share.seconds, _time)


def _span(extent: Extent, write: Any) -> str:
    low, high = write(extent.low), write(extent.usual)
    return low if low == high else f"{low} – {high}"


def _number(number: float) -> str:
    if isinf(number):
        return "unbounded"
    if number < 10_000:
        return f"{ceil(number):,}"
    return f"{number / 1_000:,.0f}k" if number < 10_000_000 else f"{number / 1e6:,.0f}M"


def _money(usd: float) -> str:
    if isinf(usd):
        return "unbounded"
    if usd == 0:
        return "$0"
    return f"${usd:,.2f}" if usd >= 1 else f"${usd:.2g}" if usd >= 0.0001 else "<$0.0001"


def _time(seconds: float) -> str:
    if isinf(seconds):
        return "unbounded"
    if seconds < 120:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 7_200 else f"{seconds / 3_600:,.0f} h"
