"""Models in a folder of this machine, decoded here with transformers: `transformers("models/mine")`.

Calls at the same time are decoded in one batch. Decoding happens in a thread, a slice of a few milliseconds at a time:
one of the waiting calls leads, and hands what came of a slice to all of them; when it leaves, another one leads.
"""

from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from msrun.backends.classifier import Classifier, is_classifier
from msrun.backends.decoder import Decoder
from msrun.backends.dialect import instruction
from msrun.backends.local_job import Job, begin
from msrun.backends.model_files import find_model
from msrun.backends.options import plain, text_option, whole_option, wrong
from msrun.backends.port import BackendFault, Emit, Message, Reply, Request, Surroundings
from msrun.backends.price import Price, price_of
from msrun.dsl.plan import ModelSpec

if TYPE_CHECKING:
    import anyio

    from msrun.backends.model_load import Loaded

_SLICE_S = 0.02
_BATCH = 32
_DECODING = frozenset({"temperature", "top_p", "top_k", "stop", "max_tokens"})
_DTYPES = ("auto", "float32", "bfloat16", "float16")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSpec:
    """How a local model is used; `load` is called in the decoding thread, once."""

    name: str
    load: "Callable[[], Loaded]"
    tells_schema: bool = True
    settings: Mapping[str, Any]  # decoding settings where the call has none
    price: Price
    batch: int = _BATCH
    context: int = 2**31


class LocalModel:
    """One model in this process."""

    def __init__(self, spec: LocalSpec) -> None:
        self._spec = spec
        self._loaded: Loaded | None = None
        self._decoder: Decoder | None = None
        self._waiting: deque[Job] = deque()
        self._running: list[Job] = []
        self._led = False
        self._thread: anyio.CapacityLimiter | None = None

    async def call(self, request: Request, emit: Emit | None = None) -> Reply:
        """Decode one reply; see the port. Greedy unless a temperature is set; `seed` decides what is drawn."""
        import anyio

        job = Job(request=request, emit=emit, wake=anyio.Event())
        self._waiting.append(job)
        try:
            with anyio.move_on_after(request.timeout_s):
                await self._until_settled(job)
        finally:
            job.leave()
            self._pass_the_lead()
        if job.fault is not None:
            raise job.fault
        if job.writing is None or not job.done:
            message = f"model `{self._spec.name}` did not finish its reply within {request.timeout_s:g} s"
            raise BackendFault("timeout", message)
        return job.writing.reply(self._spec.price)

    async def aclose(self) -> None:
        """Forget the model."""
        self._loaded = self._decoder = None

    async def _until_settled(self, job: Job) -> None:
        import anyio

        while not job.settled:
            if self._led:
                await job.wake.wait()
                job.wake = anyio.Event()
            else:
                await self._lead()

    async def _lead(self) -> None:
        from anyio import CapacityLimiter, to_thread

        if self._thread is None:
            self._thread = CapacityLimiter(1)
        self._led = True
        try:
            # not abandoned when cancelled: a slice is short, and the model is in use until it ends
            await to_thread.run_sync(self._slice, limiter=self._thread)
        finally:
            self._led = False
            self._hand_on()

    def _hand_on(self) -> None:
        """Give every call what the last slice brought. Runs on the event loop, where `emit` belongs."""
        for job in (*self._running, *self._waiting):
            job.hand_on()
            if job.settled:
                job.wake.set()
        self._running = [job for job in self._running if not job.settled]
        self._waiting = deque(job for job in self._waiting if not job.settled)

    def _pass_the_lead(self) -> None:
        heir = next((job for job in (*self._running, *self._waiting) if not job.settled), None)
        if heir is not None and not self._led:
            heir.wake.set()

    # --- in the thread -----------------------------------------------------------------------------------------------

    def _slice(self) -> None:
        """Decode for a few milliseconds, or until some reply is finished."""
        try:
            self._decode(*self._ready())
        except BackendFault as fault:
            self._fail(fault)
        except Exception as error:  # noqa: BLE001 - whatever torch raises (memory, device) ends these calls, not the run
            message = f"model `{self._spec.name}` failed with {type(error).__name__}: {error}"
            self._fail(BackendFault("upstream", message))

    def _ready(self) -> "tuple[Loaded, Decoder]":
        if self._loaded is None or self._decoder is None:
            self._loaded = self._spec.load()
            self._decoder = Decoder(self._loaded.model, ends=self._loaded.ends, pad=self._loaded.pad)
        return self._loaded, self._decoder

    def _fail(self, fault: BackendFault) -> None:
        if self._decoder is not None:
            self._decoder.clear()
        for job in (*self._running, *self._waiting):
            job.fault = BackendFault(fault.kind, fault.message, help=fault.help)

    def _decode(self, loaded: "Loaded", decoder: Decoder) -> None:
        import torch

        until_s = monotonic() + _SLICE_S
        with torch.inference_mode(), _threads(loaded.threads):
            while monotonic() < until_s:
                self._admit(loaded, decoder)
                decoder.step()
                settled = [job.advance() for job in self._running]
                if any(settled) or not decoder.lines:
                    return

    def _admit(self, loaded: "Loaded", decoder: Decoder) -> None:
        spec, new = self._spec, list[Job]()
        while self._waiting and len(self._running) + len(new) < spec.batch:
            job = self._waiting.popleft()
            try:
                job.writing = begin(loaded, job.request, self._told(job.request), spec.settings, spec.context)
            except BackendFault as fault:
                job.fault = fault
            new.append(job)
        self._running += new
        decoder.admit([job.writing.line for job in new if job.writing is not None and not job.gone])

    def _told(self, request: Request) -> Sequence[Message]:
        if request.schema is None or not self._spec.tells_schema:
            return request.messages
        *before, last = request.messages
        return (*before, replace(last, content=last.content + instruction(request.schema)))


@contextmanager
def _threads(count: int | None) -> Generator[None]:
    import torch

    before = torch.get_num_threads()
    if count is not None:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def open_backend(spec: ModelSpec, around: Surroundings) -> LocalModel | Classifier:
    """Open `transformers("folder")`. Options: `device dtype schema revision parallel context price_in price_out`.

    `schema: none` keeps the reply's schema out of the prompt, for a model that was trained on exact prompts.
    """
    schema = text_option(spec, "schema", "instruction")
    if schema not in {"instruction", "none"}:
        raise wrong(spec, "schema", "instruction or none", schema)
    folder = find_model(spec.id, spec.name, around, text_option(spec, "revision") or None)
    if is_classifier(folder):
        return Classifier(spec, folder)
    return open_folder(spec, folder, tells_schema=schema == "instruction")


def open_folder(spec: ModelSpec, folder: Path, *, tells_schema: bool) -> LocalModel:
    """Open the model of a checked folder; nothing is loaded before the first call."""
    device, dtype = text_option(spec, "device", "auto"), text_option(spec, "dtype", "auto")
    if dtype not in _DTYPES:
        raise wrong(spec, "dtype", f"one of {', '.join(_DTYPES)}", dtype)

    def load_it() -> "Loaded":
        from msrun.backends.model_load import load

        return load(folder, spec.name, device=device, dtype=dtype)

    return LocalModel(
        LocalSpec(
            name=spec.name,
            load=load_it,
            tells_schema=tells_schema,
            settings={key: plain(value) for key, value in spec.settings if key in _DECODING},
            price=price_of(spec),
            batch=whole_option(spec, "parallel", _BATCH),
            context=whole_option(spec, "context", 2**31),
        )
    )
