"""Reads a stage's settings: each has a name, a type and bounds, and an unknown one is a fault with a suggestion."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from msrun.dsl.plan import Made, Name, Node, Rule, SecretRef, Stage, Value, ValueMap
from msrun.dsl.tree import Binary, Constant, Expr, Get, Ref, Text, Unary
from msrun.trainers.port import TrainingFault


@dataclass(frozen=True, slots=True)
class Settings:
    """Named values of one stage: its settings, or the arguments of a constructor such as `llama(layers: 4)`.

    `owner` stands in messages where the values are those of a constructor. Every reader raises TrainingFault.
    """

    stage: str
    values: Mapping[str, Value]
    owner: str = ""

    def fault(self, message: str, help: str = "") -> TrainingFault:  # noqa: A002 - the field's name
        """Return a fault of kind "setting" that says where the values stand."""
        return TrainingFault("setting", self.stage, message, help=help)

    def label(self, key: str) -> str:
        """Return the words for one setting in a message."""
        return f"`{key}` of {self.owner}" if self.owner else f"`{key}`"

    def only(self, known: Iterable[str]) -> None:
        """Refuse every value whose name is not known, naming the nearest that is."""
        names = list(known)
        for key in self.values:
            if key not in names:
                where = f"{self.owner} has no `{key}`" if self.owner else f"no setting is called `{key}`"
                raise self.fault(where, suggestion(key, names))

    def whole(self, key: str, default: int | None = None, *, low: int = 1) -> int:
        """Return an integer of at least `low`; without a default it must be given."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            raise self._wrong(key, f"a whole number of at least {low}", value)
        if value < low:
            raise self._wrong(key, f"at least {low}", value)
        return int(value)

    def number(self, key: str, default: float | None = None, *, low: float = 0.0, high: float = float("inf")) -> float:
        """Return a number within `low` and `high`; without a default it must be given."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(key, "a number", value)
        if not low <= value <= high:
            raise self._wrong(key, f"a number from {low:g} to {high:g}", value)
        return float(value)

    def word(self, key: str, options: Sequence[str], default: str | None = None) -> str:
        """Return one of the options, written as a bare name or as a text."""
        value = self.values.get(key, default)
        found = plain(value)
        if found is None or found not in options:
            raise self._wrong(key, "one of " + ", ".join(options), value)
        return found

    def text(self, key: str) -> str | None:
        """Return a text, None where it is not given."""
        value = self.values.get(key)
        if value is None:
            return None
        found = plain(value)
        if found is None or isinstance(value, Name):
            raise self._wrong(key, "a text in quotes", value)
        return found

    def column(self, key: str) -> str | None:
        """Return the column that `.name` reads, None where the setting is not given."""
        value = self.values.get(key)
        return None if value is None else column(value, self, self.label(key))

    def _wrong(self, key: str, wanted: str, value: Value) -> TrainingFault:
        if value is None:
            return self.fault(f"{self.label(key)} is missing: {wanted}")
        return self.fault(f"{self.label(key)} must be {wanted}, not {spelled(value)}")


def of_stage(node: Node) -> Settings:
    """Return the settings of a stage node."""
    return Settings(node.id, dict(action(node).settings))


def action(node: Node) -> Stage:
    """Return what a stage node does; raises TrainingFault for a node that is no stage."""
    if not isinstance(node.action, Stage):
        raise TrainingFault("setting", node.id, f"`{node.kind}` is no training stage")
    return node.action


def of_made(made: Made, stage: str) -> Settings:
    """Return the named arguments of a constructor."""
    return Settings(stage, dict(made.named), made.name)


def plain(value: Value) -> str | None:
    """Return the characters of a text without holes or of a bare name, None for anything else."""
    match value:
        case str():
            return value
        case Text():
            return value.plain
        case Name(path):
            return path
        case _:
            return None


def column(value: Value, settings: Settings, label: str) -> str:
    """Return the column that an accessor `.name` reads."""
    found = _accessor(value.expr) if isinstance(value, Rule) else None
    if found is None:
        raise settings.fault(f"{label} must name a column, not {spelled(value)}", "a column is written .name")
    return found


def _accessor(expr: Expr) -> str | None:
    return expr.attr if isinstance(expr, Get) and expr.base is None else None


def suggestion(word: str, names: Sequence[str]) -> str:
    """Return "did you mean …?" where a known name is near, else the list of names."""
    import difflib

    near = difflib.get_close_matches(word, names, n=1)
    return f"did you mean `{near[0]}`?" if near else "known: " + ", ".join(names)


def spelled(value: Value) -> str:
    """Write a value for a message, about as the plan writes it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"{value:g}" if isinstance(value, float) else str(value)
        case str():
            return f'"{value}"'
        case Name(path):
            return path
        case Made(name, args, named):
            return f"{name}(" + ", ".join([*map(spelled, args), *(f"{k}: {spelled(v)}" for k, v in named)]) + ")"
        case ValueMap(entries):
            return "{" + ", ".join(f"{key}: {spelled(item)}" for key, item in entries) + "}"
        case Text():
            return f'"{value.plain}"' if value.plain is not None else "a text with holes"
        case Rule(expr):
            return written(expr)
        case tuple():
            return "[" + ", ".join(map(spelled, value)) + "]"
        case SecretRef():
            return "a secret"
        case _:
            assert_never(value)


def written(expr: Expr) -> str:
    """Write a simple expression as the language writes it; parts with no short form become `…`."""
    match expr:
        case Get(None, attr):
            return f".{attr}"
        case Get(base, attr) if base is not None:
            return f"{written(base)}.{attr}"
        case Ref(name):
            return name
        case Constant(value, "%") if isinstance(value, int | float):
            return f"{value * 100:g}%"
        case Constant(value):
            return spelled(value)
        case Unary(op, operand):
            return f"not {written(operand)}" if op == "not" else f"-{written(operand)}"
        case Binary(op, left, right):
            return f"{written(left)} {op} {written(right)}"
        case _:
            return "…"
