"""A parsed file to its meaning: names, types, flow and settings are checked, plans and stages lowered, in one run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from msrun.dsl.check.allow import allowed
from msrun.dsl.check.broken import likely, lost_names
from msrun.dsl.check.imports import bring
from msrun.dsl.check.names import UNKNOWN, File, Symbol, What
from msrun.dsl.check.private import again
from msrun.dsl.check.reach import Reach
from msrun.dsl.check.scripts import check_scripts
from msrun.dsl.check.texts import with_texts
from msrun.dsl.check.unused import check_unused
from msrun.dsl.diagnostic import Diagnostic
from msrun.dsl.facts import NOTHING, Facts
from msrun.dsl.infer.order import order
from msrun.dsl.infer.types import GENERICS, SCALARS, declare_types
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.kinds.training import STAGES
from msrun.dsl.lower.case import lower_tests, with_tests
from msrun.dsl.lower.declared import (
    Defaults,
    check_fragments,
    declare_defaults,
    declare_fragment,
    declare_model,
    declare_param,
    declare_tool,
)
from msrun.dsl.lower.gather import gather
from msrun.dsl.lower.kinds import kind_in_file
from msrun.dsl.lower.knowledge import declare_knowledge
from msrun.dsl.lower.limits import read_limits
from msrun.dsl.lower.plan import lower_plan, plan_header
from msrun.dsl.lower.profile import read_profiles
from msrun.dsl.lower.runs import callees, reached
from msrun.dsl.lower.session import declare_session
from msrun.dsl.lower.stage import check_stage_order, lower_stage
from msrun.dsl.plan import Input, ModelSpec, Module, Node, Plan, Profile
from msrun.dsl.shapes import Opaque
from msrun.dsl.source import Span
from msrun.dsl.tree import EnumDecl, ImportDecl, Item, Program, Statement, TypeDecl

WHATS: dict[str, What] = {
    "model": "model",
    "plan": "plan",
    "fragment": "fragment",
    "tool": "tool",
    "param": "param",
    "session": "session",
    "knowledge": "knowledge",
}


@dataclass(slots=True)
class Sorted:
    """The statements of a file by kind, each with its table."""

    by_kind: dict[str, list[Statement]] = field(default_factory=dict[str, "list[Statement]"])
    stages: list[tuple[Statement, KindSpec]] = field(default_factory=list["tuple[Statement, KindSpec]"])

    def of(self, kind: str) -> list[Statement]:
        """Return the statements of one kind."""
        return self.by_kind.get(kind, [])


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What surrounds a file: the files it imports by the place of the import, what is wrong there, its own ids.

    A `library` is imported by another file, which may use what the file itself does not. `facts` tell of data,
    and `files` reads what the file names from its `folder`.
    """

    imports: Mapping[Span, File] = field(default_factory=dict[Span, File])
    found: tuple[Diagnostic, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict[str, str])
    folder: str = ""
    files: Reach | None = None
    library: bool = False
    facts: Facts = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a program means, what was found, and its names for those that import them."""

    module: Module | None
    found: tuple[Diagnostic, ...]
    file: File


ALONE = Around()


def check(program: Program, mistakes: tuple[Diagnostic, ...] = (), around: Around = ALONE) -> Meaning:
    """Check a program and lower it; no module where there is an error. `mistakes` are what the parser found."""
    broken = any(mistake.severity == "error" for mistake in mistakes)
    file = File(program.source, found=list(around.found), ids=around.ids, errors=broken + len(around.found))
    file.files, file.folder = around.files, around.folder
    if broken:
        file.lost = lost_names(program)
    program = with_texts(file, program)
    statements = _declare(file, program, around.imports)
    if around.library:
        statements.by_kind.pop("test", None)  # the tests of a file are checked and run with the file itself
    types = [item for item in program.items if isinstance(item, TypeDecl) and file.items.get(item.name.text) is item]
    enums = [item for item in program.items if isinstance(item, EnumDecl) and file.items.get(item.name.text) is item]
    declare_types(file, types, enums)
    module = _lower(file, statements, around.facts)
    check_scripts(file, program)
    if not broken and not around.library:
        check_unused(file)
    found = allowed(program, likely(mistakes, file.found) if broken else file.found)
    failed = file.errors > 0 or any(finding.severity == "error" for finding in found)
    return Meaning(module=None if failed else module, found=found, file=file)


def _declare(file: File, program: Program, imported: Mapping[Span, File]) -> Sorted:
    """Make every top-level name known; a second one of the same name is reported and not looked at again."""
    statements = Sorted()
    for item in program.items:
        if isinstance(item, ImportDecl):
            bring(file, item, imported.get(item.span))
            continue
        spec = kind_in_file(file, item) if isinstance(item, Statement) else None
        first = _declare_name(file, item)
        if isinstance(item, Statement) and spec is not None and first:
            statements.by_kind.setdefault(spec.name, []).append(item)
            if spec.name in STAGES:
                statements.stages.append((item, spec))
    return statements


def _declare_name(file: File, item: Statement | TypeDecl | EnumDecl) -> bool:
    """Make a name known; say whether it is the first of its name."""
    name = item.name
    kind = item.kind.text if isinstance(item, Statement) else "type" if isinstance(item, TypeDecl) else "enum"
    if kind in ("test", "profile", "mock", "defaults", "limits"):
        return _declare_block(file, item, kind)
    if name is None:
        return True
    if isinstance(item, TypeDecl | EnumDecl) and (name.text in SCALARS or name.text in GENERICS):
        file.say("E0102/built_in", name.span, name=name.text)
        return False
    known = file.symbols.get(name.text)
    if known is not None:
        file.say("E0102", name.span, known.span, name=name.text)
        return False
    what: What = "type" if kind == "type" else "enum" if kind == "enum" else WHATS.get(kind, "other")
    what = "stage" if kind in STAGES else what
    shape = Opaque(kind) if what != "other" else UNKNOWN
    file.symbols[name.text] = Symbol(name.text, what, shape, name.span, kind, file.ids.get(name.text, ""))
    file.items[name.text] = item
    if what == "model":
        file.model_names.append(name.text)
    return True


def _declare_block(file: File, item: Item, kind: str) -> bool:
    """Blocks without a name of their own: of `defaults` a file has one."""
    if kind != "defaults":
        return True
    known = file.items.get("(defaults)")
    if isinstance(known, Statement) and isinstance(item, Statement):
        file.say("E0804", item.kind.span, known.kind.span)
        return False
    file.items["(defaults)"] = item
    return True


def _lower(file: File, statements: Sorted, facts: Facts) -> Module:
    params = [found for s in statements.of("param") if (found := declare_param(file, s)) is not None]
    for statement in statements.of("fragment"):
        declare_fragment(file, statement)
    for statement in statements.of("tool"):
        declare_tool(file, statement)
    for statement in statements.of("model"):
        declare_model(file, statement)
    for statement in statements.of("session"):
        declare_session(file, statement)
    for statement in statements.of("knowledge"):
        declare_knowledge(file, statement)
    check_fragments(file, statements.of("fragment"))
    file.limits = read_limits(file, statements.of("limits"))
    defaults = next((declare_defaults(file, s) for s in statements.of("defaults")), Defaults())
    plans = _plans(file, statements, defaults, tuple(params))
    profiles = _profiles(file, statements, defaults, params)
    stages = _stages(file, statements, profiles, facts)
    tests = lower_tests(file, statements.of("test"), plans)
    module = Module(
        file=file.source.name,
        plans=plans,
        stages=stages,
        models=tuple(file.models.values()),
        types=tuple(file.types.values()),
        profiles=profiles,
    )
    return with_tests(file, module, tests)


def _plans(file: File, statements: Sorted, defaults: Defaults, params: tuple[Input, ...]) -> tuple[Plan, ...]:
    """Lower the plans, each after those it runs; then what they name is known, and is gathered for each of them."""
    written = {s.name.text: s for s in statements.of("plan") if s.name is not None}
    for name, statement in written.items():
        file.headers[file.id(name)] = plan_header(file, statement)
    graph = {name: callees(statement, written) for name, statement in written.items()}
    file.reach = {name: reached(graph, name) for name in graph}
    for name in order(graph)[0]:
        plan = lower_plan(file, written[name], defaults, params)
        if plan is not None:
            file.plans[plan.name] = plan
    if file.errors:
        return ()
    return tuple(gather(file, file.plans[file.id(name)]) for name in written)


def _profiles(file: File, statements: Sorted, defaults: Defaults, params: list[Input]) -> tuple[Profile, ...]:
    """Lower the plans once more for each profile; what is wrong with them was reported already."""
    profiles: list[Profile] = []
    own = file.models, file.params, file.limits, dict(file.plans)
    for changes in read_profiles(file, statements.of("profile")):
        since = len(file.found)
        file.models = {**file.models, **changes.models}
        file.params = {**file.params, **changes.params}
        file.limits = {**file.limits, **changes.limits}
        plans = _plans(file, statements, defaults, tuple(changes.params.get(p.name, p) for p in params))
        profiles.append(Profile(name=changes.name, plans=plans, models=tuple(file.models.values())))
        again(file, since, changes.name)
        file.models, file.params, file.limits, file.plans = *own[:3], dict(own[3])
    return tuple(profiles)


def _stages(file: File, statements: Sorted, profiles: tuple[Profile, ...], facts: Facts) -> tuple[Node, ...]:
    if not statements.stages:
        return ()
    from msrun.dsl import training  # its rules are of no use to a file without stages

    check_stage_order(file, [statement for statement, _ in statements.stages])
    lowered = [(lower_stage(file, statement, spec), statement) for statement, spec in statements.stages]
    stages = [(node, statement) for node, statement in lowered if node is not None]
    training.check(file, stages, _models(file, statements, profiles), facts)
    return tuple(node for node, _ in stages)


def _models(file: File, statements: Sorted, profiles: tuple[Profile, ...]) -> Iterator[tuple[ModelSpec, Statement]]:
    """The models of a file and those that its profiles put in their place, each with the statement that says so."""
    written = [(file.models, statement) for statement in statements.of("model")]
    replaced = {profile.name: {model.name: model for model in profile.models} for profile in profiles}
    for profile in statements.of("profile"):
        models = replaced.get(profile.name.text, {}) if profile.name else {}
        items = profile.block.items if profile.block else ()
        written += [(models, item) for item in items if isinstance(item, Statement) and item.kind.text == "model"]
    for models, statement in written:
        spec = models.get(file.id(statement.name.text)) if statement.name else None
        if spec is not None:
            yield spec, statement
