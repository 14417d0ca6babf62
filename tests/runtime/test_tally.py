from typing import Any

import pytest

from msrun.dsl.values.cells import Cell
from msrun.dsl.values.plain import EvaluationError
from msrun.runtime.outcome import NodeFault
from msrun.runtime.tally import ballots, count, normalise, weigh


@pytest.mark.parametrize(
    ("left", "right", "folds"),
    [
        ("1,234.0", "1234", ["number"]),
        (" +7 ", "7.000", ["number"]),
        ("-0", "0", ["number"]),
        ("1e3", 1000, ["number"]),
        (0.5, ".50".replace(".", "0."), ["number"]),
        ("Straße", "STRASSE", ["casefold"]),
        ("a  b ", " a b", ["strip"]),
        ("well, yes!", "well yes", ["punctuation"]),
        ("“Nein。”", "nein", ["punctuation", "casefold"]),
        ({"a": 1}, '{"a":1}', []),
    ],
)
def test_spellings_that_mean_the_same_are_one_ballot(left: Any, right: Any, folds: Any) -> None:
    assert normalise(left, folds) == normalise(right, folds)


@pytest.mark.parametrize(
    ("left", "right", "folds"),
    [
        ("a", "A", ["strip", "number"]),
        ("a b", "ab", ["strip", "casefold"]),
        ("1,23", "123", ["number"]),
        ("1" + "0" * 40 + "1", "1" + "0" * 41, ["number"]),
        ("10", "1", ["number"]),
        ("a.", "a", ["casefold"]),
    ],
)
def test_spellings_that_differ_stay_apart(left: Any, right: Any, folds: Any) -> None:
    assert normalise(left, folds) != normalise(right, folds)


def test_a_number_of_endless_size_is_read_as_a_text() -> None:
    assert normalise("1e999999999", ["number"]) == "1e999999999"


def test_the_first_of_equals_wins_and_shares_add_up() -> None:
    counted = count({0: "b", 1: "a", 2: "a", 3: "b", 5: "c"}, dict.fromkeys(range(6), 1.0), 0.4)
    assert counted.winner == 0
    assert counted.shares == (("b", 0.4), ("a", 0.4), ("c", 0.2))


def test_weights_decide_where_there_are_any() -> None:
    weights = weigh({0: -2000.0, 1: -2001.0, 2: -1999.0})
    assert weights[2] == 1.0
    assert count({0: "a", 1: "a", 2: "b"}, weights, 0.0).winner == 2


@pytest.mark.parametrize("cast", [{}, {0: "a", 1: "b"}])
def test_without_ballot_or_quorum_there_is_no_winner(cast: dict[int, str]) -> None:
    with pytest.raises(NodeFault) as caught:
        count(cast, dict.fromkeys(cast, 1.0), 0.6)
    assert caught.value.fault == "quorum"


def test_unknown_log_probabilities_are_refused() -> None:
    with pytest.raises(NodeFault):
        weigh({0: -1.0, 1: None})


def test_cells_and_draws_without_value_do_not_vote() -> None:
    items = [Cell("x", "A", 0, "ok"), Cell("y", None, 1, "skipped"), None, "a"]
    assert ballots(items, None, {}, ["casefold"]) == {0: "a", 3: "a"}
    with pytest.raises(EvaluationError):
        ballots("text", None, {}, [])
