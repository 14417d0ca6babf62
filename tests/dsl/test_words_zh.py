"""The findings in Chinese: every entry, the same slots and places, the same codes, and code left as it is."""

import re
from pathlib import Path

import pytest

from msrun.dsl import words
from msrun.dsl.diagnostic import Place, report
from msrun.dsl.front import check_text
from msrun.dsl.render import render, render_all
from msrun.dsl.source import Source, Span
from msrun.dsl.words.zh import OWN
from msrun.dsl.words.zh.values import phrase
from tests.golden_files import check_golden

GOLDEN = Path(__file__).parents[1] / "golden"
SHOWN = ("e0101_undefined", "e0202_values", "e0205_optional", "w0401_unused", "syntax/mixed", "syntax/e0016_full_width")
SLOT = re.compile(r"\{(\w+)\}")


def test_every_entry_is_there() -> None:
    assert sorted(set(words.entries("en")) - set(OWN)) == []


@pytest.mark.parametrize("name", sorted(words.entries("en")))
def test_an_entry_has_the_slots_and_places_of_the_english_one(name: str) -> None:
    english, chinese = words.entries("en")[name], OWN[name]
    assert sorted(set(SLOT.findall(chinese.message))) == sorted(set(SLOT.findall(english.message)))
    assert sorted(SLOT.findall(chinese.help)) == sorted(SLOT.findall(english.help))
    assert len(chinese.labels) == len(english.labels)
    for ours, theirs in zip(chinese.labels, english.labels, strict=True):
        assert sorted(SLOT.findall(ours)) == sorted(SLOT.findall(theirs))
    assert bool(chinese.help) == bool(english.help)
    assert re.search(r"[\u4e00-\u9fff]", chinese.message)
    assert not chinese.message.endswith("。")


@pytest.mark.parametrize("name", SHOWN)
def test_findings_in_chinese(name: str) -> None:
    path = GOLDEN / "bad" / f"{name}.plan"
    found = check_text(path.name, path.read_text(encoding="utf-8")).diagnostics
    picture = render_all(found, lang="zh")
    check_golden(GOLDEN / "zh" / f"{path.stem}.txt", picture)
    codes = re.findall(r"^(?:错误|警告)\[(\w+)\]", picture, re.MULTILINE)
    assert codes == [finding.code for finding in found]


def test_the_help_of_several_lines_stands_below_its_first_word() -> None:
    source = Source("x", "a")
    finding = report("E0104/part", Place(source, Span(0, 1)), kind="vote", part="(…)", example="one\ntwo")
    *_, first, second = render(finding, lang="zh").split("\n")
    assert (first, second) == ("  = 帮助: one", "          two")


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("a model", "模型"),
        ("the name of a dataset or a corpus", "数据集的名字 或 语料的名字"),
        ("a key or `}`", "键、`}`"),
        ("a duration such as 30s", "时长，如 30s"),
        ("`timeout` of `solve`", "`solve` 的 `timeout`"),
        ("list<text>", "list<text>"),
        ("Step", "Step"),
    ],
)
def test_what_stands_in_slots(english: str, chinese: str) -> None:
    assert phrase(english) == chinese


def test_letters_do_not_touch_chinese_characters() -> None:
    place = Place(Source("x", "a"), Span(0, 1))
    finding = report("E0202", place, wanted="text", got="a list")
    assert words.message(finding, "zh") == "这里需要 text，得到的是列表"


def test_names_are_never_translated() -> None:
    source = Source("x", "a model")
    finding = report("E0101", Place(source, Span(0, 1)), name="a model", near="a node")
    assert words.message(finding, "zh") == "`a model` 没有定义"
    assert words.advice(finding, "zh") == "是不是想写 `a node`？"
