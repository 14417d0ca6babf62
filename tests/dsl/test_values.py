"""Plain values: their names, how they print, when two are the same."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msrun.dsl.source import Span
from msrun.dsl.values.cells import Cell, elements, unwrap
from msrun.dsl.values.plain import (
    MAX_TEXT,
    EvaluationError,
    compact,
    is_list,
    is_record,
    joined,
    plain,
    same,
    show,
    word,
)

PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-1, 1) | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)


def celled(value: Any) -> Any:
    """The same value in other clothes: every part in a cell, and a skipped cell in every list."""
    if is_list(value):
        return [Cell(0, celled(part), 0, "ok") for part in value] + [Cell(0, None, 9, "skipped")]
    if is_record(value):
        return {key: Cell(0, celled(part), 0, "ok") for key, part in value.items()}
    return value


@given(PLAIN)
def test_cells_read_as_values(value: Any) -> None:
    assert plain(celled(value)) == value
    assert same(celled(value), value)
    assert compact(celled(value)) == compact(value)


@given(PLAIN, PLAIN)
def test_same_is_fair(left: Any, right: Any) -> None:
    assert same(left, right) == same(right, left)
    assert not same(left, right) or left == right


def test_true_is_no_number() -> None:
    assert not same([True], [1])
    assert not same({"a": False}, {"a": 0})
    assert same([1], [1.0])


def test_every_kind_has_a_name() -> None:
    values: list[Any] = ["", 1, 1.5, True, None, [], {}, Cell(0, 0, 0, "ok")]
    names = [word(value) for value in values]
    assert names[:4] == ["a text", "a whole number", "a number", "true or false"]
    assert names[4:] == ["null", "a list", "a record", "a cell"]
    assert word(()) == "something that is no plain value"


def test_copies_share_nothing() -> None:
    value = {"a": [1]}
    copy = plain(value)
    copy["a"].append(2)
    assert value == {"a": [1]}


def test_endless_values_are_refused() -> None:
    endless: dict[str, Any] = {}
    endless["a"] = endless
    with pytest.raises(EvaluationError, match="nested too deeply"):
        plain(endless)
    with pytest.raises(EvaluationError, match="nested too deeply"):
        same(endless, {"a": endless})


def test_texts_join_up_to_the_bound() -> None:
    half = "x" * (MAX_TEXT // 2)
    with pytest.raises(EvaluationError, match="would grow past"):
        joined([half, half], " ")
    assert joined(["a", "b"], ", ") == "a, b"


def test_a_huge_number_does_not_print() -> None:
    with pytest.raises(EvaluationError, match="too large"):
        show(10**5000)


def test_an_error_keeps_its_first_place() -> None:
    error = EvaluationError("x")
    assert error.at(Span(1, 2)).at(Span(3, 4)).span == Span(1, 2)


def test_cells_unwrap() -> None:
    inner = Cell("i", "v", 0, "ok")
    assert unwrap(Cell("j", inner, 0, "ok")) == "v"
    skipped = Cell("i", None, 1, "skipped")
    assert elements([inner, skipped, 3]) == [inner, 3]
    assert elements([inner, skipped, 3], skipped=True) == [inner, skipped, 3]
