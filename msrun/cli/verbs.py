"""The verbs of the command line. Each lives in a module of its own, imported when it is called and not before."""

from importlib import import_module
from typing import cast

import click

from msrun.cli.exits import MEANINGS

VERBS = {
    "run": "Run a plan and print its answer; `msrun FILE` is the same.",
    "check": "Find the errors of plan files without running anything.",
    "explain": "Explain a finding by its code: E0101.",
    "fmt": "Format plan files; only blanks and line breaks change.",
    "diff": "Say what differs in the meaning of two plan files.",
    "graph": "Draw a plan: mermaid, dot, text or svg.",
    "lsp": "Serve an editor: findings, completion, renaming.",
    "resume": "Go on with a run that was killed, failed or edited.",
    "runs": "List the runs of a journal, or show one.",
    "sessions": "List, show or delete the sessions of a plan.",
    "test": "Run the tests of plan files, with replies that were written down or recorded.",
    "train": "Run the training stages of a file.",
}
"""The short help stands here, so that listing the verbs imports none of them."""

_HELP = """Run checked plans of many model calls.

\b
  msrun FILE[:PLAN] --question "…"    run a plan; its parameters are options
  msrun FILE --help                   say which parameters it has
"""

_EPILOG = (
    "\b\nExit codes:\n"
    + "\n".join(f"  {code:<4} {meaning}" for code, meaning in MEANINGS)
    + "\n\n\b\nThe answer goes to standard output, everything else to standard error.\n"
    "Grants and defaults stand in msrun.toml, in the folder you call from."
)

_OWN_OPTIONS = {"--help", "-h", "--version"}


class Verbs(click.Group):
    """A group whose default verb is `run`, so that a plan is called by its file's name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the verbs in the order of the help."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the verb's module and return its command."""
        if cmd_name not in VERBS:
            return None
        return cast("click.Command", import_module(f"msrun.cli.{cmd_name}").command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the verbs without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let `msrun --json FILE` be a run too."""
        if args and args[0].startswith("-") and args[0] not in _OWN_OPTIONS:
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take the first argument as a verb, or else as the file to run."""
        if args[0] in VERBS:
            return super().resolve_command(ctx, args)
        return "run", self.get_command(ctx, "run"), args


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    if wanted and not ctx.resilient_parsing:
        from msrun import __version__

        click.echo(f"msrun {__version__}")
        ctx.exit()


command = Verbs(
    name="msrun",
    help=_HELP,
    epilog=_EPILOG,
    subcommand_metavar="FILE | COMMAND [ARGS]...",
    options_metavar="",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help="Print the version.",
        )
    ],
)
