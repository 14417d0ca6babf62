"""`msrun graph`: the picture of a plan, as text, mermaid, dot or svg."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from msrun.cli.output import require_stdout, write
from msrun.files import choose_plan, read_module, split_target

if TYPE_CHECKING:
    from msrun.dsl.plan import Plan

FORMATS = ("text", "mermaid", "dot", "svg")
_SUFFIXES = {".txt": "text", ".mmd": "mermaid", ".dot": "dot", ".gv": "dot", ".svg": "svg"}


@click.command("graph", short_help="Draw a plan.")
@click.argument("target", metavar="FILE[:PLAN]")
@click.option("--format", "as_format", type=click.Choice(FORMATS), help="The picture's format; text where not said.")
@click.option("-o", "--output", metavar="FILE", help="Write to this file; its ending chooses the format.")
@click.option("--open", "opened", is_flag=True, help="Draw the plans that it runs, inside the nodes that run them.")
def command(target: str, as_format: str | None, output: str | None, *, opened: bool) -> None:
    """Draw what a plan does: every node, and which values it waits for."""
    if output is None:
        require_stdout()
    file, name = split_target(target)
    module, _ = read_module(file)
    chosen = as_format or _SUFFIXES.get(Path(output or "").suffix, "text")
    picture = draw(choose_plan(module, name, file), chosen, opened=opened)
    if output is None:
        write(picture.rstrip("\n"))
    else:
        _save(Path(output), picture)


def draw(plan: "Plan", as_format: str, *, opened: bool = False) -> str:
    """Return the picture of a plan in one of FORMATS."""
    from msrun.dsl import draw as pictures

    match as_format:
        case "mermaid":
            return pictures.mermaid(plan, opened=opened)
        case "dot":
            return pictures.dot(plan, opened=opened)
        case "svg":
            return pictures.svg(plan, opened=opened)
        case _:
            return pictures.text(plan, opened=opened)


def _save(path: Path, picture: str) -> None:
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as error:
        context = click.get_current_context()
        raise click.UsageError(f"`{path}` cannot be written: {error.strerror or error}", context) from None
