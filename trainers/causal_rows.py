"""Turns rows of text into batches of token ids: encoded once, cut into groups of like length, padded on the right."""

import random
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
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
    rows: Iterable[Mapping[str, str]], tokenizer: "PreTrainedTokenizerBase", *, positions: int, most: int | None
) -> EncodedRows:
    """Encode up to `most` rows (None: all): the input by the chat template, then the output and the end token.

    Raises RowTooLongError and NoRowsError.
    """
    encoded = EncodedRows(tokens=array("i"), starts=array("q", [0]), outputs=array("i"))
    source = iter(rows)
    while chunk := list(islice(source, min(_CHUNK_ROWS, most - len(encoded)) if most else _CHUNK_ROWS)):
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


@dataclass(frozen=True, slots=True)
class Order:
    """Rows in the order of training: pass after pass, each shuffled by the seed and the pass."""

    count: int
    seed: int

    def rows(self, step: int, batch: int) -> list[int]:
        """Return the row numbers of one step, without having walked to it."""
        places = range(step * batch, (step + 1) * batch)
        return [shuffled(self.count, self.seed, place // self.count)[place % self.count] for place in places]


@lru_cache(maxsize=2)
def shuffled(count: int, seed: int, turn: int) -> Sequence[int]:
    """Return the numbers below `count` in an order of their own for every seed and pass."""
    order = list(range(count))
    random.Random(f"{seed} {turn}").shuffle(order)  # noqa: S311 - an order, no secret
    return order


def padded(rows: EncodedRows, chosen: Sequence[int], micro_tokens: int, pad: int) -> list[MicroBatch]:
    """Return the chosen rows as micro-batches of at most `micro_tokens` padded tokens, rows of like length together."""
    return [_padded(rows, group, pad) for group in _groups(rows, sorted(chosen, key=rows.length), micro_tokens)]


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
