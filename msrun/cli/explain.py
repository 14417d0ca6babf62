"""`msrun explain`: the page of a finding's code."""

import sys

import click

from msrun.cli.failure import colourful
from msrun.cli.output import require_stdout, write


@click.command("explain", short_help="Explain a finding by its code.")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Print the page of a code such as E0101: why it is a mistake, what it looks like and how it is mended.

    Without a code, list all of them.
    """
    from msrun.dsl.pages import explain, pages

    require_stdout()
    if code is None:
        write("\n".join(f"{each}  {page.title}" for each, page in pages().items()))
        return
    known = code.upper()
    if known not in pages():
        raise _unknown(code, list(pages()))
    write(explain(known, color=colourful(sys.stdout)), ours=True)


def _unknown(code: str, known: list[str]) -> Exception:
    from msrun.errors import MsrunError
    from msrun.suggest import did_you_mean

    help_line = did_you_mean(code, known, otherwise="`msrun explain` lists the codes")
    return MsrunError(f"there is no code `{code}`", help=help_line)
