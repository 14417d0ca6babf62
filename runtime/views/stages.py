"""Lines about training stages: what begins, how far it is, what came of it."""

from collections.abc import Mapping

from msrun.runtime.views.summary import duration
from msrun.trainers.port import Figure, Progress, StageFinished, StageProgress, StageStarted


def line(progress: Progress) -> str:
    """Return one line about a stage."""
    match progress:
        case StageStarted(stage=stage, kind=kind, index=index, of=of):
            return f"[{index}/{of}] {kind} {stage}"
        case StageProgress(stage=stage):
            return f"      {stage}: " + ", ".join(_how_far(progress))
        case StageFinished(stage=stage, reused=reused, figures=figures, took_s=took_s):
            how = "was done before" if reused else f"done in {duration(took_s)}"
            return f"      {stage}: {how}" + (f"; {spell(figures)}" if figures else "")


def spell(figures: Mapping[str, Figure]) -> str:
    """`rows 12,000, loss 0.0123`."""
    return ", ".join(f"{name} {_figure(value)}" for name, value in figures.items())


def _figure(value: Figure) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else value


def _how_far(progress: StageProgress) -> list[str]:
    of = "" if progress.steps is None else f" of {progress.steps:,}"
    parts = [f"{progress.step:,}{of} {progress.note}"]
    if progress.loss is not None:
        parts.append(f"loss {progress.loss:.4g}")
    if progress.tokens_per_s is not None:
        parts.append(f"{progress.tokens_per_s:,.0f} tokens/s")
    if progress.eta_s is not None:
        parts.append(f"{duration(progress.eta_s)} left")
    return parts
