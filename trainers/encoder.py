"""Trains BERT and RoBERTa from scratch: sequences packed without padding, heads only where something is foretold.

Sequences stand one after the other in rows of `length` tokens; each sees itself alone, with positions of its own, so a
packed sequence gives the same numbers as one that stands alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from msrun.trainers.causal_spec import Architecture, LoopSpec
from msrun.trainers.loop import Micro
from msrun.trainers.sentence_pairs import IGNORED, Example, Examples

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def build_encoder(
    architecture: Architecture, tokenizer: "PreTrainedTokenizerBase", *, pairs: bool
) -> "PreTrainedModel":
    """Return an untrained BERT or RoBERTa in float32; with `pairs` it has the head of `nsp` as well."""
    from transformers import (
        BertConfig,
        BertForMaskedLM,
        BertForPreTraining,
        RobertaConfig,
        RobertaForMaskedLM,
    )

    pad = cast("int", tokenizer.pad_token_id)
    roberta = architecture.kind == "roberta"
    shape: dict[str, Any] = {
        "vocab_size": architecture.vocab or len(tokenizer),
        "hidden_size": architecture.hidden,
        "num_hidden_layers": architecture.layers,
        "num_attention_heads": architecture.heads,
        "intermediate_size": architecture.inner or 4 * architecture.hidden,
        "max_position_embeddings": architecture.positions + (pad + 1 if roberta else 0),
        "hidden_dropout_prob": architecture.dropout,
        "attention_probs_dropout_prob": architecture.dropout,
        "pad_token_id": pad,
        "type_vocab_size": 2,
    }
    if roberta:
        return RobertaForMaskedLM(RobertaConfig(**shape))
    config = BertConfig(**shape)
    return BertForPreTraining(config) if pairs else BertForMaskedLM(config)


@dataclass(frozen=True, slots=True, eq=False)
class EncoderTask:
    """Learn hidden tokens (`mlm`) and whether one part follows the other (`nsp`)."""

    examples: Examples
    spec: LoopSpec
    pad: int
    offset: int  # of positions: RoBERTa's begin after its padding

    def batch(self, step: int) -> Sequence[Micro]:
        """Return the sequences of one step, packed."""
        examples = self.examples.of(step, self.spec.batch)
        width = self.examples.length
        rows = packed_rows([len(example.tokens) for example in examples], width)
        high = max(1, self.spec.micro_tokens // width)
        return [
            pack([[examples[at] for at in row] for row in rows[start : start + high]], width, self.pad, self.offset)
            for start in range(0, len(rows), high)
        ]

    def losses(self, model: "PreTrainedModel", micro: Micro) -> "Mapping[str, torch.Tensor]":
        """Return the summed cross-entropies of hidden tokens and of pairs."""
        return encoder_losses(model, micro.tensors)

    def describe(self, step: int) -> str:
        """Name the sequences."""
        first = step * self.spec.batch
        return f"sequences {first + 1} to {first + self.spec.batch} of the corpus"


def packed_rows(lengths: Sequence[int], width: int) -> list[list[int]]:
    """Return which sequences stand together in a row of `width` tokens: the longest first, each in the first row that
    has room. No sequence is longer than a row.

    >>> packed_rows([3, 6, 4, 1], 8)
    [[1, 3], [2, 0]]
    """
    rows: list[list[int]] = []
    left: list[int] = []
    for at in sorted(range(len(lengths)), key=lambda at: -lengths[at]):
        row = next((place for place, room in enumerate(left) if room >= lengths[at]), None)
        if row is None:
            rows.append([at])
            left.append(width - lengths[at])
        else:
            rows[row].append(at)
            left[row] -= lengths[at]
    return rows


def pack(rows: Sequence[Sequence[Example]], width: int, pad: int, offset: int) -> Micro:
    """Put examples into rows. Tensors are (rows, width): tokens, parts, positions and owner (0: nobody, then from 1 in
    the row); `hidden` are the flat places of masked tokens and `labels` what they were, `begins` the flat places of
    pairs and `follows` whether they do.
    """
    import torch

    shape = (len(rows), width)
    tokens, parts = torch.full(shape, pad), torch.zeros(shape, dtype=torch.long)
    positions, owner = torch.full(shape, offset), torch.zeros(shape, dtype=torch.long)
    hidden, labels, begins, follows = list[int](), list[int](), list[int](), list[int]()
    total = 0
    for at, row in enumerate(rows):
        start = 0
        for number, example in enumerate(row, start=1):
            end = start + len(example.tokens)
            tokens[at, start:end] = torch.tensor(example.tokens)
            parts[at, start:end] = torch.tensor(example.parts)
            positions[at, start:end] = torch.arange(end - start) + offset
            owner[at, start:end] = number
            flat = at * width + start
            hidden += [flat + place for place, label in enumerate(example.labels) if label != IGNORED]
            labels += [label for label in example.labels if label != IGNORED]
            if example.follows is not None:
                begins.append(flat)
                follows.append(0 if example.follows else 1)  # as transformers: 0 is a real next sentence
            start = end
        total += start
    tensors = {"tokens": tokens, "parts": parts, "positions": positions, "owner": owner}
    found = {"hidden": hidden, "labels": labels, "begins": begins, "follows": follows}
    counts = {"mlm": len(labels), **({"nsp": len(begins)} if begins else {})}
    return Micro(
        tensors={**tensors, **{name: torch.tensor(values, dtype=torch.long) for name, values in found.items()}},
        counts=counts,
        tokens=total,
    )


def encoder_losses(model: "PreTrainedModel", tensors: "Mapping[str, torch.Tensor]") -> "dict[str, torch.Tensor]":
    """Return the summed losses of packed rows, in nats: of the hidden tokens, and of pairs where there are any.

    Heads are computed at the places that count, not at every token.
    """
    from torch.nn.functional import cross_entropy

    made = cast("Any", model)  # transformers leaves the types of its parts open
    owner = tensors["owner"]
    # a place without an owner sees itself, so that no row of the softmax is empty
    sees = (owner[:, None, :, None] == owner[:, None, None, :]).contiguous()
    known = {} if made.config.model_type == "roberta" else {"token_type_ids": tensors["parts"]}
    hidden = made.base_model(
        input_ids=tensors["tokens"], attention_mask=sees, position_ids=tensors["positions"], **known
    ).last_hidden_state
    flat = hidden.reshape(-1, hidden.shape[-1])
    head = made.lm_head if made.config.model_type == "roberta" else made.cls.predictions
    logits = head(flat[tensors["hidden"]])
    losses = {"mlm": cross_entropy(logits.float(), tensors["labels"], reduction="sum")}
    if len(tensors["begins"]):
        pooled = made.base_model.pooler(flat[tensors["begins"]][:, None])
        answers = made.cls.seq_relationship(pooled)
        losses["nsp"] = cross_entropy(answers.float(), tensors["follows"], reduction="sum")
    return losses
