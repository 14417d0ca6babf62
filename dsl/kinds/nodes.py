"""The kinds of nodes that run, each with its table, its lowering and the type of its result where none is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msrun.dsl.check.names import UNKNOWN
from msrun.dsl.kinds import (
    call,
    choose,
    classify,
    combine,
    decompose,
    expand,
    extract,
    guard,
    knowledge,
    let,
    pick,
    rank,
    repeat,
    run,
    score,
    search,
    session,
    solve,
    vote,
)
from msrun.dsl.kinds.spec import KindSpec
from msrun.dsl.lower.draft import Draft, Lowered
from msrun.dsl.lower.prompts import SCORE
from msrun.dsl.shapes import TEXT, Shape


@dataclass(frozen=True, slots=True)
class NodeKind:
    """One kind of node."""

    spec: KindSpec
    lower: Callable[[Draft], Lowered | None]
    default: Shape = TEXT


NODE_KINDS: Mapping[str, NodeKind] = {
    kind.spec.name: kind
    for kind in (
        NodeKind(call.SPEC, call.lower, UNKNOWN),
        NodeKind(choose.SPEC, choose.lower, UNKNOWN),
        NodeKind(classify.SPEC, classify.lower),
        NodeKind(combine.SPEC, combine.lower),
        NodeKind(decompose.SPEC, decompose.lower),
        NodeKind(expand.SPEC, expand.lower),
        NodeKind(extract.SPEC, extract.lower, UNKNOWN),
        NodeKind(guard.SPEC, guard.lower),
        NodeKind(let.SPEC, let.lower, UNKNOWN),
        NodeKind(pick.SPEC, pick.lower, UNKNOWN),
        NodeKind(rank.SPEC, rank.lower, UNKNOWN),
        NodeKind(repeat.SPEC, repeat.lower, UNKNOWN),
        NodeKind(knowledge.RETRIEVE, knowledge.lower, UNKNOWN),
        NodeKind(run.SPEC, run.lower, UNKNOWN),
        NodeKind(score.SPEC, score.lower, SCORE),
        NodeKind(search.SPEC, search.lower, UNKNOWN),
        NodeKind(session.UPDATE, session.lower, UNKNOWN),
        NodeKind(solve.SPEC, solve.lower),
        NodeKind(vote.SPEC, vote.lower, UNKNOWN),
    )
}
