"""`msrun lsp`: a language server over standard input and output. What it answers stands in `msrun.dsl.assist`."""

import asyncio
import logging
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from msrun import __version__
from msrun.dsl.words import Language
from msrun.lsp import answers, changes, findings
from msrun.lsp.positions import units_of
from msrun.lsp.session import Session

SOON_S = 0.01
"""How long a change waits for the next one: a burst of them is checked once."""

IDLE_S = 0.4
"""After this time without a change a long file is checked as a whole."""

WATCHED = types.FileSystemWatcher("**/*.plan")


def make(lang: Language) -> LanguageServer:
    """Return a server that says its findings in a language."""
    logging.getLogger("pygls").addFilter(_not_refused)
    logging.getLogger("pygls.protocol.json_rpc").addFilter(_not_refused)
    server = LanguageServer("msrun", __version__, types.TextDocumentSyncKind.Full)
    session = Session(lang)
    _lifecycle(server, session)
    _documents(server, session, Checks(server, session))
    answers.register(server, session)
    changes.register(server, session)
    return server


def _not_refused(record: logging.LogRecord) -> bool:
    """Keep refusals out of the log: they are answers, and no defects with a traceback."""
    return record.exc_info is None or not isinstance(record.exc_info[1], changes.Refused)


class Checks:
    """The checks that are due: one after each burst of changes, and one of everything when the writer rests."""

    def __init__(self, server: LanguageServer, session: Session) -> None:
        self.server = server
        self.session = session
        self.due: dict[str, asyncio.TimerHandle] = {}

    def changed(self, uri: str) -> None:
        """A document changed: check it soon."""
        self.later(uri, SOON_S, self.soon)

    def soon(self, uri: str) -> None:
        """Check what changed; the rest of a long file, and the files that import it, when there is time."""
        self.due.pop(uri, None)
        document = self.session.desk.of(uri)
        if document is None:
            return
        whole = findings.publish(self.server, self.session, document)
        if not whole or self.session.desk.importers(document):
            self.later(uri, 0 if whole else IDLE_S, self.rest)

    def rest(self, uri: str) -> None:
        """Check a document as a whole, and those that import it."""
        self.due.pop(uri, None)
        document = self.session.desk.of(uri)
        if document is not None:
            for each in (document, *self.session.desk.importers(document)):
                self.session.desk.study(each)
                findings.publish(self.server, self.session, each)

    def later(self, uri: str, seconds: float, call: "findings.Check") -> None:
        """Make a call after some time, instead of the one that is due for the document."""
        if (handle := self.due.pop(uri, None)) is not None:
            handle.cancel()
        self.due[uri] = asyncio.get_running_loop().call_later(seconds, call, uri)

    def all(self) -> None:
        """Something outside changed: check every open document."""
        for document in list(self.session.desk.documents.values()):
            self.changed(document.uri)


def _lifecycle(server: LanguageServer, session: Session) -> None:
    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        session.units = units_of(server.server_capabilities.position_encoding)
        session.client = server.client_capabilities
        folders = [to_fs_path(folder.uri) for folder in server.workspace.folders.values()]
        folders += [server.workspace.root_path] if not folders else []
        session.desk.folders = [Path(folder) for folder in folders if folder]
        if session.can_watch:
            options = types.DidChangeWatchedFilesRegistrationOptions([WATCHED])
            watch = types.Registration("plans", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            server.client_register_capability(types.RegistrationParams([watch]))


def _documents(server: LanguageServer, session: Session, checks: Checks) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        made = params.text_document
        session.desk.open(made.uri, made.text, made.version)
        checks.changed(made.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        made = params.text_document
        session.desk.open(made.uri, params.content_changes[-1].text, made.version)
        checks.changed(made.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        session.desk.close(params.text_document.uri)
        findings.clear(server, session, params.text_document.uri)
        checks.all()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            session.desk.forget(Path(to_fs_path(change.uri) or change.uri))
        checks.all()
