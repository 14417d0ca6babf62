"""Reads rows from a file: JSON lines, CSV or plain text, each row with the words that say where it stands."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from msrun.trainers.port import TrainingFault

Row: TypeAlias = dict[str, Any]
"""One row of data: JSON values by column."""

Placed: TypeAlias = tuple[int, Row]
"""A row and the number of the line it begins on (of a generator: the row's own number), from 1."""

LINE_LIMIT_CHARS = 16 * 1024 * 1024


def read_jsonl(path: Path, stage: str) -> Iterator[Placed]:
    """Yield the JSON object of every line that is not blank; raises TrainingFault of kind "data" for any other."""
    for line, text in _lines(path, stage):
        if text.strip():
            yield line, _object(text, path, line, stage)


def read_text(path: Path, stage: str) -> Iterator[Placed]:
    """Yield {"text": line} for every line that is not blank, blanks at its ends removed."""
    for line, text in _lines(path, stage):
        if text.strip():
            yield line, {"text": text.strip()}


def read_csv(path: Path, stage: str) -> Iterator[Placed]:
    """Yield the rows of a CSV file with a header line (RFC 4180, UTF-8, a byte-order mark allowed); cells are texts."""
    import csv

    texts = (text for _, text in _lines(path, stage))
    reader = csv.reader(texts, strict=True)
    try:
        header = next(reader, None)
        if header is None:
            raise TrainingFault("data", stage, f"{path.name} is empty", help="a CSV file begins with a line of columns")
        _check_header(header, path, stage)
        begins = reader.line_num + 1
        for cells in reader:
            if cells and len(cells) != len(header):
                message = f"{path.name}, line {begins}: {len(cells)} cells where the header has {len(header)} columns"
                raise TrainingFault("data", stage, message, help="columns: " + ", ".join(header))
            if cells:
                yield begins, dict(zip(header, cells, strict=True))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise TrainingFault("data", stage, f"{path.name}, line {reader.line_num}: {error}") from error


READERS: Mapping[str, Callable[[Path, str], Iterator[Placed]]] = {
    "jsonl": read_jsonl,
    "csv": read_csv,
    "text": read_text,
}


def _check_header(header: list[str], path: Path, stage: str) -> None:
    twice = next((name for place, name in enumerate(header) if name in header[:place]), None)
    if twice is not None:
        raise TrainingFault("data", stage, f'{path.name}: the column "{twice}" stands twice in the header')


def _lines(path: Path, stage: str) -> Iterator[tuple[int, str]]:
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            while text := file.readline(LINE_LIMIT_CHARS + 1):
                number += 1
                if len(text) > LINE_LIMIT_CHARS:
                    limit = f"longer than {LINE_LIMIT_CHARS:,} characters"
                    raise TrainingFault("data", stage, f"{path.name}, line {number}: {limit}")
                yield number, text
    except UnicodeDecodeError as error:
        raise TrainingFault("data", stage, f"{path.name} is not UTF-8 after line {number}") from error
    except OSError as error:
        raise TrainingFault("missing", stage, f"{path.name} cannot be read: {error.strerror}") from error


def _object(text: str, path: Path, line: int, stage: str) -> Row:
    try:
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_no_twins)
    except (ValueError, RecursionError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise TrainingFault("data", stage, f"{path.name}, line {line}: not JSON: {why}") from error
    if not isinstance(value, dict):
        message = f"{path.name}, line {line}: {type(value).__name__}, not an object"
        raise TrainingFault("data", stage, message, help='one {"column": value} a line')
    return value  # pyright: ignore[reportUnknownVariableType] - JSON enters here


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON value")


def _no_twins(pairs: list[tuple[str, Any]]) -> Row:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return row
