import pytest

from msrun.backends.port import Usage
from msrun.runtime.views.progress import Progress
from msrun.runtime.views.summary import counted, duration, money, summary


def test_the_last_line() -> None:
    usage = Usage(prompt_tokens=800, completion_tokens=12, cost_usd=0.0012)
    assert summary(Progress(calls=4, usage=usage, at_s=3.42)) == "4 calls · 812 tokens · $0.0012 · 3.4 s"


def test_one_is_singular_and_estimates_say_so() -> None:
    usage = Usage(completion_tokens=1, estimated=True)
    assert summary(Progress(calls=1, usage=usage, at_s=0.04)) == "1 call · ~1 token · $0 · 0.04 s"
    assert counted(1024, "call") == "1,024 calls"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1.0, "0.00 s"),
        (0.999, "1.00 s"),
        (59.94, "59.9 s"),
        (59.97, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3725, "1 h 02 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("cost", "text"), [(0, "$0"), (0.00001, "<$0.0001"), (0.0012, "$0.0012"), (12.3, "$12.30"), (1234.5, "$1,234.50")]
)
def test_money_is_never_rounded_to_nothing(cost: float, text: str) -> None:
    assert money(cost) == text
