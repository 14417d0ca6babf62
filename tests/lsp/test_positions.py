"""Positions in each of the units, with characters of every width, at line ends and past them."""

import pytest
from lsprotocol.types import Position

from msrun.dsl.source import Source, Span
from msrun.lsp.positions import Ruler, Units, units_of

TEXT = "a步🙂é\r\n\n🙂x"


@pytest.mark.parametrize("units", ["utf-8", "utf-16", "utf-32"])
def test_every_offset_comes_back(units: Units) -> None:
    ruler = Ruler(Source("x", TEXT), units)
    for offset in range(len(TEXT) + 1):
        if TEXT[offset - 1 : offset + 1] != "\r\n":  # between them is no place
            assert ruler.offset(ruler.position(offset)) == offset


@pytest.mark.parametrize(("units", "at"), [("utf-8", 8), ("utf-16", 4), ("utf-32", 3)])
def test_characters_are_counted_in_units(units: Units, at: int) -> None:
    ruler = Ruler(Source("x", TEXT), units)
    assert ruler.position(3) == Position(0, at)
    assert ruler.span(ruler.range(Span(2, 3))) == Span(2, 3)


def test_places_past_the_end_are_at_the_end() -> None:
    ruler = Ruler(Source("x", TEXT), "utf-16")
    assert ruler.offset(Position(0, 99)) == TEXT.index("\r")
    assert ruler.offset(Position(99, 0)) == len(TEXT)


def test_sixteen_bits_are_the_default() -> None:
    assert [units_of(each) for each in ("utf-8", "utf-32", "utf-16", None)] == ["utf-8", "utf-32", "utf-16", "utf-16"]
