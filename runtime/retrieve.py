"""One search of a knowledge base: the question evaluated, the passages journaled like a call's result."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msrun.backends.knowledge.port import Knowledge
from msrun.dsl.plan import FragmentSpec, Node, Retrieve
from msrun.dsl.values.evaluate import compile_expr
from msrun.dsl.values.plain import EvaluationError, plain
from msrun.runtime.exchange import Answer, exchange
from msrun.runtime.identity import content
from msrun.runtime.journal import CallKey, Intent
from msrun.runtime.outcome import NodeFault
from msrun.runtime.place import Drawn
from msrun.runtime.seeds import call_seed
from msrun.runtime.unit import Unit


@dataclass(slots=True, eq=False)
class Retriever:
    """Makes the searches of one node."""

    node: Node
    action: Retrieve
    knowledge: Knowledge
    query: Callable[[Mapping[str, Any]], Any]

    async def perform(self, unit: Unit) -> Drawn:
        """Search. Raises NodeFault and Dropped."""
        run, node, place, action = unit.progress.run, self.node, unit.place, self.action
        query = self._query(unit)
        intent = Intent(
            key=CallKey(run=run.id, node=node.id, cell=place.index, sample=unit.sample),
            target=action.knowledge,
            content=content(["retrieve", self.knowledge.key, query, action.top, action.min_score]),
            seed=call_seed(run.seed, node.id, place.index, unit.sample, 1),
        )

        async def send(_call: str) -> Answer:
            found = await self.knowledge.search(query, top=action.top, min_score=action.min_score)
            return Answer([{"text": each.text, "source": each.source, "score": each.score} for each in found])

        _, done = await exchange(unit, intent, send)
        return Drawn(done.output)

    def _query(self, unit: Unit) -> str:
        try:
            query = plain(self.query(unit.progress.scope(unit.place)))
        except EvaluationError as error:
            raise NodeFault("evaluate", error.message) from error
        if not isinstance(query, str):
            raise NodeFault("evaluate", "`query` needs a text")
        return query


def retriever(node: Node, action: Retrieve, knowledge: Knowledge, fragments: Mapping[str, FragmentSpec]) -> Retriever:
    """Compile what a node asks its knowledge base."""
    return Retriever(node, action, knowledge, compile_expr(action.query, fragments))
