"""A file and all that it imports: each read and parsed once, in an order in which each comes after what it imports."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from msrun.dsl.check.names import enumerate_names
from msrun.dsl.check.near import nearest
from msrun.dsl.check.reach import Reach, Unreadable, locate
from msrun.dsl.diagnostic import Diagnostic, Edit, Place, report
from msrun.dsl.infer.order import order
from msrun.dsl.source import Span
from msrun.dsl.syntax.parse import Parsed, parse_bytes
from msrun.dsl.tree import Block, EnumDecl, ImportDecl, Program, Statement, TypeDecl


@dataclass(slots=True)
class Unit:
    """One file: its path below the root, its tree, where its imports lead, and what is wrong with them."""

    key: str
    parsed: Parsed
    imports: dict[Span, str] = field(default_factory=dict[Span, str])
    found: list[Diagnostic] = field(default_factory=list[Diagnostic])

    @property
    def folder(self) -> str:
        """The folder that its own imports start from, below the root."""
        return self.key.rpartition("/")[0]

    def place(self, span: Span) -> Place:
        """Return a place of this file."""
        return Place(self.parsed.program.source, span)


def link(parsed: Parsed, key: str, reach: Reach) -> list[Unit]:
    """Return the file itself, last, and before it every file that it imports, directly or not.

    `key` is the file's path below the root. Nothing is raised: an import that cannot be followed is a finding of its
    file, and so is one that closes a circle.
    """
    first = Unit(key, parsed)
    units = {key: first}
    pending = [first]
    for unit in pending:  # grows while it is walked
        for item in imports_of(unit.parsed.program):
            target = _follow(unit, item, reach, units)
            if target is not None:
                unit.imports[item.span] = target.key
                if target not in pending:
                    pending.append(target)
    names, cycles = order({name: list(unit.imports.values()) for name, unit in units.items()})
    for cycle in cycles:
        _cut(units, cycle)
    return [units[name] for name in names if name != key] + [first]


def imports_of(program: Program) -> Iterator[ImportDecl]:
    """Yield the imports of a file."""
    return (item for item in program.items if isinstance(item, ImportDecl))


def _follow(unit: Unit, item: ImportDecl, reach: Reach, units: dict[str, Unit]) -> Unit | None:
    """Return the file that an import names, read now where it was not yet; report why there is none."""
    key, refusal = locate(unit.folder, item.path)
    if refusal is not None:
        unit.found.append(report(refusal, unit.place(item.path_span), name=item.path))
        return None
    if key not in units:
        try:
            units[key] = Unit(key, parse_bytes(_title(unit, key), reach.read(key)))
        except FileNotFoundError:
            unit.found.append(_missing(unit, item, reach.offered(unit.folder)))
            return None
        except Unreadable as error:
            unit.found.append(report("E0108/unreadable", unit.place(item.path_span), name=item.path, why=error))
            return None
    return units[key]


def _title(unit: Unit, key: str) -> str:
    """How diagnostics name an imported file: as one would reach it from where the command was called."""
    beside = Path(unit.parsed.program.source.name).parent
    return os.path.normpath(beside / os.path.relpath(key, unit.folder or "."))


def _missing(unit: Unit, item: ImportDecl, known: list[str]) -> Diagnostic:
    near = nearest(item.path, known) or next((path for path in known if path.endswith("/" + item.path)), None)
    place = unit.place(item.path_span)
    if near is None:
        return report("E0108/alone", place, name=item.path, known=enumerate_names(known))
    return report("E0108", place, fix=[Edit(*place, f'"{near}"')], name=item.path, near=near)


def _cut(units: Mapping[str, Unit], cycle: tuple[str, ...]) -> None:
    """Report a circle at the import that enters it, and follow none of its imports, for each waits for another."""
    for name, then in pairwise(cycle):
        unit = units[name]
        spans = [span for span, key in unit.imports.items() if key == then]
        if name == cycle[0]:
            places = [item.path_span for item in imports_of(unit.parsed.program) if item.span in spans]
            unit.found.append(report("E0109", unit.place(places[0]), path=" → ".join(cycle)))
        for span in spans:
            del unit.imports[span]


# --- ids -------------------------------------------------------------------------------------------------------------


def own_ids(units: Iterable[Unit]) -> list[dict[str, str]]:
    """Return for each file the ids of its declarations that are not their names.

    The last file's ids are its names. A name of another one stays as it is unless a second file defines the same
    word; then the file's name stands before it: two files may both declare `Step`.
    """
    everything = list(units)
    if len(everything) == 1:
        return [{}]
    words = [set(_defined(unit.parsed.program)) for unit in everything]
    labels: dict[str, int] = {}
    found: list[dict[str, str]] = []
    for at, unit in enumerate(everything[:-1]):
        label = re.sub(r"\W", "_", unit.key.rpartition("/")[2].removesuffix(".plan"))
        labels[label] = labels.get(label, 0) + 1
        label += f"_{labels[label]}" if labels[label] > 1 else ""
        others = set[str]().union(*(known for other, known in enumerate(words) if other != at))
        found.append({name: f"{label}.{name}" for name in words[at] & others})
    return [*found, {}]


def _defined(program: Program) -> Iterator[str]:
    """Every word that a file makes a name of: declarations, nodes, inputs, binders; not what it imports."""
    pending: list[Statement | TypeDecl | EnumDecl] = [i for i in program.items if not isinstance(i, ImportDecl)]
    while pending:
        at = pending.pop()
        if at.name is not None and not (isinstance(at, Statement) and at.kind.text == "mock"):
            yield at.name.text
        if isinstance(at, Statement) and at.kind.text != "profile":  # profiles and mocks name what is declared
            yield from (param.name.text for param in at.params or ())
            yield from (clause.name.text for clause in at.clauses if clause.name is not None)
            pending.extend(_nested(at.block))


def _nested(block: Block | None) -> Iterator[Statement]:
    pending = [block] if block is not None else []
    while pending:
        for item in pending.pop().items:
            if isinstance(item, Statement):
                yield item
            elif (body := getattr(item, "body", None)) is not None:
                pending.append(body)
