"""The syntax tree of one file, frozen. Spans take no part in equality, so two trees that mean the same are equal."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from msrun.dsl.source import NOWHERE, Source, Span


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier as written."""

    text: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


# --- expressions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant. `unit` is the suffix as written: "" s ms min h d % $ k M; `value` is already scaled (20ms = 0.02)."""

    value: str | int | float | bool | None
    unit: str = ""
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Hole:
    """`{{ expr }}` inside a text; `span` covers the braces."""

    expr: "Expr"
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text literal: its characters (margin and escapes taken out) and its holes. Without holes there is one part."""

    parts: tuple[str | Hole, ...]
    raw: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def plain(self) -> str | None:
        """The characters, where there is no hole; else None."""
        if any(isinstance(part, Hole) for part in self.parts):
            return None
        return "".join(part for part in self.parts if isinstance(part, str))


@dataclass(frozen=True, slots=True)
class Ref:
    """A name that stands for a value. An empty one stands for a value that is missing, which the parser reported."""

    name: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Get:
    """`base.attr`; `base` is None for the accessor form `.attr`, which reads the item at hand."""

    base: "Expr | None"
    attr: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    attr_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Index:
    """`base[index]`."""

    base: "Expr"
    index: "Expr"
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Argument:
    """A positional argument (`name` None) or a named one."""

    name: str | None
    value: "Expr"
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    name_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """`callee(args)`: a tool, a plan, a fragment, a backend or a named setting such as `warmup(peak: 5e-4)`."""

    callee: "Expr"
    args: tuple[Argument, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Pipe:
    """`base | filter` or `base | filter(args)`; `args` is None where no brackets were written."""

    base: "Expr"
    filter: str
    args: tuple[Argument, ...] | None
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    filter_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ListExpr:
    """`[a, b]`."""

    items: tuple["Expr", ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: value` of a record."""

    key: str
    value: "Expr"
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    key_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RecordExpr:
    """`{key: value, …}`."""

    entries: tuple[Entry, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`not x` or `-x`."""

    op: Literal["not", "-"]
    operand: "Expr"
    span: Span = field(default=NOWHERE, compare=False, repr=False)


BinaryOp: TypeAlias = Literal["or", "and", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "in"]


@dataclass(frozen=True, slots=True)
class Binary:
    """`left op right`."""

    op: BinaryOp
    left: "Expr"
    right: "Expr"
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Expr: TypeAlias = Constant | Text | Ref | Get | Index | Call | Pipe | ListExpr | RecordExpr | Unary | Binary


# --- types -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bounds:
    """`[low..high]`, either end open (None)."""

    low: int | float | None
    high: int | float | None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NamedType:
    """`text`, `Step`, `list<T>`, each with an optional range."""

    name: str
    args: tuple["TypeExpr", ...] = ()
    bounds: Bounds | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    name_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OptionalType:
    """`T?`."""

    item: "TypeExpr"
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LiteralType:
    """`"calm"` where a type stands."""

    value: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class UnionType:
    """`A | B`."""

    options: tuple["TypeExpr", ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


TypeExpr: TypeAlias = NamedType | OptionalType | LiteralType | UnionType


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Param:
    """`name: Type [= default]` in the brackets of a plan, fragment or tool."""

    name: Name
    type: TypeExpr
    default: Expr | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


ClauseWord: TypeAlias = Literal[
    "from", "for", "given", "using", "when", "on", "by", "keep", "limit", "samples", "within"
]


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a header: `for NAME in value`, `from value as NAME`, `given value as NAME`, `using value`, …"""

    word: ClauseWord
    value: Expr
    name: Name | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    word_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Setting:
    """`key: value` in a block."""

    key: Name
    value: Expr
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`return e`, `next e`, `until e` or `expect e`."""

    word: Literal["return", "next", "until", "expect"]
    value: Expr
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    word_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Arm:
    """`case a, b { … }`, or `else { … }` where `labels` is empty."""

    labels: tuple[Expr, ...]
    body: "Block"
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Block:
    """Everything between two braces, in the order of the text; `span` covers the braces."""

    items: tuple["BlockItem", ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Statement:
    """The one production: KIND NAME [(params)] [-> Type] [: Type] [= value] clause* [{ … }]."""

    kind: Name
    name: Name | None = None
    params: tuple[Param, ...] | None = None
    result: TypeExpr | None = None
    type: TypeExpr | None = None
    value: Expr | None = None
    clauses: tuple[Clause, ...] = ()
    block: Block | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    def clause(self, word: ClauseWord) -> Clause | None:
        """Return the clause that begins with this word, or None."""
        return next((clause for clause in self.clauses if clause.word == word), None)

    def setting(self, key: str) -> Setting | None:
        """Return the block's setting of this key, or None."""
        items = self.block.items if self.block else ()
        return next((item for item in items if isinstance(item, Setting) and item.key.text == key), None)


BlockItem: TypeAlias = Statement | Setting | Outcome | Arm


@dataclass(frozen=True, slots=True)
class Field:
    """`name: Type [= default] ["description"]` of a `type`."""

    name: Name
    type: TypeExpr
    default: Expr | None = None
    description: str = ""
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TypeDecl:
    """`type NAME { fields }`."""

    name: Name
    fields: tuple[Field, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class EnumLabel:
    """One label of an `enum` with its description."""

    name: Name
    description: str = ""
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class EnumDecl:
    """`enum NAME { labels }`."""

    name: Name
    labels: tuple[EnumLabel, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ImportDecl:
    """`import a, b from "path"` (names) or `import "path" as alias`."""

    path: str
    names: tuple[Name, ...] = ()
    alias: Name | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    path_span: Span = field(default=NOWHERE, compare=False, repr=False)


Item: TypeAlias = Statement | TypeDecl | EnumDecl | ImportDecl


@dataclass(frozen=True, slots=True)
class Comment:
    """A `#` or `##` comment as written; `own_line` says whether nothing but blanks stands before it."""

    text: str
    own_line: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Program:
    """One parsed file: its items, and the comments kept beside them."""

    source: Source = field(compare=False)
    items: tuple[Item, ...]
    comments: tuple[Comment, ...] = field(default=(), compare=False)
