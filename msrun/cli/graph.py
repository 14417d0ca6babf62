"""`msrun graph`: the picture of a plan, as text, mermaid, dot or svg."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from msrun.cli.output import require_stdout, write
from msrun.files import choose_plan, read_module, split_target

if TYPE_CHECKING:
    from msrun.dsl.graph import Costs
    from msrun.dsl.plan import Plan

FORMATS = ("text", "mermaid", "dot", "svg")
_SUFFIXES = {".txt": "text", ".mmd": "mermaid", ".dot": "dot", ".gv": "dot", ".svg": "svg"}


@click.command("graph", short_help="Draw a plan.")
@click.argument("target", metavar="FILE[:PLAN]")
@click.option("--format", "as_format", type=click.Choice(FORMATS), help="The picture's format; text where not said.")
@click.option("-o", "--output", metavar="FILE", help="Write to this file; its ending chooses the format.")
@click.option("--cost", is_flag=True, help="Write at each node how many calls, tokens and dollars it may take.")
@click.option("--texts", type=click.IntRange(1), metavar="N", help="Reckon a text without a bound as N tokens.")
@click.option("--prices", metavar="FILE", help="What models cost and can do; over the catalogue's own entries.")
@click.option("--open", "opened", is_flag=True, help="Draw the plans that it runs, inside the nodes that run them.")
def command(
    target: str,
    as_format: str | None,
    output: str | None,
    *,
    opened: bool,
    cost: bool,
    texts: int | None,
    prices: str | None,
) -> None:
    """Draw what a plan does: every node, and which values it waits for."""
    if output is None:
        require_stdout()
    file, name = split_target(target)
    module, _ = read_module(file)
    chosen = as_format or _SUFFIXES.get(Path(output or "").suffix, "text")
    plan = choose_plan(module, name, file)
    picture = draw(plan, chosen, opened=opened, costs=_costs(plan, texts, prices) if cost else {})
    if output is None:
        write(picture.rstrip("\n"))
    else:
        _save(Path(output), picture)


def _costs(plan: "Plan", texts: int | None, prices: str | None) -> "Costs":
    """Return a few words for every node that stands in the picture once."""
    from msrun.dsl.cost.estimate import estimate
    from msrun.dsl.cost.table import brief
    from msrun.prices import prices_here

    rows = estimate(plan, prices_here(prices), text_tokens=texts).rows
    spans = [row.span for row in rows]
    return {row.span: brief(row.share) for row in rows if row.span is not None and spans.count(row.span) == 1}


def draw(plan: "Plan", as_format: str, *, opened: bool = False, costs: "Costs | None" = None) -> str:
    """Return the picture of a plan in one of FORMATS; `costs` are a few words for nodes, by their places."""
    from msrun.dsl import draw as pictures

    said = costs or {}
    match as_format:
        case "mermaid":
            return pictures.mermaid(plan, opened=opened, costs=said)
        case "dot":
            return pictures.dot(plan, opened=opened, costs=said)
        case "svg":
            return pictures.svg(plan, opened=opened, costs=said)
        case _:
            return pictures.text(plan, opened=opened, costs=said)


def _save(path: Path, picture: str) -> None:
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as error:
        context = click.get_current_context()
        raise click.UsageError(f"`{path}` cannot be written: {error.strerror or error}", context) from None
