"""Decodes many replies of one causal model together: lines join and leave the batch between two steps.

Rows are padded on the left and every token keeps its own position, so a reply depends on its neighbours by float noise
only. A line that joins is read on its own and its keys and values are laid beside those of the others; this is the
iteration-level batching of Orca (Yu et al., OSDI 2022, section 3.1) without its selective attention.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from inspect import signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the next token is drawn; temperature 0 takes the likeliest."""

    temperature: float = 0.0
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0


@dataclass(slots=True, eq=False, kw_only=True)
class Line:
    """One reply being written. Set `dropped` from anywhere to take it out before the next step."""

    prompt: Sequence[int]
    limit: int
    sampling: Sampling = Sampling()
    tokens: list[int] = field(default_factory=list[int])
    logprob: float = 0.0
    ended: bool = False  # the model said so
    dropped: bool = False
    generator: "torch.Generator | None" = None

    @property
    def going(self) -> bool:
        """Whether it wants a further token."""
        return not (self.ended or self.dropped or len(self.tokens) >= self.limit)


class Decoder:
    """The lines under way, with what the model remembers of them. Used by one thread at a time."""

    def __init__(self, model: Any, *, ends: frozenset[int], pad: int) -> None:
        self._model = model
        self._ends = ends
        self._pad = pad
        self.lines: list[Line] = []
        self._logits: Any = None  # [line, token] for the next token of each line
        self._mask: Any = None  # [line, column], 0 where padding stands
        self._cache: Any = None
        # transformers 5.24 renamed the argument and warns of the old word
        self._cache_name = "cache" if "cache" in signature(model.forward).parameters else "past_key_values"

    def admit(self, lines: Sequence[Line]) -> None:
        """Read the prompts of new lines and lay them beside the others."""
        import torch

        if not lines:
            return
        device = self._model.device
        width = max(len(line.prompt) for line in lines)
        short = [width - len(line.prompt) for line in lines]
        rows = [[self._pad] * less + list(line.prompt) for less, line in zip(short, lines, strict=True)]
        mask = torch.tensor([[0] * less + [1] * (width - less) for less in short], device=device)
        logits, cache = self._forward(torch.tensor(rows, device=device), mask, None)
        if self.lines:
            logits, mask, cache = self._beside(logits, mask, cache)
        self.lines += lines
        self._logits, self._mask, self._cache = logits, mask, cache

    def step(self) -> None:
        """Give every line its next token and drop the lines that end with it."""
        import torch

        self._keep([at for at, line in enumerate(self.lines) if not line.dropped])
        if not self.lines:
            return
        logprobs = torch.log_softmax(self._logits.float(), dim=-1)
        chosen = [self._choose(at, line, logprobs) for at, line in enumerate(self.lines)]
        for line, token, logprob in zip(self.lines, chosen, _taken(logprobs, chosen), strict=True):
            line.ended = token in self._ends
            if not line.ended:
                line.tokens.append(token)
                line.logprob += logprob
        going = [at for at, line in enumerate(self.lines) if line.going]
        self._keep(going)
        if going:
            self._advance(torch.tensor([[chosen[at]] for at in going], device=self._model.device))

    def clear(self) -> None:
        """Forget all lines."""
        self.lines = []
        self._logits = self._mask = self._cache = None

    def _choose(self, at: int, line: Line, logprobs: Any) -> int:
        import torch

        sampling = line.sampling
        if sampling.temperature < 1e-5:
            return int(logprobs[at].argmax())
        if line.generator is None:
            line.generator = torch.Generator().manual_seed(sampling.seed & (2**63 - 1))
        weights = torch.softmax(_narrowed(logprobs[at].cpu() / sampling.temperature, sampling), dim=-1)
        return int(torch.multinomial(weights, 1, generator=line.generator))

    def _advance(self, tokens: Any) -> None:
        import torch

        self._mask = torch.cat([self._mask, self._mask.new_ones(len(tokens), 1)], dim=1)
        self._logits, self._cache = self._forward(tokens, self._mask, self._cache)

    def _forward(self, tokens: Any, mask: Any, cache: Any) -> tuple[Any, Any]:
        from transformers import DynamicCache

        cache = DynamicCache() if cache is None else cache
        positions = (mask.cumsum(1) - 1).clamp(min=0)[:, -tokens.shape[1] :]
        made = self._model(
            input_ids=tokens,
            attention_mask=mask,
            position_ids=positions,
            **{self._cache_name: cache},
            use_cache=True,
            logits_to_keep=1,
        )
        return made.logits[:, -1], cache

    def _keep(self, rows: Sequence[int]) -> None:
        import torch

        if len(rows) == len(self.lines):
            return
        if not rows:
            self.clear()
            return
        index = torch.tensor(rows, device=self._model.device)
        self.lines = [self.lines[at] for at in rows]
        self._logits = self._logits[index]
        mask = self._mask[index]
        first = int(mask.any(dim=0).int().argmax())  # columns before it are padding of all
        self._mask = mask[:, first:]
        kept = [(keys[index, :, first:], values[index, :, first:]) for keys, values in _pairs(self._cache)]
        self._cache = _cache(kept)

    def _beside(self, logits: Any, mask: Any, cache: Any) -> tuple[Any, Any, Any]:
        import torch

        width = max(self._mask.shape[1], mask.shape[1])
        masks = [_widened(each, width, 1) for each in (self._mask, mask)]
        joined = [
            tuple(torch.cat([_widened(old, width, 2), _widened(new, width, 2)]) for old, new in zip(*both, strict=True))
            for both in zip(_pairs(self._cache), _pairs(cache), strict=True)
        ]
        return torch.cat([self._logits, logits]), torch.cat(masks), _cache(joined)


def _cache(pairs: Sequence[Any]) -> Any:
    from transformers import DynamicCache

    return DynamicCache(ddp_cache_data=pairs)


def _pairs(cache: Any) -> list[Any]:
    return [(layer.keys, layer.values) for layer in cache.layers]


def _widened(tensor: Any, width: int, dim: int) -> Any:
    import torch

    missing = width - tensor.shape[dim]
    if not missing:
        return tensor
    shape = list(tensor.shape)
    shape[dim] = missing
    return torch.cat([tensor.new_zeros(shape), tensor], dim=dim)


def _taken(logprobs: Any, chosen: Sequence[int]) -> list[float]:
    import torch

    index = torch.tensor(chosen, device=logprobs.device)
    values: list[float] = logprobs.gather(1, index[:, None])[:, 0].tolist()
    return values


def _narrowed(logits: Any, sampling: Sampling) -> Any:
    """Take out the tokens beyond the likeliest `top_k`, and beyond a total probability of `top_p`."""
    import torch

    if sampling.top_k is not None and sampling.top_k < len(logits):
        least = logits.topk(sampling.top_k).values[-1]
        logits = logits.masked_fill(logits < least, -torch.inf)
    if sampling.top_p is not None and sampling.top_p < 1:
        ordered, places = logits.sort(descending=True)
        before = torch.softmax(ordered, dim=-1).cumsum(dim=-1) - torch.softmax(ordered, dim=-1)
        logits = logits.masked_fill((before > sampling.top_p)[places.argsort()], -torch.inf)
    return logits
