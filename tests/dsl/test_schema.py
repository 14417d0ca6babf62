"""The schema a model is shown, and that it and the check agree."""

import json
from typing import Any

import pytest

from msrun.dsl.shapes import (
    BOOL,
    FLOAT,
    INT,
    JSON,
    TEXT,
    CellOf,
    EnumDef,
    Just,
    ListOf,
    MapOf,
    Maybe,
    Named,
    Opaque,
    Range,
    RecordDef,
    RecordField,
    RefTo,
    Scalar,
    Shape,
    TypeDef,
    UnionOf,
)
from msrun.dsl.values.schema import ShapeError, check, compile_check, json_schema

TYPES: dict[str, TypeDef] = {
    "Topic": EnumDef("Topic", (("sport", "games"), ("politics", ""))),
    "Step": RecordDef(
        "Step",
        (
            RecordField("id", Scalar("key"), "short id: s1, s2, ..."),
            RecordField("ask", Scalar("text", Range(None, 200)), "one sub-question"),
            RecordField("needs", ListOf(RefTo("Step"), Range(0, 3)), default="[]"),
            RecordField("topic", Named("Topic"), "what it is about"),
            RecordField("mark", Scalar("float", Range(0, 1))),
        ),
    ),
    "Tree": RecordDef(
        "Tree", (RecordField("value", INT, "its number"), RecordField("kids", ListOf(Named("Tree")), "more"))
    ),
    "Pair": RecordDef("Pair", (RecordField("left", Named("Topic"), "first"), RecordField("right", Named("Topic")))),
    "a/b~c": RecordDef("a/b~c", (RecordField("self", Maybe(Named("a/b~c"))),)),
}

SCHEMAS: list[tuple[Shape, Any]] = [
    (TEXT, None),
    (Scalar("text", Range(1, 80)), None),
    (INT, {"type": "integer"}),
    (Scalar("int", Range(1, None)), {"type": "integer", "minimum": 1}),
    (Scalar("float", Range(0, 1)), {"type": "number", "minimum": 0, "maximum": 1}),
    (BOOL, {"type": "boolean"}),
    (JSON, {}),
    (ListOf(TEXT, Range(1, 6)), {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 6}),
    (MapOf(INT), {"type": "object", "additionalProperties": {"type": "integer"}}),
    (Maybe(TEXT), {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    (CellOf(INT, BOOL), {"type": "boolean"}),
    (Just("calm"), {"type": "string", "enum": ["calm"]}),
    (UnionOf((Just("calm"), Just("angry"))), {"type": "string", "enum": ["calm", "angry"]}),
    (UnionOf((Just("calm"), INT)), {"anyOf": [{"type": "string", "enum": ["calm"]}, {"type": "integer"}]}),
    (Named("Topic"), {"type": "string", "enum": ["sport", "politics"], "description": "sport: games"}),
]


@pytest.mark.parametrize(("shape", "schema"), SCHEMAS)
def test_schemas(shape: Shape, schema: Any) -> None:
    assert json_schema(shape, TYPES) == schema


def test_a_record_says_all_it_knows_in_order() -> None:
    assert json_schema(ListOf(Named("Step")), TYPES) == {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "id": {"type": "string", "minLength": 1, "description": "short id: s1, s2, ..."},
                "ask": {"type": "string", "maxLength": 200, "description": "one sub-question"},
                "needs": {
                    "type": "array",
                    "items": {"type": "string", "minLength": 1},
                    "minItems": 0,
                    "maxItems": 3,
                    "default": [],
                },
                "topic": {
                    "type": "string",
                    "enum": ["sport", "politics"],
                    "description": "what it is about\nsport: games",
                },
                "mark": {"type": "number", "minimum": 0, "maximum": 1},
            },
            "required": ["id", "ask", "topic", "mark"],
            "additionalProperties": False,
        },
    }
    schema = json_schema(Named("Step"), TYPES)
    assert schema is not None
    assert list(schema["properties"]) == ["id", "ask", "needs", "topic", "mark"]


def test_types_used_twice_or_inside_themselves_are_defined_once() -> None:
    tree = {
        "type": "object",
        "properties": {
            "value": {"type": "integer", "description": "its number"},
            "kids": {"type": "array", "items": {"$ref": "#/$defs/Tree"}, "description": "more"},
        },
        "required": ["value", "kids"],
        "additionalProperties": False,
    }
    assert json_schema(Named("Tree"), TYPES) == {**tree, "$defs": {"Tree": tree}}
    pair = json_schema(Named("Pair"), TYPES)
    assert pair is not None
    assert pair["properties"] == {
        "left": {"$ref": "#/$defs/Topic", "description": "first"},
        "right": {"$ref": "#/$defs/Topic"},
    }
    assert set(pair["$defs"]) == {"Topic"}
    assert "#/$defs/a~1b~0c" in json.dumps(json_schema(Named("a/b~c"), TYPES))


def test_a_schema_is_never_longer_than_its_types() -> None:
    wide: dict[str, TypeDef] = {
        f"T{at}": RecordDef(
            f"T{at}", (RecordField("a", Named(f"T{at + 1}")), RecordField("b", Maybe(Named(f"T{at + 1}"))))
        )
        for at in range(60)
    }
    wide["T60"] = RecordDef("T60", (RecordField("a", INT),))
    assert len(json.dumps(json_schema(Named("T0"), wide))) < 60 * 300
    deep: dict[str, TypeDef] = {
        f"D{at}": RecordDef(f"D{at}", (RecordField("a", Maybe(Named(f"D{at + 1}"))),)) for at in range(2000)
    }
    deep["D2000"] = RecordDef("D2000", ())
    schema = json_schema(Named("D0"), deep)
    assert schema is not None
    assert len(schema["$defs"]) < 200
    with pytest.raises(ShapeError, match="nested too deeply to be checked"):
        check({"a": None}, Named("D0"), deep)


def test_what_is_no_value_has_no_schema() -> None:
    with pytest.raises(TypeError, match="no value can be a model"):
        json_schema(ListOf(Opaque("a model")), TYPES)


def test_a_check_names_all_that_is_wrong() -> None:
    with pytest.raises(ShapeError) as caught:
        check([1, "2", True], ListOf(INT), TYPES)
    assert caught.value.problems == (
        "items[1]: expected a whole number, got '2'",
        "items[2]: expected a whole number, got true",
    )
    assert str(caught.value) == "; ".join(caught.value.problems)
    assert isinstance(caught.value, ValueError)


def test_the_root_has_a_name_and_references_may_stay_open() -> None:
    step = {"id": "a", "ask": "x", "needs": ["later"], "topic": "sport", "mark": 1}
    assert compile_check(Named("Step"), TYPES, root="item", open_refs=True)(step)["needs"] == ["later"]
    with pytest.raises(ShapeError, match=r"^items\[0\]\.needs: later is no id"):
        check([step], ListOf(Named("Step")), TYPES)
    with pytest.raises(ShapeError, match=r"^item: expected an object"):
        compile_check(Named("Step"), TYPES, root="item")(3)
    with pytest.raises(ShapeError, match=r"^value: expected a number"):
        check("x", FLOAT, TYPES)
