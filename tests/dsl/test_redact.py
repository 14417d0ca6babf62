"""Redactors: what they replace, and what they leave because its check digit or form is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msrun.dsl.values.redact import REDACTORS, is_bank_card, is_iban, is_id_card, redact

ALL = list(REDACTORS)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("耳机我不要了，电话13800138000", "耳机我不要了，电话[phone]"),
        ("+86 138 0013 8000。", "[phone]。"),
        ("电话：１３８００１３８０００", "电话：[phone]"),
        ("010-62345678 (0755) 12345678", "[phone] [phone]"),
        ("400-820-8820", "[phone]"),
        ("ring +44 20 7946 0958 or +1 (212) 555-0123", "ring [phone] or [phone]"),
        ("212-555-0123, (212) 555-0123", "[phone], [phone]"),
        ("order 20240112, 3 pieces for 4999.00", "order 20240112, 3 pieces for 4999.00"),
        ("1380013800", "1380013800"),
        ("138001380001", "138001380001"),
        ("身份证11010519491231002X。", "身份证[id_card]。"),
        ("11010519491231002x", "[id_card]"),
        ("110105194912310021", "110105194912310021"),
        ("11010519491331002X", "11010519491331002X"),
        ("card 4111 1111 1111 1111!", "card [bank_card]!"),
        ("6222021234567890128", "[bank_card]"),
        ("6222020000000000003", "6222020000000000003"),
        ("5500-0000-0000-0004", "[bank_card]"),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
        ("write to a.b+c@mail.example.co.uk.", "write to [email]."),
        ("张三@example.com", "张三@example.com"),
        ("not@mail, @name, a@b", "not@mail, @name, a@b"),
        ("from 192.168.1.20 and 2001:db8::1", "from [ip] and [ip]"),
        ("version 1.2.3 at 12:30:15, 999.1.1.1", "version 1.2.3 at 12:30:15, 999.1.1.1"),
        ("GB82 WEST 1234 5698 7654 32", "[iban]"),
        ("DE89370400440532013000", "[iban]"),
        ("DE89370400440532013001", "DE89370400440532013001"),
    ],
)
def test_what_is_replaced(text: str, told: str) -> None:
    assert redact(text, ALL).text == told


def test_only_what_is_asked_for_is_replaced_and_counted() -> None:
    text = "13800138000, a@b.cn, 13900139000"
    assert redact(text, ["phone"]) == ("[phone], a@b.cn, [phone]", {"phone": 2})
    assert redact(text, ["email"]) == ("13800138000, [email], 13900139000", {"email": 1})
    assert redact(text, []) == (text, {})


def test_an_identity_card_is_no_phone_and_no_bank_card() -> None:
    assert redact("11010519491231002X", ALL).counts == {**dict.fromkeys(ALL, 0), "id_card": 1}


def test_check_digits() -> None:
    assert is_id_card("11010519491231002X")
    assert sum(is_id_card(f"1101051949123100{digit}X") for digit in "0123456789") == 1
    assert is_bank_card("4012888888881881")
    assert sum(is_bank_card(f"401288888888188{digit}") for digit in "0123456789") == 1
    assert not is_bank_card("0" * 16)
    assert is_iban("GB82WEST12345698765432")
    assert not is_iban("GB82WEST12345698765433")


@given(st.text(alphabet="0123456789 -+()@.:xXabc一１", max_size=200))
def test_a_text_is_only_shortened_to_names_and_a_second_pass_finds_nothing_more(text: str) -> None:
    once = redact(text, ALL)
    assert once.text.count("[") >= sum(once.counts.values())
    if not sum(once.counts.values()):
        assert once.text == text


def test_long_texts_take_no_longer_than_their_length() -> None:
    for piece in (
        "1" * 100_000,
        "1 " * 50_000,
        "a." * 50_000 + "@",
        "+1-" * 30_000,
        "a@" * 50_000,
        "1:" * 50_000,
        "13800138000 " * 9_000,
    ):
        assert redact(piece, ALL).text
