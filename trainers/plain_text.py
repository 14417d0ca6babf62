"""Trains on all tokens of raw text from left to right (`clm()`): documents cut into pieces, packed without padding."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from msrun.trainers.causal_rows import Order
from msrun.trainers.causal_spec import LoopSpec
from msrun.trainers.encoder import packed_rows
from msrun.trainers.loop import Micro

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


def pieces_of(documents: Sequence[Sequence["array[int]"]], length: int, end: int) -> list[list[int]]:
    """Cut documents, each ended by the end token, into pieces of up to `length` tokens; single tokens are left out."""
    found: list[list[int]] = []
    for document in documents:
        flat = [*(token for sentence in document for token in sentence), end]
        found += [flat[start : start + length] for start in range(0, len(flat), length)]
    return [piece for piece in found if len(piece) > 1]


@dataclass(frozen=True, slots=True, eq=False)
class TextTask:
    """Learn every next token within each piece."""

    pieces: Sequence[Sequence[int]]
    spec: LoopSpec
    length: int
    pad: int

    def batch(self, step: int) -> Sequence[Micro]:
        """Return the pieces of one step, packed into rows of `length` tokens."""
        chosen = Order(len(self.pieces), self.spec.seed).rows(step, self.spec.batch)
        rows = packed_rows([len(self.pieces[at]) for at in chosen], self.length)
        high = max(1, self.spec.micro_tokens // self.length)
        return [
            pack([[self.pieces[chosen[at]] for at in row] for row in rows[start : start + high]], self.length, self.pad)
            for start in range(0, len(rows), high)
        ]

    def losses(self, model: "PreTrainedModel", micro: Micro) -> "Mapping[str, torch.Tensor]":
        """Return the summed cross-entropy of the next tokens."""
        return {"clm": text_loss(model, micro.tensors)}

    def describe(self, step: int) -> str:
        """Name the pieces."""
        chosen = Order(len(self.pieces), self.spec.seed).rows(step, self.spec.batch)
        return "pieces " + ", ".join(str(at + 1) for at in chosen[:20])


def pack(rows: Sequence[Sequence[Sequence[int]]], width: int, pad: int) -> Micro:
    """Put pieces into rows; tensors are (rows, width): tokens, positions, owner (0: nobody, then from 1 in the row)."""
    import torch

    shape = (len(rows), width)
    tokens = torch.full(shape, pad)
    positions, owner = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    total = scored = 0
    for at, row in enumerate(rows):
        start = 0
        for number, piece in enumerate(row, start=1):
            end = start + len(piece)
            tokens[at, start:end] = torch.tensor(piece)
            positions[at, start:end] = torch.arange(end - start)
            owner[at, start:end] = number
            start = end
        total += start
        scored += start - len(row)
    return Micro(
        tensors={"tokens": tokens, "positions": positions, "owner": owner}, counts={"clm": scored}, tokens=total
    )


def text_loss(model: "PreTrainedModel", tensors: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
    """Return the summed cross-entropy, in nats, of each token given those before it in its own piece."""
    import torch
    from torch.nn.functional import cross_entropy

    made = cast("Any", model)  # transformers leaves the types of its parts open
    tokens, owner = tensors["tokens"], tensors["owner"]
    same = owner[:, None, :, None] == owner[:, None, None, :]
    sees = same & torch.ones_like(same).tril()
    hidden = made.base_model(
        input_ids=tokens, attention_mask=sees, position_ids=tensors["positions"], use_cache=False
    ).last_hidden_state
    scored = ((owner[:, 1:] == owner[:, :-1]) & (owner[:, 1:] > 0)).nonzero(as_tuple=True)
    logits = made.get_output_embeddings()(hidden[:, :-1][scored])
    return cross_entropy(logits.float(), tokens[:, 1:][scored], reduction="sum")
