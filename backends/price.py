"""What a call costs: tokens as the server counted them, or as estimated from the text, times the model's prices."""

from dataclasses import dataclass

from msrun.backends.options import number_option
from msrun.backends.port import Request, Usage
from msrun.dsl.plan import ModelSpec

_BYTES_PER_TOKEN = 4
_IMAGE_TOKENS = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per million tokens."""

    prompt_usd: float = 0.0
    completion_usd: float = 0.0

    def usage(self, prompt_tokens: int, completion_tokens: int, *, estimated: bool = False) -> Usage:
        """Price a call."""
        cost_usd = (prompt_tokens * self.prompt_usd + completion_tokens * self.completion_usd) / 1e6
        return Usage(
            prompt_tokens=prompt_tokens, completion_tokens=completion_tokens, cost_usd=cost_usd, estimated=estimated
        )

    def estimate(self, request: Request, text: str) -> Usage:
        """Price a call whose tokens nobody counted: a token is about four bytes of UTF-8, in any script."""
        prompt = sum(estimated_tokens(m.content) + _IMAGE_TOKENS * len(m.images) for m in request.messages)
        return self.usage(prompt, estimated_tokens(text), estimated=True)


def price_of(spec: ModelSpec) -> Price:
    """Read `price_in` and `price_out` (US dollars per million tokens)."""
    return Price(
        prompt_usd=number_option(spec, "price_in") or 0.0, completion_usd=number_option(spec, "price_out") or 0.0
    )


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text has."""
    return -(-len(text.encode("utf-8", "replace")) // _BYTES_PER_TOKEN)
