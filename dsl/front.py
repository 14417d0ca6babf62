"""The front door of the language: a file's text to its meaning and everything there is to say about it."""

from dataclasses import dataclass
from pathlib import Path

from msrun.dsl.check.program import check
from msrun.dsl.diagnostic import Diagnostic, Place, report
from msrun.dsl.plan import Module
from msrun.dsl.source import Source, Span
from msrun.dsl.syntax.parse import parse


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file means, and what was found in it. There is no module where there is an error."""

    module: Module | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        """Whether there is no error; warnings may be there."""
        return self.module is not None


def check_text(name: str, text: str, *, base: Path | None = None) -> Checked:
    """Check the text of a plan file. `name` stands in front of line numbers, `base` is where relative paths start.

    Never raises on any text: every finding is a diagnostic, sorted by its place.

    >>> check_text("x.plan", "plan x() { return y }").diagnostics[0].code
    'E0101'
    """
    del base  # imports and `file(…)` will start from it
    parsed = parse(Source(name, text))
    module, found = check(parsed.program, parsed.diagnostics)
    findings = sorted((*parsed.diagnostics, *found), key=lambda finding: finding.sort_key)
    return Checked(module, tuple(findings))


def check_file(path: Path) -> Checked:
    """Check a plan file. OSError where it cannot be read; bytes that are no UTF-8 are finding E0017."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Checked(None, (_not_utf8(str(path), data, error),))
    return check_text(str(path), text, base=path.parent)


def _not_utf8(name: str, data: bytes, error: UnicodeDecodeError) -> Diagnostic:
    """Point to the first byte that is no UTF-8; what stands before and after it is shown as far as it can be read."""
    before = data[: error.start].decode("utf-8", "replace")
    source = Source(name, data.decode("utf-8", "replace"))
    at = Span(len(before), len(before) + 1)
    return report("E0017", Place(source, at), byte=f"0x{data[error.start]:02X}", offset=str(error.start))
