"""From a checked folder to a causal model and its tokenizer, in memory, without a word on the terminal.

Importing torch and transformers takes seconds, so this happens in a thread, at the first call.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any, cast

from msrun.backends.port import BackendFault, Message

_SMALL = 30_000_000
"""Parameters below which a second thread costs more than it gives: 17 instead of 2 ms a token on two busy cores."""

_MARK = "\ue000{}\ue001"  # private use: stands for a message while the template is rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A model ready to decode."""

    model: Any
    tokenizer: Any
    positions: int  # tokens that prompt and reply may have together
    ends: frozenset[int]
    pad: int
    threads: int | None = None  # of torch; None leaves them as they are

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """Return the prompt's tokens. What a message says never becomes a token that ends turns or changes roles."""
        tokenizer = self.tokenizer
        turns = [{"role": message.role, "content": message.content} for message in messages]
        if not tokenizer.chat_template:
            plain = "\n\n".join(turn["content"] for turn in turns)
            return _ids(tokenizer(plain, split_special_tokens=True))
        specials = [token for token in tokenizer.all_special_tokens if token]
        if not any(special in turn["content"] for turn in turns for special in specials):
            return _ids(tokenizer(_rendered(tokenizer, turns), add_special_tokens=False))
        marked = [{**turn, "content": _MARK.format(at)} for at, turn in enumerate(turns)]
        return list(self._pieces(_rendered(tokenizer, marked), [turn["content"] for turn in turns]))

    def _pieces(self, rendered: str, contents: Sequence[str]) -> Iterator[int]:
        head, *rest = rendered.split("\ue000")
        yield from _ids(self.tokenizer(head, add_special_tokens=False))
        for part in rest:
            at, _, tail = part.partition("\ue001")
            yield from _ids(self.tokenizer(contents[int(at)], add_special_tokens=False, split_special_tokens=True))
            yield from _ids(self.tokenizer(tail, add_special_tokens=False))


def _ids(encoded: Any) -> list[int]:
    return cast("list[int]", encoded["input_ids"])


def _rendered(tokenizer: Any, turns: Sequence[Mapping[str, str]]) -> str:
    try:
        return str(tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))
    except Exception as error:  # the template is the model's own program: it may raise anything
        raise BackendFault("request", f"the model's chat template does not take these messages: {error}") from error


def load(folder: Path, name: str, *, device: str, dtype: str) -> Loaded:
    """Load model and tokenizer. Raises BackendFault `missing` where the files are broken, `request` for the rest."""
    try:
        with quiet():
            return _load(folder, name, device, dtype)
    except BackendFault:
        raise
    except Exception as error:  # any library below may raise anything about files that strangers wrote
        raise BackendFault("missing", f"model `{name}` in {folder} cannot be loaded: {_first_line(error)}") from error


def _load(folder: Path, name: str, device: str, dtype: str) -> Loaded:
    import torch
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    where = _device(device)
    # transformers leaves the types of what it loads open
    model: Any = cast("Any", AutoModelForCausalLM).from_pretrained(
        folder,
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
        attn_implementation="sdpa",
        dtype=_dtype(dtype, where),
    )
    tokenizer: Any = cast("Any", PreTrainedTokenizerFast).from_pretrained(folder, local_files_only=True)
    takes = signature(model.forward).parameters
    if "position_ids" not in takes or "logits_to_keep" not in takes:
        message = f"model `{name}`: {type(model).__name__} cannot be decoded here"
        raise BackendFault("request", message, help="serve it with vllm or ollama")
    model.eval()
    model.requires_grad_(requires_grad=False)
    ends = _ends(model, tokenizer)
    limit = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return Loaded(
        model=model.to(torch.device(where)),
        tokenizer=tokenizer,
        positions=limit if isinstance(limit, int) else 2**31,
        ends=ends,
        threads=1 if where == "cpu" and model.num_parameters() < _SMALL else None,
        pad=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else min(ends, default=0),
    )


def _ends(model: Any, tokenizer: Any) -> frozenset[int]:
    ends: set[int] = set()
    for place in (model.generation_config, model.config, tokenizer):
        named: Any = getattr(place, "eos_token_id", None)
        ends.update([named] if isinstance(named, int) else named or ())
    return frozenset(ends)


def _device(device: str) -> str:
    import torch

    if device != "auto":
        return device
    return "cuda" if torch.cuda.is_available() else "cpu"


def _dtype(dtype: str, device: str) -> Any:
    import torch

    if dtype == "auto":
        return torch.float32 if device == "cpu" else "auto"  # half precision is slow on most processors
    return getattr(torch, dtype)


@contextmanager
def quiet() -> Generator[None]:
    """Keep transformers from writing on the terminal."""
    from transformers.utils import logging as untyped

    logging: Any = untyped
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")[:300] or type(error).__name__
