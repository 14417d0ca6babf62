"""Models with a head of labels, in a folder of this machine: a text is read once, and its likeliest label given.

The reply is a label as the model's config names it, a list of labels where it gives several, or a number.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from msrun.backends.options import text_option, whole_option
from msrun.backends.port import BackendFault, Emit, Reply, Request
from msrun.backends.price import price_of
from msrun.dsl.plan import ModelSpec

if TYPE_CHECKING:
    import anyio

HEAD = "ForSequenceClassification"
_LIKELY = 0.5


def is_classifier(folder: Path) -> bool:
    """Whether the model of a checked folder has a head of labels."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return any(str(name).endswith(HEAD) for name in config.get("architectures") or ())


class Classifier:
    """One model in this process; nothing is loaded before the first call."""

    def __init__(self, spec: ModelSpec, folder: Path) -> None:
        self._spec, self._folder, self._price = spec, folder, price_of(spec)
        self._context = whole_option(spec, "context", 2**31)
        self._device = text_option(spec, "device", "auto")
        self._loaded: tuple[Any, Any] | None = None
        self._thread: anyio.CapacityLimiter | None = None

    async def call(self, request: Request, emit: Emit | None = None) -> Reply:
        """Give the label of the last message; see the port. A text that is too long for the model is cut at its end."""
        import anyio
        from anyio import CapacityLimiter, to_thread

        if self._thread is None:
            self._thread = CapacityLimiter(1)
        try:
            with anyio.fail_after(request.timeout_s):
                # not abandoned when cancelled: one pass is short, and the model is in use until it ends
                text, logprob, tokens = await to_thread.run_sync(self._answer, request, limiter=self._thread)
        except TimeoutError:
            message = f"model `{self._spec.name}` did not finish within {request.timeout_s:g} s"
            raise BackendFault("timeout", message) from None
        if emit is not None:
            emit(text)
        return Reply(text=text, usage=self._price.usage(tokens, 1), logprob=logprob)

    async def aclose(self) -> None:
        """Forget the model."""
        self._loaded = None

    # --- in the thread -----------------------------------------------------------------------------------------------

    def _answer(self, request: Request) -> tuple[str, float | None, int]:
        import torch

        try:
            model, tokenizer = self._ready()
            most = min(_places(model), self._context)
            encoded = tokenizer(request.messages[-1].content, truncation=True, max_length=most, return_tensors="pt")
            tokens, mask = (encoded[name].to(model.device) for name in ("input_ids", "attention_mask"))
            with torch.inference_mode():
                logits: list[float] = model(input_ids=tokens, attention_mask=mask).logits[0].float().tolist()
        except Exception as error:  # whatever torch raises (memory, device, files) ends this call, not the run
            message = f"model `{self._spec.name}` failed with {type(error).__name__}: {error}"
            raise BackendFault("upstream", message) from error
        text, logprob = answer(logits, model.config.id2label, model.config.problem_type)
        return text, logprob, int(tokens.numel())

    def _ready(self) -> tuple[Any, Any]:
        import torch
        from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast

        if self._loaded is None:
            where = self._device
            if where == "auto":
                where = "cuda" if torch.cuda.is_available() else "cpu"
            # transformers leaves the types of what it loads open
            model: Any = cast("Any", AutoModelForSequenceClassification).from_pretrained(
                self._folder,
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                dtype=torch.float32,
            )
            tokenizer: Any = cast("Any", PreTrainedTokenizerFast).from_pretrained(self._folder, local_files_only=True)
            self._loaded = model.eval().to(torch.device(where)), tokenizer
        return self._loaded


def answer(logits: Sequence[float], labels: Mapping[int, str], problem: str | None) -> tuple[str, float | None]:
    """Return the reply to logits and its log-probability in nats, None for a number.

    >>> answer([0.0, 2.0], {0: "sport", 1: "science"}, "single_label_classification")[0]
    'science'
    >>> answer([3.0, -1.0, 1.0], {0: "a", 1: "b", 2: "c"}, "multi_label_classification")[0]
    '["a", "c"]'
    """
    if problem == "regression":
        return repr(logits[0]), None
    if problem == "multi_label_classification":
        chances = [1 / (1 + math.exp(-logit)) for logit in logits]
        chosen = [labels[at] for at, chance in enumerate(chances) if chance > _LIKELY]
        logprob = sum(math.log(max(chance, 1 - chance)) for chance in chances)
        return json.dumps(chosen, ensure_ascii=False), logprob
    best = max(range(len(logits)), key=lambda at: logits[at])
    highest = logits[best]
    return labels[best], -math.log(sum(math.exp(logit - highest) for logit in logits))


def _places(model: Any) -> int:
    config = model.config
    found = getattr(config.get_text_config(), "max_position_embeddings", None)
    offset = config.pad_token_id + 1 if config.model_type == "roberta" else 0
    return int(found) - offset if isinstance(found, int) else 2**31
