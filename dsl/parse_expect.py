"""What may stand at a place of the grammar, and what stands there, in words."""

from msrun.dsl.grammar import Tables
from msrun.dsl.parse_machine import reach
from msrun.dsl.tokens import CLAUSE_WORDS, END, RESERVED, Token

VALUE = frozenset({"NAME", "NUMBER", "TEXT", "(", "[", "{", "-", ".", "not", "true", "false", "null"})
OPERATORS = frozenset("<>+-*/|.([") | {"==", "!=", "<=", ">=", "and", "or", "in"}
CLAUSES = CLAUSE_WORDS - {"in", "as"}
ITEM = frozenset({"NAME", "KEY", "return", "next", "until", "expect", "case", "else"})
TOP = frozenset({"NAME", "import", "type", "enum"})
GROUPS = (
    (VALUE, "a value"),
    (ITEM, "a setting or statement"),
    (TOP, "a declaration"),
    (CLAUSES, "a clause such as `from` or `limit`"),
    (OPERATORS - {"in", "["}, ""),
    (RESERVED - {"in", "as"} | {"NAME"}, "a label"),
    (frozenset({"NAME", "TEXT"}), "a type"),
    (frozenset({"NAME", "KEY"}), "a name"),
)
MAX_NAMED = 5


def acceptable(tables: Tables, states: list[int]) -> set[str]:
    """Return every token kind that fits next."""
    return {kind for kind in tables.rows[states[-1]] if reach(tables, states, [kind])}


def expected(kinds: set[str]) -> str:
    """Say in words what may stand: groups first, then signs and words one by one."""
    left = set(kinds)
    words: list[str] = []
    for group, name in GROUPS:
        if group <= left:
            left -= group
            words.append(name)
    left -= OPERATORS if "" in words else set()
    if "NAME" in left:
        words.append("a name")
    singles = {"NUMBER": "a number", "TEXT": "a text", END: "the end of the file", "NAME": "", "KEY": ""}
    words += [singles.get(kind, f"`{kind}`") for kind in sorted(left)]
    words = [word for word in words if word][:MAX_NAMED]
    return ", ".join(words[:-1]) + " or " + words[-1] if len(words) > 1 else "".join(words)


def found(token: Token, written: str) -> str:
    """Say in words what stands at a place."""
    match token.kind:
        case "TEXT":
            return "this text"
        case kind if kind == END:
            return "the end of the file"
        case kind if kind in RESERVED:
            return f"the reserved word `{kind}`"
        case _:
            return f"`{written}`"
