"""Laws of parser, formatter and checker over texts of the grammar itself, over torn plans, and over garbage."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st

from msrun.dsl.codec import decode, encode
from msrun.dsl.diagnostic import Diagnostic
from msrun.dsl.format.formatted import format_text
from msrun.dsl.front import check_bytes, check_text
from msrun.dsl.kinds.table import KINDS
from msrun.dsl.render import render_all
from msrun.dsl.source import Source
from msrun.dsl.syntax.parse import parse
from msrun.dsl.tree import Arm, BlockItem, Item, Statement
from tests import grammar_texts
from tests.laws import LAW

ROOT = Path(__file__).resolve().parents[2]
FILES = [*(ROOT / "examples").rglob("*.plan"), *(ROOT / "tests").rglob("*.plan")]
PLANS = sorted({path.read_bytes().decode("utf-8", "replace") for path in FILES})
GOOD = [text for text in PLANS if len(text) < 20_000 and not parse(Source("x", text)).diagnostics]

SEEDS, SIZES = st.integers(0, 2**40), st.integers(0, 150)
SCRAPS = st.sampled_from(
    ['"', '"""', "{{", "}}", "{", "}", "(", ")", "：", "\x00", "\u202e", "for ", " = ", "\n", "意", "#"]
)


def known(found: tuple[Diagnostic, ...], text: str) -> None:
    """Every finding has a line and a column that are there, and can be drawn."""
    for each in found:
        for source, span in each.places:
            line, column = source.position(span.start)
            assert 1 <= line <= source.text.count("\n") + 1
            assert 1 <= column <= len(source.text) + 1
            assert 0 <= span.start <= span.end <= len(source.text)
    if found:
        assert render_all(found[:20])
    assert len(found) <= 250, len(text)


@LAW
@given(SEEDS, SIZES)
def test_any_text_of_the_grammar_keeps_its_tree_and_comments_when_formatted(seed: int, size: int) -> None:
    text = grammar_texts.text(seed, size)
    before = parse(Source("x", text))
    assume(not before.diagnostics)
    made = format_text("x", text).text
    assert made is not None
    after = parse(Source("x", made))
    assert after.program == before.program
    assert [each.text.rstrip() for each in after.program.comments] == [
        each.text.rstrip() for each in before.program.comments
    ]
    assert format_text("x", made).text == made


@LAW
@given(SEEDS, SIZES)
def test_any_text_of_the_grammar_is_checked_and_what_it_means_goes_through_json(seed: int, size: int) -> None:
    text = grammar_texts.text(seed, size)
    checked = check_text("x", text)
    known(checked.diagnostics, text)
    assert checked.ok == all(found.severity == "warning" for found in checked.diagnostics)
    if checked.module is not None:
        assert decode(encode(checked.module)) == checked.module


@LAW
@given(st.sampled_from(GOOD), st.data())
def test_a_torn_plan_gives_findings_with_their_places(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    match data.draw(st.sampled_from(["end", "middle", "scrap"])):
        case "end":
            text = text[:start]
        case "middle":
            text = text[:start] + text[start + data.draw(st.integers(0, 200)) :]
        case _:
            text = text[:start] + data.draw(SCRAPS) + text[start:]
    checked = check_text("x", text)
    known(checked.diagnostics, text)
    assert checked.ok == all(found.severity == "warning" for found in checked.diagnostics)


@LAW
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8"))))
def test_garbage_gives_findings_with_their_places(data: bytes) -> None:
    checked = check_bytes("x", data)
    known(checked.diagnostics, data.decode("utf-8", "replace"))


def kinds_in(items: Iterable[Item | BlockItem]) -> Iterator[str]:
    """Yield the kind of every statement, at any depth."""
    for item in items:
        match item:
            case Statement(kind=kind, block=block):
                yield kind.text
                yield from kinds_in(block.items if block is not None else ())
            case Arm(body=body):
                yield from kinds_in(body.items)
            case _:
                pass


def test_the_good_plans_have_every_kind() -> None:
    seen = {kind for text in GOOD for kind in kinds_in(parse(Source("x", text)).program.items)}
    assert set(KINDS) - seen == set()


def test_the_texts_of_the_grammar_have_every_kind_and_mostly_parse() -> None:
    texts = [grammar_texts.text(seed, seed % 150) for seed in range(300)]
    assert sum(not parse(Source("x", text)).diagnostics for text in texts) > 200
    whole = "\n".join(texts).split()
    assert set(KINDS) - set(whole) == set()
