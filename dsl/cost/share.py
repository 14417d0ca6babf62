"""A share of what a plan takes: calls, tokens, money and time of one node, one graph, or all of it."""

from dataclasses import dataclass, replace

from msrun.dsl.cost.extent import NONE, Extent


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Calls to models and tools, tokens of prompts and replies, US dollars (None: not known), seconds."""

    calls: Extent = NONE
    prompt: Extent = NONE
    reply: Extent = NONE
    usd: Extent | None = NONE
    seconds: Extent = NONE

    @property
    def tokens(self) -> Extent:
        """Tokens of prompts and replies together."""
        return self.prompt + self.reply

    def beside(self, other: "Share") -> "Share":
        """Return what both take together; their times are not added, for only the longest path counts."""
        return Share(
            calls=self.calls + other.calls,
            prompt=self.prompt + other.prompt,
            reply=self.reply + other.reply,
            usd=None if self.usd is None or other.usd is None else self.usd + other.usd,
            seconds=self.seconds,
        )

    def either(self, other: "Share") -> "Share":
        """Return what one or the other takes."""
        return Share(
            calls=self.calls.either(other.calls),
            prompt=self.prompt.either(other.prompt),
            reply=self.reply.either(other.reply),
            usd=None if self.usd is None or other.usd is None else self.usd.either(other.usd),
            seconds=self.seconds.either(other.seconds),
        )

    def times(self, units: Extent, rounds: Extent) -> "Share":
        """Return what `units` of it take, of which `rounds` follow each other and the others run beside."""
        return Share(
            calls=self.calls * units,
            prompt=self.prompt * units,
            reply=self.reply * units,
            usd=None if self.usd is None else self.usd * units,
            seconds=self.seconds * rounds,
        )

    def lasting(self, seconds: Extent) -> "Share":
        """Return the share with another time."""
        return replace(self, seconds=seconds)


NOTHING = Share()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One node's share. `path` leads through the graphs around it; `target` is the model or tool that is called.

    `unbounded` says why there is no bound where no call fails. What stands in a group's row is in its inner rows too.
    """

    path: tuple[str, ...]
    kind: str
    target: str = ""
    share: Share = NOTHING
    unbounded: str = ""
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a plan takes: its nodes' rows in the order of the text, and the whole of it. `unpriced` are models."""

    plan: str
    rows: tuple[Row, ...]
    total: Share
    unpriced: tuple[str, ...] = ()
    unbounded: tuple[str, ...] = ()
