"""Greedy replies, found by one pass where they are right: the same as generating every token."""

from pathlib import Path
from typing import Any, cast

import pytest

from msrun.trainers.causal import Architecture, CausalSpec, Schedule, train_causal
from msrun.trainers.chars import CharsSpec, build_chars
from msrun.trainers.greedy import replies

ROWS = [{"input": f"say {word}", "output": word * times} for times in (1, 2, 3) for word in "abcde"]
INPUTS = [row["input"] for row in ROWS]


@pytest.fixture(scope="module", params=["llama", "gpt2"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has learnt one of three outputs for each input: some rows are right, some are wrong."""
    folder = tmp_path_factory.mktemp(request.param)
    tokenizer = build_chars((text for row in ROWS for text in row.values()), CharsSpec(pieces=("say ",), positions=24))
    architecture = Architecture(kind=request.param, layers=1, hidden=32, heads=2, positions=24)
    schedule = Schedule(peak=1e-2, warmup=5)
    spec = CausalSpec(architecture=architecture, steps=40, batch=15, seed=1, lr=schedule, threads=1)
    train_causal(spec, ROWS[:5] * 2 + ROWS[5:], tokenizer, folder)
    return folder


def generated(model: Path) -> list[str]:
    """Every reply the long way: one row at a time, to its end."""
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    loaded = cast("Any", AutoModelForCausalLM).from_pretrained(model)
    tokenizer = cast("Any", PreTrainedTokenizerFast).from_pretrained(model)
    found: list[str] = []
    for text in INPUTS:
        prompt = tokenizer.apply_chat_template([{"role": "user", "content": text}], tokenize=False)
        encoded = tokenizer(prompt, add_special_tokens=False, return_tensors="pt")
        made = loaded.generate(**encoded, max_new_tokens=12, do_sample=False)
        found.append(tokenizer.decode(made[0, encoded["input_ids"].shape[1] :], skip_special_tokens=True))
    return found


def test_the_short_way_and_the_long_way_agree(model: Path) -> None:
    done: list[int] = []
    wanted = [row["output"] for row in ROWS]
    short = replies(model, INPUTS, wanted, batch=4, on_done=done.append)
    full = generated(model)
    assert short == full
    assert 0 < sum(reply == want for reply, want in zip(short, wanted, strict=True)) < len(ROWS)
    assert done == [4, 8, 12, 15]


def test_a_wrong_reply_is_cut_some_tokens_after_it_went_wrong(model: Path) -> None:
    (reply,) = replies(model, ["say a"], ["say " * 15], batch=1, on_done=lambda _: None)
    assert len(reply) <= 25


def test_an_output_the_model_has_no_place_for_is_wrong(model: Path) -> None:
    (reply,) = replies(model, ["say " + "a" * 30], ["a"], batch=1, on_done=lambda _: None)
    assert reply == ""
