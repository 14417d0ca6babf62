"""Documents become examples for `mlm` and `nsp`: token sequences `[CLS] a [SEP]` or `[CLS] a [SEP] b [SEP]`.

Which sentences stand together, whether the second part really follows, and what is masked, is a function of the seed
and the place, so that any step can be made again without those before it (Devlin 2019, section 3.1 and appendix A.1).
"""

import random
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from msrun.trainers.causal_rows import NoRowsError, shuffled

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_CHUNK = 512
IGNORED = -100
"""The label of a token that is not foretold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Masking:
    """How much is masked, whether whole words are, and the ids that it takes."""

    share: float = 0.15
    whole_words: bool = False
    mask: int
    vocab: int
    specials: frozenset[int]
    continues: frozenset[int] = frozenset()  # tokens that go on with a word


@dataclass(frozen=True, slots=True)
class Example:
    """One sequence: its tokens, which of its two parts each is of, what each masked token was, and whether b follows
    a (None: there is no b).
    """

    tokens: Sequence[int]
    parts: Sequence[int]
    labels: Sequence[int]
    follows: bool | None


@dataclass(frozen=True, slots=True)
class Plain:
    """A sequence before anything is masked."""

    a: Sequence[int]
    b: Sequence[int] | None = None
    follows: bool | None = None


class NoPairsError(Exception):
    """There are too few documents to take a sentence of another one."""


def encode_documents(
    documents: Iterable[Sequence[str]], tokenizer: "PreTrainedTokenizerBase"
) -> list[list["array[int]"]]:
    """Return the tokens of every sentence of every document; empty ones are left out. Raises NoRowsError."""
    encoded: list[list[array[int]]] = []
    for sentences in documents:
        found: list[array[int]] = []
        for start in range(0, len(sentences), _CHUNK):
            ids: list[list[int]] = cast("Any", tokenizer)(
                list(sentences[start : start + _CHUNK]), add_special_tokens=False
            )["input_ids"]
            found += [array("i", one) for one in ids if one]
        if found:
            encoded.append(found)
    if not encoded:
        raise NoRowsError("there is no text to train on")
    return encoded


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """The examples of documents, pass after pass; `length` counts the special tokens."""

    documents: Sequence[Sequence["array[int]"]]
    length: int
    seed: int
    begin: int
    separator: int
    masking: Masking
    pairs: bool

    def __post_init__(self) -> None:
        """Raises NoPairsError where there is no other document to take a sentence of."""
        if self.pairs and len(self.documents) < 2:
            raise NoPairsError("`nsp` takes half of its second parts from another document, and there is one only")

    def __len__(self) -> int:
        return len(self._pass(0))

    def of(self, step: int, batch: int) -> list[Example]:
        """Return the examples of one step, masked; a pass makes other pairs and other masks than the one before."""
        count = len(self)
        found: list[Example] = []
        for place in range(step * batch, (step + 1) * batch):
            turn, at = divmod(place, count)
            made = self._pass(turn)
            plain = made[shuffled(len(made), self.seed, turn)[at % len(made)]]
            found.append(self._masked(plain, random.Random(f"mask {self.seed} {place}")))  # noqa: S311 - no secret
        return found

    @lru_cache(maxsize=2)  # noqa: B019 - lives as long as the training that holds these examples
    def _pass(self, turn: int) -> list[Plain]:
        """Cut all documents into sequences of up to `length` tokens."""
        draw = random.Random(f"pairs {self.seed} {turn}")  # noqa: S311 - no secret
        found: list[Plain] = []
        for at in range(len(self.documents)):
            found += self._pairs(at, draw) if self.pairs else self._pieces(at)
        return found

    def _pieces(self, at: int) -> list[Plain]:
        room = self.length - 2
        flat = [token for sentence in self.documents[at] for token in sentence]
        return [Plain(flat[start : start + room]) for start in range(0, len(flat), room)]

    def _pairs(self, at: int, draw: random.Random) -> list[Plain]:
        room, document = self.length - 3, self.documents[at]
        found: list[Plain] = []
        chunk: list[array[int]] = []
        place = 0
        while place < len(document):
            chunk.append(document[place])
            if place == len(document) - 1 or sum(map(len, chunk)) >= room:
                cut = draw.randint(1, len(chunk) - 1) if len(chunk) > 1 else 1
                first, second = _joined(chunk[:cut]), _joined(chunk[cut:])
                follows = bool(second) and draw.random() < 0.5
                if not follows:
                    second = self._elsewhere(at, room - len(first), draw)
                    place -= len(chunk) - cut  # what was to follow is not lost
                a, b = _fitted(first, second, room)
                found.append(Plain(a, b, follows))
                chunk = []
            place += 1
        return found

    def _elsewhere(self, at: int, room: int, draw: random.Random) -> list[int]:
        """Sentences of another document, as many as there is room for."""
        other = draw.randrange(len(self.documents) - 1)
        document = self.documents[other + (other >= at)]
        start = draw.randrange(len(document))
        found: list[int] = []
        for sentence in document[start:]:
            found += sentence
            if len(found) >= max(room, 1):
                break
        return found

    def _masked(self, plain: Plain, draw: random.Random) -> Example:
        tokens = [self.begin, *plain.a, self.separator]
        parts = [0] * len(tokens)
        if plain.b is not None:
            tokens += [*plain.b, self.separator]
            parts += [1] * (len(plain.b) + 1)
        masked, labels = mask(tokens, self.masking, draw)
        return Example(masked, parts, labels, plain.follows)


def mask(tokens: Sequence[int], masking: Masking, draw: random.Random) -> tuple[list[int], list[int]]:
    """Return the tokens with some hidden, and what these were: of those chosen 80% become the mask, 10% another token,
    and 10% stay (Devlin 2019, section 3.1). At least one is chosen; special tokens never are.
    """
    words: list[list[int]] = []
    for at, token in enumerate(tokens):
        if token in masking.specials:
            continue
        if masking.whole_words and words and token in masking.continues and words[-1][-1] == at - 1:
            words[-1].append(at)
        else:
            words.append([at])
    wanted = max(1, round(sum(map(len, words)) * masking.share))
    draw.shuffle(words)
    hidden, labels, count = list(tokens), [IGNORED] * len(tokens), 0
    for word in words:
        if count >= wanted:
            break
        if count and count + len(word) > wanted:
            continue
        count += len(word)
        for at in word:
            labels[at] = tokens[at]
            chance = draw.random()
            hidden[at] = masking.mask if chance < 0.8 else _other(masking, draw) if chance < 0.9 else tokens[at]
    return hidden, labels


def _other(masking: Masking, draw: random.Random) -> int:
    """Any token but a special one."""
    while (token := draw.randrange(masking.vocab)) in masking.specials:
        pass
    return token


def _joined(sentences: Sequence["array[int]"]) -> list[int]:
    return [token for sentence in sentences for token in sentence]


def _fitted(a: list[int], b: list[int], room: int) -> tuple[list[int], list[int]]:
    """Cut the longer part at its end until both fit."""
    while len(a) + len(b) > room:
        longer = a if len(a) > len(b) else b
        del longer[-(max(1, min(len(a) + len(b) - room, abs(len(a) - len(b))))) :]
    return a, b


def masking_of(tokenizer: "PreTrainedTokenizerBase", *, share: float, whole_words: bool) -> Masking:
    """Return how a tokenizer's tokens are masked; a piece goes on with a word as its own algorithm writes it."""
    made = cast("Any", tokenizer)
    vocabulary: dict[str, int] = made.get_vocab()
    marked = any(piece.startswith("##") for piece in vocabulary)
    start = "Ġ" if any(piece.startswith("Ġ") for piece in vocabulary) else "▁"
    goes_on = {at for piece, at in vocabulary.items() if (piece.startswith("##") if marked else piece[:1] != start)}
    return Masking(
        share=share,
        whole_words=whole_words,
        mask=made.mask_token_id,
        vocab=len(made),
        specials=frozenset(made.all_special_ids),
        continues=frozenset(goes_on) - frozenset(made.all_special_ids),
    )
