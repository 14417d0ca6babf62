"""What a kind accepts, as data: its header, clauses and settings. Checker, docs and completion read the same table."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from msrun.dsl.check.names import a, noun
from msrun.dsl.tree import ClauseWord

Form: TypeAlias = Literal[
    "whole", "number", "fraction", "duration", "text", "template", "bool", "option", "name", "make", "rule",
    "expr", "list", "map", "secret", "plain", "money",
]  # fmt: skip
"""How a setting's value is written. `template` is a text with holes, `expr` an expression over the plan's values;
`rule` is an expression kept for later, `make` a named constructor, `name` another declaration, `plain` any constant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """One form a value may have, with its bounds, options, constructors, or what its items may be."""

    form: Form
    low: float | None = None
    high: float | None = None
    options: tuple[str, ...] = ()
    makers: "tuple[Maker, ...]" = ()
    kinds: tuple[str, ...] = ()
    items: "tuple[Takes, ...]" = ()

    @property
    def words(self) -> str:
        """Say what is taken: `a whole number of at least 1`, `warmup(…)`."""
        return _words(self)


Goes: TypeAlias = Literal["policy", "decoding", "action", "spec", "stage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingSpec:
    """One setting: what it takes, its default as the language writes it, what it does, where it goes.

    `later` marks a setting of the language that this version cannot keep yet: an error, never ignored. `only` names the
    constructors after `=` that it goes with; empty: all of them.
    """

    name: str
    takes: tuple[Takes, ...]
    help: str
    default: str = ""
    goes: Goes = "spec"
    required: bool = False
    later: bool = False
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """A constructor in a setting or after `=`: `warmup(peak: 5e-4, steps: 3k)`.

    `args` are its positional arguments, the last `optional` of which may be left out; `rest` allows more of the last;
    `open_named` allows any named argument (it is passed on to the user's own function); `needs` are settings of the
    statement that it cannot be without; `later` marks one that this version cannot keep yet.
    """

    name: str
    help: str = ""
    args: tuple[tuple[Takes, ...], ...] = ()
    optional: int = 0
    rest: bool = False
    named: tuple[SettingSpec, ...] = ()
    open_named: tuple[Takes, ...] = ()
    needs: tuple[str, ...] = ()
    later: bool = False


Part: TypeAlias = Literal["params", "result", "type", "value"]
Family: TypeAlias = Literal["reasoning", "declaration", "training"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSpec:
    """One kind of statement. `at` says where it stands; `needs` names clauses and parts it cannot be without.

    `later` marks a kind of the language that this version parses and cannot run yet; `holds` one in whose braces
    stands more than settings.
    """

    name: str
    family: Family
    help: str
    at: Literal["file", "plan", "test", "search"] = "plan"
    parts: frozenset[Part] = frozenset()
    clauses: frozenset[ClauseWord] = frozenset()
    needs: tuple[ClauseWord | Part, ...] = ()
    settings: tuple[SettingSpec, ...] = ()
    makers: tuple[Maker, ...] = ()
    example: str = ""
    named: bool = True
    holds: bool = False
    later: bool = False

    def setting(self, name: str) -> SettingSpec | None:
        """Return the setting of this name, or None."""
        return next((setting for setting in self.settings if setting.name == name), None)


# --- forms -----------------------------------------------------------------------------------------------------------


def whole(low: float | None = 1, high: float | None = None) -> tuple[Takes, ...]:
    """A whole number within bounds."""
    return (Takes(form="whole", low=low, high=high),)


def number(low: float | None = 0, high: float | None = None) -> tuple[Takes, ...]:
    """A number within bounds."""
    return (Takes(form="number", low=low, high=high),)


def option(*names: str) -> tuple[Takes, ...]:
    """One of these bare names."""
    return (Takes(form="option", options=names),)


def listed(*items: Takes) -> tuple[Takes, ...]:
    """A list of these."""
    return (Takes(form="list", items=items),)


def mapped(*items: Takes) -> tuple[Takes, ...]:
    """A record with any names, of these."""
    return (Takes(form="map", items=items),)


def named(*kinds: str) -> tuple[Takes, ...]:
    """The name of another declaration of one of these kinds, or a part of it (`headlines.test`)."""
    return (Takes(form="name", kinds=kinds),)


def made(*makers: Maker) -> tuple[Takes, ...]:
    """One of these constructors."""
    return (Takes(form="make", makers=makers),)


TEXT = (Takes(form="text"),)
TEMPLATE = (Takes(form="template"),)
BOOL = (Takes(form="bool"),)
FRACTION = (Takes(form="fraction", low=0, high=1),)
MONEY = (Takes(form="money", low=0),)
DURATION = (Takes(form="duration", low=0),)
SECRET = (Takes(form="secret"),)
RULE = (Takes(form="rule"),)
EXPR = (Takes(form="expr"),)
MODEL = (Takes(form="name", kinds=("model",)),)


def _words(takes: Takes) -> str:
    match takes.form:
        case "whole" | "number":
            return ("a whole number" if takes.form == "whole" else "a number") + _bounds(takes)
        case "fraction":
            return "a fraction such as 50%"
        case "money":
            return "US dollars such as $0.25"
        case "duration":
            return "a duration such as 30s"
        case "text" | "template":
            return "a text"
        case "bool":
            return "true or false"
        case "option":
            return "one of " + ", ".join(takes.options)
        case "name":
            return "the name of " + " or ".join(a(noun(kind)) for kind in takes.kinds)
        case "make":
            return " or ".join(f"{maker.name}(…)" for maker in takes.makers)
        case "rule" | "expr":
            return "an expression"
        case "list":
            return "a list of " + " or ".join(_plural(item) for item in takes.items)
        case "map":
            return "a record such as {a: …} of " + " or ".join(item.words for item in takes.items)
        case "secret":
            return 'secret("NAME")'
        case "plain":
            return "a plain value"


def _plural(takes: Takes) -> str:
    match takes.form:
        case "text" | "template":
            return "texts"
        case "whole" | "number":
            return "numbers" + _bounds(takes)
        case "option":
            return ", ".join(takes.options)
        case _:
            return takes.words


def _bounds(takes: Takes) -> str:
    match takes.low, takes.high:
        case None, None:
            return ""
        case low, None:
            return f" of at least {low:g}"
        case None, high:
            return f" of at most {high:g}"
        case low, high:
            return f" from {low:g} to {high:g}"
