"""One match of the master expression to one token: names, signs, numbers and texts without escapes."""

import re
from unicodedata import normalize

from msrun.dsl.syntax.number import read_number
from msrun.dsl.syntax.tokens import RESERVED, Lexed, Pieces, Token

MASTER = re.compile(
    r"""[\s\ufeff]*+(?:
      (?P<NAME>(?!raw")[^\W\d]\w*)
    | (?P<meant>=>|&&|\|\||!(?!=))
    | (?P<sign>\.\.|->|==|!=|<=|>=|[-+*/<>=|?.,:(){}\[\]])
    | (?P<TEXT>"(?!"")[^"\\\n{]{0,60000}")
    | (?P<NUMBER>\$?[0-9](?:_?[0-9])*(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9]+)?(?:%|[^\W\d]\w*)?)
    | (?P<comment>\#[^\n]*)
    | (?P<quote>(?:raw)?"(?:"")?)
    | (?P<end>\Z)
    | (?P<other>.)
    )""",
    re.VERBOSE | re.DOTALL,
)
MEANT = {"=>": "->", "&&": "and", "||": "or", "!": "not"}
BEFORE_COLON = re.compile(r"[ \t\r\n]*[:：]")

FULL_WIDTH = {
    **{chr(code + 0xFEE0): chr(code) for code in b"-+*/<>=|?.,:(){}[]"},
    "、": ",", "。": ".", "【": "[", "】": "]", "〔": "(", "〕": ")", "→": "->", "≥": ">=", "≤": "<=", "≠": "==",
    "×": "*", "÷": "/", "−": "-", "–": "-", "—": "-", "…": "..", "‥": "..",
}  # fmt: skip


def name(text: str, word: str, start: int, end: int, tokens: list[Token]) -> Token:
    """Return the token of a name or reserved word: after a dot a plain name, before a colon a key."""
    if not word.isascii():
        word = normalize("NFC", word)
    if word not in RESERVED or (tokens and tokens[-1].kind == "."):
        return Token("NAME", start, end, word)
    return Token("KEY" if BEFORE_COLON.match(text, end) else word, start, end, word)


def number(lexed: Lexed, written: str, start: int, end: int) -> Token:
    """Return a number's token; one too large is a finding and reads as 0."""
    constant = read_number(written)
    if constant is None:
        lexed.found("E0001/number", start, end)
    return Token("NUMBER", start, end, written, constant or read_number("0"))


def full_width(lexed: Lexed, char: str, start: int) -> Token:
    """Return the token of the ASCII sign that a full-width one stands for."""
    sign = FULL_WIDTH[char]
    lexed.found("E0016", start, start + 1, (start, start + 1, sign), char=char, sign=sign)
    return Token(sign, start, start + 1, sign)


def cut(lexed: Lexed, match: re.Match[str], tokens: list[Token]) -> Token | None:
    """Return the token of a match; None for a group that only the caller knows how to read."""
    group = match.lastgroup or ""
    start, end = match.span(group)
    written = match[group]
    match group:
        case "NAME":
            return name(match.string, written, start, end, tokens)
        case "sign":
            return Token(written, start, end, written)
        case "TEXT":
            return Token("TEXT", start, end, "", Pieces((written[1:-1],)))
        case "NUMBER":
            return number(lexed, written, start, end)
        case "meant":
            wanted = MEANT[written]
            word = f"{wanted} " if wanted == "not" else wanted
            lexed.found("E0001/instead", start, end, (start, end, word), found=f"`{written}`", wanted=wanted)
            return Token(wanted, start, end, wanted)
        case _:
            return full_width(lexed, written, start) if written in FULL_WIDTH else None
