"""How sure a classifier is: the probability of its reply or the share of several, and another label below a bound."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

from msrun.dsl.plan import Sure
from msrun.dsl.values.cells import Noted
from msrun.runtime.outcome import NodeFault
from msrun.runtime.place import Drawn


@dataclass(frozen=True, slots=True)
class Judge:
    """Makes one label of the replies of one place, with the note `confidence`, from 0 to 1."""

    sure: Sure

    def __call__(self, draws: Sequence[Drawn]) -> Noted:
        """Return the label, or the one that stands for "not sure". Raises NodeFault where no confidence is known.

        The confidence stays that of the label that was not taken, so that a plan can ask how close it was.
        """
        label, confidence = self._most(draws) if self.sure.draws is not None else _likely(draws[0])
        taken = label if confidence >= self.sure.least else self.sure.otherwise
        return Noted(taken, {"confidence": confidence})

    def _most(self, draws: Sequence[Drawn]) -> tuple[Any, float]:
        """The label that most replies have, of equal ones the first; replies that failed count against it."""
        counts = Counter(draw.value for draw in draws)
        label, count = max(counts.items(), key=lambda each: each[1])
        return label, count / (self.sure.draws or len(draws))


def _likely(draw: Drawn) -> tuple[Any, float]:
    if draw.logprob is None:
        raise NodeFault(
            "confidence",
            "`min_confidence` needs log-probabilities, and the model gave none",
            help="confidence: draws(5) asks several times instead",
        )
    return draw.value, min(1.0, exp(draw.logprob))
