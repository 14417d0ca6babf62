"""A model's reply becomes a value of the shape its node declares, or says in plain words why it is none.

Those words are shown to the model, which gets one more call to put it right, and to the user when that fails too.
"""

from collections.abc import Mapping
from typing import Any

from msrun.dsl.shapes import (
    TEXT,
    EnumDef,
    Just,
    ListOf,
    MapOf,
    Maybe,
    Named,
    PiiOf,
    RecordDef,
    Scalar,
    Shape,
    TypeDef,
    UnionOf,
    bare,
    core,
)
from msrun.dsl.values.filter_shapes import is_text
from msrun.dsl.values.jsontext import MAX_SIZE, JsonRefused, is_unicode, parse
from msrun.dsl.values.mismatch import expected, mismatch
from msrun.dsl.values.plain import EvaluationError, is_list, is_record, plain
from msrun.dsl.values.schema import ShapeError, compile_check, json_schema
from msrun.runtime.excerpt import answer_of, excerpts

_TOLD = 8
"""Problems that one message lists."""


class ReplyInvalid(Exception):  # noqa: N818 - a finding about the model's text, not a fault of ours
    """The reply does not fit. `message` is written for the model; `problems` are its lines, each with its place."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        told = problems[:_TOLD]
        more = (f"and {len(problems) - _TOLD} more",) if len(problems) > _TOLD else ()
        self.message = "\n".join((*told, *more))
        self.problems = problems
        super().__init__(self.message)


class Reader:
    """Reads replies of one shape. `schema` is what the request carries: None where the reply is plain text."""

    def __init__(self, shape: Shape, types: Mapping[str, TypeDef]) -> None:
        self._shape = _value_shape(shape)
        self._types = types
        self._items: ItemReader | None = None
        self._reads_text = isinstance(self._shape, Scalar) and self._shape.name in ("text", "key", "secret")
        self._check = compile_check(self._shape, types, root="the reply" if self._reads_text else "")
        self._any_text = self._shape == TEXT
        self._reads_word = not self._reads_text and _is_word(self._shape, types)
        self.schema = json_schema(self._shape, types)

    def read(self, text: str) -> Any:
        """Return the value of a whole reply. Raises ReplyInvalid."""
        if len(text) > MAX_SIZE:
            raise ReplyInvalid((f"the reply is longer than {MAX_SIZE} characters",))
        if not is_unicode(text):
            raise ReplyInvalid(("the reply holds half of a surrogate pair, which is no character",))
        answer = answer_of(text)
        if self._reads_text:
            return answer if self._any_text else self._checked(answer)
        return self._read_word(answer) if self._reads_word else self._checked(self._parse(answer))

    def value(self, value: Any) -> Any:
        """Return a value that did not come as text (a tool's result), checked the same way. Raises ReplyInvalid."""
        try:
            return self._checked(plain(value))
        except EvaluationError as error:
            raise ReplyInvalid((f"the result: {error.message}",)) from None

    def item(self, value: Any) -> Any:
        """Return one element of the list, checked on its own (see ItemReader). Raises ReplyInvalid."""
        if self._items is None:
            self._items = ItemReader(self._shape, self._types)
        return self._items.read(value)

    def _checked(self, value: Any) -> Any:
        try:
            return self._check(value)
        except ShapeError as error:
            raise ReplyInvalid(error.problems) from None

    def _parse(self, answer: str) -> Any:
        refused: JsonRefused | None = None
        for excerpt in excerpts(answer):
            try:
                value = parse(excerpt)
            except JsonRefused as error:
                refused = refused if refused and answer[:1] in "[{" else error
                continue
            return _unwrapped(value, self._shape, self._types)
        wanted = expected(self._shape, self._types)
        raise ReplyInvalid((f"the reply is no valid JSON: {refused.message if refused else ''}; expected {wanted}",))

    def _read_word(self, answer: str) -> Any:
        """Read a number, a label or the like that stands alone, bare or quoted, or in JSON."""
        for spelling in dict.fromkeys((answer, _bare(answer))):
            for value in _readings(spelling):
                if mismatch(value, self._shape, self._types) is None:
                    return self._checked(value)
        label = _label(_bare(answer), self._shape, self._types)
        if label is not None:
            return label
        if answer[:1] in ("{", "[", "`"):
            return self._checked(self._parse(answer))
        said = next((value for value in _readings(_bare(answer)) if type(value) is not str), answer)
        raise ReplyInvalid((f"value: {mismatch(said, self._shape, self._types)}",))


class ItemReader:
    """Reads single items of a list while the list is still being written; a `ref` may name what comes later."""

    def __init__(self, shape: Shape, types: Mapping[str, TypeDef]) -> None:
        shape = _value_shape(shape)
        if not isinstance(shape, ListOf):
            raise TypeError("only a list has items")
        self._check = compile_check(shape.item, types, root="item", open_refs=True)

    def read(self, value: Any) -> Any:
        """Return one parsed item with its defaults filled in. Raises ReplyInvalid."""
        try:
            return self._check(value)
        except ShapeError as error:
            raise ReplyInvalid(error.problems) from None


def _value_shape(shape: Shape) -> Shape:
    return bare(shape)


def _is_word(shape: Shape, types: Mapping[str, TypeDef]) -> bool:
    """Whether a reply of this shape is one word or number that may stand without any JSON around it."""
    match shape:
        case Scalar(name):
            return name != "json"
        case Maybe(item) | PiiOf(item):
            return _is_word(item, types)
        case UnionOf(options):
            return all(_is_word(option, types) for option in options)
        case _:
            return is_text(shape, types)


def _bare(answer: str) -> str:
    """Take off what models put around a single word: quotes, back-ticks, asterisks, a full stop."""
    return answer.rstrip(".。").strip("\"'`*“”‘’ \t\r\n").rstrip(".。")


def _readings(spelling: str) -> tuple[Any, ...]:
    """Return what a bare word may mean: JSON's number, true, false or null (in any case), or the text itself."""
    word = spelling.lower() if spelling.lower() in ("true", "false", "null") else spelling
    try:
        value = parse(word.removeprefix("+"))
    except JsonRefused:
        return (spelling,)
    return (value, spelling) if not (is_record(value) or is_list(value)) else (spelling,)


def _label(spelling: str, shape: Shape, types: Mapping[str, TypeDef]) -> str | None:
    """Return the one label that differs from the spelling by upper and lower case only."""
    folded = spelling.casefold()
    found = [label for label in _labels(shape, types) if label.casefold() == folded]
    return found[0] if len(found) == 1 else None


def _labels(shape: Shape, types: Mapping[str, TypeDef]) -> list[str]:
    match shape:
        case Just(value):
            return [value]
        case Maybe(item) | PiiOf(item):
            return _labels(item, types)
        case UnionOf(options):
            return [label for option in options for label in _labels(option, types)]
        case Named(id_):
            declared = types[id_]
            return [label for label, _ in declared.labels] if isinstance(declared, EnumDef) else []
        case _:
            return []


def _unwrapped(value: Any, shape: Shape, types: Mapping[str, TypeDef]) -> Any:
    """Take a value out of the {"value": …} that servers ask for, and a list out of an object around it alone."""
    shape = core(shape)
    if not is_record(value) or len(value) != 1:
        return value
    ((key, inner),) = value.items()
    if isinstance(shape, ListOf) and is_list(inner):
        return inner
    if key != "value" or (isinstance(shape, MapOf) and not is_record(inner)):
        return value
    record = types.get(shape.id) if isinstance(shape, Named) else None
    return value if isinstance(record, RecordDef) and record.field("value") else inner
