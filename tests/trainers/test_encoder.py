"""Masked tokens and sentence pairs: the loss is the formula, packing changes nothing, a batch may be cut anywhere."""

import math
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch

from msrun.trainers.causal_spec import Architecture, LoopSpec, Schedule
from msrun.trainers.encoder import EncoderTask, build_encoder, encoder_losses, pack, packed_rows
from msrun.trainers.loop import Around, Micro, TrainingDivergedError, fit
from msrun.trainers.sentence_pairs import (
    IGNORED,
    Example,
    Examples,
    Masking,
    NoPairsError,
    encode_documents,
    mask,
    masking_of,
)
from msrun.trainers.subwords import SPECIALS, SubwordSpec, build_subwords

DOCUMENTS = [
    ["The cat sat on the mat.", "It was warm there.", "The dog came in."],
    ["Rain fell all day.", "The river rose.", "Boats broke loose in the night."],
    ["Numbers are odd or even.", "Seven is odd.", "Eight is not."],
]


def tokenizer() -> Any:
    texts = (sentence for document in DOCUMENTS for sentence in document)
    return build_subwords(texts, SubwordSpec(algorithm="wordpiece", vocab=160))


def examples(*, pairs: bool = True, length: int = 32, share: float = 0.15) -> Examples:
    made = tokenizer()
    masking = masking_of(made, share=share, whole_words=False)
    encoded = encode_documents(DOCUMENTS, made)
    return Examples(encoded, length, 7, made.cls_token_id, made.sep_token_id, masking, pairs=pairs)


def model(kind: str = "bert", *, pairs: bool = True, dropout: float = 0.0) -> Any:
    torch.manual_seed(3)  # pyright: ignore[reportUnknownMemberType] - torch leaves its seed untyped
    shape = Architecture(kind=kind, layers=2, hidden=32, heads=4, positions=32, dropout=dropout)  # type: ignore[arg-type]
    return build_encoder(shape, tokenizer(), pairs=pairs)


def losses_of(made: Any, micro: Micro) -> dict[str, float]:
    with torch.no_grad():
        return {name: float(loss) for name, loss in encoder_losses(made, micro.tensors).items()}


def by_hand(made: Any, chosen: list[Example]) -> Mapping[str, float]:
    """The sums of -log p from logits over the whole vocabulary, one sequence at a time, without this module's heads."""
    found = {"mlm": 0.0, "nsp": 0.0}
    for example in chosen:
        ids = torch.tensor([example.tokens])
        with torch.no_grad():
            out = made(input_ids=ids, token_type_ids=torch.tensor([example.parts]))
        for at, label in enumerate(example.labels):
            if label != IGNORED:
                logits = out.prediction_logits[0, at].tolist()
                found["mlm"] += math.log(sum(math.exp(one) for one in logits)) - logits[label]
        answer = out.seq_relationship_logits[0].tolist()
        found["nsp"] += math.log(sum(math.exp(one) for one in answer)) - answer[0 if example.follows else 1]
    return found


def test_the_losses_are_the_formulas() -> None:
    made = model().double().eval()
    chosen = examples().of(0, 6)
    rows = packed_rows([len(example.tokens) for example in chosen], 32)
    micro = pack([[chosen[at] for at in row] for row in rows], 32, 0, 0)
    found, wanted = losses_of(made, micro), by_hand(made, chosen)
    assert found["mlm"] == pytest.approx(wanted["mlm"], abs=1e-5)  # a float32 sum of float64 logits
    assert found["nsp"] == pytest.approx(wanted["nsp"], abs=1e-6)


@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_a_packed_sequence_gives_what_it_gives_alone(kind: str) -> None:
    pairs = kind == "bert"
    made = model(kind, pairs=pairs).eval()
    offset = 1 if kind == "roberta" else 0
    chosen = examples(pairs=pairs, length=14).of(0, 6)
    alone = [losses_of(made, pack([[one]], 32, 0, offset))["mlm"] for one in chosen]
    rows = packed_rows([len(example.tokens) for example in chosen], 32)
    assert len(rows) < len(chosen)
    together = losses_of(made, pack([[chosen[at] for at in row] for row in rows], 32, 0, offset))["mlm"]
    count = sum(label != IGNORED for one in chosen for label in one.labels)
    assert together / count == pytest.approx(sum(alone) / count, abs=1e-5)


def test_eight_parts_of_a_batch_are_one_batch() -> None:
    def losses(micro_tokens: int) -> list[float]:
        made = model()
        spec = LoopSpec(
            steps=3, batch=32, seed=7, lr=Schedule(kind="constant", warmup=0), threads=1, micro_tokens=micro_tokens
        )
        task = EncoderTask(examples(), spec, 0, 0)
        assert (len(task.batch(0)) > 7) == (micro_tokens == 32)
        return fit(made, task, spec, Around())

    assert losses(32) == pytest.approx(losses(10_000), abs=1e-5)


def test_of_the_chosen_tokens_80_percent_are_hidden_10_another_10_kept() -> None:
    masking = Masking(share=0.15, mask=4, vocab=1000, specials=frozenset(range(6)))
    tokens = [2, *range(10, 410), 3]
    kinds = {"mask": 0, "other": 0, "same": 0}
    for seed in range(60):
        hidden, labels = mask(tokens, masking, random.Random(seed))
        assert labels[0] == labels[-1] == IGNORED
        for new, label in zip(hidden, labels, strict=True):
            if label != IGNORED:
                kinds["mask" if new == 4 else "same" if new == label else "other"] += 1
                assert new >= 6 or new == 4
    total = sum(kinds.values())
    assert total == 60 * 60
    assert [round(kinds[kind] / total, 1) for kind in kinds] == [0.8, 0.1, 0.1]


def test_whole_words_are_hidden_together() -> None:
    masking = Masking(
        share=0.5, whole_words=True, mask=4, vocab=100, specials=frozenset(range(6)), continues=frozenset({50, 51})
    )
    tokens = [2, 10, 50, 51, 11, 12, 50, 3]
    for seed in range(20):
        _, labels = mask(tokens, masking, random.Random(seed))
        assert len({labels[at] == IGNORED for at in (1, 2, 3)}) == 1
        assert len({labels[at] == IGNORED for at in (5, 6)}) == 1


def test_half_of_the_second_parts_follow_and_the_others_are_of_another_document() -> None:
    made = examples(length=24)
    found = [one for step in range(40) for one in made.of(step, 8)]
    share = sum(bool(one.follows) for one in found) / len(found)
    assert 0.2 < share < 0.6  # fewer than half: the last sentence of a document has none that follows
    assert all(len(one.tokens) <= 24 for one in found)


def test_the_examples_of_a_step_do_not_depend_on_those_before() -> None:
    walked = examples()
    for step in range(5):
        walked.of(step, 4)
    assert walked.of(5, 4) == examples().of(5, 4)


def test_pairs_need_two_documents() -> None:
    made = examples()
    with pytest.raises(NoPairsError):
        Examples(made.documents[:1], 32, 7, made.begin, made.separator, made.masking, pairs=True)


def test_a_loss_that_is_no_number_names_the_batch() -> None:
    spec = LoopSpec(steps=2, batch=2, seed=7, lr=Schedule())
    made = model()
    with torch.no_grad():
        next(made.parameters()).fill_(float("nan"))
    with pytest.raises(TrainingDivergedError, match=r"step 0 \(sequences 1 to 2 of the corpus\)"):
        fit(made, EncoderTask(examples(), spec, 0, 0), spec, Around())


@pytest.mark.parametrize("algorithm", ["wordpiece", "bpe", "unigram"])
def test_the_same_text_gives_the_same_tokens(algorithm: Any) -> None:
    texts = [sentence for document in DOCUMENTS for sentence in document]
    made = [build_subwords(texts, SubwordSpec(algorithm=algorithm, vocab=150)).get_vocab() for _ in range(3)]
    assert made[0] == made[1] == made[2]


def test_pieces_inside_a_word_are_others_than_at_its_beginning() -> None:
    made: Any = build_subwords(["able unable table"] * 3, SubwordSpec(algorithm="wordpiece", vocab=26))
    assert made.tokenize("unable")[0].startswith("u")
    assert all(piece.startswith("##") for piece in made.tokenize("unable")[1:])
    assert made.decode(made("unable table")["input_ids"], skip_special_tokens=True) == "unable table"


def test_special_tokens_come_first() -> None:
    made = tokenizer()
    assert made.convert_tokens_to_ids(list(SPECIALS)) == list(range(len(SPECIALS)))
    again = build_subwords(["a b"], replace(SubwordSpec(algorithm="bpe", vocab=300), pieces=("plan: ",)))
    found: list[str] = again.tokenize("plan: a")  # pyright: ignore[reportUnknownMemberType] - untyped arguments
    assert found[0] == "plan: "
