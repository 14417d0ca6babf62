"""One call to a tool: its arguments evaluated, its result checked against the type it declares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msrun.backends.port import BackendFault
from msrun.backends.redact import redactor
from msrun.dsl.codec import encode
from msrun.dsl.plan import FragmentSpec, Invoke, Node, ToolSpec
from msrun.dsl.shapes import ListOf, TypeDef
from msrun.dsl.values.evaluate import compile_expr
from msrun.dsl.values.plain import EvaluationError, is_list, is_record, plain
from msrun.runtime.exchange import Answer, exchange
from msrun.runtime.identity import content
from msrun.runtime.incoming import ItemFeed
from msrun.runtime.journal import CallKey, Intent
from msrun.runtime.outcome import NodeFault
from msrun.runtime.place import Drawn
from msrun.runtime.recipe import Read
from msrun.runtime.reply import Reader, ReplyInvalid
from msrun.runtime.seeds import call_seed
from msrun.runtime.single import Single
from msrun.runtime.unit import Unit

if TYPE_CHECKING:
    from msrun.runtime.tools import Tool


@dataclass(slots=True, eq=False)
class Invoker:
    """Makes the tool calls of one node."""

    node: Node
    spec: ToolSpec
    tool: "Tool"
    args: tuple[tuple[str, Read], ...]
    reader: Reader
    streams: bool
    secrets: tuple[tuple[str, str], ...] = ()
    secret: Callable[[str], str | None] = lambda _name: None

    async def perform(self, unit: Unit) -> Drawn:
        """Call the tool. Raises NodeFault and Dropped."""
        run, path, place = unit.progress.run, unit.progress.path, unit.place
        try:
            names = unit.progress.scope(place)
            args = {name: plain(read(names)) for name, read in self.args}
        except EvaluationError as error:
            raise NodeFault("evaluate", error.message) from error
        seed = call_seed(run.seed, path, place.index, unit.sample, 1)
        intent = Intent(
            key=CallKey(run=run.id, node=path, cell=place.index, sample=unit.sample),
            target=self.spec.name,
            content=content([self.spec.provider, encode(self.spec.target), args, unit.sample]),
            seed=seed,
            request=args,
            repeatable=dict(self.spec.settings).get("idempotent") is True,
        )

        async def send(_call: str) -> Answer:
            feed = self._feed(unit)
            return Answer(await self._call(args, None if feed is None else feed.take))

        _, done = await exchange(unit, intent, send)
        return Drawn(self._read(unit, done.output))

    async def _call(self, args: Mapping[str, Any], take: Callable[[Any], None] | None) -> Any:
        """Call the tool with its secrets, which stand in no journal, nor in what it gives or says where it fails."""
        if not self.secrets:
            return await self.tool.call(args, take)
        known = {param: self.secret(name) for param, name in self.secrets}
        missing = [name for param, name in self.secrets if not known[param]]
        if missing:
            raise BackendFault("auth", f"the secret `{missing[0]}` is not set", help=f"export {missing[0]}=…")
        hide = redactor(value for value in known.values() if value)
        try:
            found = await self.tool.call({**args, **known}, None if take is None else _hiding(take, hide))
        except BackendFault as fault:
            raise BackendFault(fault.kind, hide(fault.message), help=hide(fault.help)) from None
        return _hidden(found, hide)

    def _read(self, unit: Unit, output: Any) -> Any:
        try:
            value = self.reader.value(output)
        except ReplyInvalid as error:
            told = f"the result of tool `{self.spec.name}` is not of its type: {'; '.join(error.problems)}"
            raise NodeFault("tool", told) from error
        feed = self._feed(unit)
        if feed is not None and not unit.place.dead:
            feed.end(value)
        return value

    def _feed(self, unit: Unit) -> ItemFeed | None:
        progress = unit.progress
        if not self.streams or not isinstance(progress, Single) or progress.handover is None:
            return None
        return ItemFeed(unit, progress.handover, self.reader)


def _hiding(take: Callable[[Any], None], hide: Callable[[str], str]) -> Callable[[Any], None]:
    return lambda item: take(_hidden(item, hide))


def _hidden(value: Any, hide: Callable[[str], str]) -> Any:
    """Copy a plain value with secrets taken out of its texts."""
    if isinstance(value, str):
        return hide(value)
    if is_list(value):
        return [_hidden(part, hide) for part in value]
    return {hide(key): _hidden(part, hide) for key, part in value.items()} if is_record(value) else value


def invoker(
    node: Node,
    action: Invoke,
    spec: ToolSpec,
    tool: "Tool",
    types: Mapping[str, TypeDef],
    fragments: Mapping[str, FragmentSpec],
    secret: Callable[[str], str | None],
) -> Invoker:
    """Compile what a node gives to its tool."""
    return Invoker(
        node=node,
        spec=spec,
        tool=tool,
        args=tuple((name, compile_expr(arg, fragments)) for name, arg in action.args),
        reader=Reader(node.shape, types),
        secrets=action.secrets,
        secret=secret,
        streams=action.stream_items and isinstance(node.shape, ListOf),
    )
