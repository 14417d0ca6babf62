"""What is settled before the first call: grants, secrets, and every backend opened, so that no money is lost."""

from collections.abc import AsyncGenerator, Container, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from msrun.backends.knowledge.port import Knowledge
from msrun.backends.port import Backend, BackendFault, SecretSource, Surroundings, Usage
from msrun.dsl.nested import plan_nodes
from msrun.dsl.plan import (
    Ask,
    Invoke,
    KnowledgeSpec,
    Made,
    ModelSpec,
    Module,
    Plan,
    SecretRef,
    ToolSpec,
    Value,
    ValueMap,
)
from msrun.errors import NotAllowed, RunFailed, SecretMissing

CLOSE_DEADLINE_S = 5.0
"""How long the backends of a run may take to close their connections."""


def used_models(plan: Plan) -> list[ModelSpec]:
    """Return the models that some node of the plan calls, or of a plan that it runs."""
    called = {node.action.model for node in plan_nodes(plan) if isinstance(node.action, Ask)}
    return [model for model in plan.models if model.name in called]


def used_tools(plan: Plan) -> list[ToolSpec]:
    """Return the tools that some node of the plan calls, or of a plan that it runs."""
    called = {node.action.tool for node in plan_nodes(plan) if isinstance(node.action, Invoke)}
    return [tool for tool in plan.tools if tool.name in called]


def refuse_ungranted(plan: Plan, allow: Sequence[str]) -> None:
    """Raise NotAllowed where a tool of the plan is not granted, naming every grant that it needs."""
    refused = [tool for tool in used_tools(plan) if not any(fnmatchcase(f"tool:{tool.name}", each) for each in allow)]
    if not refused:
        return
    grants = [f"tool:{tool.name}" for tool in refused]
    names = ", ".join(f"`{tool.name}` ({tool.provider} {_target(tool)})" for tool in refused)
    options = " ".join(f"--allow {grant}" for grant in grants)
    listed = ", ".join(f'"{grant}"' for grant in grants)
    raise NotAllowed(
        f"plan `{plan.name}` calls {'a tool' if len(grants) == 1 else 'tools'} you have not allowed: {names}",
        grants,
        help=f"{options}, or allow = [{listed}] in msrun.toml, where you trust that code",
    )


def refuse_without_secrets(plan: Plan, secret: SecretSource, *, given: Container[str]) -> None:
    """Raise SecretMissing where a tool of the plan, or a model that was not given, needs a secret that is not set."""
    wanted: dict[str, str] = {}
    models = [model for model in used_models(plan) if model.name not in given]
    specs: list[ModelSpec | ToolSpec] = [*models, *used_tools(plan)]
    for spec in specs:
        for name in secrets_of(spec):
            wanted.setdefault(name, f"{'model' if isinstance(spec, ModelSpec) else 'tool'} `{spec.name}`")
    for node in plan_nodes(plan):
        for _, name in node.action.secrets if isinstance(node.action, Invoke) else ():
            wanted.setdefault(name, f"`{node.id}`")
    missing = {name: who for name, who in wanted.items() if not secret(name)}
    if missing:
        names = ", ".join(f"`{name}` (for {who})" for name, who in missing.items())
        what = "environment variable" + ("s" if len(missing) > 1 else "")
        exports = "; ".join(f"export {name}=…" for name in missing)
        raise SecretMissing(f"{what} not set: {names}", list(missing), help=exports)


@asynccontextmanager
async def opened(specs: Sequence[ModelSpec], around: Surroundings) -> AsyncGenerator[Mapping[str, Backend]]:
    """Open a backend for every model, by the model's name, and close what was opened."""
    import anyio

    own: dict[str, Backend] = {}
    try:
        for spec in specs:
            own[spec.name] = open_model(spec, around)
        yield own
    finally:
        with anyio.move_on_after(CLOSE_DEADLINE_S, shield=True):
            for backend in own.values():
                await backend.aclose()


async def searchable(
    plan: Plan, around: Surroundings, given: Mapping[str, Knowledge], *, by_words: bool = False
) -> Mapping[str, Knowledge]:
    """Index every knowledge base of the plan but those given; `by_words` takes no encoder. Raises RunFailed."""
    ready = dict(given)
    for spec in plan.knowledge:
        if spec.name not in ready:
            ready[spec.name] = await _searchable(_by_words(spec) if by_words else spec, around)
    return ready


async def _searchable(spec: KnowledgeSpec, around: Surroundings) -> Knowledge:
    from msrun.backends.knowledge.folder import open_folder

    try:
        return await open_folder(spec, around)
    except BackendFault as fault:
        message = f"knowledge base `{spec.name}`: {fault.message}"
        raise RunFailed(message, fault=fault.kind, node=None, run="", calls=0, usage=Usage(), help=fault.help) from None


def _by_words(spec: KnowledgeSpec) -> KnowledgeSpec:
    return replace(spec, settings=tuple(pair for pair in spec.settings if pair[0] not in ("embed", "index")))


def ready_models(module: Module, plan: Plan, root: Path, *, given: Container[str]) -> list[ModelSpec]:
    """Return the models in use but those given; one that a stage of the file trains is looked up where it lies."""
    specs = [spec for spec in used_models(plan) if spec.name not in given]
    return [ready_model(module, spec, root) for spec in specs]


def ready_model(module: Module, spec: ModelSpec, root: Path) -> ModelSpec:
    """Return the model as it can be opened: one that a stage of the file trains lies somewhere. Raises RunFailed."""
    if spec.backend != "trained":
        return spec
    from msrun.trainers.port import TrainingFault
    from msrun.trainers.trained import resolve_trained

    try:
        return resolve_trained(module, spec, root=root)
    except TrainingFault as fault:
        whose = "" if fault.stage in ("", spec.name) else f"`{fault.stage}` "
        raise _refused(spec, fault.kind, whose + fault.message, fault.help) from None


def open_model(spec: ModelSpec, around: Surroundings) -> Backend:
    """Open one model. Raises RunFailed."""
    from msrun.backends.registry import open_backend

    try:
        return open_backend(spec, around)
    except BackendFault as fault:
        raise _refused(spec, fault.kind, fault.message, fault.help) from None


def _refused(spec: ModelSpec, fault: str, message: str, help: str) -> RunFailed:  # noqa: A002
    message = f"model `{spec.name}`: {message}"
    return RunFailed(message, fault=fault, node=None, run="", calls=0, usage=Usage(), help=help)


def secrets_of(spec: ModelSpec | ToolSpec) -> Iterator[str]:
    """Yield the names of all secrets that a declaration mentions."""
    values: list[Value] = [value for _, value in spec.settings]
    values += [*spec.args, *(value for _, value in spec.named)] if isinstance(spec, ModelSpec) else spec.target
    while values:
        match values.pop():
            case SecretRef(name):
                yield name
            case tuple(parts):
                values += parts
            case Made(_, args, named):
                values += [*args, *(value for _, value in named)]
            case ValueMap(entries):
                values += [value for _, value in entries]
            case _:
                pass


def _target(tool: ToolSpec) -> str:
    return " ".join(str(part) for part in tool.target)
