"""A trained model answers held-out rows: labels, values, replies or hidden tokens, and the figures of these."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from msrun.trainers import figures as count
from msrun.trainers.causal_spec import LoopSpec, Schedule
from msrun.trainers.datasets import read_part
from msrun.trainers.evaluation import Evaluation, Folders
from msrun.trainers.inputs import labelled, pairs, texts
from msrun.trainers.port import Figure, Report, StageProgress, TrainingFault

_MISSES_KEPT = 100
_LIKELY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Figures, tables that are no single number, and the first answers that are wrong."""

    figures: Mapping[str, Figure]
    tables: Mapping[str, object] = field(default_factory=dict[str, object])
    misses: Sequence[Mapping[str, object]] = ()


def answered(job: Evaluation, folders: Folders, report: Report) -> Answered:
    """Let the model of a folder answer every row; the figures are those that the report names."""
    data = list(read_part(folders.rows, job.data.part))
    if job.by is not None:
        _check_column(data, job)
    if job.kind == "fill" or job.text:
        return _foretold(job, folders, data)
    if job.kind == "generate":
        return _replied(job, folders, data, report)
    return _judged(job, folders, data, report)


def _on_done(job: Evaluation, total: int, report: Report) -> Callable[[int], None]:
    def tell(done: int) -> None:
        report(StageProgress(stage=job.stage, step=done, steps=total, note="answers"))

    return tell


def _replied(job: Evaluation, folders: Folders, data: list[dict[str, Any]], report: Report) -> Answered:
    from msrun.trainers import greedy

    wanted = list(pairs(data, job.data, job.stage))
    given = greedy.replies(
        folders.model,
        [row["input"] for row in wanted],
        [row["output"] for row in wanted],
        batch=job.batch,
        on_done=_on_done(job, len(wanted), report),
    )
    right = [reply.strip() == row["output"].strip() for reply, row in zip(given, wanted, strict=True)]
    found: dict[str, Figure] = count.wilson("exact_match", sum(right), len(right))
    found["rows"] = len(right)
    found["seen_in_training"] = _seen(job, folders, wanted, "input")
    if "token_f1" in job.report:
        scores = [count.token_f1(row["output"], reply) for row, reply in zip(wanted, given, strict=True)]
        found |= count.bootstrap("token_f1", scores, count.mean)
    if "perplexity" in job.report:
        found |= _perplexity(_output_losses(folders.model, wanted))
    if job.by is not None:
        found |= _by_group("exact_match", data, right, job.by)
    misses = [{**row, "reply": reply} for row, reply, hit in zip(wanted, given, right, strict=True) if not hit]
    return Answered(figures=count.chosen(found, job.report), misses=misses[:_MISSES_KEPT])


def _judged(job: Evaluation, folders: Folders, data: list[dict[str, Any]], report: Report) -> Answered:
    from msrun.trainers.judging import judge

    rows = list(labelled(data, job.data, job.stage))
    logits = judge(
        folders.model, [row["text"] for row in rows], batch=job.batch, on_done=_on_done(job, len(rows), report)
    )
    always: dict[str, Figure] = {"rows": len(rows), "seen_in_training": _seen(job, folders, rows, "text")}
    if job.kind == "regress":
        return Answered(figures=_of_values(job, rows, logits) | always)
    labels = job.head.labels
    true = [_labels_of(row["label"]) for row in rows]
    given = [_given(one, labels, several=job.head.several) for one in logits]
    right = [one == other for one, other in zip(true, given, strict=True)]
    found: dict[str, Figure] = {**count.wilson("accuracy", sum(right), len(right)), **always}
    both = list(zip(true, given, strict=True))
    if "macro_f1" in job.report:
        found |= count.bootstrap("macro_f1", both, lambda some: count.f1_of_sets(some, labels))
    if job.by is not None:
        found |= _by_group("accuracy", data, right, job.by)
    tables: dict[str, object] = {}
    if "confusion" in job.report and not job.head.several:
        tables["confusion"] = count.confusion([(min(one), min(other)) for one, other in both], labels)
    misses = [
        {"text": row["text"], "label": row["label"], "given": sorted(other)}
        for row, other, hit in zip(rows, given, right, strict=True)
        if not hit
    ]
    return Answered(figures=count.chosen(found, job.report), tables=tables, misses=misses[:_MISSES_KEPT])


def _labels_of(label: Any) -> frozenset[str]:
    return frozenset(str(one) for one in label) if isinstance(label, list) else frozenset((str(label),))  # pyright: ignore


def _given(logits: Sequence[float], labels: Sequence[str], *, several: bool) -> frozenset[str]:
    if several:
        likely = math.log(_LIKELY / (1 - _LIKELY))
        return frozenset(label for label, logit in zip(labels, logits, strict=True) if logit > likely)
    return frozenset((labels[max(range(len(logits)), key=lambda at: logits[at])],))


def _of_values(job: Evaluation, rows: Sequence[Mapping[str, Any]], logits: list[list[float]]) -> dict[str, Figure]:
    try:
        both = [(float(row["label"]), one[0]) for row, one in zip(rows, logits, strict=True)]
    except (TypeError, ValueError) as error:
        raise TrainingFault("data", job.stage, f"a label of {job.data} is no number: {error}") from error
    errors = [(one - other) ** 2 for one, other in both]
    found: dict[str, Figure] = {}
    if "mean_squared_error" in job.report:
        found |= count.bootstrap("mean_squared_error", errors, count.mean)
    if "pearson" in job.report:
        found |= count.bootstrap("pearson", both, count.pearson)
    return found


def _foretold(job: Evaluation, folders: Folders, data: list[dict[str, Any]]) -> Answered:
    """How well the model foretells the tokens of held-out texts: hidden ones, or every next one."""
    parts = list(_text_losses(job, folders.model, data))
    found: dict[str, Figure] = {**_perplexity(parts), "rows": len(data)}
    found["seen_in_training"] = _seen(job, folders, data, "text")
    return Answered(figures=count.chosen(found, job.report))


def _perplexity(parts: Sequence[tuple[float, int]]) -> dict[str, Figure]:
    """The exponential of the mean loss a token, of parts with their summed loss and tokens."""

    def figure(some: Sequence[tuple[float, int]]) -> float:
        return math.exp(min(sum(loss for loss, _ in some) / max(1, sum(tokens for _, tokens in some)), 700))

    return count.bootstrap("perplexity", parts, figure)


def _output_losses(folder: Path, rows: Sequence[Mapping[str, str]]) -> list[tuple[float, int]]:
    import torch
    from transformers import AutoModelForCausalLM

    from msrun.trainers.causal import output_loss
    from msrun.trainers.causal_rows import encode, padded
    from msrun.trainers.making import load_tokenizer

    # transformers leaves the types of what it loads open
    model: Any = cast("Any", AutoModelForCausalLM).from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    tokenizer = load_tokenizer(folder)
    model.eval()
    encoded = encode(rows, tokenizer, positions=2**31, most=None)
    micros = padded(encoded, range(len(encoded)), 4096, cast("int", tokenizer.pad_token_id))
    with torch.inference_mode():
        return [(float(output_loss(model, micro)), micro.scored_count) for micro in micros]


def _text_losses(job: Evaluation, folder: Path, data: Sequence[Mapping[str, Any]]) -> Iterator[tuple[float, int]]:
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForPreTraining

    from msrun.trainers.encoder import EncoderTask
    from msrun.trainers.finetuning import places
    from msrun.trainers.making import load_tokenizer
    from msrun.trainers.plain_text import TextTask, pieces_of
    from msrun.trainers.sentence_pairs import Examples, encode_documents, masking_of

    tokenizer: Any = load_tokenizer(folder)
    spec = LoopSpec(steps=1, batch=job.batch, seed=0, lr=Schedule())
    documents = [
        row["sentences"] if "sentences" in row else list(texts([dict(row)], job.data, job.stage)) for row in data
    ]
    encoded = encode_documents(documents, tokenizer)
    kinds: Any = AutoModelForCausalLM if job.text else AutoModelForMaskedLM
    if not job.text and "BertForPreTraining" in (folder / "config.json").read_text(encoding="utf-8"):
        kinds = AutoModelForPreTraining
    model: Any = kinds.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    model.eval()
    length, pad = places(model), int(tokenizer.pad_token_id)
    task: Any
    if job.text:
        pieces = pieces_of(encoded, length, int(tokenizer.eos_token_id))
        total, name = len(pieces), "clm"
        task = TextTask(pieces, spec, length, pad)
    else:
        masking = masking_of(tokenizer, share=0.15, whole_words=False)
        begin, separator = int(tokenizer.cls_token_id), int(tokenizer.sep_token_id)
        examples = Examples(encoded, length, 0, begin, separator, masking, pairs=False)
        total, name = len(examples), "mlm"
        offset = pad + 1 if model.config.model_type == "roberta" else 0
        task = EncoderTask(examples, spec, pad, offset)
    with torch.inference_mode():
        for step in range(-(-total // job.batch)):
            for micro in task.batch(step):
                yield float(task.losses(model, micro)[name]), micro.counts[name]


def _seen(job: Evaluation, folders: Folders, rows: Sequence[Mapping[str, Any]], column: str) -> int:
    learnt = {str(row.get(column)) for row in read_part(folders.trained_on, job.trained_on.part)}
    return sum(str(row.get(column)) in learnt for row in rows)


def _check_column(data: list[dict[str, Any]], job: Evaluation) -> None:
    for number, row in enumerate(data, start=1):
        if job.by not in row:
            columns = ", ".join(row)
            raise TrainingFault("data", job.stage, f'row {number} of {job.data} has no "{job.by}" (columns: {columns})')


def _by_group(name: str, data: list[dict[str, Any]], right: list[bool], by: str) -> dict[str, Figure]:
    hits: dict[str, list[bool]] = defaultdict(list)
    for row, hit in zip(data, right, strict=True):
        hits[str(row[by])].append(hit)
    return {f"{name}[{group}]": sum(found) / len(found) for group, found in sorted(hits.items())}
