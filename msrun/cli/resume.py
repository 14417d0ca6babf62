"""`msrun resume RUN`: a run goes on where it stopped; what it paid for already is read from the journal."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from msrun.cli.exits import OK

if TYPE_CHECKING:
    from msrun.runtime.durable.journal import Assume


@click.command("resume", short_help="Go on with a run that was killed, failed or edited.")
@click.argument("run")
@click.option("--journal", metavar="FILE", help="The journal [default: .msrun/journal.sqlite].")
@click.option("--allow", "grants", multiple=True, metavar="tool:NAME", help="Let the plan call this tool.")
@click.option(
    "--assume",
    type=click.Choice(["done", "retry"]),
    help="Calls that nobody knows the end of: take them for done (with null), or make them again.",
)
@click.option("--dry-run", is_flag=True, help="Call nothing: say of every node whether it would run, and why.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer and the figures as one JSON object.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="Print every event as a line of JSON.")
@click.option("--quiet", is_flag=True, help="Only errors on standard error.")
def command(run: str, journal: str | None, grants: Sequence[str], assume: "Assume | None", **shown: Any) -> int:
    """Go on with RUN: the first digits of its id, or `last`.

    The plan is read again with the inputs, seed and overrides that the run began with. Calls whose prompt, model and
    settings are what they were are not made again, so after an edit only what changed runs, and what depends on it.
    Grants are not remembered: give --allow again.
    """
    from msrun.api import load
    from msrun.cli.launch import Output, launch
    from msrun.cli.output import require_stdout, write, write_json
    from msrun.cli.run import journal_file
    from msrun.config import read_config
    from msrun.keeping import find
    from msrun.rehearse import rehearsed

    require_stdout()
    dry_run = shown.pop("dry_run")
    if shown["as_json"] and shown["as_jsonl"]:
        raise click.UsageError("--json and --jsonl cannot both be printed", click.get_current_context())
    path = journal_file(journal, kept=True) or Path()
    info, history = find(path, run)
    begin = history.begin
    config = read_config(Path.cwd())
    loaded = load(
        f"{info.file}:{info.plan}",
        allow=(*config.allow, *grants),
        settings=begin.get("settings", {}),
        models=begin.get("models", {}),
        profile=begin.get("profile"),
        seed=begin.get("seed", 0),
        width=config.width,
        journal=path,
        resume=info.run,
        sessions=begin.get("sessions"),
        assume=assume,
    )
    if dry_run:
        played = rehearsed(loaded, begin.get("inputs", {}), path, info.run)
        write_json(played.record()) if shown["as_json"] else write(played.text())
        return OK
    launch(loaded, begin.get("inputs", {}), Output(**shown), begin.get("session"))
    return OK
