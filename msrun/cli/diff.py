"""`msrun diff`: what differs in the meaning of two plan files; layout, comments and order never do."""

from pathlib import Path

import click

from msrun.cli import exits
from msrun.cli.output import require_stdout, write, write_json
from msrun.files import read_module

FORMATS = ("human", "json")


@click.command("diff", short_help="Say what differs in the meaning of two plan files.")
@click.argument("old", type=click.Path(), metavar="OLD.plan")
@click.argument("new", type=click.Path(), metavar="NEW.plan")
@click.option("--format", "as_format", type=click.Choice(FORMATS), default="human", help="How changes are written.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json: one list.")
def command(old: str, new: str, *, as_format: str, as_json: bool) -> int:
    """Say what differs in the meaning of two plan files: nodes, edges, prompts, types, models, settings, tests.

    Layout, comments and the order of the text never do. Exits with 0 where both mean the same, 1 where they differ,
    2 where one cannot be read, 3 where one has errors.
    """
    from msrun.dsl.diff.modules import differences
    from msrun.dsl.diff.told import objects, told

    require_stdout()
    before, _ = read_module(Path(old))
    after, _ = read_module(Path(new))
    changes = differences(before, after)
    if as_json or as_format == "json":
        write_json(objects(changes))
    elif changes:
        write("\n".join(told(changes)))
    return exits.FAILED if changes else exits.OK
