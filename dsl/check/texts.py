"""Texts in files of their own: `prompt: file("prompts/x.md")` becomes the text, read when the plan is checked.

Its places go on after the end of the plan's own text, as if the file stood there; the `File` maps them back.
"""

from dataclasses import replace

from msrun.dsl.check.names import File
from msrun.dsl.check.reach import Unreadable, locate
from msrun.dsl.source import Source, Span
from msrun.dsl.syntax.build import Build
from msrun.dsl.syntax.holes import scan_hole
from msrun.dsl.syntax.lexer import INVISIBLE
from msrun.dsl.syntax.parse import parse_hole
from msrun.dsl.syntax.tokens import Lexed
from msrun.dsl.tree import Arm, Block, BlockItem, Call, Expr, Hole, Program, Ref, Setting, Statement, Text

KEYS = ("prompt", "system", "on_deny")
"""The settings that may be a text in a file; so may a fragment."""

ENDINGS = (".md", ".txt")
"""What the names of such files end with: nothing else of a folder is sent to a model by mistake."""

MOST_CHARACTERS = 1_000_000


def with_texts(file: File, program: Program) -> Program:
    """Return the program with the texts of files in the place of `file(…)`; what cannot be read is reported."""
    if "file(" not in program.source.text:
        return program
    items = tuple(_statement(file, item) if isinstance(item, Statement) else item for item in program.items)
    return replace(program, items=items)


def _statement(file: File, statement: Statement) -> Statement:
    value = statement.value
    if statement.kind.text == "fragment" and value is not None:
        value = _text(file, value)
    return replace(statement, value=value, block=_block(file, statement.block))


def _block(file: File, block: Block | None) -> Block | None:
    return None if block is None else replace(block, items=tuple(_item(file, item) for item in block.items))


def _item(file: File, item: BlockItem) -> BlockItem:
    match item:
        case Statement():
            return _statement(file, item)
        case Setting(key, value) if key.text in KEYS:
            return replace(item, value=_text(file, value))
        case Arm(_, body):
            return replace(item, body=_block(file, body) or body)
        case _:
            return item


def _text(file: File, expr: Expr) -> Expr:
    if not (isinstance(expr, Call) and isinstance(expr.callee, Ref) and expr.callee.name == "file"):
        return expr
    path = expr.args[0].value if len(expr.args) == 1 and expr.args[0].name is None else None
    if not isinstance(path, Text) or not path.plain:
        file.say("E0206/file", expr.span)
        return Text(("",), span=expr.span)
    text = _read(file, path.plain, path.span)
    return Text(("",), span=expr.span) if text is None else _parsed(file, path.plain, text, expr.span)


def _read(file: File, written: str, span: Span) -> str | None:
    """Return what stands in a file below the plan's root, None where that was reported."""
    key, refusal = locate(file.folder, written, ENDINGS)
    if refusal is None and any(step.startswith(".") for step in key.split("/")):
        refusal = "E0108/path"
    if refusal is not None:
        file.say("E0508/text_path", span, name=written)
        return None
    try:
        if file.files is None:
            raise FileNotFoundError(key)
        text = file.files.read(key).decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        file.say("E0508/text", span, name=written)
        return None
    except (Unreadable, UnicodeDecodeError) as error:
        why = str(error) if isinstance(error, Unreadable) else "it is not UTF-8"
        file.say("E0508/text_broken", span, name=written, why=why)
        return None
    if len(text) > MOST_CHARACTERS:
        file.say("E0508/text_broken", span, name=written, why=f"it has more than {MOST_CHARACTERS} characters")
        return None
    return text.removesuffix("\n")


def _parsed(file: File, written: str, text: str, span: Span) -> Text:
    """Cut a text into characters and holes; only `{{` is read, a backslash is a backslash."""
    begin = file.append(Source(_title(file, written), text))
    padded = Source("", " " * begin + text)
    lexed = Lexed(padded)
    for match in INVISIBLE.finditer(text):
        sign = f"{ord(match[0][0]):04X}"
        lexed.found("E0015", begin + match.start(), begin + match.end(), char=f"U+{sign}", hex=sign)
    build = Build(padded, parse_hole)
    parts: list[str | Hole] = []
    done, stop = begin, len(padded.text)
    at = padded.text.find("{{", begin)
    while at >= 0:
        hole = scan_hole(lexed, at, stop)
        if hole is None:
            lexed.found("E0010", at, at + 2)
            at = padded.text.find("{{", at + 2)
            continue
        expr = parse_hole(build, hole)
        parts += [padded.text[done:at], *(() if expr is None else (Hole(expr, hole.span),))]
        done = hole.span.end
        at = padded.text.find("{{", done)
    parts.append(padded.text[done:])
    for finding in (*lexed.findings, *build.findings):
        file.errors += finding.severity == "error"
        places = tuple(file.place(place.span) for place in finding.places)
        file.found.append(replace(finding, places=places, fix=()))
    whole = tuple(part for part in parts if part != "") or ("",)
    return Text(whole, span=span)


def _title(file: File, written: str) -> str:
    """How findings name the file: beside the plan that names it."""
    folder = file.source.name.rpartition("/")[0]
    return f"{folder}/{written}" if folder else written
