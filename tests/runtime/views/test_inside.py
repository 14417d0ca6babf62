"""Paths of nodes inside nodes."""

from msrun.runtime.views.inside import around, turn, written


def test_a_path_is_read_without_its_numbers() -> None:
    assert written("draft#2.critique") == "draft.critique"
    assert written("a[3]~1.case2.b[0]#12.step") == "a.case2.b.step"
    assert written("facts") == "facts"


def test_what_stands_around_a_node_is_named_from_the_inside_out() -> None:
    assert list(around("a[3]~1.refund.b[0]#12.step")) == ["a[3]~1.refund.b", "a[3]~1.refund", "a"]
    assert list(around("facts")) == []


def test_the_turn_is_that_of_the_group() -> None:
    assert turn("draft#2.critique", "draft") == 2
    assert turn("a[1]~0#7.path#12.step", "a") == 7
    assert turn("a[1]~0#7.path#12.step", "a[1]~0#7.path") == 12
    assert turn("draft#2.run.solve", "draft#2.run") == 0
