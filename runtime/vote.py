"""A `vote` node: reads its ballots, counts them, and gives the winning item; the shares go into its last event."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msrun.dsl.plan import FragmentSpec, Tally
from msrun.dsl.tree import Expr, Get, Ref
from msrun.dsl.values.cells import Noted, unwrap
from msrun.dsl.values.evaluate import compile_expr, compile_item
from msrun.dsl.values.plain import EvaluationError, is_number
from msrun.runtime.outcome import NodeFault
from msrun.runtime.progress import Progress
from msrun.runtime.tally import ballots, count, weigh


@dataclass(frozen=True, slots=True)
class Voter:
    """Counts the votes of one node."""

    action: Tally
    fragments: Mapping[str, FragmentSpec]

    def __call__(self, progress: Progress, names: Mapping[str, Any]) -> Any:
        """Return the winning item. Raises NodeFault and EvaluationError."""
        action = self.action
        items = unwrap(compile_expr(action.source, self.fragments)(names))
        by = None if action.by is None else compile_item(action.by, self.fragments)
        cast = ballots(items, by, names, action.normalise)
        result = count(cast, self._weights(items, cast, names, progress), action.quorum)
        progress.shares = result.shares
        shares = dict(result.shares)
        return Noted(unwrap(items[result.winner]), {"share": shares[cast[result.winner]], "shares": shares})

    def _weights(
        self, items: list[Any], cast: Mapping[int, str], names: Mapping[str, Any], progress: Progress
    ) -> Mapping[int, float]:
        match self.action.weight:
            case "count":
                return dict.fromkeys(cast, 1.0)
            case "score":
                read = compile_item(_SCORE, self.fragments)
                return {index: _score(read(names, items[index])) for index in cast}
            case "logprob":
                known = _logprobs(progress, self.action.source)
                return weigh({index: known.get(index) for index in cast})


def _logprobs(progress: Progress, source: Expr) -> Mapping[int, float | None]:
    named = isinstance(source, Ref) and source.name in progress.recipe.waits
    known = progress.frame.find(source.name).logprobs if named and isinstance(source, Ref) else None
    if known is None:
        raise NodeFault("quorum", "`weight: logprob` needs the draws of a node that calls a model")
    return known


_SCORE = Get(None, "score")


def _score(value: Any) -> float:
    value = unwrap(value)
    if not is_number(value) or value < 0:
        raise EvaluationError("`weight: score` needs a number of at least 0 in `.score`")
    return float(value)
