"""The open documents and what is known of them: each text is checked when it is asked about, and once."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pygls.uris import from_fs_path, to_fs_path

from msrun.dsl.assist.focus import Focus, focus
from msrun.dsl.assist.index import Index, index
from msrun.dsl.check.reach import offered
from msrun.dsl.front import Studied, Study, study
from msrun.dsl.source import Source
from msrun.dsl.syntax.parse import parse
from msrun.dsl.tree import ImportDecl

MOST_FILES = 500
"""Plan files of a folder that are looked through for references."""


@dataclass(slots=True)
class Document:
    """One open text. `study` and `index` are those of the text as it is, or None until somebody asks."""

    uri: str
    path: Path | None
    text: str
    version: int
    study: Study | None = None
    index: Index | None = None
    last: Study | None = None

    @property
    def name(self) -> str:
        """What findings call the file."""
        return str(self.path) if self.path is not None else self.uri


@dataclass(slots=True)
class Desk:
    """All open documents, by the names of their files."""

    documents: dict[str, Document] = field(default_factory=dict[str, Document])
    folders: list[Path] = field(default_factory=list[Path])

    def open(self, uri: str, text: str, version: int) -> Document:
        """Take in a document, or its new text."""
        written = to_fs_path(uri)
        path = Path(os.path.normpath(written)) if uri.startswith("file:") and written else None
        made = Document(uri, path, text, version)
        known = self.documents.get(made.name)
        made.last = (known.study or known.last) if known is not None else None
        self.documents[made.name] = made
        for each in self.documents.values():
            if each is not made and self._reads(each, made):
                each.last, each.study, each.index = each.study or each.last, None, None
        return made

    def close(self, uri: str) -> None:
        """Forget a document: from now on its file counts."""
        for name, each in list(self.documents.items()):
            if each.uri == uri:
                del self.documents[name]
                self.forget(Path(name))

    def forget(self, path: Path) -> None:
        """Forget what is known of the documents that import a file: it may have changed."""
        for each in self.documents.values():
            files = each.study.files[:-1] if each.study is not None else ()
            if any(file.program.source.name == str(path) for file in files) or self._wants(each):
                each.last, each.study, each.index = each.study or each.last, None, None

    def of(self, uri: str) -> Document | None:
        """Return the open document of a URI."""
        return next((each for each in self.documents.values() if each.uri == uri), None)

    def importers(self, document: Document) -> list[Document]:
        """Return the other open documents that import this one, directly or not."""
        return [each for each in self.documents.values() if each is not document and self._reads(each, document)]

    def study(self, document: Document) -> Study:
        """Check a document as it is now, after its imports; those that are open with their unsaved texts."""
        if document.study is None:
            document.study = self.check(document, document.text)
            document.last = document.study
        return document.study

    def index(self, document: Document) -> Index:
        """Return the names of a document as it is now."""
        if document.index is None:
            document.index = index(self.study(document))
        return document.index

    def check(self, document: Document, text: str) -> Study:
        """Check a text that stands for a document's."""
        base = document.path.parent if document.path is not None else None
        return study(parse(Source(document.name, text)), base=base, beside=self.beside(base))

    def focus(self, document: Document) -> tuple[Focus, Study] | None:
        """Return what an edit left to check, and the study of the text before; None where there was none."""
        return None if document.last is None else (focus(document.last, document.text), document.last)

    def look(self, document: Document, text: str) -> Studied:
        """Check the part of a text around what differs from the document's."""
        known = document.study or document.last
        return self.check(document, focus(known, text).text if known is not None else text).main

    def plans(self, document: Document) -> list[str]:
        """Return the paths of the plan files that a document can import."""
        if document.path is None:
            return []
        here = [path for path in offered(document.path.parent, "") if path != document.path.name]
        beside = self.beside(document.path.parent)
        return list(dict.fromkeys([*here, *(key for key in beside if key != document.path.name)]))

    def around(self, document: Document) -> Iterator[Document]:
        """Yield the documents that may name what this one declares: open ones, then plan files of the folders."""
        yield document
        yield from self.importers(document)
        for path in self._files(document):
            if str(path) in self.documents:
                continue
            found = _read(path)
            if found is not None and _imports_by_name(found, document):
                yield found

    def at(self, file: str) -> Document | None:
        """Return a document by its file's name, open or read from the disk."""
        return self.documents.get(file) or _read(Path(file))

    def _files(self, document: Document) -> Iterator[Path]:
        path = document.path
        if path is None:
            return
        root = next((folder for folder in self.folders if path.is_relative_to(folder)), path.parent)
        for key in offered(root, "")[:MOST_FILES]:
            yield root / key

    def beside(self, base: Path | None) -> dict[str, str]:
        """Return the open texts below a folder, by their paths from there."""
        if base is None:
            return {}
        return {
            each.path.relative_to(base).as_posix(): each.text
            for each in self.documents.values()
            if each.path is not None and each.path.is_relative_to(base)
        }

    def _reads(self, reader: Document, read: Document) -> bool:
        known = reader.study or reader.last
        return known is not None and any(file.program.source.name == read.name for file in known.files[:-1])

    def _wants(self, document: Document) -> bool:
        """Whether a document's study lacks an import, which may be there now."""
        known = document.study
        return known is not None and any(each.code in ("E0108", "E0109") for each in known.checked.diagnostics)


def uri_of(file: str, desk: Desk) -> str:
    """Return the URI of a file's name, the client's own where the file is open."""
    known = desk.documents.get(file)
    return known.uri if known is not None else from_fs_path(file) or file


def _read(path: Path) -> Document | None:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None  # a file that is gone or no text names nothing
    return Document(from_fs_path(str(path)) or "", path, text, 0)


def _imports_by_name(found: Document, document: Document) -> bool:
    """Whether a file may import the document, itself or through another: it has any import at all."""
    if document.path is None or "import" not in found.text:
        return False
    program = parse(Source(found.name, found.text)).program
    return any(isinstance(item, ImportDecl) for item in program.items)
