"""What the lines of a broken file say about it: brackets never closed, and values missing at the end of a line.

Only a file that does not parse comes here. Its indentation shows where a bracket was meant to end and which of two
lines lacks a word, long before the grammar alone would notice.
"""

from dataclasses import dataclass, field

from msrun.dsl.diagnostic import Diagnostic, Edit, Place, report
from msrun.dsl.source import Source, Span
from msrun.dsl.syntax.tokens import CLAUSE_WORDS, CLOSER, END, MAX_NOTED, STATEMENT_WORDS, Token

OPENER = {closer: opener for opener, closer in CLOSER.items()}
WANTS_VALUE = CLAUSE_WORDS | {"return", "next", "until", "expect", ":", "=", "->", "and", "or", "not"}
OUTSIDE = (CLAUSE_WORDS - {"in"}) | STATEMENT_WORDS | {"->"}
"""What never stands between round or square brackets, unless as a name by mistake."""

AFTER_NAME = frozenset({")", "]", ",", ".", ":", "|"})
BEFORE_RECORD = WANTS_VALUE | set("([{,|+-*/") | {"==", "!=", "<", ">", "<=", ">="}


@dataclass(slots=True)
class Layout:
    """The tokens as they were meant, as far as lines can tell."""

    source: Source
    tokens: list[Token]
    by_indent: bool
    out: list[Token] = field(default_factory=list[Token])
    open: list[Token] = field(default_factory=list[Token])
    findings: list[Diagnostic] = field(default_factory=list[Diagnostic])
    indents: dict[int, int] = field(default_factory=dict[int, int])

    def run(self) -> "Layout":
        """Walk over all tokens once."""
        before: Token | None = None
        for at, token in enumerate(self.tokens):
            if len(self.findings) > MAX_NOTED:
                self.out.append(self.tokens[-1])
                break
            starts_line = before is None or "\n" in self.source.text[before.end : token.start]
            if starts_line and before is not None:
                self.at_line_start(at, token, before)
            if token.kind in OUTSIDE and self.tokens[at + 1].kind not in AFTER_NAME:
                self.leave_round_brackets()
            before = token
            if token.kind in CLOSER:
                self.enter(token)
            elif token.kind in OPENER and not self.close(token, starts_line=starts_line):
                continue
            elif token.kind == END:
                self.close_down_to(0, self.out[-1].end if self.out else 0, braces_only=True)
            self.out.append(token)
        return self

    def at_line_start(self, at: int, token: Token, before: Token) -> None:
        """See what the line before lacks when this one begins something new."""
        if not self.begins_item(at):
            return
        indent = self.indent(token)
        is_name = len(self.out) > 1 and self.out[-2].kind in WANTS_VALUE  # `as keep` names something by a reserved word
        if before.kind in WANTS_VALUE and indent <= self.indent(before) and not is_name:
            self.findings.append(lacking(self.source, self.out, len(self.out) - 1, "E0006"))
            kinds = ("NAME", "in", "NAME") if before.kind == "for" else ("NAME",)
            self.out += [Token(kind, before.end, before.end) for kind in kinds]
        depth = len(self.open)
        while depth and indent <= self.indent(self.open[depth - 1]):
            if self.open[depth - 1].kind == "{" and not self.by_indent:
                break
            depth -= 1
        self.close_down_to(depth, before.end)

    def begins_item(self, at: int) -> bool:
        """Tell whether the token begins a statement, a setting or an arm, as far as the next token shows."""
        kind, then = self.tokens[at].kind, self.tokens[at + 1 : at + 2]
        if kind in STATEMENT_WORDS:
            return True
        if not then or kind not in {"NAME", "KEY"}:
            return False
        inside = self.open[-1].kind if self.open else "{"
        return then[0].kind == "NAME" or (then[0].kind in {":", "{"} and inside == "{")

    def leave_round_brackets(self) -> None:
        """Close round and square brackets before a word that cannot stand in them."""
        depth = len(self.open)
        while depth and self.open[depth - 1].kind != "{":
            depth -= 1
        if depth < len(self.open):
            self.close_down_to(depth, self.out[-1].end)

    def enter(self, token: Token) -> None:
        """Open a bracket; a block that opens within round brackets shows that they were meant to end before."""
        if token.kind == "{" and self.out and self.out[-1].kind in CLAUSE_WORDS and self.holds_settings(token):
            self.findings.append(lacking(self.source, self.out, len(self.out) - 1, "E0006"))
            self.out.append(Token("NAME", self.out[-1].end, self.out[-1].end))
        if token.kind == "{" and self.out and self.out[-1].kind not in BEFORE_RECORD:
            while self.open and self.open[-1].kind != "{":
                self.open.pop()  # the parser finds the very place
        self.open.append(token)

    def holds_settings(self, opener: Token) -> bool:
        """Tell whether lines follow a brace that do not end in commas, as those of a record do."""
        rest, _, behind = self.source.text[opener.end :].partition("\n")
        line = behind.partition("\n")[0].partition(" #")[0].rstrip()
        return not rest.partition("#")[0].strip() and not line.endswith((",", "}"))

    def close(self, token: Token, *, starts_line: bool) -> bool:
        """Match a closing bracket; False where it closes nothing and is left out."""
        depth = self.opener_of(token)
        if token.kind != "}":
            if depth:
                self.close_down_to(depth, self.out[-1].end)
            if self.open and self.open[-1].kind != "{":
                self.open.pop()
            return True
        if not depth or (self.by_indent and self.stray(token, self.open[depth - 1], starts_line=starts_line)):
            self.findings.append(report("E0001/closes_nothing", Place(self.source, token.span), sign=token.kind))
            return False
        while self.by_indent and starts_line and depth > 1 and self.indent(self.open[depth - 1]) > self.indent(token):
            depth -= 1
        self.close_down_to(depth, self.out[-1].end)
        self.open.pop()
        return True

    def stray(self, token: Token, opener: Token, *, starts_line: bool) -> bool:
        """Tell whether a brace stands further right than the line it would close; one behind another counts too."""
        second = self.out[-1].kind == "}" and "\n" in self.source.text[opener.start : token.start]
        return (starts_line or second) and self.indent(token) > self.indent(opener)

    def opener_of(self, token: Token) -> int:
        """Return how deep the bracket stands that a closing one may close, 0 where there is none."""
        wanted = OPENER[token.kind]
        for depth in range(len(self.open), 0, -1):
            opener = self.open[depth - 1]
            if opener.kind == wanted:
                return depth
            if wanted != "{" and opener.kind == "{" and "\n" in self.source.text[opener.start : token.start]:
                return 0  # round brackets do not reach out of a block
        return 0

    def close_down_to(self, depth: int, at: int, *, braces_only: bool = False) -> None:
        """Close every bracket above a depth and report it; the parser itself misses round ones at the end of file."""
        while len(self.open) > depth:
            opener = self.open.pop()
            if braces_only and opener.kind != "{":
                continue
            self.out.append(Token(CLOSER[opener.kind], at, at, CLOSER[opener.kind]))
            self.findings.append(unclosed(self.source, opener, at))

    def indent(self, token: Token) -> int:
        """Return how many characters of white space begin the token's line."""
        text = self.source.text
        line_start = text.rfind("\n", 0, token.start) + 1
        indent = self.indents.get(line_start)
        if indent is None:
            line = text[line_start : token.start]
            indent = self.indents[line_start] = len(line) - len(line.lstrip())
        return indent


def mend(source: Source, tokens: list[Token]) -> Layout:
    """Return the tokens as the lines say they were meant; where indentation misleads, as the braces alone say."""
    plain = Layout(source, tokens, by_indent=False).run()
    if not any(finding.entry in {"E0002", "E0001/closes_nothing"} for finding in plain.findings):
        return plain
    indented = Layout(source, tokens, by_indent=True).run()
    return indented if len(indented.findings) <= len(plain.findings) else plain


def unclosed(source: Source, opener: Token, at: int) -> Diagnostic:
    """Say that a bracket is never closed; the fix closes it at an offset."""
    closer = CLOSER[opener.kind]
    end = Place(source, Span(at, at))
    return report("E0002", Place(source, opener.span), end, fix=[Edit(*end, closer)], sign=opener.kind, closer=closer)


def lacking(source: Source, tokens: list[Token], at: int, entry: str) -> Diagnostic:
    """Say that a value, a type or a name is missing after a token; after a colon the key is what lacks it."""
    last = tokens[at]
    first = tokens[at - 1] if last.kind == ":" and at else last
    word = source.text[first.start : last.end]
    if last.kind in CLAUSE_WORDS:
        entry = f"E0006/{last.kind}"
    return report(entry, Place(source, Span(first.start, last.end)), word=word)
