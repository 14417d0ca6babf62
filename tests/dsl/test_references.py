"""Keys and references inside lists of records."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msrun.dsl.shapes import (
    INT,
    TEXT,
    EnumDef,
    ListOf,
    MapOf,
    Maybe,
    Named,
    RecordDef,
    RecordField,
    RefTo,
    Scalar,
    Shape,
    TypeDef,
    UnionOf,
)
from msrun.dsl.values.references import parts_of, reference_problems, refers

KEY = RecordField("id", Scalar("key"))
TYPES: dict[str, TypeDef] = {
    "Step": RecordDef(
        "Step", (KEY, RecordField("needs", ListOf(RefTo("Step"))), RecordField("next", Maybe(RefTo("Step"))))
    ),
    "Group": RecordDef("Group", (KEY, RecordField("steps", ListOf(Named("Step"))), RecordField("of", RefTo("Group")))),
    "Part": RecordDef("Part", (RecordField("step", RefTo("Step")),)),
    "Whole": RecordDef("Whole", (KEY, RecordField("parts", ListOf(Named("Part"))))),
    "Tree": RecordDef("Tree", (RecordField("kids", ListOf(Named("Tree"))),)),
    "Topic": EnumDef("Topic", (("a", ""),)),
}
STEPS = ListOf(Named("Step"))


def step(key: str, *needs: str, then: str | None = None) -> dict[str, Any]:
    return {"id": key, "needs": list(needs), "next": then}


def problems(value: Any, shape: Shape = STEPS) -> list[str]:
    return reference_problems(value, shape, TYPES)


def test_references_may_run_forwards_and_backwards() -> None:
    assert problems([step("a", "c"), step("b", "a"), step("c", then="d"), step("d")]) == []


def test_unknown_references_are_named_with_what_there_is() -> None:
    assert problems([step("a", "x"), step("b", then="y")]) == [
        "items[0].needs: x is no id of this list, which has a, b",
        "items[1].next: y is no id of this list, which has a, b",
    ]
    many = [step(f"s{at}") for at in range(50)] + [step("z", "x")]
    assert problems(many)[0].endswith("has s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, …")


def test_keys_are_unique() -> None:
    assert problems([step("a"), step("b"), step("a")]) == ["items[2].id: a is used twice"]


def test_circles_are_named() -> None:
    assert problems([step("a", "a")]) == ["items: a needs a, which is a circle"]
    (told,) = problems([step("a", "c"), step("b", "a"), step("c", then="b")])
    assert told in {
        "items: a needs c needs b needs a, which is a circle",
        "items: b needs a needs c needs b, which is a circle",
        "items: c needs b needs a needs c, which is a circle",
    }


def test_the_nearest_list_decides() -> None:
    groups = [
        {"id": "g", "of": "h", "steps": [step("a", "b"), step("b")]},
        {"id": "h", "of": "x", "steps": [step("a", "b")]},
    ]
    assert problems(groups, ListOf(Named("Group"))) == [
        "items[1].steps[0].needs: b is no id of this list, which has a",
        "items[1].of: x is no id of this list, which has g, h",
    ]


def test_without_a_list_around_it_a_reference_stands() -> None:
    assert problems(step("a", "x"), Named("Step")) == []
    wholes = [{"id": "w", "parts": [{"step": "anything"}]}]
    assert problems(wholes, ListOf(Named("Whole"))) == []


@pytest.mark.parametrize(
    "shape", [MapOf(STEPS), Maybe(MapOf(STEPS)), MapOf(Maybe(STEPS)), MapOf(UnionOf((INT, STEPS)))]
)
def test_lists_are_found_inside_other_shapes(shape: Shape) -> None:
    assert problems({"k": [step("a", "x")]}, shape) == ["items.k[0].needs: x is no id of this list, which has a"]


def test_shapes_without_keys_need_no_look() -> None:
    assert refers(STEPS, TYPES)
    assert refers(Named("Whole"), TYPES)
    assert not refers(ListOf(Named("Tree")), TYPES)
    assert not refers(UnionOf((TEXT, Named("Topic"))), TYPES)


def test_parts_of_recursive_types_end() -> None:
    parts = list(parts_of(MapOf(Named("Tree")), TYPES))
    assert parts == [MapOf(Named("Tree")), Named("Tree"), ListOf(Named("Tree")), Named("Tree")]


@given(st.lists(st.lists(st.integers(0, 7), max_size=3), min_size=8, max_size=8))
def test_a_list_is_clean_exactly_where_it_has_an_order(needs: list[list[int]]) -> None:
    ready: set[int] = set()
    for _ in needs:
        ready |= {at for at, before in enumerate(needs) if ready.issuperset(before)}
    steps = [step(str(at), *map(str, before)) for at, before in enumerate(needs)]
    assert (problems(steps) == []) == (len(ready) == len(needs))
