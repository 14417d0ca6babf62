"""The filters of `value | filter(args)`: one table of names, parameters, result shapes and functions.

The checker asks `result` whether a filter fits a shape and what comes out; the runtime calls `apply`. A filter that
takes a list takes a list of cells too: skipped cells have no value and are left out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from msrun.dsl.shapes import INT, Shape, bare, core
from msrun.dsl.values.cells import elements, unwrap
from msrun.dsl.values.filter_shapes import (
    Misfit,
    Rule,
    Types,
    asked,
    cleaned,
    defaulted,
    from_list,
    mapped,
    merged,
    one,
    printed,
    printed_list,
    rendered,
    searched,
    spoken,
)
from msrun.dsl.values.plain import EvaluationError, compact, is_list, is_record, joined, same, show, word


@dataclass(frozen=True, slots=True)
class FilterParam:
    """One parameter: a `value`, an accessor read `by` each item (`.field`), or the name of a `fragment`."""

    name: str
    kind: Literal["value", "by", "fragment"] = "value"
    required: bool = True


@dataclass(frozen=True, slots=True)
class ByItem:
    """An accessor or fragment ready to read an element at its place; `needs_value`: cells without one are left out."""

    read: Callable[[Any, int], Any]
    needs_value: bool = True

    def all(self, value: list[Any]) -> list[Any]:
        """Read every element of a list."""
        return [self.read(element, at) for at, element in enumerate(elements(value, skipped=not self.needs_value))]


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter. `rule` gives its result's shape; `example` is code that parses, `help` what it gives."""

    name: str
    rule: Rule
    apply: Callable[..., Any]
    params: tuple[FilterParam, ...] = ()
    takes_null: bool = False
    example: str = ""
    help: str = ""

    def result(self, given: Shape, args: tuple[Shape, ...], types: Types) -> Shape | Misfit:
        """Return the result's shape for an input shape, or why it does not fit.

        `args` are the shapes of the arguments: of an accessor, what it reads from an item (see `items_of`); of a
        fragment, text. An input that may be null fits where its value would; whether null may come is the caller's
        question, answered by `takes_null`.
        """
        return self.rule(bare(given) if self.takes_null else core(given), args, types)


def _listed(value: Any) -> list[Any]:
    if is_list(value):
        return value
    raise EvaluationError(f"a list is needed here, this is {word(value)}")


def _text(value: Any) -> str:
    if type(value) is not str:
        raise EvaluationError(f"a text is needed here, this is {word(value)}")
    return value


def _each(value: Any, fragment: ByItem, separator: Any = "\n") -> str:
    return joined((block.removesuffix("\n") for block in fragment.all(_listed(value))), _text(separator))


def _marked(value: Any, mark: Callable[[int], str]) -> str:
    lines: list[str] = []
    for at, element in enumerate(elements(_listed(value)), 1):
        start = mark(at)
        lines.append(start + show(element).replace("\n", "\n" + " " * len(start)))
    return joined(lines, "\n")


def _bullets(value: Any) -> str:
    return _marked(value, lambda _: "- ")


def _numbered(value: Any) -> str:
    return _marked(value, lambda at: f"{at}. ")


def _default(value: Any, other: Any) -> Any:
    return other if value is None else value


def _map(value: Any, by: ByItem) -> list[Any]:
    return by.all(_listed(value))


def _lower(value: Any) -> str:
    return _text(value).lower()


def _upper(value: Any) -> str:
    return _text(value).upper()


def _trim(value: Any) -> str:
    return _text(value).strip()


def _join(value: Any, separator: Any = ", ") -> str:
    return joined(map(show, elements(_listed(value))), _text(separator))


def _all(value: Any, by: ByItem | None = None) -> bool:
    return all(map(_truth, by.all(_listed(value)) if by else elements(_listed(value))))


def _any(value: Any, by: ByItem | None = None) -> bool:
    return any(map(_truth, by.all(_listed(value)) if by else elements(_listed(value))))


def _truth(value: Any) -> bool:
    value = unwrap(value)
    if type(value) is not bool:
        raise EvaluationError(f"true or false is needed of each item, this is {word(value)}")
    return value


def _contains(value: Any, wanted: Any) -> bool:
    if is_list(value):
        return any(same(element, wanted) for element in elements(value))
    return _text(wanted) in _text(value)


def _merge(value: Any, news: Any) -> dict[str, Any]:
    if is_record(value) and is_record(news):
        return value | {key: part for key, part in news.items() if part is not None}
    raise EvaluationError(f"`merge` needs two records, these are {word(value)} and {word(news)}")


def _dialogue(value: Any, user: Any = "User", answer: Any = "Assistant") -> str:
    lines: list[str] = []
    for turn in map(unwrap, elements(_listed(value))):
        if not is_record(turn) or not {"user", "answer"} <= turn.keys():
            raise EvaluationError(f"`dialogue` needs records with `user` and `answer`, this is {word(turn)}")
        lines += [f"{_text(user)}: {show(turn['user'])}", f"{_text(answer)}: {show(turn['answer'])}"]
    return joined(lines, "\n")


def _count(value: Any) -> int:
    return len(elements(_listed(value)))


def _first(value: Any) -> Any:
    return next(iter(elements(_listed(value))), None)


def _last(value: Any) -> Any:
    return next(reversed(elements(_listed(value))), None)


_BY = FilterParam("field", kind="by")

FILTERS: Mapping[str, Filter] = {
    entry.name: entry
    for entry in (
        Filter(
            "all",
            asked,
            _all,
            (FilterParam("field", kind="by", required=False),),
            example="all(.done)",
            help="whether every item is true, itself or by a field",
        ),
        Filter(
            "any",
            asked,
            _any,
            (FilterParam("field", kind="by", required=False),),
            example="any(.done)",
            help="whether an item is true, itself or by a field",
        ),
        Filter(
            "bullets", printed_list, _bullets, example="bullets", help="one line for each item, with a dash before it"
        ),
        Filter(
            "contains",
            searched,
            _contains,
            (FilterParam("part"),),
            example='contains("yes")',
            help="whether a list has an item, or a text a part",
        ),
        Filter("count", from_list(INT), _count, example="count", help="how many items a list has"),
        Filter(
            "default",
            defaulted,
            _default,
            (FilterParam("value"),),
            takes_null=True,
            example='default("unknown")',
            help="another value where this one is null",
        ),
        Filter(
            "dialogue",
            spoken,
            _dialogue,
            (FilterParam("user", required=False), FilterParam("answer", required=False)),
            example="dialogue",
            help="the turns of a conversation, each with who said it",
        ),
        Filter(
            "each",
            rendered,
            _each,
            (FilterParam("fragment", kind="fragment"), FilterParam("separator", required=False)),
            example="each(line)",
            help="every item put into a fragment",
        ),
        Filter("first", one, _first, example="first", help="the first item, null where there is none"),
        Filter(
            "join",
            printed_list,
            _join,
            (FilterParam("separator", required=False),),
            example='join(", ")',
            help="the items as one text, with a separator between them",
        ),
        Filter("json", printed, compact, takes_null=True, example="json", help="the value as JSON"),
        Filter("last", one, _last, example="last", help="the last item, null where there is none"),
        Filter("lower", cleaned, _lower, example="lower", help="the text in small letters"),
        Filter("map", mapped, _map, (_BY,), example="map(.text)", help="a field of every item"),
        Filter(
            "merge",
            merged,
            _merge,
            (FilterParam("record"),),
            example="merge(found)",
            help="a record with the fields of another that are not null",
        ),
        Filter(
            "numbered",
            printed_list,
            _numbered,
            example="numbered",
            help="one line for each item, with its number before it",
        ),
        Filter("trim", cleaned, _trim, example="trim", help="the text without blanks at its ends"),
        Filter("upper", cleaned, _upper, example="upper", help="the text in capital letters"),
    )
}
"""Every filter by its name."""
