"""The files of a knowledge base: found below the plan's folder, read as text, within bounds."""

from dataclasses import dataclass
from pathlib import Path

from msrun.backends.port import BackendFault
from msrun.dsl.check.reach import MOST_BYTES, Unreadable, read
from msrun.dsl.check.sought import Lost, matching
from msrun.dsl.plan import KnowledgeSpec

MOST_TOTAL = 64 * 2**20
"""Bytes of all files of one knowledge base."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file's text; `source` is its path from the plan's folder."""

    source: str
    text: str


def documents(spec: KnowledgeSpec, root: Path) -> list[Document]:
    """Read the files that the pattern names, sorted by their paths. Raises BackendFault `missing` or `request`.

    Each is opened as an import is: below the root, through no link, as a plain file.
    """
    try:
        keys = matching(root, spec.files, {})
    except Lost as lost:
        raise BackendFault("missing", f"there is no folder {lost.folder} in the plan's folder") from None
    if not keys:
        raise BackendFault(
            "missing", f"no file matches {spec.files}", help=f'knowledge {spec.name} = folder("docs/*.md")'
        )
    found: list[Document] = []
    total = 0
    for key in keys:
        text = _text(root, key)
        total += len(text.encode())
        if total > MOST_TOTAL:
            raise BackendFault("request", f"its files hold more than {MOST_TOTAL} bytes", help="name fewer files")
        found.append(Document(key, text))
    return found


def _text(root: Path, key: str) -> str:
    try:
        data = read(root, key)
    except (Unreadable, FileNotFoundError) as error:
        raise BackendFault("missing", f"{key} cannot be read: {error}") from None
    if len(data) >= MOST_BYTES - 4:
        raise BackendFault("request", f"{key} is longer than {MOST_BYTES - 1} bytes", help="cut it into several files")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BackendFault("request", f"{key} is no UTF-8 text", help="save it as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
