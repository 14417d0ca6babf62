"""The `tokenizer` stage: `chars(data) { pieces: […] }` becomes a tokenizer folder in Hugging Face layout."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from msrun.dsl.plan import Node, Value
from msrun.trainers.chars import CharsSpec, build_chars
from msrun.trainers.datasets import Dataset, read_part
from msrun.trainers.inputs import RowsOf, rows_of, texts
from msrun.trainers.port import Figure
from msrun.trainers.settings import Settings, action, of_stage, plain, spelled, suggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokenizing:
    """What one `tokenizer` statement says, checked."""

    stage: str
    data: RowsOf
    spec: CharsSpec


def read_tokenizing(node: Node, datasets: Mapping[str, Dataset]) -> Tokenizing:
    """Return what a `tokenizer` node says; raises TrainingFault where it cannot be."""
    settings, made = of_stage(node), action(node).value
    settings.only(("pieces", "min_count", "positions"))
    if made.name != "chars":
        raise settings.fault(f"there is no tokenizer `{made.name}`", suggestion(made.name, ("chars",)))
    if len(made.args) != 1 or made.named:
        raise settings.fault("chars(…) takes one dataset", "write chars(questions)")
    defaults = CharsSpec()
    spec = CharsSpec(
        pieces=_pieces(settings.values.get("pieces", ()), settings),
        min_count=settings.whole("min_count", defaults.min_count),
        positions=settings.whole("positions", defaults.positions),
    )
    data = rows_of(made.args[0], "chars(…)", settings, datasets, bare=("train",))
    return Tokenizing(stage=node.id, data=data, spec=spec)


def _pieces(value: Value, settings: Settings) -> tuple[str, ...]:
    pieces = [plain(piece) for piece in value] if isinstance(value, tuple) else []
    if not isinstance(value, tuple) or not all(pieces):
        raise settings.fault(f"`pieces` must be a list of texts, not {spelled(value)}", 'pieces: ["plan: ", "[]"]')
    return tuple(dict.fromkeys(piece for piece in pieces if piece))


def make_tokenizer(job: Tokenizing, rows: Path, into: Path) -> Mapping[str, Figure]:
    """Build the tokenizer from a dataset's folder and save it; returns its vocabulary's size."""
    tokenizer = build_chars(texts(read_part(rows, job.data.part), job.data, job.stage), job.spec)
    cast("Any", tokenizer).save_pretrained(into)  # transformers leaves its parameters' types open
    return {"vocabulary": len(tokenizer)}
