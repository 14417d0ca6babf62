"""The TextMate grammar of the language, made from its word list; `python -m msrun.dsl.assist.textmate` prints it.

VS Code, Sublime Text, JetBrains, GitHub and many more read such a grammar. What it says of each character is held
against `paint`, the language's own lexer.
"""

import json
import sys
from collections.abc import Iterable
from typing import Any

from msrun.dsl.assist.wordlist import wordlist

NAME = r"[\p{L}\p{Nl}\p{No}_][\p{L}\p{N}\p{M}\p{Pc}]*"
END = r"(?![\p{L}\p{N}\p{M}\p{Pc}])"
START = r"(?<![\p{L}\p{N}\p{M}\p{Pc}.])"
NOT_KEY = r"(?![ \t]*[:：])"
NUMBER = rf"\$?[0-9](?:_?[0-9])*(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9]+)?(?:%|{NAME})?"
SIGN = r"\.\.|->|==|!=|<=|>=|[-+*/<>=|?.,:(){}\[\]]"

SCOPES = {
    "comment": "comment.line.number-sign.plan",
    "text": "string.quoted.plan",
    "hole": "punctuation.section.embedded.plan",
    "keyword": "keyword.control.plan",
    "kind": "storage.type.kind.plan",
    "type": "support.type.plan",
    "filter": "support.function.filter.plan",
    "constant": "constant.language.plan",
    "number": "constant.numeric.plan",
    "sign": "keyword.operator.plan",
    "name": "variable.other.plan",
}
"""The scope of each class of `paint`."""


def grammar() -> dict[str, Any]:
    """Return the grammar as JSON data."""
    return {
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "msrun plan",
        "scopeName": "source.plan",
        "fileTypes": ["plan"],
        "patterns": [{"include": "#statement"}, {"include": "#code"}],
        "repository": {
            "statement": _statement(),
            "code": {"patterns": [{"match": r"#.*$", "name": SCOPES["comment"]}, *_texts(), *_words()]},
            "hole": _hole(),
            "record": _nested("#expression", r"\{", r"\}"),
            "expression": {"patterns": [{"include": "#record"}, _inner_text(), *_words()]},
        },
    }


def _either(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(words)})"


def _statement() -> dict[str, Any]:
    """A kind at the start of its line, before a name or a brace."""
    words = wordlist()
    reserved = _either((*words.keywords, *words.constants))
    then = rf"(?=[ \t]*\{{|[ \t]+(?!{reserved}{END}{NOT_KEY})[\p{{L}}\p{{Nl}}\p{{No}}_])"
    return {
        "match": rf"^([ \t]*)([{{}}][{{}} \t]*)?({_either(words.kinds)}){END}{then}",
        "captures": {"2": {"patterns": [{"match": r"[{}]", "name": SCOPES["sign"]}]}, "3": {"name": SCOPES["kind"]}},
    }


def _words() -> list[dict[str, Any]]:
    words = wordlist()
    sign, name = {"name": SCOPES["sign"]}, SCOPES["name"]
    filters = rf"(\|)[ \t]*({_either(words.filters)}){END}"
    types = rf"(:|<|->|\|)[ \t]*({_either(words.types)}){END}"
    return [
        {"match": filters, "captures": {"1": sign, "2": {"name": SCOPES["filter"]}}},
        {"match": types, "captures": {"1": sign, "2": {"name": SCOPES["type"]}}},
        {"match": rf"{START}{_either(words.constants)}{END}{NOT_KEY}", "name": SCOPES["constant"]},
        {"match": rf"{START}{_either(words.keywords)}{END}{NOT_KEY}", "name": SCOPES["keyword"]},
        {"match": NAME, "name": name},
        {"match": NUMBER, "name": SCOPES["number"]},
        {"match": SIGN, "name": SCOPES["sign"]},
    ]


def _texts() -> list[dict[str, Any]]:
    """Texts in triple quotes and on one line; those after `raw` have no holes."""
    text = SCOPES["text"]
    hole = [{"include": "#hole"}]
    escape = [{"match": r"\\.", "name": "constant.character.escape.plan"}]
    return [
        {"begin": r'raw"""', "end": r'"""', "name": text},
        {"begin": r'raw"', "end": r'"|$', "name": text},
        {"begin": r'"""', "end": r'"""', "name": text, "patterns": hole},
        {"begin": r'"', "end": r'"|$', "name": text, "patterns": [*escape, *hole]},
    ]


def _hole() -> dict[str, Any]:
    captures = {"0": {"name": SCOPES["hole"]}}
    return {
        "begin": r"\{\{",
        "end": r"\}\}",
        "beginCaptures": captures,
        "endCaptures": captures,
        "contentName": "meta.embedded.line.plan",
        "patterns": [{"include": "#expression"}],
    }


def _nested(include: str, begin: str, end: str) -> dict[str, Any]:
    captures = {"0": {"name": SCOPES["sign"]}}
    return {
        "begin": begin,
        "end": end,
        "beginCaptures": captures,
        "endCaptures": captures,
        "patterns": [{"include": include}],
    }


def _inner_text() -> dict[str, Any]:
    return {"match": r'"(?:[^"\\]|\\.)*"', "name": SCOPES["text"]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(grammar(), ensure_ascii=False, indent=2) + "\n")
