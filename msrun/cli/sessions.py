"""`msrun sessions`: which conversations are kept of a plan, what one keeps, and how it is forgotten."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from msrun.cli import exits
from msrun.cli.output import require_stdout, write, write_json
from msrun.errors import SessionUnusable

if TYPE_CHECKING:
    from msrun.runtime.sessions.table import Row, Table


@click.command("sessions", short_help="List, show or delete the sessions of a plan.")
@click.argument("target", metavar="FILE")
@click.argument("id_", metavar="[ID]", required=False)
@click.option("--delete", is_flag=True, help="Forget the session ID.")
@click.option("--sessions", "path", type=click.Path(path_type=Path), help="The file that keeps sessions.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def command(target: str, id_: str | None, path: Path | None, *, delete: bool, as_json: bool) -> int:
    """List the sessions of the plans in FILE; with ID print what that session keeps, as JSON."""
    from msrun.files import read_module, split_target
    from msrun.runtime.sessions.port import SessionFault
    from msrun.runtime.sessions.table import Table
    from msrun.sessions import default_file

    require_stdout()
    if delete and id_ is None:
        raise click.UsageError("--delete needs the ID of a session", click.get_current_context())
    file, _ = split_target(target)
    module, _ = read_module(file)
    names = sorted({plan.session.name for plan in module.plans if plan.session is not None})
    if not names:
        raise SessionUnusable(f"no plan of {file} is within a session", help="plan chat(…) within support { … }")
    at = path or default_file(file)
    if not at.exists():
        return _list([], as_json=as_json) if id_ is None else _unknown(id_)
    try:
        table = Table(at)
        try:
            return _do(table, names, id_, delete=delete, as_json=as_json)
        finally:
            table.close()
    except SessionFault as fault:
        raise SessionUnusable(fault.message, help=fault.help) from fault


def _do(table: "Table", names: list[str], id_: str | None, *, delete: bool, as_json: bool) -> int:
    from msrun.runtime.sessions.instant import instant

    rows = [row for row in table.rows(instant()) if row.name in names and id_ in (None, row.id)]
    if id_ is None:
        return _list(rows, as_json=as_json)
    if not rows:
        return _unknown(id_)
    if delete:
        for row in rows:
            table.delete(row.name, row.id)
        write(f"forgotten: {id_}")
        return exits.OK
    for row in rows:
        kept = table.read(row.name, row.id)
        if kept is not None:
            write_json({**_figures(row), **dict(kept.slots), "history": [dict(turn) for turn in kept.history]})
    return exits.OK


def _list(rows: "list[Row]", *, as_json: bool) -> int:
    if as_json:
        write_json([_figures(row) for row in rows])
        return exits.OK
    for row in rows:
        turns = f"{row.turns} turn{'s' * (row.turns != 1)}"
        write(f"{row.id}  {row.name}, {turns}, {_ago(row.age_s)}{', a turn is on its way' if row.held else ''}")
    if not rows:
        write("no sessions are kept")
    return exits.OK


def _figures(row: "Row") -> dict[str, Any]:
    return {"session": row.name, "id": row.id, "turns": row.turns, "age_s": round(row.age_s, 3), "held": row.held}


def _ago(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit} ago"
    return "just now"


def _unknown(id_: str) -> int:
    raise SessionUnusable(f"no session `{id_}` is kept", help="msrun sessions FILE lists those that are")
