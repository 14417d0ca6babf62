"""`msrun runs`: the runs of a journal, the latest first, or one of them in full."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from msrun.cli.exits import OK
from msrun.cli.output import write, write_json

if TYPE_CHECKING:
    from msrun.runtime.durable.journal import History
    from msrun.runtime.durable.store import RunInfo


@click.command("runs", short_help="List the runs of a journal, or show one.")
@click.argument("run", required=False)
@click.option("--journal", metavar="FILE", help="The journal [default: .msrun/journal.sqlite].")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="The most runs to list.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(run: str | None, journal: str | None, limit: int, **shown: bool) -> int:
    """List the runs of a journal, the latest first; with RUN (the first digits of an id, or `last`) show that run."""
    from msrun.cli.run import journal_file
    from msrun.keeping import find, listed

    path = journal_file(journal, kept=True) or Path()
    if run is not None:
        info, history = find(path, run)
        record = {**_info(info), **_details(history)}
        if shown["as_json"]:
            write_json(record)
        else:
            write("\n".join(f"{name:<10} {_shown(value)}" for name, value in record.items()))
        return OK
    rows = [_info(info) for info in listed(path, limit)]
    if shown["as_json"]:
        write_json(rows)
    elif rows:
        write("\n".join(_line(row) for row in rows))
    else:
        click.echo(f"no runs in {path}", err=True)
    return OK


def _info(info: "RunInfo") -> dict[str, Any]:
    state = "interrupted" if info.state == "running" and not info.owned else info.state
    return {"run": info.run, "state": state, "began": _time(info.began_s), "plan": info.plan, "file": info.file}


def _details(history: "History") -> dict[str, Any]:
    end = dict(history.end or {})
    return {
        "inputs": history.begin.get("inputs", {}),
        "seed": history.begin.get("seed"),
        "calls": len(history.calls),
        "unknown": [key.node for key in history.open],
        **{name: end[name] for name in ("value", "fault", "message", "cost_usd") if name in end},
    }


def _line(row: dict[str, Any]) -> str:
    return f"{row['run'][:12]}  {row['began']}  {row['state']:<11}  {row['plan']}  {row['file']}"


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")


def _shown(value: Any) -> str:
    from msrun.cli.output import spell

    return value if isinstance(value, str) else spell(value)
