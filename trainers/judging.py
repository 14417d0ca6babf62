"""Learns and gives labels and values of texts: cross-entropy over labels, of each label by itself, or squared error."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from msrun.trainers.causal_rows import Order
from msrun.trainers.causal_spec import LoopSpec
from msrun.trainers.loop import Micro

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


def encode_texts(texts: Sequence[str], tokenizer: Any, length: int) -> list["array[int]"]:
    """Return the tokens of every text with the special tokens around it, cut to `length`."""
    if not texts:
        return []
    encoded: list[list[int]] = tokenizer(list(texts), truncation=True, max_length=length)["input_ids"]
    return [array("i", ids) for ids in encoded]


@dataclass(frozen=True, slots=True, eq=False)
class JudgeTask:
    """Learn what each text is: `targets` has a label's number, a 0 or 1 for each label, or a value."""

    texts: Sequence["array[int]"]
    targets: Sequence[Sequence[float]]
    kind: Literal["classify", "regress", "generate"]
    several: bool
    spec: LoopSpec
    pad: int

    def batch(self, step: int) -> Sequence[Micro]:
        """Return the texts of one step, those of like length together."""
        chosen = sorted(self._rows(step), key=lambda at: len(self.texts[at]))
        groups: list[list[int]] = [[]]
        for at in chosen:
            if groups[-1] and (len(groups[-1]) + 1) * len(self.texts[at]) > self.spec.micro_tokens:
                groups.append([])
            groups[-1].append(at)
        return [self._micro(group) for group in groups]

    def _micro(self, group: Sequence[int]) -> Micro:
        import torch

        tokens, mask = padded([self.texts[at] for at in group], self.pad)
        targets = torch.tensor([self.targets[at] for at in group])
        count = targets.numel() if self.several else len(group)
        return Micro(
            tensors={"tokens": tokens, "mask": mask, "targets": targets},
            counts={"label": count},
            tokens=int(mask.sum()),
        )

    def losses(self, model: "PreTrainedModel", micro: Micro) -> "Mapping[str, torch.Tensor]":
        """Return the summed loss of the texts."""
        tensors = micro.tensors
        logits = cast("Any", model)(input_ids=tensors["tokens"], attention_mask=tensors["mask"]).logits
        return {"label": judge_loss(logits, tensors["targets"], self.kind, several=self.several)}

    def describe(self, step: int) -> str:
        """Name the rows."""
        return "rows " + ", ".join(str(row + 1) for row in self._rows(step)[:20])

    def _rows(self, step: int) -> list[int]:
        return Order(len(self.texts), self.spec.seed).rows(step, self.spec.batch)


def judge_loss(logits: "torch.Tensor", targets: "torch.Tensor", kind: str, *, several: bool) -> "torch.Tensor":
    """Return the summed loss of logits (texts, labels); targets are (texts, labels) with `several`, else (texts, 1)."""
    from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, mse_loss

    if kind == "regress":
        return mse_loss(logits.float(), targets.float(), reduction="sum")
    if several:
        return binary_cross_entropy_with_logits(logits.float(), targets.float(), reduction="sum")
    return cross_entropy(logits.float(), targets[:, 0].long(), reduction="sum")


def padded(texts: Sequence["array[int]"], pad: int) -> "tuple[torch.Tensor, torch.Tensor]":
    """Return tokens and mask, both (texts, longest), int64; padding stands on the right."""
    import torch

    width = max(len(text) for text in texts)
    tokens = torch.full((len(texts), width), pad)
    mask = torch.zeros((len(texts), width), dtype=torch.long)
    for at, text in enumerate(texts):
        tokens[at, : len(text)] = torch.tensor(list(text))
        mask[at, : len(text)] = 1
    return tokens, mask


def judge(folder: Path, texts: Sequence[str], *, batch: int, on_done: Callable[[int], None]) -> list[list[float]]:
    """Return the logits that a saved model gives each text, in the order of the texts."""
    import torch
    from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast
    from transformers.utils import logging

    from msrun.trainers.finetuning import places

    cast("Any", logging).disable_progress_bar()
    # transformers leaves the types of what it loads open
    model: Any = cast("Any", AutoModelForSequenceClassification).from_pretrained(
        folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
    )
    tokenizer: Any = cast("Any", PreTrainedTokenizerFast).from_pretrained(folder, local_files_only=True)
    model.eval()
    encoded = encode_texts(texts, tokenizer, places(model))
    order = sorted(range(len(encoded)), key=lambda at: len(encoded[at]))
    found: list[list[float]] = [[]] * len(encoded)
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            group = order[start : start + batch]
            tokens, mask = padded([encoded[at] for at in group], int(tokenizer.pad_token_id))
            for at, row in zip(group, model(input_ids=tokens, attention_mask=mask).logits.tolist(), strict=True):
                found[at] = row
            on_done(start + len(group))
    return found
