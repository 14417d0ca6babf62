"""Signs: brackets, quotes, holes and commas left out or put in, and those of another keyboard."""

from collections.abc import Iterator

from benchmarks.mistakes.book import Book, Mistake
from msrun.dsl.source import Source, Span
from msrun.dsl.syntax.lexer import lex
from msrun.dsl.tree import Binary, Block, Call, Clause, Hole, Setting, Statement, Text


def unclosed_brace(book: Book) -> Iterator[Mistake]:
    """The closing brace of a block is missing: the opening one is shown."""
    for block, _ in book.all(Block):
        closing = Span(block.span.end - 1, block.span.end)
        yield book.edit("unclosed brace", book.whole_line(closing), "", block.span.start)


def extra_brace(book: Book) -> Iterator[Mistake]:
    """One brace too many behind a statement of a plan."""
    for statement, above in book.all(Statement):
        if len(above) >= 2 and statement.block is not None:
            end = Span(statement.span.end, statement.span.end)
            yield book.edit("a brace too many", end, " }", statement.span.end - 1)


def unclosed_bracket(book: Book) -> Iterator[Mistake]:
    """A closing bracket is missing."""
    for token in _tokens(book, ")", "]"):
        yield book.edit("unclosed bracket", Span(*token), "")


def unclosed_text(book: Book) -> Iterator[Mistake]:
    """The closing quote of a text on one line is missing."""
    for text, _ in book.all(Text):
        if "\n" not in book.written(text.span) and book.text[text.span.end - 1] == '"':
            yield book.edit("unclosed text", Span(text.span.end - 1, text.span.end), "", text.span.start)


def unclosed_block(book: Book) -> Iterator[Mistake]:
    """The closing quotes of a text of several lines are missing: the opening ones are shown."""
    for text, _ in book.all(Text):
        if "\n" in book.written(text.span) and book.written(text.span).endswith('"""'):
            yield book.edit("unclosed block of text", Span(text.span.end - 3, text.span.end), "", text.span.start)


def unclosed_hole(book: Book) -> Iterator[Mistake]:
    """A hole has one closing brace."""
    for hole, _ in book.all(Hole):
        yield book.edit("unclosed hole", Span(hole.span.end - 2, hole.span.end), "}", hole.span.start)


def empty_hole(book: Book) -> Iterator[Mistake]:
    """Nothing stands in a hole."""
    for hole, _ in book.all(Hole):
        yield book.edit("empty hole", Span(hole.span.start + 2, hole.span.end - 2), " ", hole.span.start)


def two_words_in_a_hole(book: Book) -> Iterator[Mistake]:
    """A hole holds no expression."""
    for hole, _ in book.all(Hole):
        end = Span(hole.span.end - 2, hole.span.end - 2)
        yield book.edit("two values in a hole", end, " also this ", hole.span.start)


def full_width_sign(book: Book) -> Iterator[Mistake]:
    """A sign of a Chinese keyboard stands for one of the language."""
    wide = {":": "：", ",": "，", "(": "（", ")": "）", "{": "｛", "=": "＝"}
    for sign, other in wide.items():
        for token in _tokens(book, sign)[:4]:
            yield book.edit("full-width sign", Span(*token), other)


def curly_quotes(book: Book) -> Iterator[Mistake]:
    """A text stands in the quotes of a word processor."""
    for text, _ in book.all(Text):
        written = book.written(text.span)
        if "\n" not in written and written.startswith('"') and not written.startswith('"""'):
            yield book.edit("curly quotes", text.span, f"“{written[1:-1]}”")


def missing_comma(book: Book) -> Iterator[Mistake]:
    """A comma between two arguments is missing."""
    for token in _tokens(book, ","):
        yield book.edit("missing comma", Span(*token), "")


def missing_colon(book: Book) -> Iterator[Mistake]:
    """The colon behind a setting's key is missing."""
    for setting, _ in book.all(Setting):
        at = book.text.index(":", setting.key.span.end)
        yield book.edit("missing colon", Span(at, at + 1), "")


def missing_equals(book: Book) -> Iterator[Mistake]:
    """The `=` of a declaration is missing."""
    for statement, _ in book.all(Statement):
        if statement.value is not None and statement.name is not None:
            at = book.text.rfind("=", statement.name.span.end, statement.value.span.start)
            if at > 0:
                yield book.edit("missing =", Span(at, at + 1), "")


def one_equals_sign(book: Book) -> Iterator[Mistake]:
    """`=` stands where `==` is meant."""
    for binary, _ in book.all(Binary):
        if binary.op == "==":
            at = book.text.index("==", binary.left.span.end)
            yield book.edit("= for ==", Span(at, at + 2), "=")


def foreign_and(book: Book) -> Iterator[Mistake]:
    """`&&` stands where `and` is meant."""
    for binary, _ in book.all(Binary):
        if binary.op in ("and", "or"):
            at = book.text.index(binary.op, binary.left.span.end)
            yield book.edit("&& for and", Span(at, at + len(binary.op)), "&&" if binary.op == "and" else "||")


def missing_value(book: Book) -> Iterator[Mistake]:
    """Nothing stands behind a clause's word or a setting's colon."""
    for clause, _ in book.all(Clause):
        yield book.edit("missing value", clause.value.span, "", clause.word_span.start)
    for setting, _ in book.all(Setting):
        yield book.edit("missing value", setting.value.span, "", setting.key.span.start)


def clause_twice(book: Book) -> Iterator[Mistake]:
    """A clause stands there twice."""
    for clause, _ in book.all(Clause):
        end = Span(clause.span.end, clause.span.end)
        yield book.edit("clause twice", end, " " + book.written(clause.span), clause.span.start)


def comma_between_settings(book: Book) -> Iterator[Mistake]:
    """Settings are separated by commas, as in JSON."""
    for block, _ in book.all(Block):
        for first, second in zip(block.items, block.items[1:], strict=False):
            if isinstance(first, Setting) and isinstance(second, Setting):
                yield book.edit("comma between settings", Span(first.span.end, first.span.end), ",", first.span.end)


def arrow_too_short(book: Book) -> Iterator[Mistake]:
    """`->` lacks its head."""
    for token in _tokens(book, "->"):
        yield book.edit("- for ->", Span(*token), "-")


def call_in_other_brackets(book: Book) -> Iterator[Mistake]:
    """A call has square brackets."""
    for call, _ in book.all(Call):
        written = book.written(call.span)
        opening = book.text.index("(", call.callee.span.end)
        if written.endswith(")") and call.args and "\n" not in written:
            inner = book.text[opening + 1 : call.span.end - 1]
            yield book.edit("[] for ()", Span(opening, call.span.end), f"[{inner}]")


def _tokens(book: Book, *kinds: str) -> list[tuple[int, int]]:
    tokens = lex(Source(book.file, book.text)).tokens
    return [(token.start, token.end) for token in tokens if book.text[token.start : token.end] in kinds]


OPERATORS = (
    unclosed_brace,
    extra_brace,
    unclosed_bracket,
    unclosed_text,
    unclosed_block,
    unclosed_hole,
    empty_hole,
    two_words_in_a_hole,
    full_width_sign,
    curly_quotes,
    missing_comma,
    missing_colon,
    missing_equals,
    one_equals_sign,
    foreign_and,
    missing_value,
    clause_twice,
    comma_between_settings,
    arrow_too_short,
    call_in_other_brackets,
)
