"""`msrun check`: the findings of plan files, for a person, a program or a code host, and the cures that are certain."""

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
    from msrun.dsl.diagnostic import Diagnostic
    from msrun.dsl.front import Checked
    from msrun.dsl.words import Language

FORMATS = ("human", "json", "sarif", "github")
LANGUAGES = ("en", "zh")


@click.command("check", short_help="Find the errors of plan files.")
@click.argument("files", nargs=-1, required=True, metavar="FILES...", type=click.Path())
@click.option("--format", "as_format", type=click.Choice(FORMATS), default="human", help="How findings are written.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json: one list.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", envvar="MSRUN_LANG", help="The findings' language.")
@click.option("--fix", is_flag=True, help="Write into the files every fix that is certain.")
@click.option("--cost", is_flag=True, help="Say how many calls, tokens, dollars and seconds each plan may take.")
@click.option("--profile", metavar="NAME", help="Reckon with the models, params and limits of this profile.")
@click.option("--texts", type=click.IntRange(1), metavar="N", help="Reckon a text without a bound as N tokens.")
@click.option("--prices", metavar="FILE", help="What models cost and can do; over the catalogue's own entries.")
@click.option("--deny-warnings", is_flag=True, help="Exit with 3 where there are warnings.")
def command(
    files: tuple[str, ...],
    *,
    as_format: str,
    as_json: bool,
    lang: "Language",
    fix: bool,
    deny_warnings: bool,
    cost: bool,
    **reckoned: Any,
) -> int:
    """Find every error of the files, and every warning, without running anything.

    Exits with 0 where the files are clean, 3 where one has errors, 2 where one cannot be read.
    """
    require_stdout()
    checked, unreadable = _check(files, fix=fix)
    found = [each for one in checked for each in one.diagnostics]
    chosen = "json" if as_json else as_format
    if cost:
        _show_with_costs(checked, found, chosen, lang, reckoned)
    else:
        show(found, chosen, lang)
    errors = sum(each.severity == "error" for each in found)
    if chosen == "human":
        say(_totals(len(files) - unreadable, errors, len(found) - errors), word="checked")
    if unreadable:
        return exits.USAGE
    return exits.STATIC if errors or (deny_warnings and found) else exits.OK


def _show_with_costs(
    checked: "list[Checked]", found: "list[Diagnostic]", as_format: str, lang: "Language", reckoned: dict[str, Any]
) -> None:
    """Write the findings and, of the files without errors, what their plans will take."""
    from msrun.cli import costs

    modules = [each.module for each in checked if each.module is not None]
    wanted = costs.Wanted(**reckoned)
    if as_format == "json":
        from msrun.dsl.report.objects import to_object

        findings = [to_object(each, lang) for each in found]
        write_json({"findings": findings, "costs": costs.objects(modules, wanted)})
        return
    show(found, as_format, lang)
    if as_format == "human":
        costs.tell(modules, wanted)


def show(found: "list[Diagnostic]", as_format: str, lang: "Language") -> None:
    """Write the findings to standard output in one of FORMATS."""
    match as_format:
        case "json":
            from msrun.dsl.report.objects import to_object

            write_json([to_object(each, lang) for each in found])
        case "sarif":
            from msrun import __version__
            from msrun.dsl import pages
            from msrun.dsl.report.sarif import to_sarif

            write_json(to_sarif(found, pages.pages(), version=__version__, lang=lang))
        case "github" if found:
            from msrun.dsl.report.github import to_command

            write("\n".join(to_command(each, lang) for each in found))
        case "human" if found:
            from msrun.dsl.render import render_all

            write(render_all(found, color=colourful(sys.stdout), lang=lang), ours=True)
        case _:
            return


def _check(files: tuple[str, ...], *, fix: bool) -> "tuple[list[Checked], int]":
    """Check every file; one that cannot be read is told of at once and does not keep the others from being checked."""
    found: list[Checked] = []
    unreadable = 0
    for file in files:
        try:
            found.append(_fixed(Path(file)) if fix else read_checked(Path(file), data=True))
        except PlanUnreadable as error:
            unreadable += 1
            say(error.message, error.help)
    return found, unreadable


def _fixed(file: Path) -> "Checked":
    """Mend one file as far as that is certain, say what was changed, and return what is left to say about it."""
    checked = read_checked(file, data=True)
    if not any(each.fix for each in checked.diagnostics):
        return checked
    from msrun.dsl.cure import cure
    from msrun.facts import FactsBeside

    data = file.read_bytes()
    text = data.decode("utf-8-sig")
    cured = cure(str(file), text, base=file.parent, facts=FactsBeside(file.parent))
    if cured.text == text:
        return checked
    mark = data[: len(data) - len(text.encode("utf-8"))]
    _save(file, mark + cured.text.encode("utf-8"))
    for finding in cured.applied:
        say(_change(finding), word="fixed")
    return cured.checked


def _save(file: Path, data: bytes) -> None:
    from msrun.save import save

    try:
        save(file, data)
    except OSError as error:
        raise PlanUnreadable(f"`{file}` cannot be written: {error.strerror or error}") from None


def _change(finding: "Diagnostic") -> str:
    """Say what a fix replaced: the place, the code, what stood there and what stands there now."""
    source, (start, _) = finding.places[0]
    line, column = source.position(start)
    changes: list[str] = []
    for edit in finding.fix:
        old = source.text[edit.span.start : edit.span.end]
        changes.append(
            f"`{old}` → `{edit.text}`" if old and edit.text else f"{'-' if old else '+'} `{old or edit.text}`"
        )
    return f"{source.name}:{line}:{column}: {finding.code}: {', '.join(changes)}"


def _totals(files: int, errors: int, warnings: int) -> str:
    parts = [(files, "file"), (errors, "error"), (warnings, "warning")]
    return ", ".join(f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in parts)
