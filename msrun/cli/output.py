"""What goes to standard output: an answer, a picture, JSON. Nothing else is ever written there."""

import sys
from typing import Any

from msrun.errors import OutputLost

_ELSEWHERE = "msrun … > answer.txt"


def require_stdout() -> None:
    """Refuse before anything is paid for where standard output was closed by the caller."""
    if sys.stdout is None:
        raise OutputLost("standard output is closed: there is nowhere to write the answer", help=_ELSEWHERE)


def write(text: str, *, ours: bool = False) -> None:
    """Write text and a line break, at once.

    On a terminal, characters that would steer it are made visible, unless the text is `ours`, colours and all.
    """
    if not ours and sys.stdout.isatty():
        from msrun.runtime.views.terminal import neutral

        text = neutral(text)
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise nobody_reads() from None
    except OSError as error:
        raise OutputLost(f"standard output cannot be written: {error.strerror}", help=_ELSEWHERE) from None


def nobody_reads() -> OutputLost:
    """Make the error of a reader that went away."""
    return OutputLost("nobody reads standard output any more, the rest of it is lost", help=_ELSEWHERE)


def write_json(value: Any) -> None:
    """Write one JSON document."""
    from json import dumps

    write(dumps(value, ensure_ascii=False))


def spell(value: Any) -> str:
    """Write an answer for a person: a text as it is, anything else as JSON."""
    from json import dumps

    return value if isinstance(value, str) else dumps(value, ensure_ascii=False, indent=2)
