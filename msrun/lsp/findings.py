"""Findings on their way to the editor: those of a document, and those of files that it imports and nobody has open."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from msrun.dsl.assist.focus import merged
from msrun.dsl.diagnostic import Diagnostic
from msrun.dsl.source import Source
from msrun.lsp import convert
from msrun.lsp.positions import Ruler
from msrun.lsp.session import Session
from msrun.lsp.workspace import Document, uri_of

Check: TypeAlias = Callable[[str], None]

LONG = 20_000
"""Characters from which on only what an edit changed is checked at once."""


def publish(server: LanguageServer, session: Session, document: Document) -> bool:
    """Check a document and publish what is found; say whether all of it was checked."""
    found, whole = _found(session, document)
    files: dict[str, list[Diagnostic]] = {document.name: []}
    for each in found:
        files.setdefault(each.places[0].source.name, []).append(each)
    uris = {uri_of(name, session.desk) for name in files}
    for uri in session.published.get(document.uri, set()) - uris:
        _send(server, session, uri, None, ())
    session.published[document.uri] = uris
    for name, diagnostics in files.items():
        if name == document.name or name not in session.desk.documents:  # an open file publishes its own
            _send(server, session, uri_of(name, session.desk), document if name == document.name else None, diagnostics)
    return whole


def clear(server: LanguageServer, session: Session, uri: str) -> None:
    """Take back what was published for a document that is closed."""
    for each in session.published.pop(uri, set()):
        if session.desk.of(each) is None:
            _send(server, session, each, None, ())


def _found(session: Session, document: Document) -> tuple[tuple[Diagnostic, ...], bool]:
    """All findings, or those of a long text that changed merged with those of the last whole check."""
    desk = session.desk
    focused = desk.focus(document) if document.study is None and len(document.text) > LONG else None
    if focused is None:
        return desk.study(document).checked.diagnostics, True
    focus, before = focused
    quick = desk.check(document, focus.text).checked.diagnostics
    return merged(focus, before, quick, Source(document.name, document.text)), False


def _send(
    server: LanguageServer, session: Session, uri: str, document: Document | None, found: Iterable[Diagnostic]
) -> None:
    made = [
        convert.diagnostic(each, Ruler(each.places[0].source, session.units), session.desk, session.lang)
        for each in found
    ]
    version = document.version if document is not None else None
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, made, version))
