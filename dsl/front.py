"""The front door of the language: a file's text to its meaning and everything there is to say about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from msrun.dsl.check.names import File
from msrun.dsl.check.program import Around, Meaning, check
from msrun.dsl.check.reach import Reach
from msrun.dsl.diagnostic import Diagnostic
from msrun.dsl.facts import NOTHING as NO_FACTS
from msrun.dsl.facts import Facts
from msrun.dsl.plan import Module
from msrun.dsl.source import Source
from msrun.dsl.syntax.parse import Parsed, parse, parse_bytes
from msrun.dsl.tree import ImportDecl, Program

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Studied:
    """One file as the checker left it: its tree, and its names with what stands at which place."""

    program: Program
    file: File


@dataclass(frozen=True, slots=True)
class Study:
    """A checked file, `files[-1]`, and before it all that it imports, for those that ask about places: editors."""

    checked: "Checked"
    files: tuple[Studied, ...]

    @property
    def main(self) -> Studied:
        """The file itself."""
        return self.files[-1]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file means, and what was found in it. There is no module where there is an error."""

    module: Module | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        """Whether there is no error; warnings may be there."""
        return self.module is not None


def check_text(
    name: str,
    text: str,
    *,
    base: Path | None = None,
    root: Path | None = None,
    beside: Mapping[str, str] = NOTHING,
    facts: Facts = NO_FACTS,
) -> Checked:
    """Check the text of a plan file. `name` stands in front of line numbers, `base` is where relative paths start.

    Imports reach the files below `root`, a folder that `base` lies in or is; where there is none, those below `base`.
    `beside` has texts that stand for files, by their paths below the root: an editor's unsaved ones. `facts` tell of
    data files and the device that trains; without them, what depends on these is not said.
    What is found in imported files is found too, under their own names. Never raises on any text: every finding is a
    diagnostic, sorted by its place.

    >>> check_text("x.plan", "plan x() { return y }").diagnostics[0].code
    'E0101'
    """
    return study(parse(Source(name, text)), base=base, root=root, beside=beside, facts=facts).checked


def study(
    parsed: Parsed,
    *,
    base: Path | None = None,
    root: Path | None = None,
    beside: Mapping[str, str] = NOTHING,
    facts: Facts = NO_FACTS,
) -> Study:
    """Check a parsed file as `check_text` does, and keep what came to be known of its places and its imports'."""
    if not any(isinstance(item, ImportDecl) for item in parsed.program.items):
        meaning = check(parsed.program, parsed.diagnostics, _around(base, root, beside, facts))
        findings: tuple[Diagnostic, ...] = (*parsed.diagnostics, *meaning.found)
        files: tuple[Studied, ...] = (Studied(parsed.program, meaning.file),)
    else:
        meaning, findings, files = _check_linked(parsed, base, root, beside, facts)
    checked = Checked(meaning.module, tuple(sorted(findings, key=lambda finding: finding.sort_key)))
    return Study(checked, files)


def _around(base: Path | None, root: Path | None, beside: Mapping[str, str], facts: Facts) -> Around:
    """Where the file stands, and how the files are read that it names; of a text alone nothing is known."""
    below = "" if root is None or base is None else base.resolve().relative_to(root.resolve()).as_posix()
    files = Reach(base if root is None else root, beside) if base is not None or root is not None or beside else None
    return Around(folder=below.removeprefix("."), files=files, facts=facts)


def _check_linked(
    parsed: Parsed, base: Path | None, root: Path | None, beside: Mapping[str, str], facts: Facts
) -> tuple[Meaning, tuple[Diagnostic, ...], tuple[Studied, ...]]:
    """Check a file after all that it imports; return its meaning and what was found in all of them."""
    from msrun.dsl.check.linked import link, own_ids

    name = Path(parsed.program.source.name).name
    at = _around(base, root, beside, facts)
    units = link(parsed, f"{at.folder}/{name}".removeprefix("/"), at.files or Reach(None))
    files: dict[str, File] = {}
    findings: list[Diagnostic] = []
    studied: list[Studied] = []
    meaning: Meaning | None = None
    for unit, ids in zip(units, own_ids(units), strict=True):
        around = Around(
            imports={span: files[key] for span, key in unit.imports.items() if key in files},
            found=tuple(unit.found),
            ids=ids,
            folder=unit.folder,
            files=at.files,
            library=unit is not units[-1],
            facts=facts if unit is units[-1] else NO_FACTS,
        )
        meaning = check(unit.parsed.program, unit.parsed.diagnostics, around)
        if unit.parsed.program.items or not unit.parsed.diagnostics:  # else nothing is known of what it declares
            files[unit.key] = meaning.file
        findings += (*unit.parsed.diagnostics, *meaning.found)
        studied.append(Studied(unit.parsed.program, meaning.file))
    assert meaning is not None  # noqa: S101 - the file itself is the last of the units
    return meaning, tuple(findings), tuple(studied)


def check_file(path: Path, *, root: Path | None = None, facts: Facts = NO_FACTS) -> Checked:
    """Check a plan file. OSError where it cannot be read; bytes that are no UTF-8 are finding E0017."""
    return check_bytes(str(path), path.read_bytes(), base=path.parent, root=root, facts=facts)


def check_bytes(
    name: str, data: bytes, *, base: Path | None = None, root: Path | None = None, facts: Facts = NO_FACTS
) -> Checked:
    """Check what stands in a file, as `check_text` does its text."""
    return study(parse_bytes(name, data), base=base, root=root, facts=facts).checked
