"""What one connection to an editor knows: its documents, the units of positions, what the client can do."""

from dataclasses import dataclass, field

from lsprotocol import types

from msrun.dsl.words import Language
from msrun.lsp.positions import Ruler, Units
from msrun.lsp.workspace import Desk, Document


@dataclass(slots=True)
class Session:
    """`published` are the URIs that each open document's findings went to, by its own."""

    lang: Language
    desk: Desk = field(default_factory=Desk)
    units: Units = "utf-16"
    client: types.ClientCapabilities = field(default_factory=types.ClientCapabilities)
    published: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def ruler(self, document: Document) -> Ruler:
        """Return what measures a document's text as it is now."""
        return Ruler(self.desk.study(document).main.program.source, self.units)

    @property
    def can_watch(self) -> bool:
        """Whether the client tells of files that change on the disk."""
        workspace = self.client.workspace
        watched = workspace.did_change_watched_files if workspace is not None else None
        return bool(watched is not None and watched.dynamic_registration)

    @property
    def markdown(self) -> bool:
        """Whether hovers may be Markdown."""
        text = self.client.text_document
        hover = text.hover if text is not None else None
        return hover is None or hover.content_format is None or types.MarkupKind.Markdown in hover.content_format
