"""The Pygments lexer of plans, from the language's own word list: `pygmentize -l plan`, Sphinx, MkDocs."""

import re
from typing import Any, ClassVar, cast

from pygments import lexer
from pygments.lexer import RegexLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text
from pygments.unistring import Mc, Mn, Pc

from msrun.dsl.assist.wordlist import wordlist

_WORDS = wordlist()
_MARKS = f"{Mn}{Mc}{Pc}"
_NAME = rf"[^\W\d](?:\w|[{_MARKS}])*"
_END = rf"(?![\w{_MARKS}])"
_START = rf"(?<![\w{_MARKS}.])"
_NOT_KEY = r"(?![ \t]*[:：])"
_RESERVED = "|".join((*_WORDS.keywords, *_WORDS.constants))
_KIND_THEN = rf"(?=[ \t]*\{{|[ \t]+(?!(?:{_RESERVED}){_END}{_NOT_KEY})[^\W\d])"
_NUMBER = rf"\$?[0-9](?:_?[0-9])*(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9]+)?(?:%|{_NAME})?"

_bygroups: Any = cast("Any", lexer).bygroups  # has no types

COLOURS: dict[Any, str] = {
    Comment.Single: "comment",
    String: "text",
    String.Escape: "text",
    String.Interpol: "hole",
    Keyword: "keyword",
    Keyword.Declaration: "kind",
    Keyword.Type: "type",
    Name.Builtin: "filter",
    Keyword.Constant: "constant",
    Number: "number",
    Operator: "sign",
    Punctuation: "sign",
    Name: "name",
}
"""The class of `msrun.dsl.assist.paint` that each token is."""

_BLANK = (r"[^\S\n]+|\n", Text)
_INNER_TEXT = (r'"(?:[^"\\\n]|\\.)*"', String)
_HOLE = (r"\{\{", String.Interpol, "hole")
_RECORD = (r"\{", Punctuation, "record")


def _statements() -> list[Any]:
    """Kinds at the start of a line."""
    kinds = rf"({'|'.join(_WORDS.kinds)}){_END}{_KIND_THEN}"
    return [
        (rf"^([ \t]*)([{{}}])([{{}} \t]*){kinds}", _bygroups(Text, Punctuation, Punctuation, Keyword.Declaration)),
        (rf"^([ \t]*){kinds}", _bygroups(Text, Keyword.Declaration)),
    ]


def _texts() -> list[Any]:
    """Texts in triple quotes and on one line; those after `raw` have no holes."""
    return [
        (r'raw"""(?:.|\n)*?"""', String),
        (r'raw"[^"\n]*"?', String),
        (r'"""', String, "block"),
        (r'"', String, "line"),
    ]


def _words() -> list[Any]:
    return [
        (rf"(\|)([ \t]*)({'|'.join(_WORDS.filters)}){_END}", _bygroups(Operator, Text, Name.Builtin)),
        (rf"(:|<|->|\|)([ \t]*)({'|'.join(_WORDS.types)}){_END}", _bygroups(Operator, Text, Keyword.Type)),
        (rf"{_START}(?:{'|'.join(_WORDS.constants)}){_END}{_NOT_KEY}", Keyword.Constant),
        (rf"{_START}(?:{'|'.join(_WORDS.keywords)}){_END}{_NOT_KEY}", Keyword),
        (_NAME, Name),
        (_NUMBER, Number),
        (r"\.\.|->|==|!=|<=|>=|[-+*/<>=|?]", Operator),
        (r"[.,:(){}\[\]]", Punctuation),
    ]


class PlanLexer(RegexLexer):
    """Cuts plans into the classes of `COLOURS`."""

    name: ClassVar[str] = "msrun plan"
    aliases = ("plan", "msrun")
    filenames = ("*.plan",)
    mimetypes = ("text/x-msrun-plan",)
    url: ClassVar[str] = "https://github.com/msrun/msrun"
    flags = re.MULTILINE | re.UNICODE
    tokens: ClassVar[dict[str, Any]] = {
        "root": [*_statements(), (r"#[^\n]*", Comment.Single), *_texts(), _BLANK, *_words()],
        "block": [(r'"""', String, "#pop"), _HOLE, (r'[^"{]+|["{]', String)],
        "line": [(r'"|\n', String, "#pop"), (r"\\[^\n]", String.Escape), _HOLE, (r'[^"\\{\n]+|[\\{]', String)],
        "hole": [(r"\}\}", String.Interpol, "#pop"), _RECORD, _INNER_TEXT, _BLANK, *_words()],
        "record": [(r"\}", Punctuation, "#pop"), _RECORD, _INNER_TEXT, _BLANK, *_words()],
    }
