"""Source text to the tree, with all syntax errors of the file in one run.

A first pass only parses. Where it fails, a second one first mends what the lines show (`parse_layout`) and then each
place that still does not fit (`parse_repair`), so that valid files pay nothing for it, not even the imports.
"""

from dataclasses import dataclass

from msrun.dsl.diagnostic import Diagnostic, Place, report
from msrun.dsl.source import Source, Span
from msrun.dsl.syntax.build import Build
from msrun.dsl.syntax.grammar import tables
from msrun.dsl.syntax.lexer import lex
from msrun.dsl.syntax.limits import excess
from msrun.dsl.syntax.machine import Machine
from msrun.dsl.syntax.tokens import CLOSER, END, Hole, Lexed, Token
from msrun.dsl.tree import Expr, Program

MAX_FINDINGS = 200


@dataclass(frozen=True, slots=True)
class Parsed:
    """A program and what is wrong with it; where something is wrong, the program holds everything that did parse."""

    program: Program
    diagnostics: tuple[Diagnostic, ...]


def parse(source: Source) -> Parsed:
    """Parse one file. Never raises on any text. A `Ref` or name that is "" stands for one missing and reported."""
    lexed = lex(source)
    tokens = limited(lexed)
    quiet_from = len(source.text) + 1 if lexed.quiet_from is None else lexed.quiet_from
    build = Build(source, parse_hole)
    items = Machine(tables(), build, tokens).run("program", lambda _machine: False)
    if items is None:
        from msrun.dsl.syntax.errors import parse_broken

        build = Build(source, parse_hole)
        items = parse_broken(build, tokens, quiet_from)
    program = Program(source, tuple(items), tuple(lexed.comments))
    return Parsed(program, told(lexed.findings, build.findings))


def parse_bytes(name: str, data: bytes) -> Parsed:
    """Parse what stands in a file; bytes that are no UTF-8 are its one finding, E0017, beside an empty program."""
    try:
        return parse(Source(name, data.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        source = Source(name, data.decode("utf-8", "replace"))
        start = len(data[: error.start].decode("utf-8", "replace"))
        place = Place(source, Span(start, start + 1))
        finding = report("E0017", place, byte=f"0x{data[error.start]:02X}", offset=str(error.start))
        return Parsed(Program(source, ()), (finding,))


def limited(lexed: Lexed) -> list[Token]:
    """Return the tokens up to where they nest too deep, with all brackets closed there."""
    over = excess(lexed.tokens)
    if over is None:
        return lexed.tokens
    place = lexed.tokens[over.at]
    lexed.quiet_from = place.start
    lexed.found(over.entry, place.start, place.end, limit=over.limit)
    kept = lexed.tokens[: over.at]
    closers: list[str] = []
    for token in kept:
        if token.kind in CLOSER:
            closers.append(CLOSER[token.kind])
        elif closers and token.kind == closers[-1]:
            closers.pop()
    rest = ["NAME", *reversed(closers), END]
    return kept + [Token(kind, place.start, place.start) for kind in rest]


def parse_hole(build: Build, hole: Hole) -> Expr | None:
    """Parse the expression of a hole; None where it holds none."""
    place = Place(build.source, hole.span)
    if len(hole.tokens) == 1:
        build.findings.append(report("E0011", place))
        return None
    over = excess(hole.tokens)
    if over is not None:
        build.findings.append(report(over.entry, place, limit=over.limit))
        return None
    end = build.end

    def refuse(machine: Machine) -> bool:
        from msrun.dsl.syntax.errors import no_expression

        build.findings.append(no_expression(machine, hole))
        return False

    expr: Expr | None = Machine(tables(), build, hole.tokens).run("hole", refuse)
    build.end = end
    return expr


def told(lexical: list[Diagnostic], syntactic: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort the findings; leave out what follows from text or signs that could not be read on the same line."""
    blurred = {line_of(finding) for finding in lexical if finding.entry in BLURRING}
    findings = lexical + [
        finding for finding in syntactic if finding.code not in FOLLOWING or line_of(finding) not in blurred
    ]
    findings.sort(key=lambda finding: finding.sort_key)
    if len(findings) > MAX_FINDINGS:
        findings[MAX_FINDINGS:] = [report("E0001/many", findings[MAX_FINDINGS].places[0], limit=MAX_FINDINGS)]
    return tuple(findings)


BLURRING = frozenset({"E0003", "E0003/block", "E0001/character", "E0001/semicolon"})
FOLLOWING = frozenset({"E0001", "E0002", "E0004", "E0006"})


def line_of(finding: Diagnostic) -> int:
    """Return the line of a finding's last place: where a bracket is missing, not where it was opened."""
    source, span = finding.places[-1]
    return source.position(span.start)[0]
