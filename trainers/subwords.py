"""Learns a tokenizer of pieces of words: wordpiece, bpe or unigram, with the special tokens that every model needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from msrun.trainers.chars import CHAT_TEMPLATE

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

Algorithm = Literal["wordpiece", "bpe", "unigram"]
PAD, UNKNOWN, BEGIN, SEPARATOR, MASK, END = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[EOS]"
SPECIALS = (PAD, UNKNOWN, BEGIN, SEPARATOR, MASK, END)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubwordSpec:
    """The settings of a `tokenizer = wordpiece(...) { vocab: 8k }` statement."""

    algorithm: Algorithm
    vocab: int
    pieces: tuple[str, ...] = ()
    min_count: int = 1
    positions: int = 512
    lowercase: bool = False


def build_subwords(texts: Iterable[str], spec: SubwordSpec) -> "PreTrainedTokenizerFast":
    """Learn the pieces of the texts. Special tokens have the first ids; a pair is `[CLS] a [SEP] b [SEP]`.

    The chat template is that of `chars`: `<first user message>[SEP]`; the reply follows and ends with `[EOS]`.
    """
    from tokenizers import processors
    from transformers import PreTrainedTokenizerFast

    backend = {"wordpiece": _wordpiece, "bpe": _bpe, "unigram": _unigram}[spec.algorithm](texts, spec)
    ids = {token: backend.token_to_id(token) for token in (BEGIN, SEPARATOR)}
    backend.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A {SEPARATOR}",
        pair=f"{BEGIN} $A {SEPARATOR} $B:1 {SEPARATOR}:1",
        special_tokens=list(ids.items()),
    )
    made = cast("Any", PreTrainedTokenizerFast)(  # transformers leaves its parameters' types open
        tokenizer_object=backend,
        pad_token=PAD,
        unk_token=UNKNOWN,
        cls_token=BEGIN,
        sep_token=SEPARATOR,
        mask_token=MASK,
        eos_token=END,
        chat_template=CHAT_TEMPLATE,
        model_max_length=spec.positions,
        clean_up_tokenization_spaces=False,
        padding_side="right",
    )
    return cast("PreTrainedTokenizerFast", made)


def _common(spec: SubwordSpec) -> dict[str, Any]:
    """What every trainer is told: no progress bar; specials first, then the plan's own pieces."""
    return {"vocab_size": spec.vocab, "special_tokens": [*SPECIALS, *spec.pieces], "show_progress": False}


def _folded(spec: SubwordSpec, *first: Any) -> Any:
    from tokenizers import normalizers

    return normalizers.Sequence([*first, *([normalizers.Lowercase()] if spec.lowercase else [])])


def _bpe(texts: Iterable[str], spec: SubwordSpec) -> Any:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    backend = Tokenizer(models.BPE())
    backend.normalizer = _folded(spec, normalizers.NFC())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(**_common(spec), min_frequency=spec.min_count, initial_alphabet=alphabet)
    backend.train_from_iterator(texts, trainer=trainer)
    return backend


_INSIDE = 0xF0000
"""Added to a character that stands inside a word, while wordpiece learns: private code points, which no text has."""


def _wordpiece(texts: Iterable[str], spec: SubwordSpec) -> Any:
    """Learn pieces by merging, with characters inside a word as others than at its beginning, then write them as `##a`.

    The trainer of tokenizers for wordpiece breaks ties by the order of a hash table, so that the same text gives
    another vocabulary each time; this one gives the same.
    """
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    normal = _folded(spec, normalizers.BertNormalizer(lowercase=False, strip_accents=False))
    words = pre_tokenizers.BertPreTokenizer()

    def marked(text: str) -> str:
        found = words.pre_tokenize_str(normal.normalize_str(text))
        return " ".join(word[0] + "".join(map(_inside, word[1:])) for word, _ in found)

    learning = Tokenizer(models.BPE())
    learning.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    learning.train_from_iterator(
        map(marked, texts), trainer=trainers.BpeTrainer(**_common(spec), min_frequency=spec.min_count)
    )
    learnt = sorted(learning.get_vocab().items(), key=lambda item: item[1])
    vocab = {_written(piece): at for at, (piece, _) in enumerate(learnt)}
    backend = Tokenizer(models.WordPiece(vocab, unk_token=UNKNOWN))  # pyright: ignore[reportCallIssue]
    backend.normalizer = normal
    backend.pre_tokenizer = words
    backend.decoder = decoders.WordPiece()
    cast("Any", backend).add_special_tokens([*SPECIALS, *spec.pieces])
    return backend


def _inside(char: str) -> str:
    """A character within a word; one of the planes above is left out, for it has no private place."""
    return chr(ord(char) + _INSIDE) if ord(char) < 0x20000 else ""


def _written(piece: str) -> str:
    plain = "".join(chr(ord(c) - _INSIDE) if ord(c) >= _INSIDE else c for c in piece)
    return f"##{plain}" if ord(piece[0]) >= _INSIDE else plain


def _unigram(texts: Iterable[str], spec: SubwordSpec) -> Any:
    """Learn pieces by their likelihood; ids follow the special tokens, then the spelling."""
    import json

    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    backend = Tokenizer(models.Unigram())
    backend.normalizer = _folded(spec, normalizers.NFKC())
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    backend.decoder = decoders.Metaspace()
    backend.train_from_iterator(texts, trainer=trainers.UnigramTrainer(**_common(spec), unk_token=UNKNOWN))
    first = [*SPECIALS, *spec.pieces]
    scores: list[tuple[str, float]] = [tuple(item) for item in json.loads(backend.to_str())["model"]["vocab"]]
    known = {piece: round(score, 4) for piece, score in scores}  # further digits depend on the order of sums
    ordered = [(token, known.get(token, 0.0)) for token in (*first, *sorted(set(known) - set(first)))]
    backend.model = models.Unigram(ordered, unk_id=first.index(UNKNOWN))  # pyright: ignore[reportCallIssue]
    return backend
