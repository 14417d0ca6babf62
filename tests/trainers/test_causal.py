"""Training from scratch: the loss is what it says, batching changes nothing, a seed gives the same weights."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# transformers leaves parts of its tokenizers and models untyped

import itertools
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from msrun.trainers.causal import (
    Architecture,
    CausalSpec,
    Progress,
    Schedule,
    TrainingDivergedError,
    build_model,
    learning_rate,
    output_loss,
    train_causal,
)
from msrun.trainers.causal_rows import NoRowsError, Order, RowTooLongError, encode, padded
from msrun.trainers.chars import CharsSpec, build_chars

ROWS = [{"input": f"{n}加一=", "output": str(n + 1)} for n in range(60)]
SMALL = Architecture(layers=1, hidden=16, heads=2, inner=32, positions=32)


def tokenizer() -> Any:
    return build_chars([text for row in ROWS for text in row.values()], CharsSpec())


def spec(**changes: Any) -> CausalSpec:
    settings: dict[str, Any] = {
        "architecture": SMALL,
        "steps": 4,
        "batch": 8,
        "seed": 3,
        "lr": Schedule(peak=1e-2, warmup=2),
    }
    return CausalSpec(**(settings | changes))


def loss_of(model: Any, rows: list[dict[str, str]], micro_tokens: int) -> float:
    """The summed loss of all rows in one step, in nats."""
    encoded = encode(rows, tokenizer(), positions=32, most=len(rows))
    step = padded(encoded, Order(len(encoded), 0).rows(0, len(rows)), micro_tokens, tokenizer().pad_token_id)
    return sum(output_loss(model, micro).item() for micro in step)


def test_the_loss_counts_the_outputs_alone() -> None:
    model = build_model(SMALL, tokenizer())
    for weight in model.parameters():
        torch.nn.init.zeros_(weight)
    # all logits are 0, so each of "1", "0", [EOS] costs the logarithm of the vocabulary
    assert loss_of(model, [{"input": "9加一=", "output": "10"}], 100) == pytest.approx(
        3 * math.log(len(tokenizer())), rel=1e-5
    )


def test_the_loss_of_a_row_agrees_with_the_model_by_hand() -> None:
    torch.manual_seed(1)
    model = build_model(SMALL, tokenizer())
    ids = tokenizer()("5加一=[SEP]6[EOS]", return_tensors="pt")["input_ids"]
    log_probabilities = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.log_softmax(-1)[0]
    by_hand = -(log_probabilities[4, ids[0, 5]] + log_probabilities[5, ids[0, 6]]).item()
    assert loss_of(model, [{"input": "5加一=", "output": "6"}], 100) == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_padding_and_cutting_change_no_loss(kind: Any) -> None:
    torch.manual_seed(1)
    model = build_model(Architecture(kind=kind, layers=2, hidden=16, heads=2, positions=32), tokenizer())
    rows = [*ROWS[:20], {"input": "5555555加一=", "output": "5555556"}]
    alone = sum(loss_of(model, [row], 100) for row in rows)
    assert loss_of(model, rows, 10_000) == pytest.approx(alone, rel=1e-5)
    assert loss_of(model, rows, 30) == pytest.approx(alone, rel=1e-5)


def test_a_step_has_its_rows_once_and_little_padding() -> None:
    encoded = encode(ROWS, tokenizer(), positions=32, most=60)
    steps = [padded(encoded, Order(len(encoded), 5).rows(step, 20), 64, 0) for step in range(3)]
    texts = [tokenizer().decode(row[:5]) for micros in steps for micro in micros for row in micro.tokens]
    assert len(texts) == 60
    assert all(micro.tokens.numel() <= 64 for micros in steps for micro in micros)
    assert sum(m.tokens.numel() for s in steps for m in s) <= 1.15 * sum(m.token_count for s in steps for m in s)


def test_the_same_seed_gives_the_same_weights_and_another_does_not(tmp_path: Path) -> None:
    first, second, other = (
        train_causal(spec(seed=seed, threads=1), iter(ROWS), tokenizer(), tmp_path / name)
        for seed, name in ((3, "a"), (3, "b"), (4, "c"))
    )
    assert (tmp_path / "a/model.safetensors").read_bytes() == (tmp_path / "b/model.safetensors").read_bytes()
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(first.parameters(), other.parameters(), strict=True))


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_it_learns_a_table_and_the_saved_model_writes_it(
    tmp_path: Path, optimizer: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    reports: list[Progress] = []
    rows = ROWS[:9] * 20
    settings = {
        "architecture": Architecture(layers=2, hidden=32, heads=2, positions=32),
        "steps": 80,
        "batch": 18,
        "report_every": 20,
    }
    train_causal(spec(**settings, optimizer=optimizer, store="bfloat16"), rows, tokenizer(), tmp_path, reports.append)
    assert capfd.readouterr() == ("", "")
    assert [report.step for report in reports] == [20, 40, 60, 80]
    assert reports[-1].loss < 0.2 * reports[0].loss
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".jinja", ".safetensors"}
    model: Any = AutoModelForCausalLM.from_pretrained(tmp_path)
    loaded: Any = AutoTokenizer.from_pretrained(tmp_path)
    prompt = loaded("7加一=[SEP]", return_tensors="pt")
    assert (
        loaded.decode(model.generate(**prompt, max_new_tokens=4, do_sample=False)[0], skip_special_tokens=True)
        == "7加一=8"
    )


def test_a_loss_that_is_no_number_stops_with_its_step(tmp_path: Path) -> None:
    with pytest.raises(TrainingDivergedError, match="step"):
        train_causal(
            spec(lr=Schedule(kind="constant", peak=1e20, warmup=0), clip=1e20, steps=30), ROWS, tokenizer(), tmp_path
        )


def test_a_row_longer_than_the_positions_is_named(tmp_path: Path) -> None:
    with pytest.raises(RowTooLongError, match="positions"):
        train_causal(spec(), [{"input": "1" * 40, "output": "1"}], tokenizer(), tmp_path)


def test_no_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NoRowsError):
        train_causal(spec(), [], tokenizer(), tmp_path)


def test_the_rate_warms_up_and_comes_down() -> None:
    cosine = Schedule(kind="cosine", peak=1.0, warmup=10, floor=0.1)
    rates = [learning_rate(cosine, step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9] == rates[10] == 1.0
    assert all(later <= earlier for earlier, later in itertools.pairwise(rates[10:]))
    assert 0.1 < rates[-1] < 0.11
