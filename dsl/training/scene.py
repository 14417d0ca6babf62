"""The stages of a file as the rules look at them: what each says in plain values, and where it says so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from msrun.dsl.check.names import File
from msrun.dsl.check.read import accessors
from msrun.dsl.facts import Facts
from msrun.dsl.infer.where import path
from msrun.dsl.plan import Made, Name, Node, Rule, Stage, Value, ValueMap
from msrun.dsl.source import Span
from msrun.dsl.tree import Call, Expr, Get, ListExpr, RecordExpr, Statement

WHOLE = ""
"""The part of a dataset that is all of it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a dataset or corpus, or all of it."""

    stage: str
    part: str = WHOLE

    def __str__(self) -> str:
        return f"{self.stage}.{self.part}" if self.part else self.stage


@dataclass(frozen=True, slots=True)
class Staged:
    """One stage that was lowered: its node, and the statement that says where everything stands."""

    node: Node
    statement: Statement

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.node.id)

    @property
    def kind(self) -> str:
        """Its kind word."""
        return self.node.kind

    @property
    def made(self) -> Made:
        """What stands after `=`."""
        return self._stage.value

    @property
    def _stage(self) -> Stage:
        assert isinstance(self.node.action, Stage)  # noqa: S101 - stages are lowered to nothing else
        return self.node.action

    def setting(self, key: str) -> Value:
        """Return a setting's value, None where it is not written."""
        return dict(self._stage.settings).get(key)

    def settings(self) -> Mapping[str, Value]:
        """Return the settings by name."""
        return dict(self._stage.settings)

    def named(self, key: str) -> str | None:
        """Return the name that a setting is, None for any other value."""
        value = self.setting(key)
        return value.path if isinstance(value, Name) else None

    @property
    def head_span(self) -> Span:
        """Where its name stands."""
        return self.statement.name.span if self.statement.name else self.statement.kind.span

    def span(self, key: str) -> Span:
        """Where a setting's value stands; the stage's kind word where it is not written."""
        setting = self.statement.setting(key)
        return setting.value.span if setting is not None else self.statement.kind.span

    def value_span(self) -> Span:
        """Where the constructor after `=` stands, without its arguments."""
        value = self.statement.value
        callee = value.callee if isinstance(value, Call) else value
        return callee.span if callee is not None else self.statement.kind.span

    def argument(self, *at: int | str) -> Span:
        """Where an argument of the constructor stands, or one of an argument: `argument(0, "positions")`."""
        found = self.argument_expr(*at)
        return found.span if found is not None else self.statement.kind.span

    def argument_expr(self, *at: int | str) -> Expr | None:
        """Return an argument of the constructor as written; where it is not, what is around it."""
        found = self.statement.value
        for key in at:
            below = _argument(found, key) if found is not None else None
            if below is None:
                break
            found = below
        return found

    def item_span(self, key: str, name: str) -> Span:
        """Where an item of a setting that is a list stands: the name, or the constructor of that name."""
        setting = self.statement.setting(key)
        exprs: list[Expr] = [] if setting is None else [setting.value]
        if exprs and isinstance(exprs[0], ListExpr):
            exprs = list(exprs[0].items)
        for expr in exprs:
            if path(expr.callee if isinstance(expr, Call) else expr) == name:
                return expr.span
        return self.span(key)


def _argument(expr: Expr, key: int | str) -> Expr | None:
    args = expr.args if isinstance(expr, Call) else ()
    if isinstance(key, str):
        return next((argument.value for argument in args if argument.name == key), None)
    placed = [argument.value for argument in args if argument.name is None]
    return placed[key] if key < len(placed) else None


@dataclass(frozen=True, slots=True)
class Scene:
    """All stages of a file that were lowered, and what the caller knows."""

    file: File
    stages: Mapping[str, Staged]
    facts: Facts

    def of(self, *kinds: str) -> Iterator[Staged]:
        """Yield the stages of some kinds in the order of the text."""
        return (stage for stage in self.stages.values() if stage.kind in kinds)

    def stage(self, value: Value, *kinds: str) -> Staged | None:
        """Return the stage that a value names (a part of it as well), where it is of one of the kinds."""
        found = self.stages.get(value.path.partition(".")[0]) if isinstance(value, Name) else None
        return found if found is not None and found.kind in kinds else None

    def trained(self, value: Value) -> Staged | None:
        """Return the `train` stage that a value leads to: by name, as `trained(x)`, or by a model made of it."""
        if isinstance(value, Made):
            return self.trained(value.args[0]) if value.name == "trained" and value.args else None
        model = self.file.models.get(value.path) if isinstance(value, Name) else None
        if model is not None and model.backend == "trained" and model.args:
            return self.stage(model.args[0], "train")
        return self.stage(value, "train")

    def bases(self, train: Staged) -> list[Staged]:
        """Return a `train` stage, the one that it starts from, that one's, and so on."""
        found = [train]
        while found[-1].made.name != "pretrain" and found[-1].made.args:
            below = self.trained(found[-1].made.args[0])
            if below is None or below in found:
                break
            found.append(below)
        return found

    def origin(self, train: Staged) -> Staged | None:
        """Return the `pretrain` stage that a model comes from, None where it comes from elsewhere."""
        last = self.bases(train)[-1]
        return last if last.made.name == "pretrain" else None

    def architecture(self, train: Staged) -> Made | None:
        """Return the architecture of a model, `bert(layers: 6, …)`, where the file says it."""
        origin = self.origin(train)
        found = origin.made.args[0] if origin is not None and origin.made.args else None
        return found if isinstance(found, Made) else None

    def tokenizer(self, train: Staged) -> Staged | None:
        """Return the tokenizer of a model, where the file says it."""
        origin = self.origin(train)
        return self.stage(origin.setting("tokenizer"), "tokenizer") if origin is not None else None

    def part(self, value: Value, *, bare: str = "train") -> Part | None:
        """Return the part that `rows.test` names; a bare name is the part `bare` where there is one, else all."""
        found = self.stage(value, "dataset", "corpus")
        if found is None or not isinstance(value, Name):
            return None
        part = value.path.partition(".")[2]
        return Part(found.name, part or (bare if bare in parts(found) else WHOLE))


def parts(data: Staged) -> tuple[str, ...]:
    """Return the parts of a dataset or corpus by name, in the order of the text; none where it is not split."""
    if data.kind == "corpus":
        return ("train", "holdout") if data.setting("holdout") is not None else ()
    split = data.setting("split")
    return tuple(name for name, _ in split.entries if name != "by") if isinstance(split, ValueMap) else ()


def head(train: Staged) -> Made:
    """Return what a model is made for: `classify(Topic)`, `generate`, `regress`, or `fill` where it fills in words."""
    value = train.made.get("head") if train.made.name in ("finetune", "lora") else None
    if isinstance(value, Made):
        return value
    return Made(value.path if isinstance(value, Name) else "fill" if "mlm" in dict(objectives(train)) else "generate")


def continued(train: Staged) -> bool:
    """Whether a base goes on learning from raw text: it is tuned for an objective, not for a head."""
    return train.made.name in ("finetune", "lora") and train.made.get("head") is None and bool(objectives(train))


def objectives(train: Staged) -> tuple[tuple[str, Made], ...]:
    """Return the objectives of a `train` stage by name."""
    value = train.setting("objective")
    listed = value if isinstance(value, tuple) else (value,)
    return tuple((one.name, one) for one in listed if isinstance(one, Made))


def objective_span(train: Staged, name: str) -> Span:
    """Where one objective of a `train` stage stands."""
    return train.item_span("objective", name)


def columns_in(value: Value) -> list[str]:
    """Return the columns that a rule reads: `.score > 0.8 and .error == null` reads two."""
    return list(dict.fromkeys(one.attr for one in accessors(value.expr))) if isinstance(value, Rule) else []


def accessor_span(stage: Staged, key: str, column: str) -> Span:
    """Where `.column` stands in a setting."""
    setting = stage.statement.setting(key)
    found = accessors(setting.value) if setting is not None else ()
    return next((one.span for one in found if one.attr == column), stage.span(key))


def entry_span(stage: Staged, key: str, name: str) -> Span:
    """Where an entry of a setting that is a record stands: its value."""
    setting = stage.statement.setting(key)
    entries = setting.value.entries if setting is not None and isinstance(setting.value, RecordExpr) else ()
    return next((entry.value.span for entry in entries if entry.key == name), stage.span(key))


def accessor(value: Value) -> str | None:
    """Return the column that `.name` is, None for any other value."""
    expr = value.expr if isinstance(value, Rule) else None
    return expr.attr if isinstance(expr, Get) and expr.base is None else None
