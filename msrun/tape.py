"""Plays the calls of a file's tests from its cassette, or makes them and records what the models replied.

A reply is given to the test as it is stored, secrets taken out: what a test says while it is recorded, it says later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from msrun.backends.port import Backend, BackendFault, Reply, Request, SecretSource, Surroundings, Usage
from msrun.dsl.plan import ModelSpec, Module, ToolSpec

if TYPE_CHECKING:
    import anyio

    from msrun.cassette import Exchange

SUFFIX = ".cassette.jsonl"

Record: TypeAlias = Literal["missing", "all"]
"""Make the calls that the cassette does not hold, or all of them."""


class Unrecorded(BackendFault):
    """A test makes a call that its cassette does not hold; `notes` say what differs from the nearest that it holds."""

    def __init__(self, message: str, *, help: str, notes: tuple[str, ...] = ()) -> None:  # noqa: A002
        super().__init__("missing", message, help=help)
        self.notes = notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a recording did: calls made and stored, calls that were there already, and stored calls taken out."""

    recorded: int
    kept: int
    pruned: int


@dataclass(slots=True, kw_only=True, eq=False)
class Tape:
    """The cassette of one plan file while its tests run. `record` None plays only: no model is ever opened.

    A use is the test's place in the file and the call's place in the test; the earliest one labels the stored call.
    """

    plan: Path
    module: Module
    held: dict[str, "Exchange"]
    record: Record | None = None
    around: Surroundings = field(default_factory=Surroundings)
    fresh: dict[str, "Exchange"] = field(default_factory=dict[str, "Exchange"])
    tally: Tally | None = None  # once it is saved
    uses: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    _labels: dict[str, tuple[str, str, str]] = field(default_factory=dict[str, tuple[str, str, str]])
    _open: dict[ModelSpec, Backend] = field(default_factory=dict[ModelSpec, Backend])
    _locks: "dict[str | ModelSpec, anyio.Lock]" = field(default_factory=dict[Any, Any])

    @property
    def path(self) -> Path:
        """Where the cassette lies: beside the plan."""
        return self.plan.with_suffix(SUFFIX)

    async def answer(self, spec: ModelSpec, request: Request, test: str, number: int) -> Reply:
        """Answer the `number`th call of a test. Raises Unrecorded, and while recording any fault of the model."""
        import anyio

        key = request.content
        if self.record is not None:
            async with self._locks.setdefault(key, anyio.Lock()):  # two tests that ask the same pay once
                if key not in self.fresh and (self.record == "all" or key not in self.held):
                    self.fresh[key] = await self._make(spec, request, test)
        known = self.fresh.get(key) or self.held.get(key)
        if known is None:
            raise self._lack(spec, request, test)
        use = (self._place(test), number)
        if key not in self.uses or use < self.uses[key]:
            self.uses[key] = use
            self._labels[key] = (test, request.node, spec.name)
        usage = Usage(**known.usage.model_dump())
        return Reply(text=known.reply, usage=usage, finish=known.finish, logprob=known.logprob)

    async def aclose(self) -> None:
        """Close the models that were opened."""
        import anyio

        from msrun.preflight import CLOSE_DEADLINE_S

        with anyio.move_on_after(CLOSE_DEADLINE_S, shield=True):
            for backend in self._open.values():
                await backend.aclose()

    def save(self, *, whole: bool) -> None:
        """Write the cassette where it changes. `whole`: every test ran to its end, so what was not used is stale.

        A tape that only plays writes nothing. Raises CassetteInvalid where it cannot be written.
        """
        if self.record is None:
            return
        kept = {key: exchange for key, exchange in self.held.items() if key in self.uses or not whole}
        exchanges = [self._labelled(key, exchange) for key, exchange in {**kept, **self.fresh}.items()]
        exchanges.sort(key=self._order)
        if exchanges != list(self.held.values()):
            self._write(exchanges)
        self.tally = Tally(
            recorded=len(self.fresh), kept=len(kept.keys() - self.fresh), pruned=len(self.held) - len(kept)
        )

    async def _make(self, spec: ModelSpec, request: Request, test: str) -> "Exchange":
        from msrun.exchanges import exchange

        backend = await self._backend(spec)
        return exchange(spec, request, await backend.call(request), test, self._secrets())

    async def _backend(self, spec: ModelSpec) -> Backend:
        """Open a model on the first call that is recorded: what is held already needs no key and no server."""
        import anyio
        from anyio.to_thread import run_sync

        from msrun.errors import RunFailed
        from msrun.preflight import open_model, ready_model

        async with self._locks.setdefault(spec, anyio.Lock()):
            if spec not in self._open:
                try:
                    ready = await run_sync(ready_model, self.module, spec, self.plan.parent)
                    self._open[spec] = open_model(ready, self.around)
                except RunFailed as error:
                    raise BackendFault("missing", error.message, help=error.help) from None
            return self._open[spec]

    def _secrets(self) -> list[str]:
        from msrun.preflight import secrets_of

        specs: list[ModelSpec | ToolSpec] = [*self.module.models]
        for plan in (*self.module.plans, *self.module.others):
            specs += (*plan.models, *plan.tools)
        names = {name for spec in specs for name in secrets_of(spec)}
        return [value for name in sorted(names) if (value := self.around.secret(name))]

    def _lack(self, spec: ModelSpec, request: Request, test: str) -> Unrecorded:
        again = f"msrun test --record {self.plan}"
        if not self.held:
            message = f"`{request.node}` asks the model `{spec.name}`, and the test has no mock of it"
            return Unrecorded(message, help=f'mock {spec.name} = replies("…"), or keep what it says: {again}')
        from msrun.exchanges import changes

        message = f"`{request.node}` asks the model `{spec.name}` what `{self.path.name}` does not hold"
        return Unrecorded(message, help=again, notes=changes(spec, request, test, list(self.held.values())))

    def _place(self, test: str) -> int:
        return next((at for at, case in enumerate(self.module.tests) if case.name == test), len(self.module.tests))

    def _labelled(self, key: str, exchange: "Exchange") -> "Exchange":
        if key not in self._labels:
            return exchange
        test, node, model = self._labels[key]
        return exchange.model_copy(update={"test": test, "node": node, "model": model})

    def _order(self, exchange: "Exchange") -> tuple[int, int]:
        """Sort by tests and their calls; a call that was kept without being made stays behind its test's others."""
        return self.uses.get(exchange.key, (self._place(exchange.test), len(self.uses)))

    def _write(self, exchanges: "Sequence[Exchange]") -> None:
        from msrun.cassette import written
        from msrun.errors import CassetteInvalid
        from msrun.save import save

        try:
            if exchanges:
                save(self.path, written(exchanges))
            else:
                self.path.unlink(missing_ok=True)
        except OSError as error:
            raise CassetteInvalid(f"`{self.path}` cannot be written: {error.strerror or error}") from None


def open_tape(
    plan: Path, module: Module, *, record: Record | None = None, secret: SecretSource, allow: Sequence[str] = ()
) -> Tape:
    """Open the cassette of a plan file; there need be none yet. Raises CassetteInvalid.

    `secret` and `allow` are for recording: the keys of models, and grants of other servers (`host:gpu.lan`).
    """
    around = Surroundings(secret=secret, root=str(plan.parent), allow=tuple(allow))
    tape = Tape(plan=plan, module=module, held={}, record=record, around=around)
    if tape.path.exists():
        from msrun.cassette import read_cassette

        tape.held.update(read_cassette(tape.path).exchanges)
    return tape
