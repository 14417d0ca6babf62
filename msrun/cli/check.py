"""`msrun check`: the findings of plan files, for a person or as JSON."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from msrun.cli import exits
from msrun.cli.failure import colourful, say
from msrun.cli.output import require_stdout, write, write_json
from msrun.errors import PlanUnreadable
from msrun.files import read_checked

if TYPE_CHECKING:
    from msrun.dsl.diagnostic import Diagnostic, Edit, Place


@click.command("check", short_help="Find the errors of plan files.")
@click.argument("files", nargs=-1, required=True, metavar="FILES...", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print the findings as one JSON list.")
@click.option("--deny-warnings", is_flag=True, help="Exit with 3 where there are warnings.")
def command(files: tuple[str, ...], *, as_json: bool, deny_warnings: bool) -> int:
    """Find every error of the files, and every warning, without running anything.

    Exits with 0 where the files are clean, 3 where one has errors, 2 where one cannot be read.
    """
    require_stdout()
    found, unreadable = _check(files)
    if as_json:
        write_json([to_json(each) for each in found])
    elif found:
        _show(found)
    errors = sum(each.severity == "error" for each in found)
    if not as_json:
        say(_totals(len(files) - unreadable, errors, len(found) - errors), word="checked")
    if unreadable:
        return exits.USAGE
    return exits.STATIC if errors or (deny_warnings and found) else exits.OK


def to_json(found: "Diagnostic") -> dict[str, Any]:
    """Return a finding as JSON: its code, its words, and its places with 1-based lines and columns."""
    from msrun.dsl import words

    places = zip(found.places, words.labels(found), strict=True)
    return {
        "code": found.code,
        "severity": found.severity,
        "message": words.message(found),
        "help": words.advice(found),
        "places": [{**_place(place), "label": label} for place, label in places],
        "fix": [{**_place(edit), "text": edit.text} for edit in found.fix],
    }


def _check(files: tuple[str, ...]) -> "tuple[list[Diagnostic], int]":
    """Check every file; one that cannot be read is told of at once and does not keep the others from being checked."""
    found: list[Diagnostic] = []
    unreadable = 0
    for file in files:
        try:
            found += read_checked(Path(file)).diagnostics
        except PlanUnreadable as error:
            unreadable += 1
            say(error.message, error.help)
    return found, unreadable


def _show(found: "list[Diagnostic]") -> None:
    from msrun.dsl.render import render_all

    write(render_all(found, color=colourful(sys.stdout)), ours=True)


def _totals(files: int, errors: int, warnings: int) -> str:
    parts = [(files, "file"), (errors, "error"), (warnings, "warning")]
    return ", ".join(f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in parts)


def _place(place: "Place | Edit") -> dict[str, Any]:
    start, end = place.source.position(place.span.start), place.source.position(place.span.end)
    return {
        "file": place.source.name,
        "start": {"line": start[0], "column": start[1]},
        "end": {"line": end[0], "column": end[1]},
    }
