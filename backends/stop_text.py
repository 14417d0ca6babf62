"""A reply's text as it grows: what may be handed on, and whether a stop text has ended it.

A stop text may arrive in parts, so what could be its beginning is held back until the next piece settles it.
"""

from collections.abc import Sequence


class StopText:
    """Grows by pieces; `text` is all that was handed on."""

    def __init__(self, stops: Sequence[str] = ()) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._handed: list[str] = []
        self._held = ""
        self.stopped = False

    @property
    def text(self) -> str:
        """What was handed on so far."""
        return "".join(self._handed)

    def feed(self, piece: str) -> str:
        """Return what may be handed on now; nothing more once a stop text was found."""
        if self.stopped:
            return ""
        grown = self._held + piece
        found = [at for at in (grown.find(stop) for stop in self._stops) if at >= 0]
        if found:
            self.stopped = True
            return self._hand_on(grown[: min(found)], "")
        keep = max((_overlap(grown, stop) for stop in self._stops), default=0)
        return self._hand_on(grown[: len(grown) - keep], grown[len(grown) - keep :])

    def finish(self) -> str:
        """Return what was held back in vain."""
        return "" if self.stopped else self._hand_on(self._held, "")

    def _hand_on(self, piece: str, held: str) -> str:
        self._held = held
        if piece:
            self._handed.append(piece)
        return piece


def _overlap(text: str, stop: str) -> int:
    """Return the length of the longest end of the text that begins the stop text."""
    longest = min(len(text), len(stop) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(stop[:size])), 0)
