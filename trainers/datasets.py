"""The `dataset` stage: rows from a file or a generator become parts of checked rows, one JSON object a line."""

import hashlib
import itertools
import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, cast

from msrun.dsl.plan import Made, Name, Node, Value, ValueMap
from msrun.dsl.shapes import EnumDef, TypeDef
from msrun.trainers import generator
from msrun.trainers.paths import existing_file
from msrun.trainers.port import Figure, Report, StageProgress, TrainingFault
from msrun.trainers.rows import READERS, Placed, Row
from msrun.trainers.settings import Settings, action, column, of_stage, plain, spelled, suggestion
from msrun.trainers.split import UNSPLIT, Split, read_split

ROLES = ("input", "output", "text", "label", "id")
"""Settings that name the column a stage downstream reads under this name."""

ROW_LIMIT = 10_000_000
"""A generator that gives more rows than this is stopped."""

_REPORT_EVERY_ROWS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What one `dataset` statement says, checked. `reader` is python, jsonl, csv or text; `target` what it reads."""

    stage: str
    reader: str
    target: str
    function: str = ""
    named: tuple[tuple[str, object], ...] = ()
    columns: tuple[tuple[str, str], ...] = ()  # role, column
    labels: tuple[str, ...] = ()
    split: Split = UNSPLIT
    limit: int | None = None
    dedup: str | None = None  # column; "" is the whole row

    @property
    def grant(self) -> str | None:
        """The grant that the operator must have given, None where no code runs."""
        return f"dataset:{self.stage}" if self.reader == "python" else None

    @property
    def source(self) -> str:
        """What the rows are read from, for messages."""
        return f"{self.target}:{self.function}" if self.reader == "python" else Path(self.target).name


def read_dataset(node: Node, types: Mapping[str, TypeDef]) -> Dataset:
    """Return what a `dataset` node says; raises TrainingFault where it cannot be."""
    settings, made = of_stage(node), action(node).value
    settings.only((*ROLES, "labels", "split", "limit", "dedup"))
    target, function = _target(made, settings)
    return Dataset(
        stage=node.id,
        reader=made.name,
        target=target,
        function=function,
        named=tuple((name, _json(value, settings)) for name, value in made.named),
        columns=tuple((role, name) for role in ROLES if (name := settings.column(role)) is not None),
        labels=_labels(settings, types),
        split=read_split(settings.values.get("split"), settings),
        limit=settings.whole("limit") if "limit" in settings.values else None,
        dedup=_dedup(settings),
    )


def _target(made: Made, settings: Settings) -> tuple[str, str]:
    if made.name != "python" and made.name not in READERS:
        known = ("python", *READERS)
        raise settings.fault(f"a dataset cannot be read with `{made.name}`", suggestion(made.name, known))
    first = plain(made.args[0]) if len(made.args) == 1 else None
    if first is None:
        raise settings.fault(f"{made.name}(…) takes one text", f'write {made.name}("data/questions.jsonl")')
    if made.name != "python":
        if made.named:
            raise settings.fault(f"{made.name}(…) takes no `{made.named[0][0]}`")
        return first, ""
    module, colon, function = first.partition(":")
    if not colon or not function.isidentifier():
        raise settings.fault(f'"{first}" names no function', 'write python("module:function")')
    return module, function


def _labels(settings: Settings, types: Mapping[str, TypeDef]) -> tuple[str, ...]:
    value = settings.values.get("labels")
    if value is None:
        return ()
    found = types.get(value.path) if isinstance(value, Name) else None
    if not isinstance(found, EnumDef):
        raise settings.fault(f"`labels` must name an enum, not {spelled(value)}")
    if "label" not in settings.values:
        raise settings.fault("`labels` is given, but no column holds them", "add `label: .column`")
    return tuple(label for label, _ in found.labels)


def _dedup(settings: Settings) -> str | None:
    match settings.values.get("dedup"):
        case None:
            return None
        case Name("exact"):
            return ""
        case Made("exact", (accessor,), ()):
            return column(accessor, settings, "`dedup`")
        case other:
            raise settings.fault(f"`dedup` must be exact or exact(.column), not {spelled(other)}")


def _json(value: Value, settings: Settings) -> object:
    """Return a plan's value as plain JSON data, as a generator function takes it."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case tuple():
            return [_json(item, settings) for item in value]
        case ValueMap(entries):
            return {key: _json(item, settings) for key, item in entries}
        case _ if (text := plain(value)) is not None:
            return text
        case _:
            raise settings.fault(f"a generator takes plain values, not {spelled(value)}")


def fingerprint(dataset: Dataset, root: Path) -> str:
    """Return a hash of what the rows come from: the file's bytes, or the source of the generator. No code runs."""
    if dataset.reader == "python":
        return generator.fingerprint(root, dataset.target, dataset.stage)
    with existing_file(root, dataset.target, dataset.stage).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_parts(
    dataset: Dataset, root: Path, into: Path, report: Report, *, sample: int | None = None
) -> Mapping[str, Figure]:
    """Read all rows (the first `sample` where given) and write PART.jsonl into a folder; returns rows by part."""
    key, choose = dataset.split.by, dataset.split.chooser()
    counts = dict.fromkeys(dataset.split.parts, 0)
    with ExitStack() as stack:
        files = {part: stack.enter_context(_open(into, part)) for part in counts}
        rows = stack.enter_context(closing(_checked(dataset, root)))
        for number, row in enumerate(itertools.islice(rows, _least(dataset.limit, sample)), start=1):
            part = choose(row if key is None else row[key])
            files[part].write(json.dumps(row, ensure_ascii=False) + "\n")
            counts[part] += 1
            if number % _REPORT_EVERY_ROWS == 0:
                report(StageProgress(stage=dataset.stage, step=number, steps=dataset.limit, note="rows"))
    if sample is None or not any(counts.values()):
        _refuse_empty(dataset, counts)
    return {"rows": sum(counts.values()), **({} if len(counts) == 1 else {f"rows_{p}": n for p, n in counts.items()})}


def _open(into: Path, part: str) -> TextIO:
    return (into / f"{part}.jsonl").open("w", encoding="utf-8", newline="\n")


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _refuse_empty(dataset: Dataset, counts: Mapping[str, int]) -> None:
    empty = next((part for part, count in counts.items() if count == 0), None)
    if empty is not None:
        of = f"no row of {dataset.source} fell into `{empty}`" if sum(counts.values()) else f"{dataset.source} is empty"
        raise TrainingFault("data", dataset.stage, of)


def _checked(dataset: Dataset, root: Path) -> Generator[Row, None, None]:
    """Yield rows with their roles filled in, each checked, duplicates left out."""
    seen = set[bytes]()
    wanted = {name for name in (dataset.split.by, dataset.dedup) if name}
    with closing(_placed(dataset, root)) as placed:
        for number, (line, row) in enumerate(placed, start=1):
            missing = next((c for c in (*dict(dataset.columns).values(), *wanted) if c not in row), None)
            if missing is not None:
                raise _row_fault(dataset, number, line, f'has no column "{missing}"', "columns: " + ", ".join(row))
            filled = row | {role: row[name] for role, name in dataset.columns}
            if dataset.labels and filled["label"] not in dataset.labels:
                help_ = suggestion(str(filled["label"]), dataset.labels)
                raise _row_fault(dataset, number, line, f'has the unknown label "{filled["label"]}"', help_)
            if dataset.dedup is None or not _twin(row[dataset.dedup] if dataset.dedup else row, seen):
                yield filled


def _twin(key: Any, seen: set[bytes]) -> bool:
    mark = hashlib.blake2b(json.dumps(key, ensure_ascii=False, sort_keys=True).encode(), digest_size=16).digest()
    if mark in seen:
        return True
    seen.add(mark)
    return False


def _row_fault(dataset: Dataset, number: int, line: int, what: str, help_: str) -> TrainingFault:
    where = f"row {number} of {dataset.source}"
    place = where if dataset.reader == "python" else f"{where} (line {line})"
    return TrainingFault("data", dataset.stage, f"{place} {what}", help=help_)


def _placed(dataset: Dataset, root: Path) -> Generator[Placed, None, None]:
    if dataset.reader != "python":
        yield from READERS[dataset.reader](existing_file(root, dataset.target, dataset.stage), dataset.stage)
        return
    rows = generator.generate(root, dataset.target, dataset.function, dict(dataset.named), dataset.stage)
    with closing(rows):
        for number, row in enumerate(rows, start=1):
            if number > ROW_LIMIT:
                raise TrainingFault("data", dataset.stage, f"{dataset.source} gave more than {ROW_LIMIT:,} rows")
            yield number, _plain_row(row, dataset, number)


def _plain_row(row: object, dataset: Dataset, number: int) -> Row:
    """Return the row as it reads back from JSON, so that a generator's tuples and files' lists are the same."""
    try:
        found = json.loads(json.dumps(row, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise _row_fault(dataset, number, number, f"is no JSON: {error}", "rows are dicts of plain values") from error
    if not isinstance(found, dict):
        raise _row_fault(dataset, number, number, f"is {type(row).__name__}, not a dict", "rows are dicts")
    return cast("Row", found)


def read_part(folder: Path, part: str) -> Iterator[Row]:
    """Yield the rows of a part that `write_parts` wrote."""
    with (folder / f"{part}.jsonl").open(encoding="utf-8") as file:
        yield from map(json.loads, file)
