"""The last line of a run: `4 calls · 812 tokens · $0.0012 · 3.4 s`."""

from msrun.backends.port import Usage
from msrun.runtime.views.progress import Progress


def summary(progress: Progress, now_s: float | None = None) -> str:
    """Return calls, tokens, cost and time of a run; `now_s` where it still goes on."""
    parts = (
        counted(progress.calls, "call"),
        tokens(progress.usage),
        money(progress.usage.cost_usd),
        duration(progress.at_s if now_s is None else now_s),
    )
    return " · ".join(parts)


def counted(number: int, noun: str) -> str:
    """`1 call`, `2 calls`, `1,024 calls`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def tokens(usage: Usage) -> str:
    """Prompt and reply together; `~` where the backend had to estimate."""
    count = usage.prompt_tokens + usage.completion_tokens
    return ("~" if usage.estimated else "") + counted(count, "token")


def money(cost_usd: float) -> str:
    """`$0`, `$0.0012`, `$12.30`: two figures that matter, never a cost rounded to nothing."""
    if cost_usd <= 0:
        return "$0"
    if cost_usd >= 1:
        return f"${cost_usd:,.2f}"
    return f"${cost_usd:.4f}" if cost_usd >= 0.0001 else "<$0.0001"


def duration(seconds: float) -> str:
    """`0.04 s`, `3.4 s`, `2 min 05 s`, `1 h 02 min`."""
    seconds = max(seconds, 0.0)
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
