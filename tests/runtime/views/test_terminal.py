import unicodedata

import pytest

from msrun.runtime.views.terminal import neutral, one_line


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("\x9b2J", "\\u009b2J"),
        ("a\rb", "ab"),
        ("a\x7fb", "a␡b"),
        ("abc\u202edef", "abc\\u202edef"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("größe 意图 👍🏽", "größe 意图 👍🏽"),
    ],
)
def test_steering_characters_become_visible(hostile: str, shown: str) -> None:
    assert neutral(hostile) == shown


def test_no_control_character_is_left_but_tab_and_line_feed() -> None:
    everything = "".join(map(chr, range(0x300)))
    left = {c for c in neutral(everything) if unicodedata.category(c) == "Cc"}
    assert left == {"\t", "\n"}


def test_one_line_folds_blanks() -> None:
    assert one_line("  a\n\n b\x1b\t c ") == "a b␛ c"
