"""`msrun FILE`: a plan becomes a command of its own, with its parameters as options, and the command becomes a run."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from msrun.cli.exits import OK
from msrun.cli.output import require_stdout

if TYPE_CHECKING:
    from msrun.dsl.plan import Module, Plan

_HELP = """Run a plan and print its answer.

The plan's parameters are options: `plan ask(question: text)` takes --question. The value - reads standard input, and
so does the only text that was not given. `msrun FILE --help` lists them.
"""


def own_options() -> list[click.Parameter]:
    """Return the options every run has."""
    return [
        click.Option(["--set", "sets"], multiple=True, metavar="NAME=VALUE", help="Override model.setting or a param."),
        click.Option(["--model", "models"], multiple=True, metavar="OLD=NEW", help="Use another model of the file."),
        click.Option(["--profile"], metavar="NAME", help="Use the models and params of this profile of the file."),
        click.Option(["--allow", "grants"], multiple=True, metavar="tool:NAME", help="Let the plan call this tool."),
        click.Option(["--journal"], metavar="FILE", help="Keep the run here [default: .msrun/journal.sqlite]."),
        click.Option(["--no-journal"], is_flag=True, help="Keep nothing: the run cannot be resumed."),
        click.Option(["--session"], metavar="ID", help="Whose turn it is, of a plan within a session."),
        click.Option(["--sessions"], type=click.Path(path_type=Path), help="The file that keeps sessions."),
        click.Option(["--prices"], metavar="FILE", help="What models cost, over the catalogue's own entries."),
        click.Option(["--seed"], type=int, help="Seed of the run; the same seed asks the same things."),
        click.Option(["--json", "as_json"], is_flag=True, help="Print the answer and the figures as one JSON object."),
        click.Option(["--jsonl", "as_jsonl"], is_flag=True, help="Print every event as a line of JSON."),
        click.Option(["--quiet"], is_flag=True, help="Only errors on standard error."),
    ]


class RunVerb(click.Command):
    """Knows its options only after it has read the file that its arguments name."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Make the context of the plan's own command; without a file, of the verb itself, which shows its help."""
        target = find_target(args)
        if target is None:
            return super().make_context(info_name, args, parent, **extra)
        args = list(args)
        args.remove(target)
        return plan_command(target).make_context(target, args, parent, **extra)


def find_target(args: Sequence[str]) -> str | None:
    """Return the file among the arguments: the first that is neither an option nor an own option's value."""
    valued = {"--set", "--model", "--profile", "--allow", "--prices", "--seed", "--journal", "--session", "--sessions"}
    skip = False
    for arg in args:
        if skip:
            skip = False
        elif arg in valued:
            skip = True
        elif not arg.startswith("-"):
            return arg
    return None


def plan_command(target: str) -> click.Command:
    """Read and check a plan file and return its command."""
    from msrun.cli.arguments import options_of
    from msrun.files import choose_plan, read_module, split_target

    refuse_misspelt_verb(target)
    file, name = split_target(target)
    module, _ = read_module(file)
    plan = choose_plan(module, name, file)
    own = [option for option in own_options() if plan.session or option.name not in ("session", "sessions")]
    taken = {spelling for option in own for spelling in option.opts} | {"--help", "-h"}

    def callback(**typed: Any) -> int:
        return start(module, plan, file, typed)

    return click.Command(
        name=target,
        callback=callback,
        params=[*options_of(plan, taken), *own],
        help=f"Run plan `{plan.name}` of {file} and print its answer.",
        options_metavar="[OPTIONS]",
    )


def refuse_misspelt_verb(target: str) -> None:
    """Say that `chekc` is neither a verb nor a file; anything that looks like a path is left to be read."""
    from msrun.cli.verbs import VERBS
    from msrun.dsl.check.near import nearest
    from msrun.errors import PlanUnreadable

    near = nearest(target, VERBS)
    if near and not Path(target).suffix and not Path(target).exists():
        raise PlanUnreadable(f"`{target}` is neither a command nor a file", help=f"did you mean `msrun {near}`?")


def start(module: "Module", plan: "Plan", file: Path, typed: dict[str, Any]) -> int:
    """Turn what was typed into a loaded plan and its inputs, and run it."""
    from msrun.api import Loaded
    from msrun.cli.arguments import PREFIX, read_inputs, read_stdin
    from msrun.cli.launch import Output, launch
    from msrun.config import read_config
    from msrun.overrides import set_values, split, swap_models, use_profile
    from msrun.prices import read_prices
    from msrun.sessions import store_at

    require_stdout()
    if typed["as_json"] and typed["as_jsonl"]:
        raise click.UsageError("--json and --jsonl cannot both be printed", click.get_current_context())
    config = read_config(Path.cwd())
    prices = typed["prices"] or config.prices
    given = {
        name.removeprefix(PREFIX): text for name, text in typed.items() if name.startswith(PREFIX) and text is not None
    }
    if typed["profile"] is not None:
        module = use_profile(module, typed["profile"])
        plan = module.plan(plan.name)
    swaps = dict(split(pair, "--model") for pair in typed["models"])
    settings = dict(split(pair, "--set") for pair in typed["sets"])
    names = {wanted.name for wanted in plan.inputs}
    given |= {name: settings.pop(name) for name in list(settings) if name in names}
    journal = journal_file(typed["journal"], kept=not typed["no_journal"])
    plan = set_values(swap_models(module, plan, swaps) if swaps else plan, settings)
    sessions = _sessions(plan, file, typed)
    loaded = Loaded(
        plan=plan,
        module=module,
        root=file.parent,
        allow=(*config.allow, *typed["grants"]),
        seed=config.seed if typed["seed"] is None else typed["seed"],
        width=config.width,
        journal=journal,
        prices=None if prices is None else read_prices(prices),
        overrides={"settings": settings, "models": swaps, "profile": typed["profile"], "sessions": sessions},
        sessions=None if sessions is None else store_at(sessions),
    )
    output = Output(as_json=typed["as_json"], as_jsonl=typed["as_jsonl"], quiet=typed["quiet"])
    launch(loaded, read_inputs(plan, given, read_stdin), output, typed.get("session"))
    return OK


def journal_file(given: str | None, *, kept: bool) -> Path | None:
    """Return the journal that was asked for, the usual one, or None where nothing is to be kept."""
    from msrun.keeping import FILE

    if given is not None and not kept:
        raise click.UsageError("--journal and --no-journal exclude each other", click.get_current_context())
    return (Path(given) if given is not None else FILE) if kept else None


def _sessions(plan: "Plan", file: Path, typed: dict[str, Any]) -> str | None:
    """Return the file that keeps the session, None where nothing is kept of it."""
    from msrun.sessions import default_file

    if plan.session is None or typed["session"] is None:
        return None
    return str((typed["sessions"] or default_file(file)).absolute())


command = RunVerb(
    name="run",
    help=_HELP,
    short_help="Run a plan and print its answer.",
    params=[click.Argument(["target"], metavar="FILE[:PLAN]"), *own_options()],
)
