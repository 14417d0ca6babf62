"""Laws of the semantic diff, over every plan of the repository: writing never counts, meaning always does."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msrun.dsl.diff.modules import differences
from msrun.dsl.format.formatted import format_text
from msrun.dsl.front import Checked, check_text
from msrun.dsl.source import Source
from msrun.dsl.syntax.parse import parse
from msrun.dsl.tree import Block, Outcome, Setting, Statement
from msrun.dsl.values.plain import is_list, is_record
from tests.laws import LAW

ROOT = Path(__file__).resolve().parents[2]


def checked(path: Path, text: str) -> Checked:
    return check_text(str(path), text, base=path.parent)


PLANS = [
    path
    for path in sorted([*(ROOT / "examples").rglob("*.plan"), *(ROOT / "tests" / "plans").glob("*.plan")])
    if checked(path, path.read_text(encoding="utf-8")).ok
]


def reordered(text: str, rng: random.Random) -> str:
    """Put the declarations of a file, and what stands in the braces of its plans, in another order."""
    program = parse(Source("x.plan", text)).program
    edits: list[tuple[int, int, str]] = []
    heads = [(item.span.start, item.span.end) for item in program.items]
    pieces = [text[start:end] for start, end in heads]
    for at, item in enumerate(program.items):
        if isinstance(item, Statement) and item.kind.text == "plan" and item.block is not None:
            pieces[at] = _shuffled(text, item.span.start, item.span.end, item.block, rng)
    rng.shuffle(pieces)
    edits = [(start, end, piece) for (start, end), piece in zip(heads, pieces, strict=True)]
    for start, end, piece in reversed(edits):
        text = text[:start] + piece + text[end:]
    return text


def _shuffled(text: str, start: int, end: int, block: Block, rng: random.Random) -> str:
    spans = [
        (item.span.start, item.span.end) for item in block.items if isinstance(item, Statement | Setting | Outcome)
    ]
    pieces = [text[a:b] for a, b in spans]
    rng.shuffle(pieces)
    piece = text[start:end]
    for (a, b), new in reversed(list(zip(spans, pieces, strict=True))):
        piece = piece[: a - start] + new + piece[b - start :]
    return piece


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.name)
def test_formatting_is_no_difference(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    formatted = format_text(str(path), text).text
    assert formatted is not None
    old, new = checked(path, text).module, checked(path, "\n# first\n" + formatted).module
    assert old is not None
    assert new is not None
    assert differences(old, new) == ()


@LAW
@given(st.sampled_from(PLANS), st.randoms(use_true_random=False))
def test_order_is_no_difference(path: Path, rng: random.Random) -> None:
    text = path.read_text(encoding="utf-8")
    old, new = checked(path, text).module, checked(path, reordered(text, rng)).module
    assert old is not None
    assert new is not None
    assert differences(old, new) == ()


@LAW
@given(st.data())
def test_another_meaning_is_a_difference(data: st.DataObject) -> None:
    """Take out a line, put in other numbers or words: there is a difference just where the meaning is another."""
    path = data.draw(st.sampled_from(PLANS))
    text = path.read_text(encoding="utf-8")
    old = checked(path, text).module
    lines = text.split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    line = lines[at]
    edit = data.draw(st.sampled_from(["drop", "digit", "word"]))
    if edit == "drop":
        del lines[at]
    elif edit == "digit":
        lines[at] = "".join(str((int(sign) + 1) % 10) if sign in "123456789" else sign for sign in line)
    else:
        lines[at] = line.replace(" the ", " thy ").replace("true", "false").replace(" from ", "  from ")
    new = checked(path, "\n".join(lines)).module
    if old is not None and new is not None:
        assert bool(differences(old, new)) == (_sorted(old) != _sorted(new))


def _sorted(module: object) -> object:
    """Compare modules but for the order of what has no order: as the sets of their plans' parts."""
    from msrun.dsl.codec import encode

    return _as_sets(encode(module))


def _as_sets(value: object) -> object:
    if is_list(value):
        return sorted(str(_as_sets(each)) for each in value)
    if is_record(value):
        return {key: _as_sets(each) for key, each in sorted(value.items()) if key not in ("reads", "raw")}
    return value
