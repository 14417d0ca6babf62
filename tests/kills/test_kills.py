"""Promise A1: a run that is killed again and again pays for no completed call twice.

`MSRUN_KILLS` says how many kills; `make kills` makes a thousand.
"""

import os
from pathlib import Path

import pytest

from tests.kills.harness import WIDTH, Msrun, play

KILLS = int(os.environ.get("MSRUN_KILLS", "12"))


@pytest.mark.timeout(60 + 10 * KILLS)
def test_completed_calls_are_not_repeated_whatever_is_killed(tmp_path: Path) -> None:
    tally = play(Msrun(), tmp_path, KILLS)
    assert tally.kills == KILLS
    assert tally.repeated == 0, "a result that was told was paid for again"
    assert tally.most_in_flight_repeats <= WIDTH
    assert (tally.lost, tally.wrong, tally.damaged) == (0, 0, 0)
