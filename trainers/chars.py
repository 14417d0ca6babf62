"""Turns texts into a tokenizer of single characters and chosen pieces, lossless and in Hugging Face layout.

A piece is a text that always becomes one token, such as the scaffolding of a JSON reply; everything else is split into
characters. Characters rarer than `min_count` become `[UNK]`.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

PAD, UNKNOWN, SEPARATOR, END = "[PAD]", "[UNK]", "[SEP]", "[EOS]"
SPECIALS = (PAD, UNKNOWN, SEPARATOR, END)

# The model sees the first request alone: it was trained on single turns, and a repair turn would only disturb it.
CHAT_TEMPLATE = "{{ (messages | selectattr('role', 'equalto', 'user') | first).content }}" + SEPARATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class CharsSpec:
    """The settings of a `tokenizer = chars(...)` statement."""

    pieces: tuple[str, ...] = ()
    min_count: int = 1
    positions: int = 512


def build_chars(texts: Iterable[str], spec: CharsSpec) -> "PreTrainedTokenizerFast":
    """Count the characters of the texts and build the tokenizer; ids follow specials, pieces, characters in order.

    The chat template gives `<first user message>[SEP]`; the reply follows and ends with `[EOS]`.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    cutter = _cutter(spec.pieces)
    tokens = [*SPECIALS, *spec.pieces, *_characters(texts, spec)]
    backend = Tokenizer(models.WordLevel({token: at for at, token in enumerate(tokens)}, unk_token=UNKNOWN))
    backend.pre_tokenizer = pre_tokenizers.Split(Regex(cutter), behavior="isolated")
    backend.decoder = decoders.Fuse()
    made = cast("Any", PreTrainedTokenizerFast)(  # transformers leaves its parameters' types open
        tokenizer_object=backend,
        pad_token=PAD,
        unk_token=UNKNOWN,
        sep_token=SEPARATOR,
        eos_token=END,
        chat_template=CHAT_TEMPLATE,
        model_max_length=spec.positions,
        clean_up_tokenization_spaces=False,
        padding_side="left",
    )
    return cast("PreTrainedTokenizerFast", made)


def _cutter(pieces: tuple[str, ...]) -> str:
    """A pattern that takes the longest piece at a place, else one character."""
    longest_first = sorted(pieces, key=lambda piece: (-len(piece), piece))
    return "|".join([*(re.escape(piece) for piece in longest_first), r"[\s\S]"])


def _characters(texts: Iterable[str], spec: CharsSpec) -> list[str]:
    """The characters that occur often enough, sorted; those inside pieces count too, so that they can stand alone."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    return sorted(char for char, count in counts.items() if count >= spec.min_count and char not in spec.pieces)
