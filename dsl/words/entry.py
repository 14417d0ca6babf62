"""One entry of the catalogue."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """The words of one finding: the sentence, a few words for each place, and the help line."""

    message: str
    labels: tuple[str, ...] = ()
    help: str = ""
