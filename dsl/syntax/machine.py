"""The LALR machine: tokens in, nodes out, by the tables of the grammar; what it does with an error is given to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from msrun.dsl.syntax.build import Build
from msrun.dsl.syntax.grammar import Tables
from msrun.dsl.syntax.tokens import Token

OnError: TypeAlias = "Callable[[Machine], bool]"
"""Mends the machine's tokens or stacks at its place and says whether to go on."""


@dataclass(slots=True)
class Machine:
    """One parse at one place. `values` holds tokens and nodes, one for each state but the first."""

    tables: Tables
    build: Build
    tokens: list[Token]
    at: int = 0
    states: list[int] = field(default_factory=list[int])
    values: list[Any] = field(default_factory=list[Any])

    def run(self, start: str, on_error: OnError) -> Any:
        """Return what the start symbol makes of the tokens; None where `on_error` gives up."""
        rows, gotos, rules = self.tables.rows, self.tables.gotos, self.tables.rules
        actions = self.build.actions
        final = self.tables.ends[start]
        states, values, tokens = self.states, self.values, self.tokens
        states.append(self.tables.starts[start])
        token = tokens[self.at]
        while states[-1] != final:
            act = rows[states[-1]].get(token.kind)
            if act is None:
                if not on_error(self):
                    return None
                token = tokens[self.at]
            elif act >= 0:
                states.append(act)
                values.append(token)
                self.build.end = token.end
                self.at += 1
                token = tokens[self.at]
            else:
                made, size, action = rules[-1 - act]
                if not action:
                    states[-1] = gotos[states[-2]][made]
                    continue
                if size:
                    taken = values[-size:]
                    del values[-size:], states[-size:]
                    values.append(actions[action](*taken))
                else:
                    values.append(actions[action]())
                states.append(gotos[states[-1]][made])
        return values[-1]


def advance(tables: Tables, states: list[int], kind: str, final: int = -1) -> bool:
    """Take one token on a stack of states alone; False where it does not fit."""
    while states[-1] != final:
        act = tables.rows[states[-1]].get(kind)
        if act is None:
            return False
        if act >= 0:
            states.append(act)
            return True
        made, size, _action = tables.rules[-1 - act]
        if size:
            del states[-size:]
        states.append(tables.gotos[states[-1]][made])
    return True


def reach(tables: Tables, states: Sequence[int], kinds: Sequence[str]) -> int:
    """Return how many of these tokens fit one after another."""
    trial = list(states)
    final = tables.ends["program"]
    for count, kind in enumerate(kinds):
        if not advance(tables, trial, kind, final):
            return count
    return len(kinds)
