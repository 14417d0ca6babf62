"""`msrun fmt`: plan files as they should be written, in place or on standard output."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from msrun.cli import exits
from msrun.cli.failure import colourful, say, tell
from msrun.cli.output import nobody_reads, require_stdout, write
from msrun.errors import MsrunError, OutputLost, PlanUnreadable
from msrun.files import read_checked
from msrun.save import save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msrun.dsl.diagnostic import Diagnostic

STDIN = "-"
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Mode:
    """What happens to a file that is not written as it should be: `check` lists it, `diff` shows it."""

    check: bool
    diff: bool


@click.command("fmt", short_help="Format plan files.")
@click.argument("files", nargs=-1, required=True, metavar="FILES...", type=click.Path(allow_dash=True))
@click.option("--check", is_flag=True, help="Write nothing; list the files that would change, exit with 1.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
def command(files: tuple[str, ...], *, check: bool, diff: bool) -> int:
    """Format plan files in place; `-` reads standard input and prints.

    Only blanks and line breaks change, comments and texts stay. A file with syntax errors is left as it is.
    Exits with 0, with 1 where `--check` finds something, 2 where a file cannot be read, 3 where one has errors.
    """
    require_stdout()
    return max([_format(file, Mode(check, diff)) for file in files])


def _format(file: str, mode: Mode) -> int:
    """Format one file; return its exit code. What is wrong with it does not keep the others from being formatted."""
    from msrun.dsl.format.formatted import MeaningChangedError

    try:
        return _settle(file, mode)
    except MeaningChangedError as error:
        say(f"{error}, so it is left as it is", "please report it, with the lines around that one")
    except OutputLost as error:
        say(error.message, error.help)
    except MsrunError as error:
        say(error.message, error.help)
        return exits.USAGE
    return exits.FAILED


def _settle(file: str, mode: Mode) -> int:
    from msrun.dsl.format.formatted import format_text

    data = _read(file)
    mark = BOM if data.startswith(BOM) else b""
    try:
        text = data.removeprefix(BOM).decode()
    except UnicodeDecodeError:
        if file == STDIN:
            raise PlanUnreadable("what stands on standard input is no UTF-8", help="save it as UTF-8") from None
        return _refuse(read_checked(Path(file)).diagnostics)
    made = format_text(file, text)
    if made.text is None:
        return _refuse(made.diagnostics)
    changes = made.text != text
    if mode.diff and changes:
        write(_difference(file, text, made.text))
    if mode.check and changes and not mode.diff:
        write(file)
    if mode.check or mode.diff:
        return exits.FAILED if mode.check and changes else exits.OK
    if file == STDIN:
        _print(made.text)
    elif changes:
        _replace(Path(file), mark + made.text.encode())
    return exits.OK


def _read(file: str) -> bytes:
    """Return what stands in a file or on standard input. Raises PlanUnreadable."""
    if file == STDIN:
        return sys.stdin.buffer.read()
    path = Path(file)
    try:
        return path.read_bytes()
    except OSError:
        read_checked(path)  # says why it cannot be read
        return path.read_bytes()


def _refuse(found: "Sequence[Diagnostic]") -> int:
    """Show why a file cannot be formatted, on stderr: whoever reads standard output takes it for the plan."""
    from msrun.dsl.render import render_all

    tell(render_all(found, color=colourful(sys.stderr)))
    return exits.STATIC


def _difference(file: str, old: str, new: str) -> str:
    """Return what changes as a unified diff."""
    from difflib import unified_diff

    return "\n".join(unified_diff(_lines(old), _lines(new), file, f"{file} (formatted)", lineterm=""))


def _lines(text: str) -> list[str]:
    """Return the lines of a text; the last one says so where it does not end."""
    *lines, rest = text.split("\n")
    return [*lines, f"{rest}\n\\ No newline at end of file"] if rest else lines


def _print(text: str) -> None:
    """Print a formatted text byte for byte."""
    try:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise nobody_reads() from None


def _replace(path: Path, data: bytes) -> None:
    """Put a formatted file in the place of the old one. Raises OutputLost."""
    try:
        save(path, data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputLost(f"`{path}` cannot be written: {reason}", help="its folder has to be writable too") from None
