"""Repairs of one place that does not parse: the edit of one or two tokens after which most of what follows fits.

Every candidate is tried on the states alone, the best one edits the token list. Where none is good enough, everything
up to the next place that fits some state of the stack is left out.
"""

from collections.abc import Iterator
from typing import NamedTuple

from msrun.dsl.syntax.expect import acceptable
from msrun.dsl.syntax.machine import Machine, advance, reach
from msrun.dsl.syntax.tokens import CLOSER, END, RESERVED, Token

AHEAD = 8
"""How many tokens after the mistake a repair is judged by."""

ENOUGH = 3

SYNONYMS = {"of": "in", "with": "using", "if": "when", "where": "when", "default": "else", "otherwise": "else"}
SIGNS_MEANT = {"=": (":", "=="), ":": ("=",), "==": ("=",), "->": (":",), "]": (")",), ")": ("]",), ">": ("->",)}
INSERTED = (":", "NAME", ")", "]", ",", "}", "in", "=", "from", "as", "->", ">", "(", "[", "{")
UNLIKELY = {"NAME": 1, "(": 2, "[": 2, "{": 3}
COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
RESUME = frozenset({")", "]", "}", ",", "{", "KEY", END}) | RESERVED - {
    "and",
    "or",
    "not",
    "in",
    "true",
    "false",
    "null",
}


class Repair(NamedTuple):
    """Leave out `skip` tokens and put `insert` in their place."""

    entry: str
    skip: int
    insert: tuple[str, ...]
    cost: int = 0


def best(machine: Machine) -> Repair | None:
    """Return the repair after which the most tokens fit; of equal ones the first candidate."""
    ahead = [token.kind for token in machine.tokens[machine.at : machine.at + AHEAD + 1]]
    chosen, score = None, 0
    for repair in candidates(machine):
        wanted = [*repair.insert, *ahead[repair.skip :]]
        taken = reach(machine.tables, machine.states, wanted)
        gain = taken - len(repair.insert) + repair.skip
        to_end = taken == len(wanted) and wanted[-1:] == [END]
        enough = ENOUGH - (repair.entry == "E0004")
        if (gain >= enough or to_end) and (AHEAD if to_end else gain) - repair.cost > score:
            chosen, score = repair, (AHEAD if to_end else gain) - repair.cost
    return chosen


def candidates(machine: Machine) -> Iterator[Repair]:
    """Return what could be meant, likelier things first."""
    token = machine.tokens[machine.at]
    fits = acceptable(machine.tables, machine.states)
    if token.kind == ">=" and ">" in fits:
        yield Repair("", 1, (">", "="))
    if token.kind in RESERVED | {"KEY"} and "NAME" in fits:
        yield Repair("E0004", 1, ("NAME",), cost="NUMBER" in fits)
    for meant in (SYNONYMS.get(token.text, ""), *SIGNS_MEANT.get(token.kind, ())):
        if meant in fits:
            yield Repair("E0001/instead", 1, (meant,))
    if token.kind in COMPARISONS and "and" in fits:
        yield Repair("E0001/comparison", 1, ("and",))
    for sign in INSERTED:
        if sign in fits:
            yield Repair(missing(sign, fits), 0, (sign,), UNLIKELY.get(sign, 0))
    closers = tuple(CLOSER[opener.kind] for opener in openers(machine))
    for count in range(2, len(closers) + 1):
        yield Repair("E0002", 0, closers[:count], cost=1)
    if token.kind != END:
        yield Repair("E0001/extra", 1, (), cost=2)


def missing(sign: str, fits: set[str]) -> str:
    """Return the finding for a sign that has to be inserted."""
    if sign in CLOSER.values():
        return "E0002"
    if sign != "NAME":
        return "E0001/missing"
    return "E0006" if "NUMBER" in fits else "E0006/type" if "TEXT" in fits else "E0006/name"


def openers(machine: Machine) -> list[Token]:
    """Return the brackets that are open, the innermost first, up to the block around them."""
    found: list[Token] = []
    for value in reversed(machine.values):
        if isinstance(value, Token) and value.kind in CLOSER:
            found.append(value)
            if value.kind == "{" and machine.tokens[machine.at].kind != END:
                break
    return found


def apply(machine: Machine, repair: Repair) -> None:
    """Edit the tokens."""
    at = machine.at
    token = machine.tokens[at]
    if repair.skip:
        inserted = [Token(kind, token.start, token.end, token.text) for kind in repair.insert]
    else:
        end = machine.tokens[at - 1].end if at else 0
        inserted = [Token(kind, end, end, kind if kind != "NAME" else "") for kind in repair.insert]
    machine.tokens[at : at + repair.skip] = inserted


def resume(machine: Machine) -> bool:
    """Drop tokens, and as little of the stack as will do, until two tokens fit; False at the end of the file."""
    depth = 0
    for index in range(machine.at, len(machine.tokens)):
        token = machine.tokens[index]
        starts_line = index > 0 and "\n" in machine.build.source.text[machine.tokens[index - 1].end : token.start]
        if starts_line and token.kind in {"NAME", "KEY"} | RESERVED:
            depth = 0
        if depth == 0 and (token.kind in RESUME or (token.kind == "NAME" and starts_line)):
            keep = fitting(machine, index)
            if keep:
                del machine.states[keep:], machine.values[keep - 1 :]
                machine.at = index
                return True
        if token.kind == END:
            return close_block(machine, index)
        depth = max(0, depth + (token.kind in CLOSER) - (token.kind in CLOSER.values()))
    return False


def fitting(machine: Machine, index: int) -> int:
    """Return how much of the stack to keep so that the tokens from an index fit; 0 where that cannot be."""
    count = 1 if machine.tokens[index].kind in CLOSER.values() else 2
    kinds = [token.kind for token in machine.tokens[index : index + count]]
    for keep in range(len(machine.states), innermost_block(machine), -1):
        states = machine.states[:keep]
        if reach(machine.tables, states, kinds) < len(kinds):
            continue
        if kinds[0] != "NAME" or begins_statement(machine, states):
            return keep
    return 0


def begins_statement(machine: Machine, states: list[int]) -> bool:
    """Tell whether a name on top of these states is a kind or key: another name may follow it in the same item."""
    advance(machine.tables, states, "NAME")
    return machine.tables.rows[states[-1]].get("NAME", -1) >= 0


def innermost_block(machine: Machine) -> int:
    """Return how many states stand up to and without the innermost open `{`."""
    for height in range(len(machine.values), 0, -1):
        value = machine.values[height - 1]
        if isinstance(value, Token) and value.kind == "{":
            return height
    return 0


def close_block(machine: Machine, index: int) -> bool:
    """At the end of the file, end the innermost open block with what it holds; False where none is open."""
    block = innermost_block(machine)
    if not block:
        return False
    for keep in range(len(machine.states), block, -1):
        if reach(machine.tables, machine.states[:keep], ["}"]):
            del machine.states[keep:], machine.values[keep - 1 :]
            break
    end = machine.tokens[index].start
    machine.tokens.insert(index, Token("}", end, end, "}"))
    machine.at = index
    return True
