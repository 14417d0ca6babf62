"""What is said and done where a token does not fit: a file is mended and goes on, a hole is no expression."""

from typing import Any

from msrun.dsl.diagnostic import Diagnostic, Edit, Place, report
from msrun.dsl.syntax.build import Build
from msrun.dsl.syntax.expect import acceptable, expected, found
from msrun.dsl.syntax.grammar import tables
from msrun.dsl.syntax.layout import lacking, mend, unclosed
from msrun.dsl.syntax.machine import Machine
from msrun.dsl.syntax.repair import Repair, apply, best, openers, resume
from msrun.dsl.syntax.tokens import END, Hole, Token

MAX_ERRORS = 100
MAX_LINE = 100


def parse_broken(build: Build, tokens: list[Token], quiet_from: int) -> list[Any]:
    """Return the items of a file that does not parse as it stands: everything that did parse, and what was mended."""
    layout = mend(build.source, tokens)
    build.findings += [finding for finding in layout.findings if finding.places[-1].span.start < quiet_from]
    machine = Machine(tables(), build, layout.out)
    items: list[Any] | None = machine.run("program", Mender(quiet_from))
    if items is not None:
        return items
    first: Any = machine.values[0] if machine.values else None
    return first if first.__class__ is list else []


class Mender:
    """Mends one file's errors as the machine meets them. `quiet_from` is the offset from where on nothing is said."""

    def __init__(self, quiet_from: int) -> None:
        self.quiet_from = quiet_from
        self.calm_at = -1  # what goes wrong before this token follows from what was said already
        self.count = 0
        self.left_out = False

    def __call__(self, machine: Machine) -> bool:
        """Mend the machine where it stands."""
        self.count += 1
        if self.count > MAX_ERRORS:
            token = machine.tokens[machine.at]
            place = machine.build.place(token.start, token.end)
            machine.build.findings.append(report("E0001/many", place, limit=MAX_ERRORS))
            return False
        repair = best(machine)
        if repair is None:
            self.say(machine, unexpected(machine))
            self.left_out = True
            resumed = resume(machine)
            self.calm_at = machine.at + 2
            return resumed
        if repair.entry:
            self.say(machine, words_of(machine, repair))
        apply(machine, repair)
        self.calm_at = machine.at + len(repair.insert) + 1
        return True

    def say(self, machine: Machine, finding: Diagnostic) -> None:
        """Note a finding, unless it follows from another: what the file lacks at its end may have been left out."""
        token = machine.tokens[machine.at]
        follows = machine.at < self.calm_at or (self.left_out and token.kind == END)
        if not follows and token.start < self.quiet_from:
            machine.build.findings.append(finding)


def unexpected(machine: Machine) -> Diagnostic:
    """Say what stands at a place and what may stand there."""
    token = machine.tokens[machine.at]
    may = expected(acceptable(machine.tables, machine.states))
    return report("E0001", machine.build.place(token.start, token.end), found=written(machine, token), expected=may)


def words_of(machine: Machine, repair: Repair) -> Diagnostic:
    """Turn a repair into a finding."""
    source = machine.build.source
    token = machine.tokens[machine.at]
    here = machine.build.place(token.start, token.end)
    before = machine.tokens[machine.at - 1] if machine.at else Token("", 0, 0)
    after = machine.build.place(before.end, before.end)
    sign = repair.insert[0] if repair.insert else ""
    match repair.entry:
        case "E0004":
            return report("E0004", here, word=token.text)
        case "E0001/instead":
            return report("E0001/instead", here, fix=[Edit(*here, sign)], found=written(machine, token), wanted=sign)
        case "E0001/comparison":
            return report("E0001/comparison", here, sign=token.kind)
        case "E0001/extra":
            fix = Edit(*here, "")
            return report("E0001/extra", here, fix=[fix], found=written(machine, token), line=mended(fix))
        case "E0001/missing":
            fix = Edit(*after, f" {sign}" if sign.isalpha() else sign)
            return report(
                "E0001/missing", after, fix=[fix], sign=sign, before=written(machine, before), line=mended(fix)
            )
        case "E0002":
            return unclosed(source, openers(machine)[0], before.end)
        case entry:
            return lacking(source, machine.tokens, machine.at - 1, entry)


def written(machine: Machine, token: Token) -> str:
    """Say in words what a token is."""
    return found(token, machine.build.source.text[token.start : token.end])


def mended(edit: Edit) -> str:
    """Return the line an edit changes, changed."""
    source, span, new = edit
    number, column = source.position(span.start)
    line = source.line(number)
    return (line[: column - 1] + new + line[column - 1 + span.end - span.start :]).strip()[:MAX_LINE]


def no_expression(machine: Machine, hole: Hole) -> Diagnostic:
    """Say why a hole holds no expression."""
    source = machine.build.source
    first, second = (hole.tokens + hole.tokens)[:2]
    if first.kind in {"TEXT", "NAME", "KEY"} and second.kind == ":":
        single = source.text[hole.span.start + 1 : hole.span.end - 1]
        return report("E0012/record", Place(source, hole.span), single=single)
    token = machine.tokens[machine.at]
    may = expected(acceptable(machine.tables, machine.states), "`}}`")
    return report("E0012", machine.build.place(token.start, token.end), found=written(machine, token), expected=may)
