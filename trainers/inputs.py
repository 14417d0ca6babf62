"""What a stage reads: rows of a dataset's part, named `questions.train` in the plan, checked against the statements."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from msrun.dsl.plan import Name, Value
from msrun.trainers.port import TrainingFault
from msrun.trainers.rows import Row
from msrun.trainers.settings import Settings, spelled, suggestion
from msrun.trainers.split import WHOLE, Split, names


class Data(Protocol):
    """What has parts: a dataset or a corpus."""

    @property
    def split(self) -> Split:
        """Its parts."""
        ...


@dataclass(frozen=True, slots=True)
class RowsOf:
    """A part of a dataset."""

    stage: str
    part: str

    def __str__(self) -> str:
        return names((self.part,), self.stage)


def rows_of(
    value: Value, label: str, settings: Settings, datasets: Mapping[str, Data], *, bare: Sequence[str]
) -> RowsOf:
    """Return the part that `questions.test` names; `questions` alone is the first part of `bare` that there is.

    Raises TrainingFault where the dataset or the part is not there, or the bare name leaves it open.
    """
    if not isinstance(value, Name):
        raise settings.fault(f"{label} must name a dataset, not {spelled(value)}")
    stage, _, part = value.path.partition(".")
    if stage not in datasets:
        raise settings.fault(
            f"{label} names `{stage}`, which is no dataset or corpus", suggestion(stage, list(datasets))
        )
    parts = datasets[stage].split.parts
    found = part or next((name for name in (*bare, WHOLE) if name in parts), "")
    if found not in parts:
        what = f"`{stage}` has no part `{part}`" if part else f"{label} must say which part of `{stage}`"
        raise settings.fault(what, "parts: " + names(parts, stage))
    return RowsOf(stage, found)


def pairs(rows: Iterable[Row], source: RowsOf, stage: str) -> Iterator[dict[str, str]]:
    """Yield rows of {"input", "output"} texts; raises TrainingFault naming the first row that is none."""
    for number, row in enumerate(rows, start=1):
        for role in ("input", "output"):
            if not isinstance(row.get(role), str):
                raise _not_text(row, role, number, source, stage)
        yield {"input": row["input"], "output": row["output"]}


def labelled(rows: Iterable[Row], source: RowsOf, stage: str) -> Iterator[Row]:
    """Yield rows that have a text and a label; raises TrainingFault naming the first row that has not."""
    for number, row in enumerate(rows, start=1):
        if not isinstance(row.get("text"), str):
            raise _not_text(row, "text", number, source, stage)
        if row.get("label") in (None, ""):
            raise TrainingFault("data", stage, f"row {number} of {source} has no label", help="label: .topic")
        yield row


def texts(rows: Iterable[Row], source: RowsOf, stage: str) -> Iterator[str]:
    """Yield every text of the rows' input, output and text columns; raises TrainingFault where there is none."""
    empty = True
    for row in rows:
        for role in ("input", "output", "text"):
            if isinstance(row.get(role), str):
                empty = False
                yield row[role]
    if empty:
        raise TrainingFault("data", stage, f"no row of {source} has a text under input, output or text", help=_HELP)


def _not_text(row: Row, role: str, number: int, source: RowsOf, stage: str) -> TrainingFault:
    if role not in row:
        what = f'row {number} of {source} has no "{role}" (columns: {", ".join(row)})'
    else:
        what = f'row {number} of {source}: "{role}" is {type(row[role]).__name__}, a text is needed'
    return TrainingFault("data", stage, what, help=_HELP)


_HELP = "say in the dataset which columns they are: input: .question  output: .answer"
