"""The shape of `value | filter(args)`: the table of filters says what fits, `each` checks its fragment's parameters."""

from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.infer.calls import bind
from msrun.dsl.infer.fit import inner, item_of, plain
from msrun.dsl.infer.types import parts
from msrun.dsl.infer.where import Where, default, fits, imported, use
from msrun.dsl.plan import FragmentSpec
from msrun.dsl.shapes import JSON, TEXT, ListOf, Maybe, Shape, spell
from msrun.dsl.source import Span
from msrun.dsl.tree import Expr, Pipe
from msrun.dsl.values.filter_shapes import Misfit
from msrun.dsl.values.filters import FILTERS, Filter, FilterParam
from msrun.dsl.values.fragments import lacking, provided


def pipe(where: Where, expr: Pipe) -> Shape:
    """Return what comes out of a filter, after checking its input and its arguments."""
    given = where.shape(expr.base)
    entry = FILTERS.get(expr.filter)
    if entry is None:
        where.file.miss("E0106", expr.filter, expr.filter_span, list(FILTERS))
        return UNKNOWN
    if isinstance(plain(given), Maybe) and not entry.takes_null:
        where.file.say(
            "E0205/filter",
            expr.base.span,
            got=spell(plain(given)),
            filter=entry.name,
            example=default(where, expr.base.span, inner(given)),
        )
        given = inner(given)
    args = _arguments(where, expr, entry, given)
    if args is None:
        return UNKNOWN
    result = entry.result(given, args, where.file.types)
    if not isinstance(result, Misfit):
        return result
    about_argument = result.argument is not None  # else the input does not fit, whatever the arguments are
    if UNKNOWN in parts(inner(given)) or (UNKNOWN in args and about_argument):
        return _guess(entry, args, where)
    _say(where, expr, entry, result, given, args)
    return UNKNOWN


def _guess(entry: Filter, args: tuple[Shape, ...], where: Where) -> Shape:
    """What comes out of a filter whose input is unknown: as if it were json, which fits nearly everywhere."""
    known = tuple(JSON if arg == UNKNOWN else arg for arg in args)
    result = entry.result(JSON, known, where.file.types)
    return UNKNOWN if isinstance(result, Misfit) else result


def _arguments(where: Where, expr: Pipe, entry: Filter, given: Shape) -> tuple[Shape, ...] | None:
    written = expr.args or ()
    bound = dict(bind(where, written, [param.name for param in entry.params], entry.name))
    item = item_of(inner(given))
    shapes = [_argument(where, param, bound[param.name], item) for param in entry.params if param.name in bound]
    absent = [param.name for param in entry.params if param.required and param.name not in bound]
    if absent and len(bound) == len(written):
        where.file.say("E0206/filter", expr.filter_span, name=absent[0], owner=entry.name, example=entry.example)
    return None if absent or len(bound) < len(written) else tuple(shapes)


def _argument(where: Where, param: FilterParam, value: Expr, item: Shape | None) -> Shape:
    match param.kind:
        case "value":
            return _settled(plain(where.shape(value)))
        case "by":
            return where.at(UNKNOWN if item is None else item).shape(value)
        case "fragment":
            return _fragment(where, value, UNKNOWN if item is None else item)


def _settled(shape: Shape) -> Shape:
    """A list written with nothing in it may hold anything."""
    return ListOf(JSON) if shape == ListOf(UNKNOWN) else shape


def _fragment(where: Where, value: Expr, item: Shape) -> Shape:
    """Check that the fragment's parameters are filled by each item."""
    name = imported(where, value)
    if not name:
        where.shape(value)
        where.file.say("E0202/fragment", value.span)
        return UNKNOWN
    symbol = where.scope.find(name)
    spec = where.file.fragments.get(symbol.key) if symbol is not None and symbol.what == "fragment" else None
    if symbol is not None and spec is not None:
        use(where, value, symbol)
        _check_parameters(where, value.span, spec, item)
        return TEXT
    if symbol is None:
        if not where.file.absent(name, value.span):
            where.file.miss("E0101/fragment", name, value.span, where.file.named("fragment"))
    elif symbol.what != "fragment":
        where.file.say("E0202/fragment", value.span, symbol.span)
    return UNKNOWN


def _check_parameters(where: Where, span: Span, spec: FragmentSpec, item: Shape) -> None:
    if inner(item) == UNKNOWN:
        return
    place = where.file.span_of(spec.name)
    absent = lacking(spec, item, where.file.types)
    if absent:
        where.file.say("E0208", span, place, name=absent[0], owner=spec.name, got=spell(item))
        return
    for param in spec.params:
        given = provided(param.name, item, where.file.types, alone=len(spec.params) == 1)
        if given is not None and not fits(
            where, span, given, param.shape, "E0202/argument", name=param.name, owner=spec.name
        ):
            return


def _say(where: Where, expr: Pipe, entry: Filter, found: Misfit, given: Shape, shapes: tuple[Shape, ...]) -> None:
    args = expr.args or ()
    at = found.argument
    span = args[at].value.span if at is not None and at < len(args) else expr.base.span
    got = plain(given) if at is None else shapes[at]
    where.file.say("E0202/filter", span, filter=entry.name, wanted=found.wants, got=spell(got), example=entry.example)
