"""Tokens to the tree: an LALR machine over the tables of the grammar, with all syntax errors of a file in one run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msrun.dsl.diagnostic import Diagnostic, Place, report
from msrun.dsl.grammar import Tables, tables
from msrun.dsl.lexer import lex
from msrun.dsl.parse_build import Build
from msrun.dsl.source import Source, Span
from msrun.dsl.tokens import Hole, Token
from msrun.dsl.tree import Expr, Item, Program


@dataclass(frozen=True, slots=True)
class Parsed:
    """A program and what is wrong with it; where something is wrong, the program holds everything that did parse."""

    program: Program
    diagnostics: tuple[Diagnostic, ...]


def parse(source: Source) -> Parsed:
    """Parse one file. Never raises on any text."""
    lexed = lex(source)
    machine = Machine(source)
    items = machine.run(lexed.tokens, "program")
    program = Program(source, tuple(items or ()), tuple(lexed.comments))
    findings = sorted(lexed.findings + machine.build.findings, key=lambda finding: finding.sort_key)
    return Parsed(program, tuple(findings))


class Machine:
    """The state of one parse."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tables = tables()
        self.build = Build(source, self.hole)
        self.actions = self.build.actions()

    def hole(self, hole: Hole) -> Expr | None:
        """Parse the expression of a hole."""
        end = self.build.end
        expr = self.run(hole.tokens, "hole")
        self.build.end = end
        return expr

    def run(self, tokens: list[Token], start: str) -> Any:
        """Return what the start symbol makes of the tokens."""
        rows, gotos, rules = self.tables.rows, self.tables.gotos, self.tables.rules
        build, actions = self.build, self.actions
        final = self.tables.ends[start]
        states = [self.tables.starts[start]]
        values: list[Any] = []
        at = 0
        token = tokens[0]
        while True:
            act = rows[states[-1]].get(token.kind)
            if act is None:
                build.findings.append(report("E0001", build.place(token.start, token.end)))
                return None
            if act >= 0:
                states.append(act)
                values.append(token)
                build.end = token.end
                at += 1
                token = tokens[at]
                continue
            made, size, action = rules[-1 - act]
            if not action:
                states[-1] = gotos[states[-2]][made]
            else:
                if size:
                    taken = values[-size:]
                    del values[-size:], states[-size:]
                    values.append(actions[action](*taken))
                else:
                    values.append(actions[action]())
                states.append(gotos[states[-1]][made])
            if states[-1] == final:
                return values[-1]
