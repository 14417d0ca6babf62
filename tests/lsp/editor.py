"""A real client for the real server: pygls's own, over the standard streams of `msrun lsp`."""

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar, cast

from lsprotocol import types
from pygls.lsp.client import LanguageClient

T = TypeVar("T")
DEADLINE_S = 60


class Editor:
    """One connection. `do` runs a request to its end; `found` has the findings last published for each URI."""

    def __init__(self, folder: Path, encodings: list[types.PositionEncodingKind | str] | None = None) -> None:
        self.folder = folder
        self.loop = asyncio.new_event_loop()
        self.client = LanguageClient("test", "1")
        self.found: dict[str, types.PublishDiagnosticsParams] = {}
        self.published = asyncio.Event()
        self.versions: dict[str, int] = {}

        def published(params: types.PublishDiagnosticsParams) -> None:
            self.found[params.uri] = params
            self.published.set()

        def registered(_: types.RegistrationParams) -> None:
            return None

        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(published)
        self.client.feature(types.CLIENT_REGISTER_CAPABILITY)(registered)
        self.capabilities = self.do(self._start(encodings)).capabilities

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for an answer."""
        return self.loop.run_until_complete(asyncio.wait_for(work, DEADLINE_S))

    async def _start(self, encodings: list[types.PositionEncodingKind | str] | None) -> types.InitializeResult:
        await cast("Any", self.client).start_io(sys.executable, "-m", "msrun", "lsp", "--stdio", cwd=str(self.folder))
        watch = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
        folder = types.WorkspaceFolder(self.folder.as_uri(), "test")
        made = await self.client.initialize_async(
            types.InitializeParams(
                types.ClientCapabilities(
                    general=types.GeneralClientCapabilities(position_encodings=encodings),
                    workspace=types.WorkspaceClientCapabilities(did_change_watched_files=watch),
                ),
                root_uri=self.folder.as_uri(),
                workspace_folders=[folder],
            )
        )
        self.client.initialized(types.InitializedParams())
        return made

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def open(self, name: str, text: str | None = None) -> types.PublishDiagnosticsParams:
        """Open a file, with its own text or another, and wait for its findings."""
        written = (self.folder / name).read_text(encoding="utf-8") if text is None else text
        self.versions[name] = 1
        item = types.TextDocumentItem(self.uri(name), "plan", 1, written)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return self.findings(name, 1)

    def change(self, name: str, text: str) -> types.PublishDiagnosticsParams:
        """Type a new text and wait for its findings."""
        self.type(name, text)
        return self.findings(name, self.versions[name])

    def type(self, name: str, text: str) -> None:
        self.versions[name] += 1
        which = types.VersionedTextDocumentIdentifier(self.versions[name], self.uri(name))
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(which, [whole]))

    def findings(self, name: str, version: int | None = None) -> types.PublishDiagnosticsParams:
        """Wait for what is published for a file, of a version or newer."""
        return self.do(self._findings(self.uri(name), version))

    async def _findings(self, uri: str, version: int | None) -> types.PublishDiagnosticsParams:
        while (found := self.found.get(uri)) is None or (version is not None and (found.version or 0) < version):
            self.published.clear()
            await self.published.wait()
        return found

    def until(self, name: str, codes: list[str]) -> None:
        """Wait until a file's findings are these; the test's deadline says that they never are."""
        self.do(self._until(self.uri(name), codes))

    async def _until(self, uri: str, codes: list[str]) -> None:
        while uri not in self.found or [each.code for each in self.found[uri].diagnostics] != codes:
            self.published.clear()
            await self.published.wait()

    def document(self, name: str) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(name))

    def stop(self) -> int:
        """End the connection as an editor does; return the server's exit code."""
        self.do(self.client.shutdown_async(None))
        self.client.exit(None)
        server: Any = vars(self.client)["_server"]  # the process is not handed out otherwise
        code: int = self.do(server.wait())
        self.do(cast("Any", self.client).stop())
        self.loop.close()
        return code


def place(text: str, mark: str, units: str = "utf-16", inside: int = 0) -> types.Position:
    """Return the position of the first `mark` in a text, `inside` characters further."""
    before = text[: text.index(mark) + inside]
    line = before.rpartition("\n")[2]
    size = len(line.encode("utf-8")) if units == "utf-8" else len(line.encode("utf-16-le")) // 2
    return types.Position(before.count("\n"), size)


def apply(text: str, edits: list[types.TextEdit], units: str = "utf-16") -> str:
    """Make the edits of an answer."""
    lines = text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:at]) for at in range(len(lines) + 1)]

    def offset(at: types.Position) -> int:
        line = lines[at.line] if at.line < len(lines) else ""
        for index in range(len(line) + 1):
            head = line[:index]
            if (len(head.encode("utf-8")) if units == "utf-8" else len(head.encode("utf-16-le")) // 2) >= at.character:
                return starts[at.line] + index
        return starts[at.line] + len(line)

    for edit in sorted(edits, key=lambda edit: (edit.range.start.line, edit.range.start.character), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text
