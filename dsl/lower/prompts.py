"""The prompt of a node that has none: one instruction by kind, then what the node reads. The schema travels apart."""

from collections.abc import Iterator

from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.infer.fit import enum_of, inner, item_of, plain
from msrun.dsl.infer.where import default, path
from msrun.dsl.lower.draft import Draft
from msrun.dsl.plan import FragmentSpec, Input
from msrun.dsl.shapes import JSON, CellOf, Maybe, Range, Scalar, Shape, spell
from msrun.dsl.tree import Argument, Expr, Hole, ListExpr, Pipe, RecordExpr, Ref, Text

FINDING = FragmentSpec(
    name="(finding)",
    params=(Input(name="item", shape=JSON), Input(name="value", shape=JSON)),
    text=Text(("- ", Hole(Ref("item")), " => ", Hole(Ref("value")))),
)
"""How a default prompt writes one cell. No name of a file has brackets, so it meets none."""


def default_prompt(draft: Draft, *, plainly: bool = False) -> Text:
    """Return the instruction of the draft's kind followed by its `from`, its `given` results and its item.

    `plainly`: what the node reads and nothing else, blank lines between.
    """
    blocks = list(_blocks(draft))
    if not blocks:
        draft.file.say("E0206/prompt", draft.statement.kind.span, kind=draft.spec.name, name=draft.name)
    parts: list[str | Hole] = [] if plainly else [_instruction(draft)]
    for label, hole in blocks:
        if plainly:
            parts += ["\n\n", hole] if parts else [hole]
            continue
        parts.append(f"\n\n{label}:\n" if len(blocks) > 1 and label else "\n\n")
        parts.append(hole)
    return Text(tuple(_merged(parts)))


def _instruction(draft: Draft) -> str:
    match draft.spec.name:
        case "decompose":
            limit = draft.literal_limit()
            most = f" at most {limit}" if limit else " the few"
            return (
                f"Split the following into{most} parts that together cover all of it. "
                "Each part must be understandable on its own."
            )
        case "combine":
            return (
                "Combine the following into one answer. Use nothing but what stands there. Reply with the answer only."
            )
        case "classify":
            solved = "".join(f"\n\n{block}" for block in solved_block(draft))
            return "Choose the one label that fits the following.\n\n" + "\n".join(_labels(draft)) + solved
        case "extract":
            return "Extract the wanted fields from the following. Leave out what does not stand there."
        case "score":
            low, high = _scale(draft.type)
            return f"Judge the following. Reply with a number from {low:g} (bad) to {high:g} (good)."
        case "expand":
            return "Solve the following step by step. Reply with the next step only."
        case _:
            return "Solve the following. Reply with the result only."


def solved_block(draft: Draft) -> Iterator[str]:
    """Yield the solved examples of a classifier as one block of text, nothing where there are none."""
    setting = draft.settings.get("examples")
    lines = [f"- {text} => {label}" for text, label in solved(setting.value)] if setting is not None else []
    if lines:
        yield "\n".join(("Examples:", *lines))


def solved(examples: Expr) -> Iterator[tuple[str, str]]:
    """Yield texts and labels of `[{text: "…", label: sport}]`; what is written otherwise is left out."""
    for item in examples.items if isinstance(examples, ListExpr) else ():
        entries = {entry.key: entry.value for entry in item.entries} if isinstance(item, RecordExpr) else {}
        text, label = entries.get("text"), entries.get("label")
        name = label.name if isinstance(label, Ref) else label.plain if isinstance(label, Text) else None
        if isinstance(text, Text) and text.plain is not None and name:
            yield " ".join(text.plain.split()), name


def _labels(draft: Draft) -> Iterator[str]:
    enum = enum_of(draft.file, draft.type) if draft.type else None
    for label, description in enum.labels if enum else ():
        yield f"- {label}: {description}" if description else f"- {label}"


def _scale(shape: Shape | None) -> tuple[float, float]:
    bounds = shape.range if isinstance(shape, Scalar) and shape.range else Range(0, 1)
    return (bounds.low or 0), (1 if bounds.high is None else bounds.high)


def _blocks(draft: Draft) -> Iterator[tuple[str, Hole]]:
    for title, expr, shape in draft.shown:
        yield title or path(expr), _shown(draft, expr, shape)
    source = draft.source
    if isinstance(source, ListExpr) and len(source.items) > 1 and all(path(item) for item in source.items):
        for item in source.items:
            yield path(item), _shown(draft, item, draft.where.shape(item))
    elif source is not None and draft.source_shape is not None:
        yield path(source), _shown(draft, source, draft.source_shape)
    if draft.given is not None and draft.given.name is not None:
        known = Ref(draft.given.name)
        yield "Known so far", _shown(draft, known, draft.where.shape(known))
    if draft.over is not None and draft.item is not None and not _reads_item(draft):
        yield draft.over.binder, _shown(draft, Ref(draft.over.binder), draft.item)


def _reads_item(draft: Draft) -> bool:
    """Whether `from` already is the item itself: `from part for part in parts`."""
    return draft.source is not None and draft.over is not None and path(draft.source) == draft.over.binder


def _shown(draft: Draft, expr: Expr, shape: Shape) -> Hole:
    """A hole for a value: cells as findings, lists numbered, anything else as it prints."""
    if isinstance(plain(shape), Maybe) and inner(shape) != UNKNOWN:
        example = default(draft.where, expr.span)
        draft.file.say("E0205/hole", expr.span, got=spell(plain(shape)), example=example)
    item = item_of(inner(shape))
    if isinstance(item, CellOf):
        draft.bench.fragments[FINDING.name] = FINDING
        return Hole(Pipe(expr, "each", (Argument(None, Ref(FINDING.name)),)))
    return Hole(Pipe(expr, "numbered", None)) if item is not None and item != JSON and item != UNKNOWN else Hole(expr)


def _merged(parts: list[str | Hole]) -> Iterator[str | Hole]:
    """Join neighbouring characters, so that a text has the parts a parsed one has."""
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
        else:
            if text:
                yield text
            text = ""
            yield part
    if text:
        yield text


SCORE = Scalar("float", Range(0, 1))
"""What `score` gives where no type is written."""
