"""The words after `case`: labels of what `choose` decides on, or conditions; whether all are reached, and enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from msrun.dsl.check.names import UNKNOWN, enumerate_names
from msrun.dsl.check.notes import Part
from msrun.dsl.infer.fit import enum_of, inner, plain
from msrun.dsl.infer.where import path, truth
from msrun.dsl.lower.draft import Draft
from msrun.dsl.lower.rewrite import rewrite
from msrun.dsl.lower.slot import number
from msrun.dsl.shapes import BOOL, JSON, EnumDef, Just, Maybe, Scalar, Shape, UnionOf, spell
from msrun.dsl.source import NOWHERE, Span
from msrun.dsl.tree import Arm, Constant, Expr, Get, Ref, Text

Option: TypeAlias = str | bool
"""One value that can be counted: a label, a literal text, true or false."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What a value may be: every option where they can be counted, else the type; `null` says it may be null."""

    shape: Shape
    enum: EnumDef | None
    options: tuple[Option, ...]
    null: bool

    def spelled(self, test: Expr) -> str | None:
        """Return a label as text, None for a number or null."""
        match test:
            case Constant(str() as value):
                return value
            case Constant(bool() as value):
                return str(value).lower()
            case Text():
                return test.plain
            case _:
                return None


def labels_of(draft: Draft, on: Expr) -> Labels:
    """Return what the value after `on` may be; one that cannot be told apart by labels is reported."""
    given = plain(draft.where.shape(on))
    shape = inner(given)
    enum = enum_of(draft.file, shape)
    options: tuple[Option, ...] = ()
    match shape:
        case _ if enum is not None:
            options = tuple(name for name, _ in enum.labels)
        case UnionOf(parts) if all(isinstance(part, Just) for part in parts):
            options = tuple(part.value for part in parts if isinstance(part, Just))
        case Just(value):
            options = (value,)
        case Scalar("bool"):
            options = (True, False)
        case Scalar("text" | "key" | "int" | "float" | "json"):
            pass
        case _ if shape != UNKNOWN:
            draft.file.say("E0202/on", on.span, got=spell(given))
            shape = UNKNOWN
        case _:
            pass
    return Labels(shape, enum, options, isinstance(given, Maybe))


def tests_of(draft: Draft, arm: Arm, labels: Labels | None) -> tuple[Expr, ...]:
    """Return an arm's labels as values, or its conditions; what is none of them is reported."""
    if labels is not None:
        return tuple(test for written in arm.labels if (test := _label(draft, written, labels)) is not None)
    for written in arm.labels:
        truth(draft.where, written)
    return tuple(rewrite(written, draft.where.rewrites) for written in arm.labels)


def _label(draft: Draft, written: Expr, labels: Labels) -> Expr | None:
    """A label is written out: a name of the enum, a text, a number, true, false or null."""
    if labels.shape == UNKNOWN:
        return None
    if isinstance(written, Constant) and written.value is None and labels.null:
        return written
    if labels.enum is not None:
        return _of_enum(draft, written, labels.enum)
    if isinstance(written, Text) and written.plain is not None and _takes_text(labels):
        if labels.options and written.plain not in labels.options:
            known = [str(option) for option in labels.options]
            draft.file.miss("E0211", written.plain, written.span, known, enum=spell(labels.shape))
            return None
        return written
    if isinstance(written, Constant) and isinstance(written.value, bool) and labels.shape in (BOOL, JSON):
        return written
    if isinstance(labels.shape, Scalar) and labels.shape.name in ("int", "float", "json"):
        constant = number(written)
        if constant is not None:
            return constant
    bare = isinstance(written, Ref) and written.name in labels.options  # a literal text is quoted
    fix = f'"{draft.file.written(written.span)}"' if bare else None
    draft.file.say("E0202/label", written.span, fix=fix, wanted=_wanted(labels))
    return None


def _of_enum(draft: Draft, written: Expr, enum: EnumDef) -> Expr | None:
    """A label of the enum, by its name, as `Topic.sport`, or as a text."""
    name, known = "", [label for label, _ in enum.labels]
    match written:
        case Ref(word):
            name = word
        case Text() if written.plain is not None:
            name = written.plain
        case Get(_, word) if draft.file.id(path(written).rpartition(".")[0]) == enum.id:
            draft.file.mark(
                path(written).rpartition(".")[0], written.base.span if written.base is not None else NOWHERE
            )
            name = word
        case _:
            draft.file.say("E0202/label", written.span, wanted="labels of " + f"`{enum.id}`")
            return None
    if name not in known:
        if name:  # else the parser reported that there is none
            draft.file.miss("E0211", name, written.span, known, enum=enum.id)
        return None
    draft.file.note(written.attr_span if isinstance(written, Get) else written.span, Part(enum.id, name))
    return Constant(name, span=written.span)


def _takes_text(labels: Labels) -> bool:
    texts = isinstance(labels.shape, Scalar) and labels.shape.name in ("text", "key", "json")
    return texts or any(isinstance(option, str) for option in labels.options)


def _wanted(labels: Labels) -> str:
    match labels.shape:
        case Scalar("int" | "float"):
            return "a number"
        case Scalar("bool"):
            return "true or false"
        case Scalar("json"):
            return "a number or a text"
        case _:
            return "a text"


def check_reached(draft: Draft, arms: Sequence[Arm]) -> None:
    """Report arms that no value reaches: the label or condition stands above, or an arm there takes everything."""
    decided = draft.clause("on") is not None
    seen: list[tuple[Expr, Arm]] = []
    last: Arm | None = None
    for arm in arms:
        if last is not None:
            draft.file.say("E0303/always" if last.labels else "E0303/else", arm_head(arm), arm_head(last))
            continue
        for label in arm.labels:
            above = next((other for known, other in seen if _same(known, label, decided=decided)), None)
            if above is not None:
                name = draft.file.written(label.span)
                draft.file.say("E0303", label.span, arm_head(above), name=name)
            seen.append((label, arm))
        always = any(isinstance(label, Constant) and label.value is True for label in arm.labels)
        if not arm.labels or (always and not decided):
            last = arm


def _same(one: Expr, other: Expr, *, decided: bool) -> bool:
    """Whether two labels are one: `sport`, `Topic.sport` and "sport" say the same. Conditions are as they stand."""
    if not decided:
        return one == other
    return _key(one) == _key(other) and type(_key(one)) is type(_key(other))


def _key(label: Expr) -> object:
    match label:
        case Ref(name) | Get(_, name):
            return name if isinstance(label, Ref) or path(label) else label
        case Text() if label.plain is not None:
            return label.plain
        case Constant(value):
            return value
        case _:
            return label


def check_complete(draft: Draft, arms: Sequence[Arm], labels: Labels | None) -> None:
    """Report a choice that some value would leave without an arm, naming what is missing."""
    always = any(isinstance(label, Constant) and label.value is True for arm in arms for label in arm.labels)
    if any(not arm.labels for arm in arms) or (labels is None and always):
        return
    head = draft.statement.name or draft.statement.kind
    if labels is None or (not labels.options and labels.shape != UNKNOWN):
        draft.file.say("E0212/else", head.span, name=draft.name)
        return
    written = [_key(label) for arm in arms for label in arm.labels]
    missing = [_spell(labels, option) for option in labels.options if not _among(option, written)]
    if labels.null and None not in written:
        missing.append("null")
    if missing:
        one = ", ".join(missing)
        draft.file.say("E0212", head.span, name=draft.name, absent=enumerate_names(missing), labels=one)


def _among(option: Option, written: Sequence[object]) -> bool:
    return any(option == each and type(option) is type(each) for each in written)


def _spell(labels: Labels, option: Option) -> str:
    if isinstance(option, bool):
        return str(option).lower()
    return option if labels.enum is not None else f'"{option}"'


def arm_head(arm: Arm) -> Span:
    """Return the place of an arm's first words: `case a, b`, `else`."""
    end = arm.labels[-1].span.end if arm.labels else arm.span.start + len("else")
    return Span(arm.span.start, end)
