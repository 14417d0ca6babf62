"""What may stand at a place of the grammar, and what stands there, in words."""

from msrun.dsl.syntax.grammar import Tables
from msrun.dsl.syntax.machine import reach
from msrun.dsl.syntax.tokens import CLAUSE_WORDS, END, RESERVED, Token

VALUE = frozenset({"NAME", "NUMBER", "TEXT", "(", "[", "{", "-", ".", "true", "false", "null"})
OPERATORS = frozenset("<>+-*/|.([") | {"==", "!=", "<=", ">=", "and", "or", "in"}
CLAUSES = CLAUSE_WORDS - {"in", "as"}
ITEM = frozenset({"NAME", "KEY", "return", "next", "until", "expect", "case", "else"})
TOP = frozenset({"NAME", "import", "type", "enum"})
GROUPS = (
    (VALUE, "a value"),
    (ITEM, "a setting or statement"),
    (TOP, "a declaration"),
    (CLAUSES, "a clause such as `from` or `limit`"),
    (RESERVED - {"in", "as"} | {"NAME"}, "a label"),
    (frozenset({"NAME", "KEY", "TEXT"}), "a key"),
    (frozenset({"NAME", "TEXT"}), "a type"),
    (frozenset({"NAME", "KEY"}), "a name"),
)
SINGLE = {"NUMBER": "a number", "TEXT": "a text", "NAME": "a name", "KEY": "a name", END: "the end of the file"}
MAX_NAMED = 5


def acceptable(tables: Tables, states: list[int]) -> set[str]:
    """Return every token kind that fits next."""
    return {kind for kind in tables.rows[states[-1]] if reach(tables, states, [kind])}


def expected(kinds: set[str], end: str = SINGLE[END]) -> str:
    """Say in words what may stand: groups first, then signs and words one by one; operators only where nothing else."""
    left = set(kinds)
    words: list[str] = []
    for group, name in GROUPS:
        if group <= left:
            left -= group | {"not"}
            words.append(name)
    if len(left & OPERATORS) > 1:
        left -= OPERATORS
        words += [] if words or left - {END} else ["an operator"]
    words += [end if kind == END else SINGLE.get(kind, f"`{kind}`") for kind in sorted(left)]
    words = words[:MAX_NAMED]
    return ", ".join(words[:-1]) + " or " + words[-1] if len(words) > 1 else "".join(words)


def found(token: Token, written: str) -> str:
    """Say in words what stands at a place."""
    match token.kind:
        case "TEXT":
            return "this text"
        case kind if kind == END and not written:
            return "the end of the file"
        case kind if kind in RESERVED:
            return f"the reserved word `{kind}`"
        case _:
            return f"`{written or token.kind}`"
