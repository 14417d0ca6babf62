"""Looks into a source of rows for a check: which columns and labels there are, and where the first wrong one stands."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from msrun.dsl.facts import Asked, DataUnreadable, LabelSeen, Lacking, RowsSeen
from msrun.trainers.paths import existing_file, matching
from msrun.trainers.port import TrainingFault
from msrun.trainers.rows import READERS, Placed

MOST_ROWS = 1_000_000
"""Rows that a check reads of one source; the others are checked when training begins."""


def look(asked: Asked, root: Path) -> RowsSeen | None:
    """Return what stands in a source below `root`, None where it cannot be read without a package that is not here.

    Raises FileNotFoundError where nothing is there or the path leads elsewhere, DataUnreadable where it is no rows.
    """
    if asked.reader not in READERS and asked.reader != "files":
        return None
    try:
        if asked.reader == "files":
            return RowsSeen(rows=len(matching(root, asked.path, "")))
        return _seen(asked, READERS[asked.reader](existing_file(root, asked.path, ""), ""))
    except TrainingFault as fault:
        if fault.kind in ("missing", "path"):
            raise FileNotFoundError(asked.path) from None
        raise DataUnreadable(fault.message) from None


def _seen(asked: Asked, placed: Iterator[Placed]) -> RowsSeen:
    columns: tuple[str, ...] = ()
    labels: dict[str, LabelSeen] = {}
    lacking: dict[str, Lacking] = {}
    count = 0
    for number, (line, row) in enumerate(islice(placed, MOST_ROWS), start=1):
        count, columns = number, columns or tuple(row)
        for column in asked.columns:
            if column not in row and column not in lacking:
                lacking[column] = Lacking(column=column, row=number, line=line)
        for label in _labels(row.get(asked.label)) if asked.label in row else ():
            first = labels.get(label)
            labels[label] = (
                LabelSeen(label=label, row=number, line=line)
                if first is None
                else LabelSeen(label=label, count=first.count + 1, row=first.row, line=first.line)
            )
    whole = next(placed, None) is None
    return RowsSeen(
        rows=count, columns=columns, labels=tuple(labels.values()), lacking=tuple(lacking.values()), whole=whole
    )


def _labels(value: object) -> list[str]:
    """The labels of a row: one, or a list of them."""
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - JSON
