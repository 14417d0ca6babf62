"""One call to a model: the prompt rendered, the reply read against its type, and the model shown what was wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from msrun.backends.port import Backend, Message, Request
from msrun.dsl.plan import Ask, FragmentSpec, ModelSpec, Node
from msrun.dsl.shapes import ListOf, Range, Shape, TypeDef
from msrun.dsl.values.cells import unwrap
from msrun.dsl.values.evaluate import compile_expr
from msrun.dsl.values.plain import EvaluationError, is_list
from msrun.dsl.values.template import compile_text
from msrun.runtime.budget import need_of
from msrun.runtime.events import CallFailed
from msrun.runtime.exchange import Answer, exchange
from msrun.runtime.identity import call_content, content, identity, options
from msrun.runtime.incoming import ItemFeed, Pieces
from msrun.runtime.journal import CallKey, Done, Intent
from msrun.runtime.outcome import NodeFault
from msrun.runtime.place import Drawn
from msrun.runtime.recipe import Read
from msrun.runtime.reply import Reader, ReplyInvalid
from msrun.runtime.seeds import call_seed
from msrun.runtime.single import Single
from msrun.runtime.unit import Dropped, Unit

_CORRECT = "Your reply is not valid:\n{}\nReply again with the corrected value only."


@dataclass(frozen=True, slots=True)
class Contract:
    """What a reply must be: `most` is the largest number of items, `base` the hash of all that calls share."""

    reader: Reader
    most: int | None
    base: str
    streams: bool


@dataclass(slots=True, eq=False)
class Asker:
    """Makes the calls of one node. Contracts are made once for every `limit`."""

    node: Node
    action: Ask
    spec: ModelSpec
    backend: Backend
    types: Mapping[str, TypeDef]
    prompt: Callable[[Mapping[str, Any]], str]
    system: Callable[[Mapping[str, Any]], str] | None
    images: tuple[Read, ...]
    limit: Read | None
    contracts: dict[int | None, Contract] = field(default_factory=dict[int | None, Contract])

    async def perform(self, unit: Unit) -> Drawn:
        """Ask until a reply is valid or no repair is left. Raises NodeFault and Dropped."""
        try:
            names = unit.progress.scope(unit.place)
            messages = self._messages(names)
            contract = self._contract(names)
        except EvaluationError as error:
            raise NodeFault("evaluate", error.message) from error
        reply = 0
        while True:
            reply += 1
            call, done = await self._ask(unit, contract, messages, reply)
            try:
                value = contract.reader.read(done.output)
            except ReplyInvalid as invalid:
                self._refuse(unit, call, invalid, last=not self._may_repair(unit, reply))
                messages = (
                    *messages,
                    Message("assistant", done.output),
                    Message("user", _CORRECT.format(invalid.message)),
                )
                continue
            feed = _feed(unit, contract)
            if feed is not None and not unit.place.dead:
                feed.end(value)
            return Drawn(value, done.logprob)

    async def _ask(self, unit: Unit, contract: Contract, messages: tuple[Message, ...], reply: int) -> tuple[str, Done]:
        run, node, place, path = unit.progress.run, self.node, unit.place, unit.progress.path
        seed = call_seed(run.seed, path, place.index, unit.sample, reply)
        key = call_content(contract.base, messages, seed, unit.sample)
        request = Request(
            model=self.spec.id,
            messages=messages,
            schema=contract.reader.schema,
            settings=self.action.settings,
            seed=seed,
            timeout_s=node.policy.timeout_s,
            node=unit.label,
            content=key,
        )
        intent = Intent(
            key=CallKey(run=run.id, node=path, cell=place.index, sample=unit.sample, attempt=reply),
            target=self.spec.name,
            content=key,
            seed=seed,
            request=[[message.role, message.content, *message.images] for message in messages],
        )
        return await exchange(
            unit, intent, partial(self._send, unit, contract, request), partial(need_of, self.spec, request)
        )

    async def _send(self, unit: Unit, contract: Contract, request: Request, call: str) -> Answer:
        feed = _feed(unit, contract)
        heard = feed is not None or unit.progress.run.on_event is not None
        reply = await self.backend.call(request, Pieces(unit, call, feed) if heard else None)
        return Answer(reply.text, reply.usage, reply.logprob, reply.finish)

    def _refuse(self, unit: Unit, call: str, invalid: ReplyInvalid, *, last: bool) -> None:
        """Say that a reply is not valid; raise where the model is not asked again."""
        message = invalid.message
        unit.progress.run.tell(
            CallFailed,
            call=call,
            node=unit.progress.path,
            fault="reply",
            message=message,
            retry_in_s=None if last else 0.0,
        )
        if unit.dropped and not last:
            raise Dropped
        if last:
            told = f"the reply of `{self.spec.name}` is not valid: {'; '.join(invalid.problems) or message}"
            raise NodeFault("reply", told, help="try a stronger model, a simpler type or `repair: 2`") from invalid

    def _may_repair(self, unit: Unit, reply: int) -> bool:
        return reply <= self.node.policy.repair and unit.progress.frame.may_repair()

    def _messages(self, names: Mapping[str, Any]) -> tuple[Message, ...]:
        images = tuple(image for read in self.images for image in _texts(read(names)))
        user = Message("user", self.prompt(names), images)
        return (user,) if self.system is None else (Message("system", self.system(names)), user)

    def _contract(self, names: Mapping[str, Any]) -> Contract:
        most = None if self.limit is None else unwrap(self.limit(names))
        if most is not None and (type(most) is not int or most < 1):
            raise EvaluationError("`limit` needs a whole number of at least 1")
        known = self.contracts.get(most)
        if known is None:
            known = self.contracts[most] = self._new_contract(most)
        return known

    def _new_contract(self, most: int | None) -> Contract:
        shape = limited(self.node.shape, most)
        reader = Reader(shape, self.types)
        base = content([identity(self.spec), options(self.action.settings), reader.schema])
        streams = self.action.stream_items and isinstance(shape, ListOf)
        high = shape.range.high if isinstance(shape, ListOf) and shape.range is not None else None
        return Contract(reader, None if high is None else int(high), base, streams)


def asker(
    node: Node,
    action: Ask,
    spec: ModelSpec,
    backend: Backend,
    types: Mapping[str, TypeDef],
    fragments: Mapping[str, FragmentSpec],
) -> Asker:
    """Compile what a node says to its model."""
    return Asker(
        node=node,
        action=action,
        spec=spec,
        backend=backend,
        types=types,
        prompt=compile_text(action.prompt, fragments),
        system=None if action.system is None else compile_text(action.system, fragments),
        images=tuple(compile_expr(image, fragments) for image in action.images),
        limit=None if node.limit is None else compile_expr(node.limit, fragments),
    )


def with_logprobs(action: Ask) -> Ask:
    """Return the call with log-probabilities asked for: a server sends none unasked."""
    known = "logprobs" in dict(action.settings)
    return action if known else replace(action, settings=(*action.settings, ("logprobs", True)))


def limited(shape: Shape, most: int | None) -> Shape:
    """Return the shape of a list with at most so many items."""
    if most is None or not isinstance(shape, ListOf):
        return shape
    low, high = (shape.range.low, shape.range.high) if shape.range is not None else (None, None)
    return replace(shape, range=Range(low, most if high is None else min(most, high)))


def _feed(unit: Unit, contract: Contract) -> ItemFeed | None:
    progress = unit.progress
    if not contract.streams or not isinstance(progress, Single) or progress.handover is None:
        return None
    return ItemFeed(unit, progress.handover, contract.reader, contract.most)


def _texts(value: Any) -> list[str]:
    value = unwrap(value)
    values = value if is_list(value) else [value]
    texts = [each for each in values if isinstance(each, str)]
    if len(texts) < len(values):
        raise EvaluationError("`images` needs images")
    return texts
