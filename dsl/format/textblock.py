"""Texts in triple quotes move as a whole: their margin is another, their value the same."""


def moved(written: str, margin: int) -> list[str]:
    """Return the lines of a text block whose margin becomes that many blanks; the first begins with the quotes."""
    first, *lines, last = (line.removesuffix("\r") for line in written.split("\n"))
    old, quotes = last[: len(last) - 3], last[-3:]
    new = " " * margin
    return [first.rstrip(), *(shifted(line, old, new) for line in lines), new + quotes]


def shifted(line: str, old: str, new: str) -> str:
    """Return one line at the new margin. Only a line within a hole may stand left of the margin, and it stays."""
    if not line.strip():
        kept = line[len(old) :] if line.startswith(old) else ""
        return new + kept if kept else ""
    return new + line[len(old) :] if line.startswith(old) else line
