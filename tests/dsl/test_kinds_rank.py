"""`pick` and `rank` as they are lowered, and what may stand after `by`."""

import pytest

from msrun.dsl.codec import decode, encode
from msrun.dsl.front import check_text
from msrun.dsl.plan import Plan, Rank
from msrun.dsl.shapes import FLOAT, TEXT, ListOf, Named, NotedOf
from msrun.dsl.tree import Constant, Get, Ref

HEAD = 'model m = ollama("m")\ntype Draft { final: text  mark: float }\n'


def plan(body: str, inputs: str = "q: text") -> Plan:
    text = f"{HEAD}plan p({inputs}) -> text {{\n solve drafts: Draft from q samples 3\n{body}\n return q\n}}"
    checked = check_text("x.plan", text)
    assert checked.module is not None, [(f.entry, f.values) for f in checked.diagnostics]
    return checked.module.plan()


def entries(body: str) -> list[str]:
    text = f"{HEAD}plan p(q: text) -> text {{\n solve drafts: Draft from q samples 3\n{body}\n return q\n}}"
    return [finding.entry for finding in check_text("x.plan", text).diagnostics if finding.severity == "error"]


def test_marks_of_the_item_and_marks_beside_it() -> None:
    made = plan("score marks for d in drafts\npick a from drafts by marks\nrank b from drafts by .mark keep 2")
    assert made.node("a").action == Rank(source=Ref("drafts"), marks=Ref("marks"), one=True)
    assert made.node("a").reads == ("drafts", "marks")
    assert made.node("a").value_shape == Named("Draft")
    assert made.node("b").action == Rank(source=Ref("drafts"), by=Get(None, "mark"), keep=Constant(2))
    assert made.node("b").value_shape == ListOf(Named("Draft"))
    assert decode(encode(made)) == made


def test_marks_may_go_back_to_the_same_list_through_another_fan_out() -> None:
    body = "solve better: Draft for d in drafts\nscore marks for d in drafts\npick a from better by marks"
    assert entries(body) == []
    assert entries(body.replace("from better", "from drafts")) == []
    assert entries(body.replace("marks for d in drafts", "marks for d in better")) == []


def test_marks_of_another_list_are_refused() -> None:
    others = "solve others: Draft from q samples 3\nscore marks for d in others\npick a from drafts by marks"
    assert entries(others) == ["E0218/marks"]
    assert entries(others.replace("d in others", "d in drafts")) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("pick a from drafts", ["E0218"]),
        ("pick a from drafts by q", ["E0218/same"]),
        ("pick a from drafts by .final", []),
        ("pick a from drafts by .finale", ["E0105"]),
        ("let n = [1, 2]\npick a from n", []),
        ("let n = drafts | map(.mark)\npick a from drafts by n", []),
        ("pick a from drafts by (drafts | map(.mark))", []),
        ("pick a from drafts by [.mark]", ["E0218"]),
        ("pick a from drafts by .mark keep 2", ["E0104/clause"]),
        ("rank a from q by .x", ["E0203/vote"]),
    ],
)
def test_what_stands_after_by(body: str, found: list[str]) -> None:
    assert entries(body) == found


def test_a_share_is_a_number_beside_the_fields_of_the_winner() -> None:
    made = plan("vote w from drafts by .final\nlet s = w.share\nlet f = w.final\nlet all = w.shares")
    shape = made.node("w").value_shape
    assert isinstance(shape, NotedOf)
    assert shape.value == Named("Draft")
    share = made.node("s").value_shape
    assert (getattr(share, "name", None), made.node("f").value_shape) == (FLOAT.name, TEXT)
    assert entries("vote w from drafts by .final\nlet s = w.shar") == ["E0105/alone"]
    assert decode(encode(made)) == made


def test_a_share_may_be_null_where_the_vote_may_be_left_out() -> None:
    assert entries('vote w from drafts by .final when q != ""\nlet s = w.share') == ["E0205/field"]
