"""The `tokenizer` stage: `chars(data)` or `wordpiece(data) { vocab: 8k }` becomes a folder in Hugging Face layout."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from msrun.dsl.plan import Node, Value
from msrun.trainers.chars import CharsSpec, build_chars
from msrun.trainers.corpus import Corpus
from msrun.trainers.datasets import Dataset, read_part
from msrun.trainers.inputs import RowsOf, rows_of, texts
from msrun.trainers.port import Figure
from msrun.trainers.settings import Settings, action, of_stage, plain, spelled, suggestion
from msrun.trainers.subwords import Algorithm, SubwordSpec, build_subwords

ALGORITHMS: Mapping[str, Algorithm] = {"wordpiece": "wordpiece", "bpe": "bpe", "unigram": "unigram"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokenizing:
    """What one `tokenizer` statement says, checked."""

    stage: str
    data: RowsOf
    spec: CharsSpec | SubwordSpec


def read_tokenizing(node: Node, data: Mapping[str, Dataset | Corpus]) -> Tokenizing:
    """Return what a `tokenizer` node says; raises TrainingFault where it cannot be."""
    settings, made = of_stage(node), action(node).value
    if made.name != "chars" and made.name not in ALGORITHMS:
        raise settings.fault(f"there is no tokenizer `{made.name}`", suggestion(made.name, ("chars", *ALGORITHMS)))
    if len(made.args) != 1 or made.named:
        raise settings.fault(f"{made.name}(…) takes one dataset or corpus", f"write {made.name}(questions)")
    spec = _chars(settings) if made.name == "chars" else _subwords(ALGORITHMS[made.name], settings)
    source = rows_of(made.args[0], f"{made.name}(…)", settings, data, bare=("train",))
    return Tokenizing(stage=node.id, data=source, spec=spec)


def _chars(settings: Settings) -> CharsSpec:
    settings.only(("pieces", "min_count", "positions"))
    known = CharsSpec()
    return CharsSpec(
        pieces=_pieces(settings.values.get("pieces", ()), settings),
        min_count=settings.whole("min_count", known.min_count),
        positions=settings.whole("positions", known.positions),
    )


def _subwords(algorithm: Algorithm, settings: Settings) -> SubwordSpec:
    counted = () if algorithm == "unigram" else ("min_count",)
    settings.only(("pieces", "positions", "vocab", "lowercase", *counted))
    return SubwordSpec(
        algorithm=algorithm,
        vocab=settings.whole("vocab", low=8),
        pieces=_pieces(settings.values.get("pieces", ()), settings),
        min_count=settings.whole("min_count", 1),
        positions=settings.whole("positions", 512),
        lowercase=settings.values.get("lowercase") is True,
    )


def _pieces(value: Value, settings: Settings) -> tuple[str, ...]:
    pieces = [plain(piece) for piece in value] if isinstance(value, tuple) else []
    if not isinstance(value, tuple) or not all(pieces):
        raise settings.fault(f"`pieces` must be a list of texts, not {spelled(value)}", 'pieces: ["plan: ", "[]"]')
    return tuple(dict.fromkeys(piece for piece in pieces if piece))


def make_tokenizer(job: Tokenizing, rows: Path, into: Path) -> Mapping[str, Figure]:
    """Build the tokenizer from a dataset's or corpus's folder and save it; returns its vocabulary's size."""
    source: Iterable[str] = texts(read_part(rows, job.data.part), job.data, job.stage)
    spec = job.spec
    tokenizer = build_chars(source, spec) if isinstance(spec, CharsSpec) else build_subwords(source, spec)
    cast("Any", tokenizer).save_pretrained(into)  # transformers leaves its parameters' types open
    return {"vocabulary": len(tokenizer)}
