"""How `msrun train` tells its progress where no terminal is."""

import pytest

from msrun.cli.train import SECONDS_BETWEEN_LINES, Telling
from msrun.trainers.port import StageProgress, StageStarted


def progress(step: int) -> StageProgress:
    return StageProgress(stage="tiny", step=step, steps=100, note="steps", loss=1.5, tokens_per_s=None, eta_s=None)


def test_a_file_gets_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    now_s = 0.0
    telling = Telling(clock=lambda: now_s)
    telling(StageStarted(stage="tiny", kind="train", key="0" * 64, index=1, of=1))
    for step in range(1, 31):
        now_s += SECONDS_BETWEEN_LINES / 10
        telling(progress(step))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "[1/1] train tiny"
    assert [line.split(": ")[1].split(" of")[0] for line in lines[1:]] == ["10", "20", "30"]
