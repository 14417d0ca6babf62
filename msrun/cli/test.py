"""`msrun test`: the tests of plan files run without any model; a line for each, a picture for each failure.

With `--record` the models are asked where neither a mock nor a recorded reply stands in for them.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from msrun.cli import exits
from msrun.cli.failure import colourful, say
from msrun.cli.output import require_stdout, write
from msrun.errors import PlanUnreadable
from msrun.files import read_checked

if TYPE_CHECKING:
    from msrun.dsl.diagnostic import Diagnostic
    from msrun.dsl.front import Checked
    from msrun.tape import Record, Tally
    from msrun.testing import Failure, Verdict

_GREEN = "32"
_EXAMPLE = 'test it { mock small = replies("Paris")  run out from ask(question: "…")  expect out == "Paris" }'


@dataclass(frozen=True, slots=True)
class Tested:
    """One file: how its tests ended, its text for the pictures, and what was recorded."""

    file: str
    text: str
    verdicts: "tuple[Verdict, ...]"
    tally: "Tally | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the caller asks of every file."""

    name: str
    parallel: int
    allow: tuple[str, ...]
    record: "Record | None"


class TestVerb(click.Command):
    """Takes `--record` without a value, so that a file may follow it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write out the value that `--record` has where none is given."""
        end = args.index("--") if "--" in args else len(args)
        args = ["--record=missing" if arg == "--record" else arg for arg in args[:end]] + args[end:]
        return super().parse_args(ctx, args)


@click.command("test", cls=TestVerb, short_help="Run the tests of plan files, without any model.")
@click.argument("targets", nargs=-1, metavar="[FILES|FOLDERS]...", type=click.Path())
@click.option("-k", "name", metavar="NAME", default="", help="Only tests with this in their names.")
@click.option("--junit", type=click.Path(), metavar="FILE", help="Write the results as JUnit XML too.")
@click.option("--parallel", type=click.IntRange(1), default=8, metavar="N", help="Tests at the same time (8).")
@click.option(
    "--record",
    type=click.Choice(("missing", "all")),
    metavar="[=all]",
    help="Ask the models where no mock stands, and keep their replies beside the plan; =all asks again.",
)
@click.option("--allow", "grants", multiple=True, metavar="tool:NAME", help="Let the plans call this Python tool.")
def command(
    targets: tuple[str, ...],
    *,
    name: str,
    junit: str | None,
    parallel: int,
    record: "Record | None",
    grants: tuple[str, ...],
) -> int:
    """Run every `test` of the files, and of the plan files in folders; of this folder where none is named.

    Models reply what their mocks say, or what was recorded of them; without --record nothing is sent anywhere. Exits
    with 0 where all pass, 1 where one fails, 3 where a file has errors, 2 where there is no such test.
    """
    from msrun.config import read_config

    require_stdout()
    allow = (*read_config(Path.cwd()).allow, *grants)
    wish = Wish(name=name, parallel=parallel, allow=allow, record=record)
    tested: list[Tested] = []
    broken: list[Diagnostic] = []
    for file in _files(targets or (".",)):
        checked = read_checked(file)
        if checked.module is None:
            broken += checked.diagnostics
        else:
            tested.append(_run(file, checked, wish))
    for each in tested:
        _show(each)
    if broken:
        _show_errors(broken)
    if junit is not None:
        _write_junit(Path(junit), tested)
    return _conclude(tested, broken, name)


def _files(targets: Sequence[str]) -> Iterator[Path]:
    """Yield the files named and the plan files of the folders named, each once; hidden folders are left out."""
    seen: set[Path] = set()
    for target in targets:
        path = Path(target)
        found = sorted(path.rglob("*.plan")) if path.is_dir() else [path]
        for file in found:
            hidden = path.is_dir() and any(part.startswith(".") for part in file.relative_to(path).parts)
            if not hidden and file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def _run(file: Path, checked: "Checked", wish: Wish) -> Tested:
    assert checked.module is not None  # noqa: S101 - the caller looked
    if not any(wish.name in case.name for case in checked.module.tests):
        return Tested(str(file), "", ())
    from msrun.tape import open_tape
    from msrun.testing import run_tests

    tape = open_tape(file, checked.module, record=wish.record, secret=os.environ.get, allow=wish.allow)
    verdicts = run_tests(
        checked.module,
        wanted=lambda test: wish.name in test,
        parallel=wish.parallel,
        allow=wish.allow,
        root=file.parent,
        tape=tape,
    )
    return Tested(str(file), file.read_bytes().decode("utf-8-sig"), verdicts, tape.tally)


def _show(tested: Tested) -> None:
    """Write a line for each test, and the picture of every failure below it."""
    from msrun.dsl.render import RED, paint, visible

    color = colourful(sys.stdout)
    for verdict in tested.verdicts:
        mark = paint("✓ passed", _GREEN, color=color) if verdict.passed else paint("✗ failed", RED, color=color)
        write(f"{mark}  {visible(f'{tested.file}:{verdict.name}')}", ours=True)
        for failure in verdict.failures:
            write(picture(tested.file, tested.text, failure, color=color) + "\n", ours=True)
    if tested.tally is not None:
        tally = tested.tally
        write(f"{tested.file}: {tally.recorded} recorded, {tally.kept} kept, {tally.pruned} no longer used")


def picture(file: str, text: str, failure: "Failure", *, color: bool = False) -> str:
    """Draw why a test failed: the sentence, the line it is about, and what the values were."""
    from msrun.dsl.diagnostic import Place
    from msrun.dsl.render import BLUE, RED, drawn, paint, strips_of, visible
    from msrun.dsl.source import Source

    source = Source(file, text)
    line, column = source.position(failure.span.start)
    strips = list(strips_of(Place(source, failure.span), "^", failure.notes[0] if failure.notes else ""))
    gutter = max(len(str(strip.number)) for strip in strips)
    out = [f"{paint('failed', RED, color=color)}: {visible(failure.message)}"]
    out.append(f"{' ' * gutter}{paint('-->', BLUE, color=color)} {visible(file)}:{line}:{column}")
    out += drawn(strips, gutter, RED, color=color)
    further = [("note", note) for note in failure.notes[1:]] + ([("help", failure.help)] if failure.help else [])
    out += [f"{' ' * gutter} {paint('=', BLUE, color=color)} {word}: {visible(said)}" for word, said in further]
    return "\n".join(out)


def _show_errors(found: "list[Diagnostic]") -> None:
    from msrun.dsl.render import render_all

    write(render_all(found, color=colourful(sys.stdout)), ours=True)


def _write_junit(path: Path, tested: list[Tested]) -> None:
    from msrun.junit import junit

    try:
        path.write_bytes(junit([(each.file, each.text, each.verdicts) for each in tested]))
    except OSError as error:
        raise PlanUnreadable(
            f"`{path}` cannot be written: {error.strerror or error}", help="--junit results.xml"
        ) from None


def _conclude(tested: list[Tested], broken: "list[Diagnostic]", name: str) -> int:
    """Write the totals and return the exit code."""
    verdicts = [verdict for each in tested for verdict in each.verdicts]
    failed = sum(not verdict.passed for verdict in verdicts)
    errors = sum(each.severity == "error" for each in broken)
    if not verdicts and not errors:
        say(f"no test has `{name}` in its name" if name else "there is no test to run", _EXAMPLE)
        return exits.USAGE
    count = f"{len(verdicts)} test{'s' * (len(verdicts) != 1)}: {len(verdicts) - failed} passed, {failed} failed"
    write(count + (f"; {errors} error{'s' * (errors != 1)} in files that were not tested" if errors else ""))
    return exits.STATIC if errors else exits.FAILED if failed else exits.OK
