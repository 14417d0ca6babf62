"""What the parser makes at each rule of the grammar: a method for each alias of `plan.lark`."""

from collections.abc import Callable
from typing import Any, cast

from msrun.dsl import tree
from msrun.dsl.diagnostic import Diagnostic, Place, report
from msrun.dsl.source import Source, Span
from msrun.dsl.syntax.lists import Lists
from msrun.dsl.syntax.tokens import Hole, Pieces, Token
from msrun.dsl.tree import Expr, TypeExpr


class Build(Lists):
    """Makes the nodes of one source. The parser keeps `end` at the end of the last token taken."""

    def __init__(self, source: Source, parse_hole: "Callable[[Build, Hole], Expr | None]") -> None:
        self.source = source
        self.parse_hole = parse_hole
        self.findings: list[Diagnostic] = []
        self.end = 0
        self.actions: dict[str, Callable[..., Any]] = {name: getattr(self, name) for name in ACTIONS}

    def place(self, start: int, end: int) -> Place:
        """Return a place in this source."""
        return Place(self.source, Span(start, end))

    # declarations of their own

    def import_names(self, word: Token, names: list[Token], _from: Token, path: Token) -> tree.ImportDecl:
        """`import a, b from "path"`."""
        found = tuple(tree.Name(name.text, name.span) for name in names)
        return tree.ImportDecl(self.plain(path), found, None, Span(word.start, self.end), path.span)

    def import_all(self, word: Token, path: Token, _as: Token, alias: Token) -> tree.ImportDecl:
        """`import "path" as alias`."""
        name = tree.Name(alias.text, alias.span)
        return tree.ImportDecl(self.plain(path), (), name, Span(word.start, self.end), path.span)

    def type_decl(
        self, word: Token, name: Token, _open: Token, fields: list[tree.Field], _close: Token
    ) -> tree.TypeDecl:
        """`type NAME { … }`."""
        return tree.TypeDecl(tree.Name(name.text, name.span), tuple(fields), Span(word.start, self.end))

    def field(self, name: Token, _colon: Token, kind: TypeExpr, default: Expr | None, doc: Token | None) -> tree.Field:
        """`name: Type = default "description"`."""
        span = Span(name.start, self.end)
        return tree.Field(tree.Name(name.text, name.span), kind, default, self.plain(doc) if doc else "", span)

    def enum_decl(
        self, word: Token, name: Token, _open: Token, labels: list[tree.EnumLabel], _close: Token
    ) -> tree.EnumDecl:
        """`enum NAME { … }`."""
        return tree.EnumDecl(tree.Name(name.text, name.span), tuple(labels), Span(word.start, self.end))

    def label(self, name: Token, doc: Token | None) -> tree.EnumLabel:
        """`label "description"`."""
        span = Span(name.start, self.end)
        return tree.EnumLabel(tree.Name(name.text, name.span), self.plain(doc) if doc else "", span)

    # statements

    def statement(
        self,
        kind: Token,
        name: Token,
        params: list[tree.Param] | None,
        result: TypeExpr | None,
        answer: TypeExpr | None,
        value: Expr | None,
        clauses: list[tree.Clause],
        block: tree.Block | None,
    ) -> tree.Statement:
        """Make the one production's node."""
        if len(clauses) > 1:
            self.refuse_twice(clauses)
        return tree.Statement(
            tree.Name(kind.text, kind.span),
            tree.Name(name.text, name.span),
            None if params is None else tuple(params),
            result,
            answer,
            value,
            tuple(clauses),
            block,
            Span(kind.start, self.end),
        )

    def nameless(self, kind: Token, block: tree.Block) -> tree.Statement:
        """`defaults { … }`."""
        return tree.Statement(tree.Name(kind.text, kind.span), block=block, span=Span(kind.start, self.end))

    def refuse_twice(self, clauses: list[tree.Clause]) -> None:
        """Report each clause whose word came before; the first one counts."""
        seen: dict[str, tree.Clause] = {}
        for clause in list(clauses):
            before = seen.setdefault(clause.word, clause)
            if before is not clause:
                clauses.remove(clause)
                places = Place(self.source, clause.word_span), Place(self.source, before.word_span)
                self.findings.append(report("E0005", *places, word=clause.word))

    def param(self, name: Token, _colon: Token, kind: TypeExpr, default: Expr | None) -> tree.Param:
        """`name: Type = default`."""
        return tree.Param(tree.Name(name.text, name.span), kind, default, Span(name.start, self.end))

    def clause(self, word: Token, value: Expr) -> tree.Clause:
        """`from value`, `limit value`, …"""
        return tree.Clause(cast("tree.ClauseWord", word.kind), value, None, Span(word.start, self.end), word.span)

    def clause_as(self, word: Token, value: Expr, _as: Token, name: Token) -> tree.Clause:
        """`from value as NAME`, `given value as NAME`."""
        alias = tree.Name(name.text, name.span)
        return tree.Clause(cast("tree.ClauseWord", word.kind), value, alias, Span(word.start, self.end), word.span)

    def clause_for(self, word: Token, name: Token, _in: Token, value: Expr) -> tree.Clause:
        """`for NAME in value`."""
        binder = tree.Name(name.text, name.span)
        return tree.Clause("for", value, binder, Span(word.start, self.end), word.span)

    def block(self, opening: Token, items: list[tree.BlockItem], _close: Token) -> tree.Block:
        """`{ … }`."""
        return tree.Block(tuple(items), Span(opening.start, self.end))

    def setting(self, key: Token, _colon: Token, value: Expr) -> tree.Setting:
        """`key: value`."""
        return tree.Setting(tree.Name(key.text, key.span), value, Span(key.start, self.end))

    def outcome(self, word: Token, value: Expr) -> tree.Outcome:
        """`return value`, `next value`, `until value`, `expect value`."""
        return tree.Outcome(cast("Any", word.kind), value, Span(word.start, self.end), word.span)

    def arm_case(self, word: Token, labels: list[Expr], block: tree.Block) -> tree.Arm:
        """`case a, b { … }`."""
        return tree.Arm(tuple(labels), block, Span(word.start, self.end))

    def arm_else(self, word: Token, block: tree.Block) -> tree.Arm:
        """`else { … }`."""
        return tree.Arm((), block, Span(word.start, self.end))

    # types

    def union(self, options: list[TypeExpr]) -> tree.UnionType:
        """`A | B`."""
        return tree.UnionType(tuple(options), Span(options[0].span.start, self.end))

    def optional(self, item: TypeExpr, _sign: Token) -> tree.OptionalType:
        """`T?`."""
        return tree.OptionalType(item, Span(item.span.start, self.end))

    def named_type(self, name: Token, args: list[TypeExpr] | None, bounds: tree.Bounds | None) -> tree.NamedType:
        """`list<T>[1..6]`."""
        return tree.NamedType(name.text, tuple(args or ()), bounds, Span(name.start, self.end), name.span)

    def imported_type(
        self, alias: Token, _dot: Token, name: Token, args: list[TypeExpr] | None, bounds: tree.Bounds | None
    ) -> tree.NamedType:
        """`fact.Verdict`."""
        span = Span(alias.start, name.end)
        return tree.NamedType(f"{alias.text}.{name.text}", tuple(args or ()), bounds, Span(alias.start, self.end), span)

    def literal_type(self, text: Token) -> tree.LiteralType:
        """`"calm"`."""
        return tree.LiteralType(self.plain(text), text.span)

    def bounds(
        self, opening: Token, low: tree.Constant | None, _dots: Token, high: tree.Constant | None, close: Token
    ) -> tree.Bounds:
        """`[low..high]`."""
        span = Span(opening.start, close.end)
        return tree.Bounds(cast("Any", low and low.value), cast("Any", high and high.value), span)

    def minus_number(self, minus: Token, number: Token) -> tree.Constant:
        """`-1` as the end of a range."""
        constant = self.number(number)
        return tree.Constant(-cast("float", constant.value), constant.unit, Span(minus.start, number.end))

    # expressions

    def number(self, token: Token) -> tree.Constant:
        """Place a number."""
        constant = cast("tree.Constant", token.value)
        return tree.Constant(constant.value, constant.unit, token.span)

    def true(self, token: Token) -> tree.Constant:
        """`true`."""
        return tree.Constant(value=True, span=token.span)

    def false(self, token: Token) -> tree.Constant:
        """`false`."""
        return tree.Constant(value=False, span=token.span)

    def null(self, token: Token) -> tree.Constant:
        """`null`."""
        return tree.Constant(None, span=token.span)

    def text(self, token: Token) -> tree.Text:
        """Parse the holes of a text."""
        pieces = cast("Pieces", token.value)
        parts: list[str | tree.Hole] = []
        for piece in pieces.parts:
            if isinstance(piece, str):
                parts.append(piece)
            elif (expr := self.parse_hole(self, piece)) is not None:
                parts.append(tree.Hole(expr, piece.span))
        if not any(isinstance(part, tree.Hole) for part in parts):
            parts = ["".join(cast("list[str]", parts))]
        return tree.Text(tuple(parts), pieces.raw, token.span)

    def plain(self, token: Token) -> str:
        """Return the characters of a text that may hold no hole."""
        text = self.text(token)
        for part in text.parts:
            if isinstance(part, tree.Hole):
                self.findings.append(report("E0001/hole_here", Place(self.source, part.span)))
        return text.plain or ""

    def ref(self, token: Token) -> tree.Ref:
        """Make a name that stands for a value."""
        return tree.Ref(token.text, token.span)

    def accessor(self, dot: Token, name: Token) -> tree.Get:
        """`.field`."""
        return tree.Get(None, name.text, Span(dot.start, name.end), name.span)

    def get(self, base: Expr, _dot: Token, name: Token) -> tree.Get:
        """`base.field`."""
        return tree.Get(base, name.text, Span(base.span.start, name.end), name.span)

    def index(self, base: Expr, _open: Token, index: Expr, close: Token) -> tree.Index:
        """`base[index]`."""
        return tree.Index(base, index, Span(base.span.start, close.end))

    def call(self, callee: Expr, _open: Token, args: list[tree.Argument], close: Token) -> tree.Call:
        """`callee(args)`."""
        return tree.Call(callee, tuple(args), Span(callee.span.start, close.end))

    def pipe(self, base: Expr, _bar: Token, name: Token) -> tree.Pipe:
        """`base | filter`."""
        return tree.Pipe(base, name.text, None, Span(base.span.start, name.end), name.span)

    def pipe_call(
        self, base: Expr, _bar: Token, name: Token, _open: Token, args: list[tree.Argument], close: Token
    ) -> tree.Pipe:
        """`base | filter(args)`."""
        return tree.Pipe(base, name.text, tuple(args), Span(base.span.start, close.end), name.span)

    def argument(self, value: Expr) -> tree.Argument:
        """Make a positional argument."""
        return tree.Argument(None, value, value.span)

    def named_argument(self, name: Token, _colon: Token, value: Expr) -> tree.Argument:
        """`name: value`."""
        return tree.Argument(name.text, value, Span(name.start, self.end), name.span)

    def list_(self, opening: Token, items: list[Expr], close: Token) -> tree.ListExpr:
        """`[a, b]`."""
        return tree.ListExpr(tuple(items), Span(opening.start, close.end))

    def record(self, opening: Token, entries: list[tree.Entry], close: Token) -> tree.RecordExpr:
        """`{key: value}`."""
        return tree.RecordExpr(tuple(entries), Span(opening.start, close.end))

    def entry(self, key: Token, _colon: Token, value: Expr) -> tree.Entry:
        """`key: value` in a record."""
        return tree.Entry(key.text, value, Span(key.start, self.end), key.span)

    def text_entry(self, key: Token, _colon: Token, value: Expr) -> tree.Entry:
        """`"key": value` in a record."""
        return tree.Entry(self.plain(key), value, Span(key.start, self.end), key.span)

    def binary(self, left: Expr, sign: Token, right: Expr) -> tree.Binary:
        """`left sign right`."""
        return tree.Binary(cast("tree.BinaryOp", sign.kind), left, right, Span(left.span.start, right.span.end))

    def unary(self, sign: Token, operand: Expr) -> tree.Unary:
        """`not operand`, `-operand`."""
        return tree.Unary(cast("Any", sign.kind), operand, Span(sign.start, operand.span.end))


ACTIONS = tuple(name for name in [*vars(Lists), *vars(Build)] if not name.startswith("_"))
"""The aliases of the grammar; the value stack they are called from is untyped."""
