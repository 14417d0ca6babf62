"""What a `train` statement with `pretrain(…)` says: architecture, objectives, data, and how long it is trained."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from msrun.dsl.plan import Made, Name, Node, Value
from msrun.trainers.causal_spec import Architecture, CausalSpec
from msrun.trainers.corpus import Corpus
from msrun.trainers.datasets import Dataset
from msrun.trainers.inputs import RowsOf, rows_of
from msrun.trainers.settings import Settings, action, of_made, of_stage, plain, spelled, suggestion
from msrun.trainers.tokenizing import Tokenizing
from msrun.trainers.train_settings import SETTINGS, loop_values, only_made_of

ARCHITECTURES: Mapping[str, Literal["llama", "gpt2", "bert", "roberta"]] = {
    "llama": "llama",
    "gpt2": "gpt2",
    "bert": "bert",
    "roberta": "roberta",
}
CAUSAL = ("llama", "gpt2")

Data: TypeAlias = Dataset | Corpus


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What is minimised: `output` and `text` foretell the next token, of outputs or of all text; `masked` hidden ones.

    `mask`, `whole_words` and `pairs` (`nsp`) are those of `masked`.
    """

    kind: Literal["output", "text", "masked"] = "output"
    mask: float = 0.15
    whole_words: bool = False
    pairs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretraining:
    """What one such statement says, checked. `save` is a path under the plan's folder, as written."""

    stage: str
    data: RowsOf
    tokenizer: str
    spec: CausalSpec
    objective: Objective = Objective()
    save: str | None = None


def read_pretraining(node: Node, data: Mapping[str, Data], tokenizers: Mapping[str, Tokenizing]) -> Pretraining:
    """Return what a `train … pretrain(…)` node says; raises TrainingFault where it cannot be."""
    settings, made = of_stage(node), action(node).value
    settings.only(SETTINGS)
    architecture = _architecture(made, settings)
    objective = read_objective(settings.values.get("objective"), settings)
    if (objective.kind == "masked") == (architecture.kind in CAUSAL):
        raise settings.fault(f"{architecture.kind} cannot learn {spelled(settings.values.get('objective'))}")
    source = rows_of(settings.values.get("data"), "`data`", settings, data, bare=("train",))
    check_source(source, data[source.stage], objective, settings)
    return Pretraining(
        stage=node.id,
        data=source,
        tokenizer=_tokenizer(settings.values.get("tokenizer"), settings, tokenizers),
        spec=CausalSpec(architecture=architecture, **loop_values(settings)),
        objective=objective,
        save=settings.text("save"),
    )


def _tokenizer(value: Value, settings: Settings, tokenizers: Mapping[str, Tokenizing]) -> str:
    if not isinstance(value, Name) or value.path not in tokenizers:
        raise settings.fault(f"`tokenizer` must name a tokenizer, not {spelled(value)}", ", ".join(tokenizers))
    return value.path


def check_source(source: RowsOf, data: Data, objective: Objective, settings: Settings) -> None:
    """Refuse data that the objective can make nothing of."""
    if objective.kind == "output" and isinstance(data, Corpus):
        raise settings.fault(f"`{source}` is raw text, it has no outputs to learn", "objective: clm()")
    if objective.pairs and not (isinstance(data, Corpus) and data.ends):
        raise settings.fault(f"nsp() needs a corpus with sentences, `{source}` has none", 'sentences: split(".!?")')


def read_objective(value: Value, settings: Settings) -> Objective:
    """Return what `clm(loss_on: output)` or `[mlm(mask: 15%), nsp()]` says."""
    found = {one.name: one for one in only_made_of(value, settings)}
    if set(found) == {"clm"}:
        of_made(found["clm"], settings.stage).only(("loss_on",))
        return Objective(kind="output" if plain(found["clm"].get("loss_on")) == "output" else "text")
    if "mlm" not in found or set(found) - {"mlm", "nsp"}:
        raise settings.fault(f"`objective` cannot be {spelled(value)} in this version", "objective: [mlm(), nsp()]")
    mlm = of_made(found["mlm"], settings.stage)
    mlm.only(("mask", "whole_words"))
    return Objective(
        kind="masked",
        mask=mlm.number("mask", 0.15, low=0.001, high=0.999),
        whole_words=mlm.values.get("whole_words") is True,
        pairs="nsp" in found,
    )


def _architecture(made: Made, settings: Settings) -> Architecture:
    (model,) = made.args if len(made.args) == 1 else (None,)
    if isinstance(model, Name):
        model = Made(model.path)
    if not isinstance(model, Made) or model.name not in ARCHITECTURES or model.args or made.named:
        near = suggestion(model.name, list(ARCHITECTURES)) if isinstance(model, Made) else ""
        example = near or "llama(layers: 4, hidden: 128, heads: 4)"
        raise settings.fault(f"pretrain(…) takes an architecture, not {spelled(model)}", example)
    sizes = of_made(model, settings.stage)
    own = ("theta",) if model.name == "llama" else ("dropout",) if model.name not in CAUSAL else ()
    sizes.only(("layers", "hidden", "heads", "inner", "positions", "vocab", *own))
    known = Architecture()
    found = Architecture(
        kind=ARCHITECTURES[model.name],
        layers=sizes.whole("layers", known.layers),
        hidden=sizes.whole("hidden", known.hidden),
        heads=sizes.whole("heads", known.heads),
        inner=sizes.whole("inner") if "inner" in sizes.values else None,
        positions=sizes.whole("positions", known.positions, low=2),
        theta=sizes.number("theta", known.theta, low=1.0),
        vocab=sizes.whole("vocab") if "vocab" in sizes.values else None,
        dropout=sizes.number("dropout", known.dropout, high=0.99),
    )
    if found.hidden % found.heads or (found.kind == "llama" and found.hidden // found.heads % 2):
        even = " into even parts" if found.kind == "llama" else ""
        raise settings.fault(f"{found.hidden} hidden units cannot be divided among {found.heads} heads{even}")
    return found
