"""Replies: what is taken, what is refused, and the words the model is shown."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    Range,
    RecordDef,
    RecordField,
    RefTo,
    Scalar,
    Shape,
    TypeDef,
    UnionOf,
)
from msrun.dsl.values.jsontext import MAX_SIZE
from msrun.runtime.items import ItemStream
from msrun.runtime.reply import ItemReader, Reader, ReplyInvalid

TYPES: dict[str, TypeDef] = {
    "Step": RecordDef(
        "Step",
        (
            RecordField("id", Scalar("key")),
            RecordField("ask", Scalar("text", Range(None, 20))),
            RecordField("needs", ListOf(RefTo("Step")), default="[]"),
        ),
    ),
    "Box": RecordDef("Box", (RecordField("value", INT), RecordField("note", Maybe(TEXT)))),
    "Topic": EnumDef("Topic", (("sport", ""), ("Politics", "about states"))),
}
STEPS, STEP, TOPIC = ListOf(Named("Step")), Named("Step"), Named("Topic")
MOOD = UnionOf((Just("calm"), Just("angry")))


def read(shape: Shape, text: str) -> Any:
    return Reader(shape, TYPES).read(text)


def refusal(shape: Shape, text: str) -> str:
    with pytest.raises(ReplyInvalid) as caught:
        read(shape, text)
    return caught.value.message


TAKEN: list[tuple[Shape, str, Any]] = [
    (TEXT, " two\nlines \n", "two\nlines"),
    (TEXT, '{"value": "as it is"}', '{"value": "as it is"}'),
    (TEXT, "<think>hm</think> yes", "yes"),
    (CellOf(INT, TEXT), "x", "x"),
    (INT, "42", 42),
    (INT, " -7.\n", -7),
    (INT, "+7", 7),
    (INT, '"42"', 42),
    (INT, "**42**.", 42),
    (INT, '{"value": 42}', 42),
    (INT, "```json\n42\n```", 42),
    (FLOAT, "3", 3.0),
    (FLOAT, "0.25", 0.25),
    (BOOL, "True", True),
    (BOOL, "`false`", False),
    (Maybe(INT), "null", None),
    (Maybe(TOPIC), "Null", None),
    (TOPIC, "sport", "sport"),
    (TOPIC, '"SPORT".', "sport"),
    (TOPIC, "politics", "Politics"),
    (TOPIC, '{"value": "sport"}', "sport"),
    (MOOD, "Calm", "calm"),
    (ListOf(TEXT), '["a", "b"]', ["a", "b"]),
    (ListOf(TEXT), '{"value": ["a"]}', ["a"]),
    (ListOf(TEXT), '{"steps": ["a"]}', ["a"]),
    (ListOf(FLOAT), "[1, 2.5]", [1.0, 2.5]),
    (ListOf(INT), "Here [you] are:\n```\n[1, 2]\n```\nDone.", [1, 2]),
    (ListOf(INT), "<think>[9]</think>I say [1, 2] (see [3])", [1, 2]),
    (STEPS, '[{"ask": "x", "id": "s1"}]', [{"id": "s1", "ask": "x", "needs": []}]),
    (STEP, 'Well: {"id": "s1", "ask": "x"}', {"id": "s1", "ask": "x", "needs": []}),
    (STEP, '{"value": {"id": "s1", "ask": "x"}}', {"id": "s1", "ask": "x", "needs": []}),
    (Named("Box"), '{"value": 3}', {"value": 3, "note": None}),
    (MapOf(INT), '{"value": 3}', {"value": 3}),
    (MapOf(INT), '{"value": {"a": 3}}', {"a": 3}),
    (JSON, '{"value": [1, null]}', [1, None]),
    (JSON, '{"b": 1, "a": 2}', {"b": 1, "a": 2}),
    (Maybe(STEP), "null", None),
    (Maybe(STEP), '{"value": null}', None),
]


@pytest.mark.parametrize(("shape", "text", "value"), TAKEN)
def test_takes(shape: Shape, text: str, value: Any) -> None:
    found = read(shape, text)
    assert found == value
    assert json.dumps(found) == json.dumps(value)  # the order of fields, and 3.0 is not 3


@pytest.mark.parametrize(
    ("shape", "text", "message"),
    [
        (INT, "Answer: 42", "value: expected a whole number, got 'Answer: 42'"),
        (INT, "4.5", "value: expected a whole number, got 4.5"),
        (INT, "true", "value: expected a whole number, got true"),
        (INT, "", "value: expected a whole number, got ''"),
        (Scalar("int", Range(0, 9)), "12", "value: is 12, must be at most 9"),
        (FLOAT, "nan", "value: expected a number, got 'nan'"),
        (FLOAT, "1e999", "value: expected a number, got '1e999'"),
        (TOPIC, "weather", "value: expected one of sport, Politics, got 'weather'"),
        (TOPIC, '{"value": "weather"}', "value: expected one of sport, Politics, got 'weather'"),
        (Scalar("text", Range(None, 3)), "long", "the reply: has 4 characters, must have at most 3"),
        (Scalar("text", Range(1, None)), "  ", "the reply: has 0 characters, must have at least 1"),
        (ListOf(INT), '["1"]', "items[0]: expected a whole number, got '1'"),
        (ListOf(INT, Range(2, None)), "[1]", "items: has 1 item, must have at least 2"),
        (ListOf(INT), "3", "items: expected a list, each item a whole number, got 3"),
        (
            STEPS,
            '[{"id": "s1", "ask": 3, "why": 1}, {"id": "s1"}]',
            "items[0].why: there is no such field; the fields are id, ask, needs\nitems[1].ask: is missing, expected",
        ),
        (
            STEPS,
            '[{"id": "s1", "ask": "x", "needs": ["s9"]}]',
            "items[0].needs: s9 is no id of this list, which has s1",
        ),
        (STEP, "[1]", "the reply: expected an object with id, ask, needs, got [1]"),
        (STEP, '{"id": "' + "s" * 99, "the reply is no valid JSON: unterminated string at line 1, column 8"),
        (ListOf(INT), "Sorry, I cannot.", "the reply is no valid JSON: expecting value at line 1, column 1"),
        (ListOf(INT), "[1, 2,]", "the reply is no valid JSON: expecting value at line 1, column 7"),
        (ListOf(INT), "[" * 100_000, "nested more than 64 levels"),
        (JSON, "[NaN]", "NaN is no JSON"),
        (JSON, '{"a": 1, "a": 2}', "the key `a` stands twice"),
        (TEXT, "half \ud83d", "half of a surrogate pair"),
        (JSON, '"\\ud83d"', "half of a surrogate pair"),
    ],
)
def test_says_what_is_wrong(shape: Shape, text: str, message: str) -> None:
    assert message in refusal(shape, text)


def test_a_message_stays_short() -> None:
    message = refusal(ListOf(INT), json.dumps(["x" * 1000] * 500))
    assert len(message.splitlines()) == 9
    assert message.endswith("and 492 more")
    assert len(message) < 1500


def test_a_reply_past_the_bound_is_refused() -> None:
    assert "longer than" in refusal(TEXT, "x" * (MAX_SIZE + 1))


def test_the_schema_travels_where_the_reply_is_no_plain_text() -> None:
    assert Reader(Scalar("text", Range(None, 80)), TYPES).schema is None
    assert Reader(INT, TYPES).schema == {"type": "integer"}
    assert Reader(CellOf(TEXT, STEPS), TYPES).schema == Reader(STEPS, TYPES).schema


def test_values_that_did_not_come_as_text_are_checked_alike() -> None:
    reader = Reader(STEPS, TYPES)
    assert reader.value([{"ask": "x", "id": "s1"}]) == [{"id": "s1", "ask": "x", "needs": []}]
    endless: list[Any] = []
    endless.append(endless)
    refused: list[Any] = [(1,), [object()], endless, [{1: 2}], {"value": []}, float("nan")]
    for value in refused:
        with pytest.raises(ReplyInvalid):
            reader.value(value)
    assert Reader(TEXT, TYPES).value("  kept ") == "  kept "


def test_items_are_read_before_the_list_is_whole() -> None:
    reader = Reader(STEPS, TYPES)
    assert reader.item({"ask": "x", "id": "s1", "needs": ["later"]}) == {"id": "s1", "ask": "x", "needs": ["later"]}
    with pytest.raises(ReplyInvalid, match=r"item\.ask: expected a text, got 3"):
        ItemReader(STEPS, TYPES).read({"id": "s1", "ask": 3})
    with pytest.raises(ReplyInvalid, match="item: expected a whole number, got 'a'"):
        ItemReader(ListOf(INT), TYPES).read("a")
    with pytest.raises(TypeError):
        ItemReader(TEXT, TYPES)


@settings(deadline=None)
@given(st.lists(st.text(max_size=20), max_size=5), st.data())
def test_streamed_items_are_the_items_of_the_whole(asks: list[str], data: st.DataObject) -> None:
    steps: list[dict[str, Any]] = [{"ask": ask, "id": f"s{at}"} for at, ask in enumerate(asks)]
    for at, step in enumerate(steps):
        step["needs"] = data.draw(st.lists(st.integers(at + 1, len(steps)).map("s{}".format), max_size=2))
    steps.append({"id": f"s{len(asks)}", "ask": "last"})
    text = json.dumps(steps)
    reader, stream = Reader(STEPS, TYPES), ItemStream()
    assert [reader.item(item) for sign in text for item in stream.feed(sign)] == reader.read(text)


ALONE: list[Shape] = [
    TEXT,
    INT,
    FLOAT,
    BOOL,
    JSON,
    TOPIC,
    MOOD,
    STEP,
    STEPS,
    Maybe(INT),
    ListOf(TEXT),
    MapOf(STEP),
]
UNIONS: list[Shape] = [UnionOf((INT, STEP)), UnionOf((Named("Box"), STEP)), ListOf(UnionOf((INT, TEXT)))]
READERS = [Reader(shape, TYPES) for shape in [*ALONE, *UNIONS, Scalar("key")]]
LIKELY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["s1", "calm", "sport", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "ask", "needs", "value", "note", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(
    st.text()
    | st.text(alphabet='[]{}",:\\`0123456789.eE+-<>/ \nnulltruefasids')
    | LIKELY.map(json.dumps)
    | LIKELY.map(lambda value: f"```json\n{json.dumps(value)}\n```")
)
def test_nothing_but_replyinvalid_is_ever_raised(text: str) -> None:
    for reader in READERS:
        try:
            value = reader.read(text)
        except ReplyInvalid as error:
            value = error.message
        json.dumps(value, allow_nan=False).encode()


@settings(deadline=None)
@given(LIKELY)
def test_what_is_taken_is_taken_again(value: Any) -> None:
    for reader in READERS:
        try:
            taken = reader.value(value)
        except ReplyInvalid:
            continue
        assert reader.value(taken) == taken


@pytest.mark.parametrize("shape", ["TEXT", "INT", "ListOf(TEXT)"])
def test_simple_replies_need_no_pydantic(shape: str) -> None:
    code = (
        "import sys; from msrun.dsl.shapes import *; from msrun.runtime.reply import Reader\n"
        f"print(Reader({shape}, {{}}).read('[\"1\"]' if '{shape}'[0] == 'L' else '1'))\n"
        "assert 'pydantic' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "1" in done.stdout
