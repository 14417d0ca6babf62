"""Checks all stages of a module that are wanted, before anything starts, and says what each of them reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

from msrun.dsl.plan import ModelSpec, Module, Name, Node
from msrun.dsl.shapes import TypeDef
from msrun.trainers.corpus import Corpus, read_corpus
from msrun.trainers.datasets import Dataset, read_dataset
from msrun.trainers.evaluation import Evaluation, read_evaluation
from msrun.trainers.finetuning import Finetuning, read_finetuning
from msrun.trainers.port import TrainingFault
from msrun.trainers.pretraining import Pretraining, read_pretraining
from msrun.trainers.settings import action, suggestion
from msrun.trainers.tokenizing import Tokenizing, read_tokenizing

Job: TypeAlias = Corpus | Dataset | Tokenizing | Pretraining | Finetuning | Evaluation
Training: TypeAlias = Pretraining | Finetuning

KINDS = ("corpus", "dataset", "tokenizer", "train", "evaluate")


@dataclass(frozen=True, slots=True)
class Planned:
    """A stage that is to be done: its statement, what that says, and the stages whose outputs it reads."""

    node: Node
    job: Job
    reads: tuple[str, ...]


def planned(module: Module, name: str | None = None) -> tuple[Planned, ...]:
    """Return the stages `name` needs and itself (all without a name), each after those it reads.

    Raises TrainingFault that says everything that is wrong with their settings, a line each.
    """
    nodes = {str(stage.id): stage for stage in module.stages}
    if name is not None and name not in nodes:
        help_ = suggestion(name, list(nodes)) if nodes else "the file declares no training stage"
        raise TrainingFault("missing", name, "no stage of this file has that name", help=help_)
    around = Around({type_.id: type_ for type_ in module.types}, {model.name: model for model in module.models})
    done, faults, broken = dict[str, Planned](), list[TrainingFault](), set[str]()
    for stage in _ordered(nodes, [name] if name else list(nodes), around.models):
        node = nodes[stage]
        if broken.intersection(node.reads):
            broken.add(stage)  # its input is wrong already: what it says about that input would only repeat it
            continue
        try:
            job = _read(node, {key: item.job for key, item in done.items()}, around)
        except TrainingFault as fault:
            faults.append(fault)
            broken.add(stage)
        else:
            done[stage] = Planned(node, job, _reads(job))
    _refuse(faults or _saved_twice(done.values()))
    return tuple(done.values())


def _refuse(faults: Sequence[TrainingFault]) -> None:
    if len(faults) == 1:
        raise faults[0]
    if faults:
        lines = [f"{fault} ({fault.help})" if fault.help else str(fault) for fault in faults]
        raise TrainingFault("setting", "", "\n".join(lines), help=f"{len(faults)} stages cannot start")


def _ordered(nodes: Mapping[str, Node], wanted: Sequence[str], models: Mapping[str, ModelSpec]) -> list[str]:
    needed, pending = set[str](), list(wanted)
    while pending:
        stage = pending.pop()
        if stage not in needed:
            needed.add(stage)
            pending.extend(_read_by(nodes[stage], nodes, models))
    graph = {stage: _read_by(nodes[stage], nodes, models) for stage in nodes if stage in needed}
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise TrainingFault(
            "setting", "", "stages read each other in a circle: " + " <- ".join(error.args[1])
        ) from error


def _read_by(node: Node, nodes: Mapping[str, Node], models: Mapping[str, ModelSpec]) -> list[str]:
    """The stages that a stage reads, by name or by a model that is made of one."""
    found = [read for read in node.reads if read in nodes]
    for value in action(node).value.args:
        model = models.get(value.path) if isinstance(value, Name) else None
        first = model.args[0] if model is not None and model.backend == "trained" and model.args else None
        if isinstance(first, Name) and first.path in nodes:
            found.append(first.path)
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Around:
    """What stages name besides other stages: types, and models."""

    types: Mapping[str, TypeDef]
    models: Mapping[str, ModelSpec]


def _read(node: Node, jobs: Mapping[str, Job], around: Around) -> Job:
    data = {stage: job for stage, job in jobs.items() if isinstance(job, Dataset | Corpus)}
    trains = {stage: job for stage, job in jobs.items() if isinstance(job, Pretraining | Finetuning)}
    match node.kind:
        case "corpus":
            return read_corpus(node)
        case "dataset":
            return read_dataset(node, around.types)
        case "tokenizer":
            return read_tokenizing(node, data)
        case "train" if action(node).value.name == "finetune":
            return read_finetuning(node, data, trains, around.models, around.types)
        case "train" if action(node).value.name == "pretrain":
            tokenizers = {stage: job for stage, job in jobs.items() if isinstance(job, Tokenizing)}
            return read_pretraining(node, data, tokenizers)
        case "train":
            message = f"`{action(node).value.name}(…)` cannot be run by this version"
            raise TrainingFault("setting", node.id, message, help="it runs pretrain(…) and finetune(…)")
        case "evaluate":
            return read_evaluation(node, data, trains, around.models)
        case other:
            message = f"`{other}` stages cannot be run by this version"
            raise TrainingFault("setting", node.id, message, help="it runs " + ", ".join(KINDS))


def _reads(job: Job) -> tuple[str, ...]:
    match job:
        case Dataset() | Corpus():
            return ()
        case Tokenizing():
            return (job.data.stage,)
        case Pretraining():
            return job.data.stage, job.tokenizer
        case Finetuning():
            return (job.data.stage, job.base.stage) if job.base.stage else (job.data.stage,)
        case Evaluation():
            return tuple(dict.fromkeys((job.model, job.data.stage, job.trained_on.stage)))


def _saved_twice(stages: Iterable[Planned]) -> list[TrainingFault]:
    places, faults = dict[str, str](), list[TrainingFault]()
    for stage, save in ((item.job.stage, item.job.save) for item in stages if isinstance(item.job, Training)):
        if save is not None and places.setdefault(save, stage) != stage:
            faults.append(TrainingFault("setting", stage, f'`{places[save]}` saves to "{save}" as well'))
    return faults
