"""Source text to a flat list of tokens with offsets, comments beside them. Never raises: it reports and goes on."""

import re
from unicodedata import category, normalize

from msrun.dsl.source import Source, Span
from msrun.dsl.syntax.cut import MASTER, cut
from msrun.dsl.syntax.text import pieces_between, scan_text
from msrun.dsl.syntax.tokens import END, Lexed, Pieces, Token
from msrun.dsl.tree import Comment

MAX_CHARS = 1 << 20
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069"
    "\ufff9-\ufffb\U000e0000-\U000e007f]+|(?<!\\A)\ufeff+"
)
MARKS = frozenset({"Mn", "Mc", "Cf", "Pc"})
REST_OF_NAME = re.compile(r"\w*")
QUOTES = {"'": "'", "‘": "’", "“": "”", "”": "”", "＂": "＂", "「": "」", "『": "』", "«": "»", "`": "`"}


def lex(source: Source) -> Lexed:
    """Cut a source text into tokens."""
    lexed = Lexed(source)
    size = len(source.text)
    if size > MAX_CHARS:
        lexed.found("E0001/file_size", 0, 0, size=size, limit=MAX_CHARS)
        lexed.tokens.append(Token(END, 0, 0))
        return lexed
    for match in INVISIBLE.finditer(source.text):
        if match.start() or not match[0].startswith("\ufeff"):
            lexed.found(
                "E0015", match.start(), match.end(), char=f"U+{ord(match[0][0]):04X}", hex=f"{ord(match[0][0]):04X}"
            )
    at = 0
    while at < size or not at:
        at = scan_run(lexed, source.text, at)
        if lexed.tokens and lexed.tokens[-1].kind == END:
            break
    else:
        lexed.tokens.append(Token(END, size, size))
    return lexed


def scan_run(lexed: Lexed, text: str, start: int) -> int:
    """Append tokens up to END or past the first thing no regular expression can cut; return where it ends."""
    tokens = lexed.tokens
    append = tokens.append
    for match in MASTER.finditer(text, start):
        group = match.lastgroup
        begin, end = match.span(group or 0)
        if group == "sign":
            sign = match[group]
            append(Token(sign, begin, end, sign))
            continue
        token = cut(lexed, match, tokens)
        if token is not None:
            append(token)
        elif group == "comment":
            comment(lexed, text, begin, match[group])
        elif group == "quote":
            token = scan_text(lexed, begin, len(text))
            append(token)
            return token.end
        elif group == "end":
            append(Token(END, end, end))
        else:
            return stranger(lexed, begin)
    return len(text)


def comment(lexed: Lexed, text: str, start: int, written: str) -> None:
    """Keep a comment beside the tokens."""
    written = written.removesuffix("\r")
    own_line = not text[text.rfind("\n", 0, start) + 1 : start].strip()
    lexed.comments.append(Comment(written, own_line, Span(start, start + len(written))))


def stranger(lexed: Lexed, start: int) -> int:
    """Take what begins no token: foreign quotes, marks within names, signs unknown. Return where it ends."""
    text = lexed.source.text
    tokens = lexed.tokens
    char = text[start]
    if char in QUOTES and (end := text.find(QUOTES[char], start + 1, line_end(text, start))) > 0:
        lexed.found("E0016/quote", start, start + 1, *straight(text, start, end), char=char)
        tokens.append(Token("TEXT", start, end + 1, "", Pieces(pieces_between(lexed, start + 1, end))))
        return end + 1
    if category(char) in MARKS and tokens and tokens[-1].kind == "NAME" and tokens[-1].end == start:
        return grow_name(lexed, start)
    if INVISIBLE.match(char):
        return start + 1
    if char == ";":
        edit = (start, start + 1, "" if text[start + 1 : start + 2] in ("", "\n", "\r", " ") else "\n")
        lexed.found("E0001/semicolon", start, start + 1, edit)
    else:
        lexed.found("E0001/character", start, start + 1, char=char)
    return start + 1


def straight(text: str, start: int, end: int) -> tuple[tuple[int, int, str], ...]:
    """Return the edits that put straight quotes around a text, none where it holds what would read otherwise there."""
    if any(sign in text[start + 1 : end] for sign in '"\\'):
        return ()
    return (start, start + 1, '"'), (end, end + 1, '"')


def grow_name(lexed: Lexed, start: int) -> int:
    """Add a combining mark and what follows it to the name before; an invisible character is left out."""
    text = lexed.source.text
    last = lexed.tokens.pop()
    rest = REST_OF_NAME.match(text, start + 1)
    end = rest.end() if rest else start + 1
    added = text[start + bool(INVISIBLE.match(text, start)) : end]
    lexed.tokens.append(Token("NAME", last.start, end, normalize("NFC", last.text + added)))
    return end


def line_end(text: str, at: int) -> int:
    """Return where the line of an offset ends."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end
