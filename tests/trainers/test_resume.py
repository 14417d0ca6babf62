"""Training that was killed goes on with the same bits; a checkpoint is whole or is not there."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
import torch

from msrun.trainers.checkpoints import (
    MANIFEST,
    OtherMakerError,
    Training,
    restore,
    save,
    whole,
)

STEPS = 40
DOCUMENTS = [["The cat sat down.", "It was warm."], ["Rain fell all day.", "The river rose."], ["Seven is odd."]]


class Killed(BaseException):
    """Ends training as abruptly as a test's own process can."""


def learn(folder: Path, kill_at: int = -1, optimizer: str = "adamw", *, hard: bool = False) -> list[str]:
    """Train a tiny model that goes on from the checkpoints of a folder; its weights' hash, then its losses as hex."""
    from msrun.trainers.causal_spec import Architecture, LoopSpec, Schedule
    from msrun.trainers.encoder import EncoderTask, build_encoder
    from msrun.trainers.loop import Around, Micro, fit
    from msrun.trainers.sentence_pairs import Examples, encode_documents, masking_of
    from msrun.trainers.subwords import SubwordSpec, build_subwords

    class Killing(EncoderTask):
        def batch(self, step: int) -> Sequence[Micro]:
            if step == kill_at and hard:
                os.kill(os.getpid(), signal.SIGKILL)
            if step == kill_at:
                raise Killed
            return EncoderTask.batch(self, step)

    texts = (sentence for document in DOCUMENTS for sentence in document)
    tokenizer: Any = build_subwords(texts, SubwordSpec(algorithm="wordpiece", vocab=80))
    masking = masking_of(tokenizer, share=0.15, whole_words=False)
    encoded = encode_documents(DOCUMENTS, tokenizer)
    begin, end = tokenizer.cls_token_id, tokenizer.sep_token_id
    examples = Examples(encoded, 16, 7, begin, end, masking, pairs=True)
    spec = LoopSpec(
        steps=STEPS,
        batch=4,
        seed=7,
        lr=Schedule(warmup=5),
        threads=1,
        save_every=3,
        optimizer=cast("Any", optimizer),
    )
    torch.manual_seed(7)  # pyright: ignore[reportUnknownMemberType] - torch leaves its seed untyped
    shape = Architecture(kind="bert", layers=1, hidden=16, heads=2, positions=16)
    model = build_encoder(shape, tokenizer, pairs=True)
    losses = fit(model, Killing(examples, spec, 0, 0), spec, Around(checkpoints=folder))
    weights = b"".join(parameter.detach().numpy().tobytes() for parameter in model.parameters())
    return [hashlib.sha256(weights).hexdigest(), *(loss.hex() for loss in losses)]


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_training_that_ends_ten_times_on_the_way_gives_the_same_bits(tmp_path: Path, optimizer: str) -> None:
    whole_ = learn(tmp_path / "whole", optimizer=optimizer)
    assert len(whole_) == STEPS + 1
    for step in sorted(random.Random(optimizer).sample(range(1, STEPS), 10)):
        with pytest.raises(Killed):
            learn(tmp_path / "killed", step, optimizer)
    assert learn(tmp_path / "killed", optimizer=optimizer) == whole_


def test_training_killed_by_the_system_goes_on_in_another_process(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.trainers.test_resume import learn\n"
        "learn(Path(sys.argv[1]), 20, hard=True)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "killed")], cwd=root, check=False, timeout=110, capture_output=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert learn(tmp_path / "killed") == learn(tmp_path / "whole")


def training(value: float, step: int = 1) -> Training:
    model = torch.nn.Linear(2, 2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(value)
    return Training(model=model, optimizers=[torch.optim.AdamW(model.parameters())], step=step, losses=[value])


def test_the_newest_whole_checkpoint_counts(tmp_path: Path) -> None:
    for step in (1, 2, 3):
        save(tmp_path, training(float(step), step), {}, keep=2)
    assert [path.name for path in whole(tmp_path)] == ["step-000000002", "step-000000003"]
    newest = tmp_path / "step-000000003" / "model.safetensors"
    newest.write_bytes(newest.read_bytes()[:-1] + b"\xff")
    found = training(0.0)
    assert restore(tmp_path, found, {})
    assert (found.step, found.losses) == (2, [2.0])
    assert next(found.model.parameters())[0, 0] == 2.0


@pytest.mark.parametrize("at", range(1, 12))
def test_a_crash_at_any_write_leaves_the_checkpoint_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Every call that touches the disk fails once: what was there stays, and nothing partial counts."""
    save(tmp_path, training(1.0), {}, keep=1)
    calls = 0

    def failing(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == at:
                raise OSError(28, "No space left on device")
            return original(*args, **kwargs)

        return call

    import safetensors.torch

    monkeypatch.setattr(os, "fsync", failing(os.fsync))
    monkeypatch.setattr(Path, "rename", failing(Path.rename))
    monkeypatch.setattr(Path, "write_text", failing(Path.write_text))
    monkeypatch.setattr(safetensors.torch, "save_file", failing(getattr(safetensors.torch, "save_file")))  # noqa: B009 - a path without its type
    try:
        save(tmp_path, training(2.0, 2), {}, keep=1)
    except OSError:
        pass
    else:
        assert calls < at
    monkeypatch.undo()
    found = training(0.0)
    assert restore(tmp_path, found, {})
    assert found.losses in ([1.0], [2.0])
    assert not list(tmp_path.glob(".*"))


def test_a_checkpoint_of_other_versions_is_refused_by_their_names(tmp_path: Path) -> None:
    save(tmp_path, training(1.0), {"torch": "1", "threads": "2"}, keep=1)
    with pytest.raises(OtherMakerError, match="torch, threads") as caught:
        restore(tmp_path, training(0.0), {"torch": "2", "threads": "1"})
    assert caught.value.keys == ("torch", "threads")


def test_the_manifest_names_every_file_by_its_hash(tmp_path: Path) -> None:
    folder = save(tmp_path, training(1.0), {}, keep=1)
    sums = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert sums == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.name != MANIFEST
    }
