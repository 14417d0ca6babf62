"""`msrun lsp`: the language server for editors, over standard input and output."""

import os
import sys
from typing import TYPE_CHECKING

import click

from msrun.cli import exits
from msrun.errors import MsrunError

if TYPE_CHECKING:
    from msrun.dsl.words import Language

LANGUAGES = ("en", "zh")


@click.command("lsp", short_help="Serve an editor (Language Server Protocol).")
@click.option("--stdio", is_flag=True, help="Speak over standard input and output: what it does anyway.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", envvar="MSRUN_LANG", help="The findings' language.")
def command(*, stdio: bool, lang: "Language") -> int:  # noqa: ARG001 - editors pass --stdio by habit
    """Serve an editor over standard input and output, until it closes them. Editors start this themselves."""
    try:
        from msrun.lsp.server import make
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise MsrunError("`msrun lsp` needs the package pygls", help='pip install "msrun[editor]"') from None
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:  # the server closes it, and whatever prints must not
        sys.stdout.flush()
        make(lang).start_io(sys.stdin.buffer, out)
    return exits.OK
