"""The LALR tables of `plan.lark` as plain data: lark builds them when the grammar changes, `grammar.json` keeps them.

`import lark` alone costs 50 ms, so it happens only in `build`; `python -m msrun.dsl.syntax.grammar` renews the file.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msrun.dsl.syntax.tokens import END

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lark import Lark
    from lark.lexer import LexerState, Token

GRAMMAR = "plan.lark"
TABLES = "grammar.json"
STARTS = ("program", "hole")


@dataclass(frozen=True, slots=True)
class Tables:
    """A state's row maps a token kind to the next state (0 or more) or, negative, to the rule `-1 - action`.

    `rules` are (symbol made, how many symbols it takes, action), where action "" passes its one symbol on.
    """

    rows: tuple[dict[str, int], ...]
    gotos: tuple[dict[str, int], ...]
    rules: tuple[tuple[str, int, str], ...]
    starts: dict[str, int]
    ends: dict[str, int]


@cache
def tables() -> Tables:
    """Return the tables that ship with the package."""
    data = json.loads(read(TABLES))
    rules = tuple((made, size, action) for made, size, action in data["rules"])
    return Tables(tuple(data["rows"]), tuple(data["gotos"]), rules, data["starts"], data["ends"])


def read(name: str) -> str:
    """Return the text of a file beside this module."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def build() -> dict[str, Any]:
    """Return the tables of the grammar as JSON data. Raises lark's GrammarError on any conflict."""
    lark = make()
    parser: Any = lark.parser
    table: Any = parser.parser._parse_table  # lark has no public view of its tables
    names: dict[str, str] = {term.name: term.pattern.value for term in lark.terminals}
    names["$END"] = END
    order = reachable(table)
    number = {state: at for at, state in enumerate(order)}
    rules: dict[Any, int] = {}
    rows: list[dict[str, int]] = []
    gotos: list[dict[str, int]] = []
    for state in order:
        row: dict[str, int] = {}
        goto: dict[str, int] = {}
        for symbol, (action, target) in sorted(table.states[state].items()):
            kind = str(names.get(symbol, symbol))
            if symbol.islower():
                goto[symbol] = number[target]
            elif action.name == "Shift":
                row[kind] = number[target]
            else:
                row[kind] = -1 - rules.setdefault(target, len(rules))
        rows.append(row)
        gotos.append(goto)
    return {
        "rows": rows,
        "gotos": gotos,
        "rules": [[rule.origin.name, len(rule.expansion), rule.alias or ""] for rule in rules],
        "starts": {start: number[table.start_states[start]] for start in STARTS},
        "ends": {start: number[table.end_states[start]] for start in STARTS},
    }


def reachable(table: Any) -> list[int]:
    """Return lark's states in the order a walk by symbol names meets them: lark's own numbers change with each run."""
    order = [table.start_states[start] for start in STARTS]
    seen = set(order)
    for state in order:  # grows while it is walked
        for _symbol, (action, target) in sorted(table.states[state].items()):
            if action.name == "Shift" and target not in seen:
                seen.add(target)
                order.append(target)
    return order


def make() -> "Lark":
    """Return lark's parser of the grammar; tokens come from our own lexer, so lark gets a lexer of none."""
    import lark
    from lark.lexer import Lexer

    class NoLexer(Lexer):
        def __init__(self, conf: object) -> None:
            del conf

        def lex(self, lexer_state: "LexerState", parser_state: object) -> "Iterator[Token]":
            del lexer_state, parser_state
            return iter(())

    return lark.Lark(read(GRAMMAR), parser="lalr", lexer=NoLexer, start=list(STARTS), strict=True)


def dump() -> str:
    """Return the text of `grammar.json`: one line a state or rule, so that a change of the grammar reads as one."""
    data = build()
    parts: list[str] = []
    for key in ("rows", "gotos", "rules"):
        lines = ",\n".join(json.dumps(line, ensure_ascii=False, sort_keys=True) for line in data[key])
        parts.append(f'"{key}": [\n{lines}\n]')
    parts += [f'"{key}": {json.dumps(data[key], sort_keys=True)}' for key in ("starts", "ends")]
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    Path(__file__).with_name(TABLES).write_text(dump(), encoding="utf-8")
