"""What the rows say: a label outside of the enum (E0701), a label without rows (E0702), a column (E0710) or a file
(E0508) that is not there.
"""

from collections.abc import Iterator, Mapping
from posixpath import normpath

from msrun.dsl.check.near import nearest
from msrun.dsl.facts import Asked, DataUnreadable, RowsSeen
from msrun.dsl.kinds.data import JOURNAL_COLUMNS, ROLES
from msrun.dsl.plan import Made, Name, ValueMap
from msrun.dsl.shapes import EnumDef
from msrun.dsl.source import Span
from msrun.dsl.training.scene import Scene, Staged, accessor, accessor_span, columns_in, continued, head, objectives

READERS = ("jsonl", "csv", "text", "parquet")
"""Datasets whose rows a check can read."""

MOST_LABELS = 5
"""Wrong labels that are reported one by one."""

COLUMNS: Mapping[str, tuple[str, ...]] = {"text": ("text",), "journal": JOURNAL_COLUMNS}
"""Columns that are known without looking."""


def check(scene: Scene) -> None:
    """Report what does not fit between the rows and the plan."""
    made = set(_made_here(scene))
    for corpus in scene.of("corpus"):
        path = corpus.made.args[0]
        if corpus.made.name == "files" and isinstance(path, str) and not _later(path, made):
            _look(scene, corpus, Asked(reader="files", path=path))
    for dataset in scene.of("dataset"):
        _check_dataset(scene, dataset, made)


def _check_dataset(scene: Scene, dataset: Staged, made: set[str]) -> None:
    wanted = dict(_wanted(scene, dataset))
    known = COLUMNS.get(dataset.made.name)
    if known is not None:
        for column, (span, role) in wanted.items():
            if column not in known:
                _lacks(scene, dataset, column, known, span, role)
    path = dataset.made.args[0] if dataset.made.args else None
    if dataset.made.name not in READERS or not isinstance(path, str) or _later(path, made):
        return
    label = accessor(dataset.setting("label")) or "label"
    enum = _enum(scene, dataset)
    asked = Asked(reader=dataset.made.name, path=path, columns=tuple(wanted), label=label if enum else None)
    seen = _look(scene, dataset, asked)
    if seen is None or known is not None:
        return
    for lacking in seen.lacking:
        if lacking.column not in wanted:
            continue
        span, role = wanted[lacking.column]
        _lacks(scene, dataset, lacking.column, seen.columns, span, role, row=lacking.row, line=lacking.line)
    if enum is not None and label not in {lacking.column for lacking in seen.lacking}:
        _check_labels(scene, dataset, enum, seen)


def _look(scene: Scene, stage: Staged, asked: Asked) -> RowsSeen | None:
    try:
        return scene.facts.rows(asked)
    except FileNotFoundError:
        scene.file.say("E0508/data", stage.argument(0), name=asked.path)
    except DataUnreadable as error:
        scene.file.say("E0508/broken", stage.argument(0), name=asked.path, why=str(error))
    return None


def _made_here(scene: Scene) -> Iterator[str]:
    """The folders that stages of this file write: what lies in them comes later."""
    for stage in scene.stages.values():
        for key in ("save", "journal"):
            value = stage.setting(key)
            if isinstance(value, str):
                yield normpath(value)


def _later(path: str, made: set[str]) -> bool:
    clean = normpath(path)
    return any(clean == folder or clean.startswith(f"{folder}/") for folder in made)


def _wanted(scene: Scene, dataset: Staged) -> Iterator[tuple[str, tuple[Span, str]]]:
    """The columns that must be there, where each is asked for, and the role that nothing gives a column, else ""."""
    written = dataset.settings()
    for role, span in needed_roles(scene, dataset).items():
        if role not in written:
            yield role, (span, role)
    for role, _ in ROLES:
        column = accessor(written.get(role))
        if column is not None:
            yield column, (dataset.span(role), "")
    split = written.get("split")
    by = split.get("by") if isinstance(split, ValueMap) else None
    for key, value in (("split", by), ("dedup", written.get("dedup"))):
        column = accessor(value.args[0]) if isinstance(value, Made) and value.args else None
        if column is not None:
            yield column, (accessor_span(dataset, key, column), "")
    for column in columns_in(written.get("where")):
        yield column, (accessor_span(dataset, "where", column), "")


def needed_roles(scene: Scene, dataset: Staged) -> dict[str, Span]:
    """Return the roles that `train` stages read from a dataset, and where the first of them names it."""
    found: dict[str, Span] = {}
    for train in scene.of("train"):
        mismatched = dataset.named("labels") is not None and head(train).name not in ("classify", "fill")
        if scene.stage(train.setting("data"), "dataset") is dataset and not mismatched:
            for role in roles(train):
                found.setdefault(role, train.span("data"))
    return found


def roles(train: Staged) -> tuple[str, ...]:
    """Return the columns that a `train` stage reads of each row."""
    if train.made.name == "prefer":
        return ("input", "chosen", "rejected")
    objective = dict(objectives(train))
    if train.made.name == "pretrain" or continued(train):
        only_output = "clm" in objective and objective["clm"].get("loss_on") == Name("output")
        return ("input", "output") if only_output else ()
    return ("input", "output") if head(train).name == "generate" else ("text", "label")


def _lacks(
    scene: Scene,
    dataset: Staged,
    column: str,
    known: tuple[str, ...],
    span: Span,
    role: str,
    *,
    row: int = 1,
    line: int = 1,
) -> None:
    source = _source(dataset)
    if role:
        scene.file.say("E0710/role", span, dataset.head_span, name=role, source=source, known=_dotted(known))
        return
    if column in known:  # the first row has it
        scene.file.say("E0710/row", span, name=column, source=source, row=str(row), line=str(line))
        return
    near = nearest(column, known)
    entry, fix = ("E0710", f".{near}") if near else ("E0710/alone", None)
    scene.file.say(entry, span, fix=fix, name=column, source=source, near=near or "", known=_dotted(known))


def _dotted(columns: tuple[str, ...]) -> str:
    return ", ".join(f"`.{name}`" for name in columns) or "none"


def _source(dataset: Staged) -> str:
    first = dataset.made.args[0] if dataset.made.args else None
    return first if isinstance(first, str) else dataset.name


def _enum(scene: Scene, dataset: Staged) -> EnumDef | None:
    name = dataset.named("labels")
    found = scene.file.types.get(name) if name is not None else None
    return found if isinstance(found, EnumDef) else None


def _check_labels(scene: Scene, dataset: Staged, enum: EnumDef, seen: RowsSeen) -> None:
    known = [name for name, _ in enum.labels]
    span, declared = dataset.span("labels"), scene.file.span_of(enum.id)
    strange = [one for one in seen.labels if one.label not in known]
    for one in strange[:MOST_LABELS]:
        values = {"name": one.label, "enum": enum.id, "row": str(one.row), "line": str(one.line)}
        near = nearest(one.label, known)
        entry = "E0701" if near else "E0701/alone"
        scene.file.say(
            entry, span, declared, source=_source(dataset), near=near or "", known=", ".join(known), **values
        )
    if len(strange) > MOST_LABELS:
        rest = str(len(strange) - MOST_LABELS)
        scene.file.say("E0701/more", span, declared, enum=enum.id, source=_source(dataset), count=rest)
    there = {one.label for one in seen.labels}
    for name in known if seen.rows and seen.whole else ():
        if name not in there:
            scene.file.say("E0702", span, declared, name=name, source=_source(dataset))
