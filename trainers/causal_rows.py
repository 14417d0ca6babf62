"""Turns rows of text into batches of token ids: encoded once, cut into groups of like length, padded on the right."""

import random
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

_CHUNK_ROWS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedRows:
    """All rows end to end: row i is `tokens[starts[i]:starts[i + 1]]`, its output begins at `outputs[i]` within it."""

    tokens: "array[int]"
    starts: "array[int]"
    outputs: "array[int]"

    def __len__(self) -> int:
        return len(self.outputs)

    def length(self, row: int) -> int:
        """Return the number of tokens of a row."""
        return self.starts[row + 1] - self.starts[row]


@dataclass(frozen=True, slots=True, kw_only=True)
class MicroBatch:
    """Rows of like length: `tokens` int64 (rows, width), and `scored` bool (rows, width), true for output tokens.

    `token_count` counts without padding, `scored_count` the output tokens.
    """

    tokens: "torch.Tensor"
    scored: "torch.Tensor"
    token_count: int
    scored_count: int


class RowTooLongError(Exception):
    """A row has more tokens than the model has positions."""

    def __init__(self, text: str, tokens: int, positions: int) -> None:
        super().__init__(f"a row has {tokens} tokens, the model has {positions} positions: {text[:80]!r}")


class NoRowsError(Exception):
    """There is nothing to train on."""


def encode(
    rows: Iterable[Mapping[str, str]], tokenizer: "PreTrainedTokenizerBase", *, positions: int, most: int
) -> EncodedRows:
    """Encode up to `most` rows: the input by the tokenizer's chat template, then the output and the end token.

    Raises RowTooLongError and NoRowsError.
    """
    encoded = EncodedRows(tokens=array("i"), starts=array("q", [0]), outputs=array("i"))
    source = iter(rows)
    while chunk := list(islice(source, min(_CHUNK_ROWS, most - len(encoded)))):
        prompts = _ids(tokenizer, _prompts(tokenizer, [row["input"] for row in chunk]))
        replies = _ids(tokenizer, [row["output"] + str(tokenizer.eos_token) for row in chunk])
        for row, prompt, reply in zip(chunk, prompts, replies, strict=True):
            if len(prompt) + len(reply) > positions:
                raise RowTooLongError(row["input"], len(prompt) + len(reply), positions)
            encoded.tokens.extend(prompt)
            encoded.tokens.extend(reply)
            encoded.starts.append(len(encoded.tokens))
            encoded.outputs.append(len(prompt))
    if not encoded:
        raise NoRowsError("there are no rows to train on")
    return encoded


def batches(
    rows: EncodedRows, batch: int, steps: int, micro_tokens: int, seed: int, pad: int
) -> Iterator[list[MicroBatch]]:
    """Give one list of micro-batches a step, `batch` rows together; every pass over the rows has its own order."""
    order = _endless_order(len(rows), seed)
    for _ in range(steps):
        chosen = sorted(islice(order, batch), key=rows.length)
        yield [_padded(rows, group, pad) for group in _groups(rows, chosen, micro_tokens)]


def _endless_order(count: int, seed: int) -> Iterator[int]:
    """Row numbers, pass after pass, each shuffled by the seed and the pass."""
    turn = 0
    while True:
        order = list(range(count))
        random.Random(f"{seed} {turn}").shuffle(order)  # noqa: S311 - an order, no secret
        yield from order
        turn += 1


def _groups(rows: EncodedRows, by_length: list[int], micro_tokens: int) -> Iterator[list[int]]:
    """Cut rows sorted by length into groups whose padded size is at most `micro_tokens` (one row at least)."""
    group: list[int] = []
    for row in by_length:
        if group and (len(group) + 1) * rows.length(row) > micro_tokens:
            yield group
            group = []
        group.append(row)
    yield group


def _padded(rows: EncodedRows, group: list[int], pad: int) -> MicroBatch:
    """The rows of a group as tensors."""
    import torch

    width = max(rows.length(row) for row in group)
    tokens = torch.full((len(group), width), pad)
    scored = torch.zeros((len(group), width), dtype=torch.bool)
    for at, row in enumerate(group):
        length = rows.length(row)
        tokens[at, :length] = torch.tensor(rows.tokens[rows.starts[row] : rows.starts[row + 1]])
        scored[at, rows.outputs[row] : length] = True
    count = sum(rows.length(row) for row in group)
    return MicroBatch(tokens=tokens, scored=scored, token_count=count, scored_count=int(scored.sum()))


def _prompts(tokenizer: "PreTrainedTokenizerBase", texts: list[str]) -> list[str]:
    """The inputs as the server will send them: one user message each, in the tokenizer's chat template."""
    talks = [[{"role": "user", "content": text}] for text in texts]
    rendered = cast("Any", tokenizer).apply_chat_template(talks, tokenize=False, add_generation_prompt=True)
    return cast("list[str]", rendered)


def _ids(tokenizer: "PreTrainedTokenizerBase", texts: list[str]) -> list[list[int]]:
    """Token ids of texts that already hold their special tokens."""
    return cast("list[list[int]]", cast("Any", tokenizer)(texts, add_special_tokens=False)["input_ids"])
