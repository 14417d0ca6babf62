"""The settings that every `train` statement shares: how long, how fast, by which optimizer, kept where."""

from collections.abc import Mapping
from typing import Any, Literal

from msrun.dsl.plan import Made, Value
from msrun.trainers.causal_spec import LoopSpec, Schedule
from msrun.trainers.settings import Settings, of_made, spelled, suggestion

SCHEDULES: Mapping[str, Literal["cosine", "linear", "constant"]] = {
    "cosine": "cosine",
    "linear": "linear",
    "constant": "constant",
    "warmup": "constant",
}
_DTYPES = ("float32", "bfloat16")
_STORES = ("float32", "bfloat16", "float16")
_COUNTS = ("micro_tokens", "threads", "report_every", "save_every", "keep", "length")
SETTINGS = (
    *("data", "tokenizer", "objective", "steps", "epochs", "batch", "lr", "seed", "optimizer", "weight_decay"),
    *("betas", "clip", *_COUNTS, "dtype", "store", "save"),
)
"""Every setting of a `train` statement."""


def read_loop(settings: Settings) -> LoopSpec:
    """Return the loop that the settings describe; raises TrainingFault where it cannot be."""
    return LoopSpec(**loop_values(settings))


def loop_values(settings: Settings) -> dict[str, Any]:
    """Return the fields of a `LoopSpec`, for a spec that has more of its own."""
    if "seed" not in settings.values:
        raise settings.fault("there is no `seed`: without one nobody can make the same model again", "seed: 7")
    epochs = "epochs" in settings.values
    if epochs and "steps" in settings.values:
        raise settings.fault("`steps` and `epochs` both say how long it is trained", "remove one of the two")
    return {
        "steps": 0 if epochs else settings.whole("steps"),
        "epochs": settings.number("epochs", low=1e-6) if epochs else None,
        "batch": settings.whole("batch"),
        "seed": settings.whole("seed", low=0),
        "lr": _schedule(settings.values.get("lr"), settings),
        "optimizer": settings.word("optimizer", ("adamw", "muon"), "adamw"),
        "weight_decay": settings.number("weight_decay", 0.1),
        "betas": _betas(settings),
        "clip": settings.number("clip", 1.0),
        "dtype": settings.word("dtype", _DTYPES, "float32"),
        "store": settings.word("store", _STORES, "float32"),
        **{name: settings.whole(name) for name in _COUNTS if name in settings.values},
    }


def _schedule(value: Value, settings: Settings) -> Schedule:
    example = "lr: cosine(peak: 1e-3, warmup: 100)"
    if not isinstance(value, Made) or value.args:
        raise settings.fault(f"`lr` must be a schedule, not {spelled(value)}", example)
    if value.name not in SCHEDULES:
        raise settings.fault(f"there is no schedule `{value.name}`", suggestion(value.name, list(SCHEDULES)))
    parts = of_made(value, settings.stage)
    steps = "steps" if value.name == "warmup" else "warmup"
    parts.only(("peak", steps, *(() if value.name == "warmup" else ("floor",))))
    return Schedule(
        kind=SCHEDULES[value.name],
        peak=parts.number("peak", high=1.0),
        warmup=parts.whole(steps, 100, low=0),
        floor=parts.number("floor", 0.0, high=1.0),
    )


def _betas(settings: Settings) -> tuple[float, float]:
    match settings.values.get("betas", (0.9, 0.98)):
        case (float() | int() as first, float() | int() as second) if 0 <= first < 1 and 0 <= second < 1:
            return float(first), float(second)
        case other:
            raise settings.fault(f"`betas` must be two numbers below 1, not {spelled(other)}", "betas: [0.9, 0.98]")


def only_made_of(value: Value, settings: Settings) -> list[Made]:
    """Return the constructors that a setting lists, or the one it is; raises TrainingFault for anything else."""
    listed = value if isinstance(value, tuple) else (value,)
    found = [one for one in listed if isinstance(one, Made) and not one.args]
    if len(found) != len(listed) or not found:
        raise settings.fault(f"`objective` must be clm, mlm or nsp, not {spelled(value)}", "objective: clm()")
    return found
